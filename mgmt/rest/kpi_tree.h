// Key performance indicators in the tree that clients of the appliance family walk: groups, their
// statistics, scopes, and values. -1 is a value that this version does not have.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

/// What the values are made of.
struct KpiFacts {
    nlohmann::json counters;             ///< "show counters"
    nlohmann::json registrations;        ///< "registration counts"
    nlohmann::json system;               ///< "system status"
    std::vector<std::string> ip_groups;  ///< names, by their position
};

struct KpiNode {
    std::string id, description;
    int64_t value = -1;  ///< where there is nothing below
    std::vector<KpiNode> below = {};
    bool counts = false;  ///< since power-on: an interval has what it grew by

    const KpiNode* find(std::string_view child) const;
};

KpiNode kpi_tree(const KpiFacts& facts);

}  // namespace trunkline::mgmt
