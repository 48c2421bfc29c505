// The OpenAPI 3.1 document of the REST interface, made of its routes.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/rest/route.h"

#include <nlohmann/json.hpp>

#include <span>

namespace trunkline::mgmt {

nlohmann::json openapi_document(std::span<const Route> routes, const Catalogue& catalogue);

/// GET /api/v1/openapi.json: the document of `routes` and of itself. The catalogue outlives it.
Route openapi_route(std::span<const Route> routes, const Catalogue& catalogue);

}  // namespace trunkline::mgmt
