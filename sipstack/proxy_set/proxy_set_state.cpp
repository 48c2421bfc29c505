#include "sipstack/proxy_set/proxy_set_state.h"

#include <algorithm>

namespace trunkline::sipstack {
namespace {

/// Many who ask at the same time are told nearly the same.
constexpr Milliseconds news_of_aside{1000};

bool is_by_options(KeepAlive keep_alive) {
    return keep_alive == KeepAlive::using_options ||
           keep_alive == KeepAlive::using_options_on_active_server;
}

bool contains(std::span<const Target> targets, const Target& target) {
    return std::ranges::any_of(targets,
                               [&](const Target& one) { return is_same_server(one, target); });
}

}  // namespace

bool is_same_server(const Target& one, const Target& other) {
    return one.endpoint == other.endpoint && one.transport == other.transport &&
           one.host == other.host;
}

ProxySetState::ProxySetState(const ProxySet& set, const ProxyAndRegistration& page, Random& random)
    : set_(set), page_(page), random_(random) {}

ProxyServer* ProxySetState::find(const Target& target) {
    const auto found = std::ranges::find_if(
        servers_, [&](const ProxyServer& server) { return is_same_server(server.target, target); });
    return found == servers_.end() ? nullptr : &*found;
}

void ProxySetState::set_targets(std::span<const Target> targets) {
    std::vector<ProxyServer> servers;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        if (contains(targets.first(i), targets[i])) {
            continue;
        }
        const ProxyServer* const known = find(targets[i]);
        servers.push_back(known == nullptr ? ProxyServer{} : *known);
        servers.back().target = targets[i];
    }
    const bool is_same_order = std::ranges::equal(servers, servers_, is_same_server,
                                                  &ProxyServer::target, &ProxyServer::target);
    if (!is_same_order) {
        next_ = 0;
        for (ProxyServer& server : servers) {
            server.requests = 0;
        }
    }
    const std::optional<Target> working =
        servers_.empty() ? std::nullopt : std::optional(servers_[active_].target);
    servers_ = std::move(servers);
    const ProxyServer* const kept = working ? find(*working) : nullptr;
    active_ = kept == nullptr ? 0 : static_cast<std::size_t>(kept - servers_.data());
    if (!servers_.empty() && !is_up(servers_[active_])) {
        active_ = next_up_after(active_);
    }
}

bool ProxySetState::is_up(const ProxyServer& server) const {
    return server.online || set_.keep_alive == KeepAlive::disable;
}

bool ProxySetState::is_online() const {
    const auto up = static_cast<std::size_t>(
        std::ranges::count_if(servers_, [this](const ProxyServer& one) { return is_up(one); }));
    return up >= (set_.load_balancing == LoadBalancing::disable ? 1 : set_.min_active_servers);
}

/// Homing or load balancing, not the last success, says which server is active.
bool ProxySetState::prefers_first() const {
    const bool is_homing =
        set_.redundancy_mode.value_or(page_.redundancy_mode) == RedundancyMode::homing &&
        set_.keep_alive == KeepAlive::using_options;
    return is_homing || set_.load_balancing != LoadBalancing::disable;
}

std::size_t ProxySetState::active_index() const {
    if (!prefers_first()) {
        return active_;
    }
    const auto first =
        std::ranges::find_if(servers_, [this](const ProxyServer& one) { return is_up(one); });
    return first == servers_.end() ? 0 : static_cast<std::size_t>(first - servers_.begin());
}

const ProxyServer* ProxySetState::active() const {
    return servers_.empty() ? nullptr : &servers_[active_index()];
}

/// The next one behind `index`, around the end, that is up; without any the next one.
/// Precondition: there are servers.
std::size_t ProxySetState::next_up_after(std::size_t index) const {
    for (std::size_t i = 1; i <= servers_.size(); ++i) {
        const std::size_t candidate = (index + i) % servers_.size();
        if (is_up(servers_[candidate])) {
            return candidate;
        }
    }
    return (index + 1) % servers_.size();
}

void ProxySetState::go_offline(ProxyServer& server) {
    server.online = set_.keep_alive == KeepAlive::disable;
    if (&server == &servers_[active_]) {
        active_ = next_up_after(active_);
    }
}

void ProxySetState::served(const Target& target) {
    ProxyServer* const server = find(target);
    if (server == nullptr) {
        return;
    }
    ++server->successes;
    server->online = server->online || !is_by_options(set_.keep_alive);
    if (server->online) {
        active_ = static_cast<std::size_t>(server - servers_.data());
    }
}

void ProxySetState::did_not_serve(const Target& target, Instant /*now*/) {
    ProxyServer* const server = find(target);
    if (server != nullptr) {
        ++server->failures;
        go_offline(*server);
    }
}

bool ProxySetState::set_aside(const Target& target, Instant until) {
    ProxyServer* const server = find(target);
    if (server == nullptr) {
        return false;
    }
    const auto before = server->aside_until;
    server->aside_until = std::max(before.value_or(until), until);
    return !before || *before + news_of_aside <= until;
}

bool ProxySetState::is_aside(const Target& target, Instant now) const {
    return std::ranges::any_of(servers_, [&](const ProxyServer& server) {
        return server.target.endpoint == target.endpoint &&
               server.target.transport == target.transport && server.is_aside(now);
    });
}

bool ProxySetState::set_online(const Target& target, bool online) {
    ProxyServer* const server = find(target);
    if (server == nullptr || server->online == online) {
        return false;
    }
    if (!online) {
        go_offline(*server);
        return !server->online;
    }
    server->online = true;
    if (!is_up(servers_[active_])) {
        active_ = static_cast<std::size_t>(server - servers_.data());
    }
    return true;
}

bool ProxySetState::is_candidate(const ProxyServer& server, const Choice& choice) const {
    if (contains(choice.tried, server.target)) {
        return false;
    }
    return !server.is_aside(choice.now) && (choice.scope == Scope::offline_too || is_up(server));
}

std::optional<Target> ProxySetState::choose(std::span<const Target> tried, Instant now) {
    for (const Scope scope : {Scope::usable, Scope::offline_too}) {
        if (scope != Scope::usable && is_by_options(set_.keep_alive)) {
            break;
        }
        if (const auto picked = pick({tried, now, scope})) {
            ++servers_[*picked].requests;
            return servers_[*picked].target;
        }
    }
    return std::nullopt;
}

std::optional<Instant> ProxySetState::aside_ends(Instant now) const {
    std::optional<Instant> first;
    for (const ProxyServer& server : servers_) {
        if (server.is_aside(now) && (is_up(server) || !is_by_options(set_.keep_alive))) {
            first = std::min(first.value_or(*server.aside_until), *server.aside_until);
        }
    }
    return first;
}

std::optional<std::size_t> ProxySetState::pick(const Choice& choice) {
    if (servers_.empty()) {
        return std::nullopt;
    }
    if (set_.load_balancing == LoadBalancing::disable) {
        return first_from(active_index(), choice, std::nullopt);
    }
    // Targets come sorted by priority.
    const auto best = first_from(0, choice, std::nullopt);
    if (!best) {
        return std::nullopt;
    }
    const uint16_t priority = servers_[*best].target.priority;
    if (set_.load_balancing == LoadBalancing::random_weights) {
        return by_weight(choice, priority);
    }
    const auto picked = first_from(next_ % servers_.size(), choice, priority);
    next_ = *picked + 1;
    return picked;
}

/// From `start` on, around the end; of that priority, if one is given.
std::optional<std::size_t> ProxySetState::first_from(std::size_t start, const Choice& choice,
                                                     std::optional<uint16_t> priority) const {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const std::size_t index = (start + i) % servers_.size();
        const ProxyServer& server = servers_[index];
        if ((!priority || server.target.priority == *priority) && is_candidate(server, choice)) {
            return index;
        }
    }
    return std::nullopt;
}

/// RFC 2782: a number up to the sum of the weights picks; 0 stands for the servers without weight,
/// whose order is random. Precondition: there is a candidate.
std::size_t ProxySetState::by_weight(const Choice& choice, uint16_t priority) {
    const auto takes_part = [&](const ProxyServer& server) {
        return server.target.priority == priority && is_candidate(server, choice);
    };
    uint64_t sum = 0, weightless = 0;
    for (const ProxyServer& server : servers_) {
        if (takes_part(server)) {
            sum += server.target.weight;
            weightless += server.target.weight == 0 ? 1 : 0;
        }
    }
    uint64_t number = random_.between(weightless > 0 ? 0 : 1, sum);
    const bool is_weightless = number == 0;
    if (is_weightless) {
        number = random_.between(1, weightless);
    }
    std::size_t picked = 0;
    for (std::size_t index = 0; index < servers_.size() && number > 0; ++index) {
        if (takes_part(servers_[index])) {
            const uint16_t weight = servers_[index].target.weight;
            const uint64_t share = is_weightless ? (weight == 0 ? 1 : 0) : weight;
            picked = index;
            number -= std::min(number, share);
        }
    }
    return picked;
}

ProxySetStatus ProxySetState::status(Instant now) const {
    ProxySetStatus row;
    row.name = set_.name;
    row.redundancy_mode = set_.redundancy_mode.value_or(page_.redundancy_mode);
    row.load_balancing = set_.load_balancing;
    row.keep_alive = set_.keep_alive;
    row.online = is_online();
    for (const ProxyServer& server : servers_) {
        ProxyServerStatus& one = row.servers.emplace_back();
        one.target = server.target;
        one.online = is_up(server);
        one.active = &server == active();
        if (server.is_aside(now)) {
            one.aside_for = *server.aside_until - now;
        }
        one.requests = server.requests;
        one.successes = server.successes;
        one.failures = server.failures;
    }
    return row;
}

}  // namespace trunkline::sipstack
