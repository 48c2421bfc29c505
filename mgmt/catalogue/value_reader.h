// Reads one value of the configuration file against its row of the catalogue.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/catalogue/value.h"
#include "mgmt/configuration/fault.h"
#include "mgmt/configuration/fault_collector.h"
#include "mgmt/configuration/yaml_reader.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trunkline::mgmt {

/// The keys of the rows of the tables that references may point into.
class RowKeys {
public:
    /// Later rows with a known key change nothing.
    void add(const std::string& table, const std::string& key, std::size_t row);
    std::optional<std::size_t> find(const std::string& table, const std::string& key) const;
    const std::vector<std::string>& keys(const std::string& table) const;

private:
    struct Keys {
        std::vector<std::string> in_order;
        std::unordered_map<std::string, std::size_t> rows;
    };
    std::map<std::string, Keys> tables_;
};

/// The value of `parameter` that `node` holds; nothing after a fault was told. Secrets are fetched
/// from where they are; `folder` is where {file: ...} starts.
std::optional<Value> read_value(const Parameter& parameter, const ConfigNode& node,
                                const std::string& path, const RowKeys& rows,
                                const std::string& folder, FaultCollector& faults);

/// What kind of thing a node is, without its text: "a list", "nothing".
std::string kind_of(const ConfigNode& node);

}  // namespace trunkline::mgmt
