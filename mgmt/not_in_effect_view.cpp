#include "mgmt/not_in_effect_view.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <unordered_map>

namespace trunkline::mgmt {

namespace {

/// "accounts[2].outbound" -> "accounts[].outbound".
std::string without_rows(const std::string& path) {
    std::string result;
    bool inside = false;
    for (const char c : path) {
        inside = c == '[' || (inside && c != ']');
        if (!inside || c == '[') {
            result += c;
        }
    }
    return result;
}

}  // namespace

std::vector<NotInEffect> not_in_effect(const ApplianceConfig& config) {
    std::vector<NotInEffect> all;
    std::unordered_map<std::string, std::size_t> places;
    for (const StoredValue& stored : config.stored) {
        const auto [known, is_new] = places.emplace(without_rows(stored.path), all.size());
        if (is_new) {
            all.push_back({stored.path, to_text(stored.value), stored.waits_for, 1});
        } else {
            ++all[known->second].rows;
        }
    }
    return all;
}

nlohmann::json not_in_effect_rows(const ApplianceConfig& config) {
    nlohmann::json rows = nlohmann::json::array();
    for (const NotInEffect& parameter : not_in_effect(config)) {
        rows.push_back({{"path", parameter.path},
                        {"value", parameter.value},
                        {"waits_for", parameter.waits_for},
                        {"rows", parameter.rows}});
    }
    return rows;
}

std::string not_in_effect_line(const nlohmann::json& row) {
    const auto rows = row.at("rows").get<std::size_t>();
    const std::string more =
        rows == 1 ? "" : fmt::format(", and in {} more row{}", rows - 1, rows == 2 ? "" : "s");
    return fmt::format("{}: {}{} (acts with {})", row.at("path").get<std::string>(),
                       row.at("value").get<std::string>(), more,
                       row.at("waits_for").get<std::string>());
}

}  // namespace trunkline::mgmt
