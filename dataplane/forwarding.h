// The dataplane of one appliance, put together at power-on: the kernel twins of its Ethernet
// devices, the worker that moves its packets, and who finds their next hops.
#pragma once

#include "board/error.h"
#include "board/event_loop.h"
#include "board/group_ports.h"
#include "dataplane/config.h"
#include "dataplane/kernel/next_hop_resolver.h"
#include "dataplane/kernel/twin.h"
#include "dataplane/next_hop.h"
#include "dataplane/shard_links.h"
#include "dataplane/worker.h"

#include <spdlog/logger.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace trunkline::dataplane {

/// Made and destroyed on the control thread; the worker's thread is whose runs it.
class Forwarding {
public:
    struct Options {
        NetworkConfig network;
        std::vector<board::GroupPorts> groups;  ///< that the Ethernet devices name
        std::vector<SipListener> sip_listeners;
        uint32_t shards = 1;
        ShardSelector select_shard = nullptr;
        SenderSelector select_sender = nullptr;
        board::PowerProfile power_profile = board::PowerProfile::balanced;
        rte_mempool* pool = nullptr;  ///< outlives this
    };
    /// In the appliance's network namespace. Twins without an IP interface, and those that the
    /// kernel refuses, are errors. The loop outlives this.
    static board::Expected<std::unique_ptr<Forwarding>> create(const Options& options,
                                                               board::EventLoop& loop,
                                                               std::shared_ptr<spdlog::logger> log);

    /// Has the kernel know these routes alone beside the interfaces' own; what it refuses is
    /// logged.
    void set_static_routes(std::span<const StaticRoute> routes);

    Worker& worker() { return *worker_; }
    const NextHopResolver& resolver() const { return *resolver_; }
    const ShardLinks& links() const { return links_; }

private:
    Forwarding(ShardLinks links, std::shared_ptr<spdlog::logger> log)
        : log_(std::move(log)), links_(std::move(links)) {}

    board::Expected<void> make_twins(const Options& options);
    board::Expected<void> make_twin(const EthernetDevice& device, const Options& options);
    board::Expected<void> make_worker(const Options& options);

    const std::shared_ptr<spdlog::logger> log_;
    // Destroyed in reverse.
    ShardLinks links_;
    std::vector<std::unique_ptr<Twin>> twins_;  ///< parallel to the Ethernet devices, or none
    std::unique_ptr<NextHopChannel> next_hops_;
    std::unique_ptr<Worker> worker_;
    std::unique_ptr<NextHopResolver> resolver_;
};

}  // namespace trunkline::dataplane
