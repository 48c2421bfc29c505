// The parameters that a file sets and that do not act yet, as operators read them: lines of `check`
// and the answer of `show not-in-effect`.
#pragma once

#include "mgmt/configuration/appliance_config.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace trunkline::mgmt {

/// One parameter; a column of a table is one parameter in all of its rows.
struct NotInEffect {
    std::string path;       ///< of the first row: "signaling_and_media.accounts[2].outbound"
    std::string value;      ///< of the first row
    std::string waits_for;  ///< what it acts with: "calls"
    std::size_t rows = 1;   ///< that set it
};

/// In the order of the catalogue.
std::vector<NotInEffect> not_in_effect(const ApplianceConfig& config);

/// An array of {path, value, waits_for, rows}.
nlohmann::json not_in_effect_rows(const ApplianceConfig& config);

/// "signaling_and_media...sip_rerouting_mode: proxy (acts with calls)" for one row of them; of a
/// column that more rows set also how many.
std::string not_in_effect_line(const nlohmann::json& row);

}  // namespace trunkline::mgmt
