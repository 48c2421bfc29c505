// Keep-alive by OPTIONS of the proxy sets that one shard watches for all: each set is watched by
// one shard alone.
#pragma once

#include "sipstack/instant.h"
#include "sipstack/proxy_set/keep_alive.h"
#include "sipstack/proxy_set/proxy_sets.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace trunkline::sipstack {

class KeepAliveWatch {
public:
    /// Called with a server's state that differs from what the set says; see KeepAliveMonitor.
    using Listener = std::function<void(uint16_t set, const Target& server, bool online)>;

    /// `sets` and the references of a context outlive the watch.
    KeepAliveWatch(const ProxySets& sets, Listener listener)
        : sets_(sets), listener_(std::move(listener)) {}

    /// Begins anew, with the proxy sets of the context's configuration.
    void start(const KeepAliveMonitor::Context& context, Instant now);
    /// Before the proxy sets are replaced.
    void stop() { monitors_.clear(); }
    /// What a set says of its servers has changed.
    void follow_servers(Instant now);

private:
    const ProxySets& sets_;
    const Listener listener_;
    std::vector<std::unique_ptr<KeepAliveMonitor>> monitors_;
};

}  // namespace trunkline::sipstack
