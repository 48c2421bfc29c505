#include "mgmt/alarms/conditions.h"

#include "mgmt/injected_mark.h"
#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using std::chrono::days;

/// What `make` finds wrong with a row, which its source names by its index.
template <typename Rows, typename Make>
AlarmConditions of_each(const Rows& rows, Make make) {
    AlarmConditions found;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (auto condition = make(i, rows[i])) {
            found.push_back(*std::move(condition));
        }
    }
    return found;
}

using Found = std::optional<AlarmCondition>;

}  // namespace

AlarmConditions link_conditions(std::span<const SeenLink> links) {
    return of_each(links, [](std::size_t i, const SeenLink& link) -> Found {
        if (link.up || !link.is_enabled) {
            return std::nullopt;
        }
        return AlarmCondition{fmt::format("Board#1/EthernetLink#{}", i), AlarmSeverity::minor,
                              fmt::format("Ethernet link alarm. LAN port {} link is down{}",
                                          link.port, injected_mark(link.source))};
    });
}

AlarmConditions group_conditions(std::span<const board::EthernetGroup> groups,
                                 std::span<const SeenLink> links) {
    const auto is_member = [](const board::EthernetGroup& group, const SeenLink& link) {
        return std::ranges::find(group.members, link.port) != group.members.end();
    };
    return of_each(groups, [&](std::size_t i, const board::EthernetGroup& group) -> Found {
        auto source = board::Source::reported;
        for (const SeenLink& link : links) {
            if (is_member(group, link) && link.up) {
                return std::nullopt;
            }
            if (is_member(group, link) && link.source == board::Source::injected) {
                source = link.source;
            }
        }
        if (group.members.empty()) {
            return std::nullopt;
        }
        return AlarmCondition{
            fmt::format("Board#1/EthernetGroup#{}", i), AlarmSeverity::major,
            fmt::format("Ethernet Group {} is Down{}", group.name, injected_mark(source))};
    });
}

AlarmConditions admin_state_conditions(sipstack::AdministrativeState state) {
    if (state == sipstack::AdministrativeState::unlocked) {
        return {};
    }
    return {{"System#0", AlarmSeverity::major, "Locked"}};
}

AlarmConditions proxy_conditions(const json& sets) {
    return of_each(sets, [](std::size_t i, const json& set) -> Found {
        const json servers = list_in(set, "servers");
        const auto online = std::ranges::count_if(
            servers, [](const json& server) { return flag_in(server, "online"); });
        const bool is_watched = text_in(set, "keep_alive") != "disable";
        if (!is_watched || online == static_cast<std::ptrdiff_t>(servers.size())) {
            return std::nullopt;
        }
        return AlarmCondition{
            fmt::format("System#0/ProxyConnection#{}", i),
            online == 0 ? AlarmSeverity::major : AlarmSeverity::minor,
            fmt::format("Proxy Set Alarm: Proxy Set {} ({}): {}", i, text_in(set, "name"),
                        online == 0 ? "Proxy not found. Use internal routing"
                                    : "Proxy lost. looking for another proxy")};
    });
}

AlarmConditions dns_conditions(const json& sets, std::size_t interface) {
    const auto is_unanswered = [](const json& set) {
        const json names = list_in(set, "names");
        return std::ranges::any_of(names,
                                   [](const json& name) { return flag_in(name, "dns_failed"); });
    };
    if (std::ranges::none_of(sets, is_unanswered)) {
        return {};
    }
    return {{fmt::format("Board#1/ipInterface#{}", interface), AlarmSeverity::minor,
             "DNS server not responsive"}};
}

AlarmConditions refused_configuration_conditions(const std::string& startup_file) {
    std::string reason;
    if (!std::getline(std::ifstream(startup_file + ".refused"), reason)) {
        return {};
    }
    return {{"System#0", AlarmSeverity::critical, "Board Config Error: " + reason}};
}

AlarmConditions certificate_conditions(std::span<const CertificateEnd> ends,
                                       std::chrono::system_clock::time_point now) {
    constexpr days early{60}, late{7};
    AlarmConditions found;
    for (const CertificateEnd& one : ends) {
        const auto left = std::chrono::floor<days>(one.end - now);
        if (left >= early) {
            continue;
        }
        const auto severity = left < days(0) ? AlarmSeverity::critical
                              : left < late  ? AlarmSeverity::major
                                             : AlarmSeverity::minor;
        const auto when = left < days(0)    ? fmt::format("has expired {} days ago", -left.count())
                          : left == days(0) ? "will expire in less than a day"
                                            : fmt::format("will expire in {} days", left.count());
        found.push_back({fmt::format("Board#1/CertificateExpiry#{}", one.context), severity,
                         fmt::format("The certificate of TLS context {} ({}) {}", one.context,
                                     one.name, when)});
    }
    return found;
}

}  // namespace trunkline::mgmt
