// Keep-alive of one proxy set by OPTIONS: probes its servers and tells when one goes offline or
// comes back. Runs on the one shard that owns the set; the others are told.
//
// Each server is probed every keep_alive_time, from a random moment of the first second on, by one
// transaction at a time. Any final answer is good unless its code is among
// keep_alive_failure_responses; silence and transport errors are bad. (How long silence
// lasts: failure_detection_retransmissions over UDP, else timer F.) A bad one takes a server
// offline at once; success_detection_retries good ones in a row, success_detection_interval apart,
// bring it back. With using_options_on_active_server only the active server is probed, or all while
// that one is offline. Without keep-alive by OPTIONS nothing is sent.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/proxy_set/proxy_set_state.h"
#include "sipstack/random.h"
#include "sipstack/timer_wheel.h"
#include "sipstack/transaction/transaction_layer.h"
#include "sipstack/transport/connections.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

class KeepAliveMonitor {
public:
    /// The first probe of a server goes out within this time.
    static constexpr Milliseconds first_probes_spread{1000};
    /// The least pause after a probe that took longer than the time between two.
    static constexpr Milliseconds min_pause{1000};

    struct Context {
        const Config& config;
        uint32_t shard;
        TimerWheel& wheel;
        Random& random;
        TransactionLayer& transactions;
        Connections& connections;
        std::string_view allow = "OPTIONS";  ///< Allow of what we send
    };
    /// Called when a server's state was found to differ from what `state` has; it will be again at
    /// each probe until that is no longer so. May change the state and call follow_servers(), but
    /// not destroy the monitor.
    using Listener = std::function<void(const Target& target, bool online, Instant now)>;

    /// `state` is that of the set at `proxy_set_index` and outlives the monitor, as do the
    /// references of `context`. Nothing is sent before follow_servers().
    KeepAliveMonitor(uint16_t proxy_set_index, const ProxySetState& state, const Context& context,
                     Listener listener);
    ~KeepAliveMonitor();

    /// Follows a changed list of servers, or another active server; probes of those that are gone
    /// end unheard, the others keep their rhythm.
    void follow_servers(Instant now);

private:
    class Probe;

    const ProxySet& set() const { return context_.config.proxy_sets.at(proxy_set_index_); }
    const ProxyServer* server(const Target& target) const;
    std::vector<Target> watched() const;
    void tell(const Target& target, bool online, Instant now);
    std::string write_options(const Target& target, const Flow& flow, std::string_view branch);

    const uint16_t proxy_set_index_;
    const ProxySetState& state_;
    const Context context_;
    const Listener listener_;
    std::vector<std::unique_ptr<Probe>> probes_;
};

}  // namespace trunkline::sipstack
