// Rows of the running configuration as JSON, for commands that show something beside them.
#pragma once

#include "mgmt/cli/command.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace trunkline::mgmt {

struct ConfigRow {
    std::size_t number = 0;
    nlohmann::json row;
};

/// The rows of a list, none where it is not configured; nullopt: it could not be had, as was told.
std::optional<std::vector<ConfigRow>> config_rows(const CliCall& call, const std::string& path);

/// The names of the rows of `table` that there are; none where they cannot be had.
std::vector<std::string> row_keys(const CliAsk& ask, const Table& table);

/// A value as text, whatever JSON has it as; empty: none.
std::string plain_value(const nlohmann::json& row, const char* key);

}  // namespace trunkline::mgmt
