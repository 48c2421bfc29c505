// One proxy set as a shard sees it: the servers that its addresses resolved to, which of them are
// online, which one is active, and which one a request goes to next.
//
// Pure bookkeeping: who finds out that a server is down is keep_alive.h or the request's own user.
// A server is known by endpoint, transport and host; priority and weight may change.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/proxy_set/status.h"
#include "sipstack/random.h"
#include "sipstack/transport/transport.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace trunkline::sipstack {

/// Both name the same server, whatever their priority and weight.
bool is_same_server(const Target& one, const Target& other);

struct ProxyServer {
    Target target;
    bool online = true;                  ///< until keep-alive or a request finds otherwise
    std::optional<Instant> aside_until;  ///< a 503 asked for this (RFC 3261 21.5.4)
    bool is_aside(Instant now) const { return aside_until && now < *aside_until; }

    uint64_t requests = 0;   ///< that were sent there through choose(), since the order changed
    uint64_t successes = 0;  ///< served()
    uint64_t failures = 0;   ///< did_not_serve()
};

class ProxySetState {
public:
    /// The arguments outlive the state; `set` and `page` may change between two calls.
    ProxySetState(const ProxySet& set, const ProxyAndRegistration& page, Random& random);

    /// Replaces the list. A server that is on both lists keeps what is known of it; a changed order
    /// clears the statistics of load balancing. One that is listed twice counts once.
    void set_targets(std::span<const Target> targets);
    std::span<const ProxyServer> servers() const { return servers_; }

    /// Enough servers are online: one, or with load balancing min_active_servers. choose() does not
    /// ask for it. Without keep-alive all servers count as online.
    bool is_online() const;
    /// The current working server: with parking the one that worked last, with homing (and OPTIONS
    /// keep-alive to all servers, else it is parking) or load balancing the first online one. It
    /// may be offline when all are. nullptr: no servers are known.
    const ProxyServer* active() const;

    /// Where the next request goes, or where it goes on to after `tried` did not serve: a server
    /// that is online, not aside and not in `tried`, by load balancing among the lowest priority
    /// that has such, or from the active one on in order of preference. Without any such: with
    /// keep-alive by OPTIONS nullopt, else those believed offline too, for only a request finds
    /// out. Counts as a request.
    std::optional<Target> choose(std::span<const Target> tried, Instant now);

    /// A 503 asked that what is at that address be left alone, by whichever name it is meant.
    bool is_aside(const Target& target, Instant now) const;
    /// When the first server that choose() left out for a 503's sake alone is to be had again;
    /// nullopt: there is none.
    std::optional<Instant> aside_ends(Instant now) const;

    /// A request to `target` got an answer; the server becomes active, unless homing or load
    /// balancing decides that. Only keep-alive by OPTIONS finds an offline server again, any other
    /// takes the answer for it.
    void served(const Target& target);
    /// A request to `target` got none. With keep-alive it goes offline, until keep-alive (by
    /// REGISTER: a request) finds it again. When it was active, the next one becomes active.
    void did_not_serve(const Target& target, Instant now);
    /// No request goes there before `until`, or what was said before, if later. true: that is later
    /// by so much that others should know.
    bool set_aside(const Target& target, Instant until);
    /// What keep-alive found. false: nothing new, or no such server.
    bool set_online(const Target& target, bool online);

    ProxySetStatus status(Instant now) const;

private:
    /// Which servers a choice takes into account.
    enum class Scope : uint8_t { usable, offline_too };
    struct Choice {
        std::span<const Target> tried;
        Instant now;
        Scope scope;
    };

    ProxyServer* find(const Target& target);
    bool is_up(const ProxyServer& server) const;
    bool prefers_first() const;
    std::size_t active_index() const;
    std::size_t next_up_after(std::size_t index) const;
    void go_offline(ProxyServer& server);

    bool is_candidate(const ProxyServer& server, const Choice& choice) const;
    std::optional<std::size_t> pick(const Choice& choice);
    std::optional<std::size_t> first_from(std::size_t start, const Choice& choice,
                                          std::optional<uint16_t> priority) const;
    std::size_t by_weight(const Choice& choice, uint16_t priority);

    const ProxySet& set_;
    const ProxyAndRegistration& page_;
    Random& random_;
    std::vector<ProxyServer> servers_;
    std::size_t active_ = 0;  ///< of parking
    std::size_t next_ = 0;    ///< of round robin
};

}  // namespace trunkline::sipstack
