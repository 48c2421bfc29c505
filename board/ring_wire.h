// The wire of a ring port: puts frames in and takes out what was sent. For tests and benchmarks.
#pragma once

#include "board/error.h"

#include <cstdint>
#include <memory>
#include <string>

struct rte_mbuf;
struct rte_ring;

namespace trunkline::board {

/// Make it before Port::open() of a RingDevice of the same name, which then joins this wire; a ring
/// port without a wire hears what it sends. The wire outlives the port.
class RingWire {
public:
    /// `capacity`: frames a direction, a power of two.
    static Expected<std::unique_ptr<RingWire>> create(const std::string& port_name,
                                                      uint32_t capacity = 1024);
    /// Frees the frames that nobody took.
    ~RingWire();
    RingWire(const RingWire&) = delete;
    RingWire& operator=(const RingWire&) = delete;

    /// The port receives `frame` and owns it then; false when the ring is full.
    bool send(rte_mbuf* frame);
    /// The oldest frame that the port sent, the caller's now; nullptr when there is none.
    rte_mbuf* receive();
    /// For what the two above cannot do, e.g. bursts.
    rte_ring* to_port() { return to_port_; }
    rte_ring* from_port() { return from_port_; }

private:
    RingWire() = default;
    std::string device_name_;
    rte_ring* to_port_ = nullptr;
    rte_ring* from_port_ = nullptr;
};

}  // namespace trunkline::board
