#include "mgmt/ethernet_group_view.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>

namespace trunkline::mgmt {

using nlohmann::json;

std::string_view label_of(board::EthernetGroupMode mode) {
    switch (mode) {
        case board::EthernetGroupMode::none:
            return "None";
        case board::EthernetGroupMode::single:
            return "Single";
        case board::EthernetGroupMode::one_rx_one_tx:
            return "1RX/1TX";
        case board::EthernetGroupMode::two_rx_one_tx:
            return "2RX/1TX";
        case board::EthernetGroupMode::two_rx_two_tx:
            return "2RX/2TX";
    }
    std::abort();
}

json ethernet_group_view(std::span<const board::GroupSight> groups) {
    json rows = json::array();
    for (const board::GroupSight& group : groups) {
        json members = json::array();
        for (const auto& member : group.members) {
            members.push_back({{"port", member.port},
                               {"link_up", member.link.up},
                               {"source", to_string(member.link.source)},
                               {"receives", member.receives},
                               {"sends", member.sends}});
        }
        rows.push_back(
            {{"name", group.name},
             {"mode", label_of(group.mode)},
             {"up", std::ranges::any_of(group.members,
                                        [](const auto& member) { return member.link.up; })},
             {"switch_overs", group.switch_overs},
             {"members", std::move(members)}});
    }
    return rows;
}

}  // namespace trunkline::mgmt
