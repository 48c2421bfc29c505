#include "mgmt/cli/config_rows.h"

#include "mgmt/configuration/rows.h"
#include "mgmt/json_fields.h"

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

json request_for(const std::string& path) {
    return {{"command", "configuration get"},
            {"from", "running"},
            {"path", path},
            {"secrets", "hidden"}};
}

}  // namespace

std::vector<std::string> row_keys(const CliAsk& ask, const Table& table) {
    std::vector<std::string> keys;
    const auto answer = ask(request_for(table.path));
    for (const json& row : answer ? list_in(*answer, "configuration") : json::array()) {
        if (std::string key = plain_value(row, table.key.c_str()); !key.empty()) {
            keys.push_back(std::move(key));
        }
    }
    return keys;
}

std::optional<std::vector<ConfigRow>> config_rows(const CliCall& call, const std::string& path) {
    auto answer = call.answer_to(request_for(path));
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
