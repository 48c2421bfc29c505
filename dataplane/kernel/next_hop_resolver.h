// Answers a worker's next-hop requests from the kernel's routes and neighbours (rtnetlink(7)).
//
// Runs on the control thread. Neighbours are managed entries (NTF_EXT_MANAGED, NTF_USE on old
// kernels), followed by events; routes are asked for and never mirrored; any change of a route,
// rule or link flushes the worker's cache.
#pragma once

#include "board/error.h"
#include "board/event_loop.h"
#include "dataplane/config.h"
#include "dataplane/kernel/twin.h"
#include "dataplane/next_hop.h"

#include <spdlog/logger.h>

#include <functional>
#include <memory>
#include <span>
#include <string>

namespace trunkline::dataplane {

class NextHopResolver {
public:
    /// One twin per Ethernet device, in their order; empty when there are none (then only static
    /// neighbours answer). Opens its sockets in `config.network_namespace`. `doorbell` wakes the
    /// worker that reads the updates. All references outlive the resolver.
    ///
    /// Every request is answered: by an address as soon as the kernel has it, by `unreachable` when
    /// there is no route or no neighbour answers within three seconds. What is answered is followed
    /// until a flush. A twin whose link was down gets its addresses and routes back when it is up,
    /// and one that somebody gave another MAC its own at once: udev's MACAddressPolicy does that to
    /// interfaces that are new, and nobody would hear what is sent to it.
    static board::Expected<std::unique_ptr<NextHopResolver>> create(
        const NetworkConfig& config, std::span<const std::unique_ptr<Twin>> twins,
        NextHopChannel& channel, Doorbell& worker_doorbell, board::EventLoop& loop,
        std::shared_ptr<spdlog::logger> log);
    ~NextHopResolver();

    struct Counters {
        uint64_t requests = 0, resolved = 0, unreachable = 0, flushes = 0;
        uint64_t updates_delayed = 0;  ///< found the ring full and went in later
        uint64_t events_lost = 0;      ///< times that the kernel's events overran the socket
    };
    const Counters& counters() const;
    /// Destinations followed now; bounded.
    std::size_t followed() const;

private:
    struct State;
    explicit NextHopResolver(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace trunkline::dataplane
