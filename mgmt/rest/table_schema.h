// The JSON Schemas of the catalogue's tables, as the REST interface gives and takes them.
#pragma once

#include "mgmt/catalogue/catalogue.h"

#include <nlohmann/json.hpp>

namespace trunkline::mgmt {

/// A reference to the table's schema among table_schemas(): its settings, its list, or a row of it.
nlohmann::json resource_schema(const Table& table, bool is_row);

/// The same of what a PATCH of the settings or the row takes: nothing is required, null is a
/// default.
nlohmann::json patch_schema(const Table& table);

/// By their names, for the components of an OpenAPI document.
nlohmann::json table_schemas(const Catalogue& catalogue);

}  // namespace trunkline::mgmt
