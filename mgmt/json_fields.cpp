#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace trunkline::mgmt {

using nlohmann::json;

std::string text_in(const json& row, const char* key) {
    const auto found = row.find(key);
    return found != row.end() && found->is_string() ? found->get<std::string>() : "";
}

int64_t number_in(const json& row, const char* key) {
    const auto found = row.find(key);
    return found != row.end() && found->is_number_integer() ? found->get<int64_t>() : 0;
}

bool flag_in(const json& row, const char* key) {
    const auto found = row.find(key);
    return found != row.end() && found->is_boolean() && found->get<bool>();
}

std::string time_in(const json& row, const char* key) {
    const auto found = row.find(key);
    if (found == row.end() || !found->is_number()) {
        return "-";
    }
    return fmt::format("{:.0f} s", found->get<double>());
}

json list_in(const json& row, const char* key) {
    const auto found = row.find(key);
    return found != row.end() && found->is_array() ? *found : json::array();
}

}  // namespace trunkline::mgmt
