#include "dataplane/forwarding.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace trunkline::dataplane {

using board::Expected;

Expected<std::unique_ptr<Forwarding>> Forwarding::create(const Options& options,
                                                         board::EventLoop& loop,
                                                         std::shared_ptr<spdlog::logger> log) {
    auto links = ShardLinks::create(0, options.shards);
    if (!links) {
        return std::unexpected(links.error());
    }
    std::unique_ptr<Forwarding> made(new Forwarding(std::move(*links), log));
    if (auto twins = made->make_twins(options); !twins) {
        return std::unexpected(twins.error());
    }
    if (auto worker = made->make_worker(options); !worker) {
        return std::unexpected(worker.error());
    }
    auto resolver = NextHopResolver::create(options.network, made->twins_, *made->next_hops_,
                                            made->worker_->doorbell(), loop, log);
    if (!resolver) {
        return std::unexpected(resolver.error());
    }
    made->resolver_ = std::move(*resolver);
    log->info("dataplane  ready ethernet_devices={} ip_interfaces={} sip_listeners={}",
              options.network.ethernet_devices.size(), options.network.ip_interfaces.size(),
              options.sip_listeners.size());
    return made;
}

Expected<void> Forwarding::make_twins(const Options& options) {
    const NetworkConfig& network = options.network;
    if (network.kernel_twin == KernelTwin::none) {
        return {};
    }
    for (const EthernetDevice& device : network.ethernet_devices) {
        if (auto made = make_twin(device, options); !made) {
            return made;
        }
    }
    set_static_routes(network.static_routes);
    return {};
}

Expected<void> Forwarding::make_twin(const EthernetDevice& device, const Options& options) {
    const NetworkConfig& network = options.network;
    std::vector<IpInterface> interfaces;
    std::ranges::copy_if(network.ip_interfaces, std::back_inserter(interfaces),
                         [&](const IpInterface& row) { return row.device == device.name; });
    if (interfaces.empty()) {
        return std::unexpected(
            board::Error{fmt::format("Ethernet device '{}' has no IP interface; give it a row in "
                                     "ip_network.ip_interfaces or remove it",
                                     device.name)});
    }
    const auto group =
        std::ranges::find(options.groups, device.underlying, &board::GroupPorts::name);
    if (group == options.groups.end() || group->members.empty()) {
        return std::unexpected(
            board::Error{fmt::format("Ethernet device '{}' stands on '{}', which has no port",
                                     device.name, device.underlying)});
    }
    auto twin =
        Twin::create(device, {group->members.front().mac}, interfaces, network.network_namespace);
    if (!twin) {
        return std::unexpected(twin.error());
    }
    log_->info("dataplane  kernel twin {} for {}", (*twin)->name(), device.name);
    twins_.push_back(std::move(*twin));
    return {};
}

void Forwarding::set_static_routes(std::span<const StaticRoute> routes) {
    for (const auto& twin : twins_) {
        std::vector<StaticRoute> own;
        std::ranges::copy_if(routes, std::back_inserter(own), [&](const StaticRoute& route) {
            return route.device == twin->device();
        });
        for (const board::Error& refused : twin->set_static_routes(std::move(own))) {
            log_->error("dataplane  {}", refused.message);
        }
    }
}

Expected<void> Forwarding::make_worker(const Options& options) {
    WorkerOptions worker;
    worker.network = options.network;
    worker.groups = options.groups;
    for (std::size_t i = 0; i < options.network.ethernet_devices.size(); ++i) {
        worker.twin_fds.push_back(twins_.empty() ? -1 : twins_[i]->fd());
    }
    worker.sip_listeners = options.sip_listeners;
    worker.power_profile = options.power_profile;
    worker.pool = options.pool;
    worker.select_shard = options.select_shard;
    worker.select_sender = options.select_sender;
    for (uint32_t shard = 0; shard < links_.size(); ++shard) {
        worker.shards.push_back(&links_.link(shard));
        worker.shard_bells.push_back(&links_.bell(shard));
    }
    auto channel = NextHopChannel::create(worker.index);
    if (!channel) {
        return std::unexpected(channel.error());
    }
    next_hops_ = std::move(*channel);
    worker.next_hops = next_hops_.get();
    auto made = Worker::create(worker);
    if (!made) {
        return std::unexpected(made.error());
    }
    worker_ = std::move(*made);
    return {};
}

}  // namespace trunkline::dataplane
