// One proxy set as a shard sees it: the servers that its addresses resolved to, which of them are
// online, which one is active, and which one a request goes to next.
//
// Pure bookkeeping: who finds out that a server is down is keep_alive.h or the request's own user.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/random.h"
#include "sipstack/transport/transport.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace trunkline::sipstack {

struct ProxyServer {
    Target target;
    bool online = true;                  ///< until keep-alive or a request finds otherwise
    std::optional<Instant> aside_until;  ///< a 503 asked for this (RFC 3261 21.5.4)
    uint64_t requests = 0;               ///< that were sent there through choose()
};

class ProxySetState {
public:
    /// The arguments outlive the state; `set` and `page` may change between two calls.
    ProxySetState(const ProxySet& set, const ProxyAndRegistration& page, Random& random);

    /// Replaces the list. A server that is on both lists keeps what is known of it; a changed order
    /// clears the statistics of load balancing.
    void set_targets(std::span<const Target> targets);
    std::span<const ProxyServer> servers() const { return servers_; }

    /// Enough servers are online: one, or with load balancing min_active_servers.
    bool is_online() const;
    /// The current working server: with parking the one that worked last, with homing (and OPTIONS
    /// keep-alive) the first online one. nullptr: no servers are known.
    const ProxyServer* active() const;

    /// Where the next request goes, or where it goes on to after `tried` did not serve: a server
    /// that is online, not aside and not in `tried`, by load balancing or from the active one on in
    /// order of preference. Without any such: with keep-alive by OPTIONS nullopt, else servers
    /// believed offline or aside too, for only a request finds out. Counts as a request.
    std::optional<Target> choose(std::span<const Target> tried, Instant now);

    /// A request to `target` got an answer; the server becomes active, unless homing or load
    /// balancing decides that.
    void served(const Target& target);
    /// A request to `target` got none. With keep-alive it goes offline, until keep-alive (by
    /// REGISTER: a request) finds it again. The next one becomes active.
    void did_not_serve(const Target& target, Instant now);
    /// No request goes there before `until` as long as there is another.
    void set_aside(const Target& target, Instant until);
    /// What keep-alive found. false: nothing new.
    bool set_online(const Target& target, bool online);

private:
    ProxyServer* find(const Target& target);

    const ProxySet& set_;
    const ProxyAndRegistration& page_;
    Random& random_;
    std::vector<ProxyServer> servers_;
    std::size_t active_ = 0;
    std::size_t next_ = 0;  ///< of round robin
};

}  // namespace trunkline::sipstack
