#include "mgmt/cli/config_rows.h"

#include "mgmt/configuration/rows.h"
#include "mgmt/json_fields.h"

namespace trunkline::mgmt {

using nlohmann::json;

std::optional<std::vector<ConfigRow>> config_rows(const CliCall& call, const std::string& path) {
    auto answer = call.answer_to({{"command", "configuration get"},
                                  {"from", "running"},
                                  {"path", path},
                                  {"secrets", "hidden"}});
    if (!answer) {
        return std::nullopt;
    }
    std::vector<ConfigRow> rows;
    std::size_t next = 0;
    for (json& row : list_in(*answer, "configuration")) {
        const auto number = row.find(row_key);
        if (number != row.end() && number->is_number_integer()) {
            next = number->get<std::size_t>();
        }
        rows.push_back({next++, std::move(row)});
    }
    return rows;
}

std::string plain_value(const json& row, const char* key) {
    const auto value = row.find(key);
    if (value == row.end() || value->is_null()) {
        return "";
    }
    return value->is_string() ? value->get<std::string>() : value->dump();
}

}  // namespace trunkline::mgmt
