// Puts the values of the catalogue's parameters into the configuration types of the floors below:
// one list a table, in binding_*.cpp.
#pragma once

#include "mgmt/catalogue/value.h"
#include "mgmt/configuration/appliance_config.h"

#include <string_view>
#include <vector>

namespace trunkline::mgmt {

struct FieldBinding {
    std::string_view parameter;
    /// Sets the field of the row that was opened last.
    void (*set)(ApplianceConfig& config, const Value& value) = nullptr;
};

struct TableBinding {
    std::string_view path;  ///< as in the catalogue
    /// Appends a row; the fields of it and of the tables inside it come next. Nothing for settings.
    void (*open)(ApplianceConfig& config);
    std::vector<FieldBinding> fields;
};

std::vector<TableBinding> board_bindings();
std::vector<TableBinding> network_bindings();
std::vector<TableBinding> core_entity_bindings();
std::vector<TableBinding> sip_definition_bindings();
std::vector<TableBinding> user_bindings();
/// All of them, and the tables of mgmt itself.
std::vector<TableBinding> all_bindings();

/// For tables of settings: there is one row, and it is there already.
inline void open_nothing(ApplianceConfig& /*config*/) {}
/// For a parameter with one value alone in this version: nothing is there to be set.
inline void set_nothing(ApplianceConfig& /*config*/, const Value& /*value*/) {}

}  // namespace trunkline::mgmt
