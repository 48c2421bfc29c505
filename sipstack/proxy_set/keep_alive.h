// Keep-alive of one proxy set by OPTIONS: probes its servers and tells when one goes offline or
// comes back. Runs on the one shard that owns the set; the others are told.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/proxy_set/proxy_set_state.h"
#include "sipstack/random.h"
#include "sipstack/timer_wheel.h"
#include "sipstack/transaction/transaction_layer.h"
#include "sipstack/transport/connections.h"

#include <functional>
#include <memory>
#include <vector>

namespace trunkline::sipstack {

class KeepAliveMonitor {
public:
    struct Context {
        const Config& config;
        uint32_t shard;
        TimerWheel& wheel;
        Random& random;
        TransactionLayer& transactions;
        Connections& connections;
    };
    /// Called when a server's state was found to differ from what `state` has.
    using Listener = std::function<void(const Target& target, bool online, Instant now)>;

    /// `state` is that of the set at `proxy_set_index` and outlives the monitor.
    KeepAliveMonitor(uint16_t proxy_set_index, const ProxySetState& state, const Context& context,
                     Listener listener);
    ~KeepAliveMonitor();

    /// Follows a changed list of servers; probes of those that are gone end unheard.
    void follow_servers(Instant now);

private:
    class Probe;
    std::vector<std::unique_ptr<Probe>> probes_;
};

}  // namespace trunkline::sipstack
