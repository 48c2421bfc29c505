// Ethernet groups as they are at the moment, for whoever asks.
#pragma once

#include "board/port_set.h"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string_view>

namespace trunkline::mgmt {

/// "1RX/1TX", as the appliance's page has it.
std::string_view label_of(board::EthernetGroupMode mode);

/// [{name, mode, up, switch_overs,
///   members: [{port, link_up, source (reported, injected), receives, sends}...]}...]
nlohmann::json ethernet_group_view(std::span<const board::GroupSight> groups);

}  // namespace trunkline::mgmt
