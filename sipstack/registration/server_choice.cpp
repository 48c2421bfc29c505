#include "sipstack/registration/server_choice.h"

#include <algorithm>
#include <iterator>
#include <span>

namespace trunkline::sipstack {
namespace {

bool same_address(const Target& a, const Target& b) {
    return a.endpoint == b.endpoint && a.transport == b.transport;
}

bool contains(std::span<const Target> targets, const Target& wanted) {
    return std::ranges::any_of(targets,
                               [&](const Target& target) { return same_address(target, wanted); });
}

}  // namespace

ServerChoice::ServerChoice(const Registrant& registrant, const Config& config,
                           ProxySets& proxy_sets, BoundServer& bound)
    : registrant_(registrant), config_(config), proxy_sets_(proxy_sets), bound_(bound) {}

void ServerChoice::begin() {
    tried_.clear();
    redirects_.clear();
}

/// The set may have a server that a redirection named, under another name, which over TLS is
/// another server.
void ServerChoice::tried(const Target& server) {
    const auto known = is_redirected() && server.transport != Transport::tls
                           ? std::ranges::find_if(set().servers(),
                                                  [&](const ProxyServer& one) {
                                                      return same_address(one.target, server);
                                                  })
                           : set().servers().end();
    tried_.push_back(known == set().servers().end() ? server : known->target);
}

void ServerChoice::failed(const Target& server, Instant now) {
    proxy_sets_.did_not_serve(registrant_.proxy_set_index, server, now);
    tried(server);
    bound_.is_left |= bound_.target && same_address(*bound_.target, server);
    std::erase_if(redirects_, [&](const Target& other) { return same_address(other, server); });
}

void ServerChoice::served(const Target& server) {
    proxy_sets_.served(registrant_.proxy_set_index, server);
}

void ServerChoice::set_aside(const Target& server, Instant until) {
    proxy_sets_.set_aside(registrant_.proxy_set_index, server, until);
}

std::optional<Target> ServerChoice::redirect_to(std::span<const Target> servers, Instant now) {
    redirects_.clear();
    std::ranges::copy_if(servers, std::back_inserter(redirects_), [&](const Target& server) {
        return !contains(tried_, server) && reaches(server) && !is_aside(server, now);
    });
    return redirects_.empty() ? std::nullopt : std::optional(redirects_.front());
}

void ServerChoice::bind(const Target& server, std::string_view request_uri) {
    bound_ = {server, !is_configured(server), false,
              request_uri.empty() ? std::nullopt : std::optional(std::string(request_uri))};
}

std::string_view ServerChoice::request_uri_at(const Target& server) const {
    const bool is_bound = bound_.target && same_address(*bound_.target, server);
    return is_bound && bound_.request_uri ? *bound_.request_uri : std::string_view();
}

bool ServerChoice::is_bound_server_gone() const {
    return bound_.target && !bound_.is_elsewhere && !set().servers().empty() &&
           !is_configured(*bound_.target);
}

std::optional<Target> ServerChoice::next(Instant now) {
    auto server = choose(now);
    while (server && !reaches(*server)) {
        tried_.push_back(*server);
        server = choose(now);
    }
    return server;
}

std::optional<Target> ServerChoice::choose(Instant now) {
    if (!redirects_.empty()) {
        const Target& next = redirects_.front();
        return contains(tried_, next) ? std::nullopt : std::optional(next);
    }
    if (returns_to_bound_server(now)) {
        return bound_.target;
    }
    if (registrant_.search_mode == RegistrarSearchMode::according_to_ims) {
        return next_of_ims_search(now);
    }
    return proxy_sets_.choose(registrant_.proxy_set_index, tried_, now);
}

bool ServerChoice::returns_to_bound_server(Instant now) const {
    return tried_.empty() && keeps_server() && bound_.target && !bound_.is_elsewhere &&
           !bound_.is_left && !is_bound_server_lost() && !is_aside(*bound_.target, now);
}

/// One after the other in their order; with SyncIMSAccounts all begin at the one that serves.
std::optional<Target> ServerChoice::next_of_ims_search(Instant now) const {
    const auto is_next = [&](const ProxyServer& server) {
        return !contains(tried_, server.target) && !server.is_aside(now);
    };
    const ProxyServer* const active = set().active();
    if (config_.proxy_and_registration.sync_ims_accounts && active != nullptr && is_next(*active)) {
        return active->target;
    }
    const auto next = std::ranges::find_if(set().servers(), is_next);
    return next == set().servers().end() ? std::nullopt : std::optional(next->target);
}

/// Whether a refresh goes to the server that granted the binding, whatever the set prefers.
bool ServerChoice::keeps_server() const {
    return !config_.proxy_and_registration.sync_ims_accounts &&
           (registrant_.stickiness == RegistrarStickiness::enable ||
            registrant_.search_mode == RegistrarSearchMode::according_to_ims);
}

bool ServerChoice::is_bound_server_lost() const {
    const auto servers = set().servers();
    if (!bound_.target || bound_.is_elsewhere || servers.empty()) {
        return false;
    }
    const ProxyAndRegistration& page = config_.proxy_and_registration;
    const bool is_homing =
        row().keep_alive == KeepAlive::using_options &&
        row().redundancy_mode.value_or(page.redundancy_mode) == RedundancyMode::homing;
    // Parked, a binding stays where it is while its server is there: which one is active may change
    // with every answer, and all would follow.
    if (!keeps_server() && row().load_balancing == LoadBalancing::disable &&
        (is_homing || page.sync_ims_accounts)) {
        const ProxyServer* active = set().active();
        return active != nullptr && !same_address(active->target, *bound_.target);
    }
    const auto bound = std::ranges::find_if(servers, [&](const ProxyServer& server) {
        return same_address(server.target, *bound_.target);
    });
    return bound == servers.end() || !bound->online;
}

bool ServerChoice::is_configured(const Target& server) const {
    return std::ranges::any_of(set().servers(), [&](const ProxyServer& known) {
        return same_address(known.target, server);
    });
}

bool ServerChoice::reaches(const Target& server) const {
    const SipInterface& interface = config_.sip_interfaces.at(registrant_.sip_interface_index);
    return server.endpoint.address.family == interface.address.family &&
           interface.port(server.transport) != 0;
}

PacerLimits ServerChoice::limits() const {
    const unsigned shards = config_.shards;
    const unsigned window = row().registration_window;
    return {static_cast<double>(row().registration_rate) / shards,
            window == 0 ? 0 : std::max(1U, window / shards)};
}

unsigned ServerChoice::max_transmissions() const {
    if (row().hot_swap && set().servers().size() > tried_.size() + 1) {
        return config_.proxy_and_registration.hot_swap_rtx;
    }
    if (row().keep_alive == KeepAlive::using_register &&
        row().failure_detection_retransmissions > 0) {
        return static_cast<unsigned>(row().failure_detection_retransmissions);
    }
    return 0;
}

}  // namespace trunkline::sipstack
