#include "sipstack/proxy_set/proxy_sets.h"

#include <algorithm>

namespace trunkline::sipstack {
namespace {

ProxySet registrar_row(const Config& config) {
    ProxySet row;
    row.name = "registrar";
    if (config.proxy_and_registration.registrar) {
        row.addresses.push_back(*config.proxy_and_registration.registrar);
    }
    // As on mediant-class appliances, where the page had the settings that the first set has now.
    row.hot_swap = config.proxy_and_registration.registrar_hot_swap;
    if (!config.proxy_sets.empty()) {
        const ProxySet& first = config.proxy_sets.front();
        row.hot_swap = first.hot_swap && first.keep_alive == KeepAlive::disable;
    }
    return row;
}

/// What others see of a set: where its next request goes, and whether it has anywhere to go.
struct Outlook {
    std::optional<Target> active;
    bool online = false;

    explicit Outlook(const ProxySetState& state) : online(state.is_online()) {
        if (const ProxyServer* server = state.active()) {
            active = server->target;
        }
    }
    bool operator==(const Outlook&) const = default;
};

void take_over(const ProxySetState& known, ProxySetState& fresh) {
    std::vector<Target> targets;
    for (const ProxyServer& server : known.servers()) {
        targets.push_back(server.target);
    }
    fresh.set_targets(targets);
    for (const ProxyServer& server : known.servers()) {
        fresh.set_online(server.target, server.online);
        if (server.aside_until) {
            fresh.set_aside(server.target, *server.aside_until);
        }
    }
    if (const ProxyServer* active = known.active(); active != nullptr && active->online) {
        fresh.served(active->target);
    }
}

}  // namespace

ProxySets::ProxySets(const Config& config, Random& random, Listener listener,
                     NewsListener news_listener)
    : config_(config),
      random_(random),
      listener_(std::move(listener)),
      news_listener_(std::move(news_listener)) {
    follow_config({});
}

std::map<uint16_t, uint16_t> ProxySets::follow_config(const std::set<uint16_t>& in_use) {
    const auto& page = config_.proxy_and_registration;
    std::vector<std::unique_ptr<Entry>> before;
    before.swap(sets_);
    for (const ProxySet& row : config_.proxy_sets) {
        auto entry = std::make_unique<Entry>(row, page, random_);
        const auto known = std::ranges::find(
            before, row.name, [](const auto& candidate) { return candidate->row.name; });
        if (known != before.end()) {
            take_over((*known)->state, entry->state);
        }
        sets_.push_back(std::move(entry));
    }
    std::map<uint16_t, uint16_t> places;
    for (const uint16_t old : in_use) {
        const auto now = std::ranges::find(sets_, before[old]->row.name,
                                           [](const auto& entry) { return entry->row.name; });
        places[old] = static_cast<uint16_t>(now - sets_.begin());
        if (now == sets_.end()) {
            sets_.push_back(std::move(before[old]));
        }
    }
    auto registrar = std::make_unique<Entry>(registrar_row(config_), page, random_);
    if (registrar_) {
        take_over(registrar_->state, registrar->state);
    }
    registrar_ = std::move(registrar);
    return places;
}

const ProxySets::Entry& ProxySets::at(Index set) const {
    return set ? *sets_.at(*set) : *registrar_;
}

ProxySets::Entry& ProxySets::at(Index set) {
    return set ? *sets_.at(*set) : *registrar_;
}

template <typename Change>
void ProxySets::change(Index set, Change change) {
    ProxySetState& state = at(set).state;
    const Outlook before(state);
    const bool is_news = change(state);
    if (is_news || Outlook(state) != before) {
        listener_(set);
    }
}

void ProxySets::set_targets(Index set, std::span<const Target> targets) {
    change(set, [&](ProxySetState& state) {
        state.set_targets(targets);
        return true;
    });
}

void ProxySets::set_online(Index set, const Target& target, bool online) {
    change(set, [&](ProxySetState& state) { return state.set_online(target, online); });
}

std::optional<Target> ProxySets::choose(Index set, std::span<const Target> tried, Instant now) {
    return at(set).state.choose(tried, now);
}

void ProxySets::served(Index set, const Target& target) {
    change(set, [&](ProxySetState& state) {
        state.served(target);
        return false;
    });
}

void ProxySets::did_not_serve(Index set, const Target& target, Instant now) {
    const auto is_online = [&] {
        return std::ranges::any_of(state(set).servers(), [&](const ProxyServer& server) {
            return is_same_server(server.target, target) && server.online;
        });
    };
    const bool was_online = is_online();
    change(set, [&](ProxySetState& state) {
        state.did_not_serve(target, now);
        return false;
    });
    const KeepAlive method = row(set).keep_alive;
    const bool is_watched =
        method == KeepAlive::using_options || method == KeepAlive::using_options_on_active_server;
    if (set && is_watched && was_online && !is_online()) {
        news_listener_({set, target, false});
    }
}

void ProxySets::set_aside(Index set, const Target& target, Instant until) {
    if (at(set).state.set_aside(target, until)) {
        news_listener_({set, target, true, until});
    }
}

void ProxySets::take_news(const ServerNews& news) {
    if (news.proxy_set_index && *news.proxy_set_index >= size()) {
        return;
    }
    if (news.aside_until) {
        at(news.proxy_set_index).state.set_aside(news.server, *news.aside_until);
    } else {
        set_online(news.proxy_set_index, news.server, news.online);
    }
}

}  // namespace trunkline::sipstack
