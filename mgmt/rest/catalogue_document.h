// The parameter catalogue as JSON, for programs that make forms of it: what may be set, what it is
// called, and what may stand there.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/rest/route.h"

#include <nlohmann/json.hpp>

namespace trunkline::mgmt {

/// {"tables": [...]} in the order of configurations. What a row of the catalogue does not have is
/// left out.
nlohmann::json catalogue_document(const Catalogue& catalogue);

/// GET /api/v1/catalogue
Route catalogue_route(const Catalogue& catalogue);

}  // namespace trunkline::mgmt
