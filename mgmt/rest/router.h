// Finds the route of a request.
#pragma once

#include "mgmt/rest/route.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

/// Parts of a path: "/api/v1/status" -> "api", "v1", "status". A line at the end makes no
/// difference.
std::vector<std::string_view> path_parts(std::string_view path);

class Router {
public:
    struct Match {
        const Route* route = nullptr;  ///< nullptr: see `methods`
        std::map<std::string, std::string> in_path;
        std::vector<std::string> methods;  ///< that this path has; empty: there is no such path
    };

    /// A path with its parts as they stand goes before one with parts in braces.
    explicit Router(std::vector<Route> routes);

    std::span<const Route> routes() const { return routes_; }
    Match find(std::string_view method, std::string_view path) const;

private:
    std::vector<Route> routes_;
};

}  // namespace trunkline::mgmt
