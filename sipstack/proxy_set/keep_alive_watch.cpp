#include "sipstack/proxy_set/keep_alive_watch.h"

namespace trunkline::sipstack {

void KeepAliveWatch::start(const KeepAliveMonitor::Context& context, Instant now) {
    stop();
    const Config& config = context.config;
    for (uint16_t set = 0; set < config.proxy_sets.size(); ++set) {
        const KeepAlive method = config.proxy_sets[set].keep_alive;
        const bool by_options = method == KeepAlive::using_options ||
                                method == KeepAlive::using_options_on_active_server;
        if (!by_options || set % config.shards != context.shard) {
            continue;
        }
        monitors_.push_back(std::make_unique<KeepAliveMonitor>(
            set, sets_.state(set), context,
            [this, set](const Target& server, bool online, Instant) {
                listener_(set, server, online);
            }));
        monitors_.back()->follow_servers(now);
    }
}

void KeepAliveWatch::follow_servers(Instant now) {
    for (const auto& monitor : monitors_) {
        monitor->follow_servers(now);
    }
}

}  // namespace trunkline::sipstack
