// What roles and the link say to each other: datagrams with their ways, and room for new ones.
#pragma once

#include "dataplane/address.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace trunkline::blast {

/// From where to where, on the wire; an answer goes back the way that its question came.
struct Flow {
    dataplane::Endpoint local, remote;
    dataplane::MacAddress remote_mac;
};

/// A received UDP datagram; the payload lives until the receiver returns.
struct Datagram {
    Flow flow;
    std::string_view payload;
};

/// Where roles write what they send. One thread.
class Outlet {
public:
    virtual ~Outlet() = default;
    /// Room for one payload along `flow`; empty while the port is behind. It stays the caller's
    /// until send(); not calling that leaves it for the next room().
    virtual std::span<char> room(const Flow& flow) = 0;
    /// Sends `size` bytes of the last room(), not before the time given.
    virtual void send(std::size_t size, uint64_t not_before = 0) = 0;
};

}  // namespace trunkline::blast
