#include "sipstack/transport/proxy_targets.h"

#include "sipstack/shard_thread.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace trunkline::sipstack {

/// One configured address with what is followed for it.
struct ProxyTargets::Row {
    HostList& list;
    LocatedAddress located;
    std::map<DnsQuestion, NameResolver::Subscription> followed = {};
    std::string logged = {};
};

/// A proxy set, or the registrar.
struct ProxyTargets::HostList {
    std::optional<uint16_t> proxy_set_index;
    std::string name;                         ///< for the log
    std::vector<std::unique_ptr<Row>> rows;   ///< in the order of the table
    std::optional<std::vector<Target>> told;  ///< unset = nothing yet
};

namespace {

/// "192.0.2.1:5060, 192.0.2.2:5060 and 3 more".
std::string brief(const std::vector<Target>& targets) {
    constexpr std::size_t shown = 4;
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, targets.size()); ++i) {
        text += (i == 0 ? "" : ", ") + targets[i].endpoint.to_string();
    }
    if (targets.size() > shown) {
        text += fmt::format(" and {} more", targets.size() - shown);
    }
    return text;
}

}  // namespace

ProxyTargets::ProxyTargets(const Config& config, NameResolver& resolver, Listener listener)
    : resolver_(resolver),
      listener_(std::move(listener)),
      refresh_(config.proxy_and_registration.proxy_ip_list_refresh_time) {
    const auto& page = config.proxy_and_registration;
    for (std::size_t i = 0; i < config.proxy_sets.size(); ++i) {
        const auto& set = config.proxy_sets[i];
        add(config, set.sip_interface_index, set.addresses,
            set.dns_resolve_method.value_or(page.proxy_dns_query_type),
            HostList{static_cast<uint16_t>(i), "proxy set " + set.name, {}, {}});
    }
    if (page.registrar) {
        // The gateway registers from the first SIP interface.
        add(config, 0, {*page.registrar}, page.dns_query_type,
            HostList{std::nullopt, "registrar", {}, {}});
    }
}

ProxyTargets::~ProxyTargets() = default;

void ProxyTargets::add(const Config& config, uint16_t sip_interface_index,
                       const std::vector<ProxyAddress>& addresses, DnsResolveMethod method,
                       HostList&& empty) {
    auto& list = *lists_.emplace_back(std::make_unique<HostList>(std::move(empty)));
    for (const auto& address : addresses) {
        list.rows.push_back(std::make_unique<Row>(
            list,
            LocatedAddress(ServerAddress::of(config, config.sip_interfaces[sip_interface_index],
                                             address, method),
                           resolver_.pace().keep)));
    }
    for (const auto& row : list.rows) {
        locate(*row);
    }
    tell(list);
}

void ProxyTargets::locate(Row& row) {
    const auto look_up = [this](const DnsQuestion& question) { return resolver_.known(question); };
    // An answer that is known already leads to the next question at once.
    do {
        row.located.update(look_up, monotonic_now());
    } while (follow_questions(row));
    log_change(row);
}

bool ProxyTargets::follow_questions(Row& row) {
    const auto& location = row.located.location();
    bool anything_new = false;
    for (const auto& question : location.questions) {
        auto& subscription = row.followed[question];
        if (!subscription) {
            subscription = resolver_.follow(question, refresh_, [this, &row] {
                locate(row);
                tell(row.list);
            });
            anything_new = true;
        }
    }
    if (location.complete && !anything_new) {
        std::erase_if(row.followed, [&location](const auto& followed) {
            return std::ranges::find(location.questions, followed.first) ==
                   location.questions.end();
        });
    }
    return anything_new;
}

void ProxyTargets::log_change(Row& row) {
    const auto& location = row.located.location();
    const auto& targets = row.located.targets();
    const bool by_dns = !location.questions.empty();
    if (!row.located.is_settled() || (!by_dns && !targets.empty())) {
        return;
    }
    const std::string host = row.located.address().to_string();
    const bool trouble = targets.empty() || row.located.is_kept();
    std::string line;
    if (targets.empty()) {
        line = fmt::format("{} has no address: {}", host, location.failure);
    } else if (row.located.is_kept()) {
        line = fmt::format("{} stays {}, as it was: {}", host, brief(targets), location.failure);
    } else {
        line = fmt::format("{} is {} ({})", host, brief(targets), location.resolved_by);
    }
    if (line != row.logged) {
        resolver_.log().log(trouble ? spdlog::level::warn : spdlog::level::info, "dns  {}: {}",
                            row.list.name, line);
        row.logged = std::move(line);
    }
}

void ProxyTargets::tell(HostList& list) {
    std::vector<const LocatedAddress*> addresses;
    for (const auto& row : list.rows) {
        if (!row->located.is_settled()) {
            return;
        }
        addresses.push_back(&row->located);
    }
    auto targets = in_order_of_preference(addresses);
    if (list.told == targets) {
        return;
    }
    list.told = std::move(targets);
    if (list.proxy_set_index) {
        listener_.proxy_set({*list.proxy_set_index, *list.told});
    } else {
        listener_.registrar({*list.told});
    }
}

ProxyTargetsStatus ProxyTargets::status() const {
    const Instant now = monotonic_now();
    ProxyTargetsStatus status;
    for (const auto& list : lists_) {
        for (const auto& row : list->rows) {
            const auto& location = row->located.location();
            ProxyTargetsStatus::Row shown;
            shown.proxy_set_index = list->proxy_set_index;
            shown.configured = row->located.address().to_string();
            shown.resolved_by = location.resolved_by;
            shown.targets = row->located.targets();
            shown.kept = row->located.is_kept();
            if (location.answered_at) {
                shown.age = std::chrono::floor<Seconds>(now - *location.answered_at);
            }
            if (location.valid_until) {
                shown.time_to_live =
                    std::max(std::chrono::floor<Seconds>(*location.valid_until - now), Seconds(0));
            }
            shown.failure = location.failure;
            shown.dns_failed = location.dns_failed;
            status.rows.push_back(std::move(shown));
        }
    }
    return status;
}

}  // namespace trunkline::sipstack
