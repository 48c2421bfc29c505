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
                           ProxySets& proxy_sets)
    : registrant_(registrant), config_(config), proxy_sets_(proxy_sets) {}

void ServerChoice::begin() {
    tried_.clear();
    redirects_.clear();
}

void ServerChoice::tried(const Target& server) {
    tried_.push_back(server);
}

void ServerChoice::failed(const Target& server, Instant now) {
    proxy_sets_.did_not_serve(registrant_.proxy_set_index, server, now);
    tried_.push_back(server);
    std::erase_if(redirects_, [&](const Target& other) { return same_address(other, server); });
}

void ServerChoice::served(const Target& server) {
    proxy_sets_.served(registrant_.proxy_set_index, server);
}

void ServerChoice::set_aside(const Target& server, Instant until) {
    proxy_sets_.set_aside(registrant_.proxy_set_index, server, until);
}

std::optional<Target> ServerChoice::redirect_to(std::span<const Target> servers) {
    redirects_.clear();
    std::ranges::copy_if(servers, std::back_inserter(redirects_), [&](const Target& server) {
        return !contains(tried_, server) && reaches(server);
    });
    return redirects_.empty() ? std::nullopt : std::optional(redirects_.front());
}

void ServerChoice::bind(const Target& server) {
    bound_ = server;
    is_bound_elsewhere_ = !is_configured(server);
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
    if (tried_.empty() && keeps_server() && bound_ && !is_bound_elsewhere_ &&
        !is_bound_server_lost()) {
        return bound_;
    }
    if (registrant_.search_mode == RegistrarSearchMode::according_to_ims) {
        return next_of_ims_search();
    }
    return proxy_sets_.choose(registrant_.proxy_set_index, tried_, now);
}

std::optional<Target> ServerChoice::next_of_ims_search() const {
    for (const ProxyServer& server : set().servers()) {
        if (!contains(tried_, server.target)) {
            return server.target;
        }
    }
    return std::nullopt;
}

/// Whether a refresh goes to the server that granted the binding, whatever the set prefers.
bool ServerChoice::keeps_server() const {
    return !config_.proxy_and_registration.sync_ims_accounts &&
           (registrant_.stickiness == RegistrarStickiness::enable ||
            registrant_.search_mode == RegistrarSearchMode::according_to_ims);
}

bool ServerChoice::is_bound_server_lost() const {
    const auto servers = set().servers();
    if (!bound_ || is_bound_elsewhere_ || servers.empty()) {
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
        return active != nullptr && !same_address(active->target, *bound_);
    }
    const auto bound = std::ranges::find_if(
        servers, [&](const ProxyServer& server) { return same_address(server.target, *bound_); });
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
