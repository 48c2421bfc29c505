// Which server a registration goes to, and to which it goes on: its proxy set's choice, bent by
// stickiness, IMS search, redirections and what this attempt has tried already.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/proxy_set/proxy_sets.h"
#include "sipstack/registration/pacer.h"
#include "sipstack/registration/registrants.h"
#include "sipstack/transport/transport.h"

#include <optional>
#include <span>
#include <vector>

namespace trunkline::sipstack {

class ServerChoice {
public:
    /// The arguments outlive the choice; the registrant may change between two calls.
    ServerChoice(const Registrant& registrant, const Config& config, ProxySets& proxy_sets);

    /// A new attempt: nothing was tried, nobody redirected it.
    void begin();
    /// The server to ask next that the SIP interface reaches; nullopt: none is left.
    std::optional<Target> next(Instant now);
    /// It was asked in this attempt, and the attempt goes on elsewhere.
    void tried(const Target& server);
    /// It gave no answer, or one that means that another server may do.
    void failed(const Target& server, Instant now);
    void served(const Target& server);
    /// A 503 asked for it.
    void set_aside(const Target& server, Instant until);

    /// Goes to those next, one after the other while they fail, and returns the first. nullopt: all
    /// were asked already, or cannot be reached.
    std::optional<Target> redirect_to(std::span<const Target> servers);
    bool is_redirected() const { return !redirects_.empty(); }

    /// The one that granted the binding; nullopt: there was none.
    const std::optional<Target>& bound() const { return bound_; }
    void bind(const Target& server);
    /// The binding should move: another server is active, or, where it is to stay, its server is
    /// offline or gone from the set.
    bool is_bound_server_lost() const;

    /// The configuration names it; only such a one gets credentials.
    bool is_configured(const Target& server) const;
    bool reaches(const Target& server) const;

    PacerLimits limits() const;
    /// Of a request over UDP before it goes on to the next server; 0: as many as the timers allow.
    unsigned max_transmissions() const;

private:
    bool keeps_server() const;
    std::optional<Target> choose(Instant now);
    std::optional<Target> next_of_ims_search() const;
    const ProxySet& row() const { return proxy_sets_.row(registrant_.proxy_set_index); }
    const ProxySetState& set() const { return proxy_sets_.state(registrant_.proxy_set_index); }

    const Registrant& registrant_;
    const Config& config_;
    ProxySets& proxy_sets_;
    std::vector<Target> tried_;
    std::vector<Target> redirects_;  ///< left of the last redirection
    std::optional<Target> bound_;
    bool is_bound_elsewhere_ = false;  ///< at a server that a redirection named
};

}  // namespace trunkline::sipstack
