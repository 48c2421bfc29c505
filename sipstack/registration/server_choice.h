// Which server a registration goes to, and to which it goes on: its proxy set's choice, bent by
// stickiness, IMS search, redirections and what this attempt has tried already.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/proxy_set/proxy_sets.h"
#include "sipstack/rare.h"
#include "sipstack/registration/pacer.h"
#include "sipstack/registration/registrants.h"
#include "sipstack/transport/transport.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

/// What a registration knows of servers between two attempts.
struct BoundServer {
    std::optional<Target> target;  ///< that granted the binding; nullopt: there was none
    bool is_elsewhere = false;     ///< a redirection had named it
    bool is_left = false;  ///< it has failed, or the binding is over: the search begins anew
    Rare<std::string> request_uri;  ///< that a redirection gave with it
};

/// Of one attempt. Made for a question alone, it costs as much as its references.
class ServerChoice {
public:
    /// The arguments outlive the choice; the registrant may change between two calls.
    ServerChoice(const Registrant& registrant, const Config& config, ProxySets& proxy_sets,
                 BoundServer& bound);

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
    std::optional<Target> redirect_to(std::span<const Target> servers, Instant now);
    bool is_redirected() const { return !redirects_.empty(); }

    /// It granted the binding; with the Request-URI of a redirection, if `request_uri` is not
    /// empty.
    void bind(const Target& server, std::string_view request_uri);
    /// With which Request-URI it granted the binding; empty: the registrant's own, or it did not.
    std::string_view request_uri_at(const Target& server) const;
    /// The set has not the server any more that granted the binding.
    bool is_bound_server_gone() const;
    /// The binding should move: another server is active, or, where it is to stay, its server is
    /// offline or gone from the set.
    bool is_bound_server_lost() const;

    /// A 503 asked, perhaps another registration, to leave it alone.
    bool is_aside(const Target& server, Instant now) const { return set().is_aside(server, now); }
    /// The configuration names it; only such a one gets credentials.
    bool is_configured(const Target& server) const;
    bool reaches(const Target& server) const;

    PacerLimits limits() const;
    /// Of a request over UDP before it goes on to the next server; 0: as many as the timers allow.
    unsigned max_transmissions() const;

private:
    bool keeps_server() const;
    std::optional<Target> choose(Instant now);
    std::optional<Target> next_of_ims_search(Instant now) const;
    bool returns_to_bound_server(Instant now) const;
    const ProxySet& row() const { return proxy_sets_.row(registrant_.proxy_set_index); }
    const ProxySetState& set() const { return proxy_sets_.state(registrant_.proxy_set_index); }

    const Registrant& registrant_;
    const Config& config_;
    ProxySets& proxy_sets_;
    BoundServer& bound_;
    std::vector<Target> tried_;
    std::vector<Target> redirects_;  ///< left of the last redirection
};

}  // namespace trunkline::sipstack
