#include "mgmt/rest/router.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace trunkline::mgmt {

namespace {

using InPath = std::map<std::string, std::string>;

bool is_open(std::string_view part) {
    return part.starts_with('{') && part.ends_with('}');
}

std::optional<InPath> match(std::string_view pattern, std::span<const std::string_view> parts) {
    const auto wanted = path_parts(pattern);
    if (wanted.size() != parts.size()) {
        return std::nullopt;
    }
    InPath in_path;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (is_open(wanted[i])) {
            in_path.emplace(wanted[i].substr(1, wanted[i].size() - 2), parts[i]);
        } else if (wanted[i] != parts[i]) {
            return std::nullopt;
        }
    }
    return in_path;
}

}  // namespace

std::vector<std::string_view> path_parts(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        if (end > 0) {
            parts.push_back(path.substr(0, end));
        }
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return parts;
}

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {
    std::ranges::stable_sort(
        routes_, {}, [](const Route& route) { return route.path.find('{') != route.path.npos; });
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
    const auto parts = path_parts(path);
    Match found;
    for (const Route& route : routes_) {
        auto in_path = match(route.path, parts);
        if (!in_path) {
            continue;
        }
        found.methods.push_back(route.method);
        if (found.route == nullptr && route.method == method) {
            found.route = &route;
            found.in_path = std::move(*in_path);
        }
    }
    return found;
}

}  // namespace trunkline::mgmt
