// How a worker learns where to send: it asks, the kernel side answers, both by ring.
//
// The worker keeps a cache per destination and never makes a system call for it. On a miss it holds
// the packet (bounded) and asks; kernel/ resolves route and neighbour over netlink and answers; any
// change that the kernel reports comes as a further answer or a flush.
#pragma once

#include "dataplane/address.h"
#include "dataplane/doorbell.h"
#include "dataplane/ring.h"

#include <cstdint>
#include <memory>

namespace trunkline::dataplane {

struct alignas(4) NextHopRequest {
    IpAddress destination;
    IpAddress source;
    uint16_t device = 0;  ///< Ethernet device that the source address lives on
};

struct alignas(4) NextHopUpdate {
    enum class Kind : uint8_t {
        resolved,     ///< `mac` is the next hop's address on `device`
        unreachable,  ///< no route, or the neighbour does not answer: drop what is held
        flush,        ///< forget everything (a route, rule or link changed)
    };
    IpAddress destination;
    MacAddress mac;
    uint16_t device = 0;
    Kind kind = Kind::flush;
};

/// Requests go worker -> control thread, updates the other way.
struct NextHopChannel {
    static board::Expected<std::unique_ptr<NextHopChannel>> create(uint32_t worker,
                                                                   uint32_t capacity = 1024);
    SpscRing<NextHopRequest> requests;
    SpscRing<NextHopUpdate> updates;
    Doorbell requests_bell;  ///< the control thread sleeps on it
};

}  // namespace trunkline::dataplane
