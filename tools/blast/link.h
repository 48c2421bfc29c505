// The wire: one DPDK port, polled by one thread. Answers ARP, ND and ping for its addresses, hands
// UDP datagrams out, sends what is written, at once or later.
#pragma once

#include "board/port.h"
#include "tools/blast/datagram.h"
#include "tools/blast/frame.h"

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

struct rte_mbuf;
struct rte_mempool;

namespace trunkline::blast {

struct LinkSettings {
    board::Device device;
    /// With the length of the network's prefix; at most one of each family.
    std::vector<dataplane::IpPrefix> addresses;
    std::optional<dataplane::MacAddress> mac;       ///< the port's own unless told
    std::optional<dataplane::MacAddress> peer_mac;  ///< of whatever we speak to; else asked for
    std::vector<dataplane::IpAddress> gateways;
    uint16_t first_port = 0, last_port = 65535;  ///< UDP ports that are heard
    uint32_t packets = 16384;                    ///< buffers
    /// Whether nothing is read while much is unsent, so that a peer that does not take our answers
    /// is not asked for more. For the side that answers alone: if both waited for the other to
    /// read, neither ever would.
    bool holds_back = false;
};

struct LinkCounts {
    uint64_t received = 0, sent = 0;  ///< UDP datagrams
    uint64_t answered = 0;            ///< ARP, ND, ping
    uint64_t not_ours = 0;            ///< UDP to another address or port
    uint64_t unreachable = 0;         ///< ICMP errors that came back
    uint64_t fragments = 0, bad_checksums = 0, others = 0;
    uint64_t no_room = 0;  ///< times that a role found none
};

class Link : public Outlet {
public:
    /// After EAL's start: the buffers, not yet the port. The Errors of both say what to do.
    static board::Expected<std::unique_ptr<Link>> create(const LinkSettings& settings);
    /// Before anything else; after an Error it may be tried again.
    board::Expected<void> open();
    ~Link() override;

    /// Frees the datagrams of the last call and reads new ones.
    std::span<const Datagram> receive();
    std::span<char> room(const Flow& flow) override;
    void send(std::size_t size, uint64_t not_before) override;
    /// Hands the driver what is due; call it in each turn.
    void flush(uint64_t now);
    /// Whether nothing is left to be sent.
    bool idle() const { return delayed_.empty() && unsent_ == 0; }

    /// The way to `remote` from `local_port`, once its MAC is known; asks for that when `now` has
    /// come `question_interval` further. An Error: there is no way.
    board::Expected<std::optional<Flow>> way_to(const dataplane::Endpoint& remote,
                                                uint16_t local_port, uint64_t now);

    const LinkCounts& counts() const { return counts_; }
    uint64_t device_drops() { return port_->statistics().drops; }
    bool up() const { return port_->link().up; }
    const std::vector<std::string>& warnings() const { return port_->warnings(); }

private:
    static constexpr unsigned burst = 32;

    struct Delayed {
        uint64_t not_before;
        rte_mbuf* packet;
    };
    struct FreePool {
        void operator()(rte_mempool* pool) const;
    };

    explicit Link(const LinkSettings& settings) : settings_(settings) {}
    void take(rte_mbuf* packet);
    void serve(std::span<const uint8_t> frame, FrameKind kind);
    void queue(rte_mbuf* packet) { out_[unsent_++] = packet; }
    void send_now();
    bool full() const { return unsent_ > out_.size() - burst; }

    LinkSettings settings_;
    dataplane::MacAddress mac_;
    std::unique_ptr<rte_mempool, FreePool> pool_;
    std::unique_ptr<board::Port> port_;  ///< before the pool in the end: it feeds from that
    uint16_t dpdk_port_ = 0;
    bool partial_checksums_ = false;

    std::array<rte_mbuf*, burst> in_{};
    unsigned in_count_ = 0;
    std::vector<Datagram> datagrams_;
    std::array<rte_mbuf*, 8 * burst> out_{};
    std::size_t unsent_ = 0;
    std::deque<Delayed> delayed_;
    rte_mbuf* open_ = nullptr;  ///< what room() gave
    Flow open_flow_;
    std::vector<Neighbour> neighbours_;
    uint64_t next_question_ = 0;
    LinkCounts counts_;
};

}  // namespace trunkline::blast
