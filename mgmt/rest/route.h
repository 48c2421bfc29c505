// A resource of the REST interface: one row says where it is, who may use it, what it takes and
// gives, and what answers. The server's way to a handler and the OpenAPI document are both made of
// these rows.
#pragma once

#include "mgmt/access/caller.h"
#include "mgmt/rest/http.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace trunkline::mgmt {

/// One request on its way to its answer.
struct RestCall {
    const HttpRequest& request;
    const Caller& caller;
    std::string user;  ///< that signed in
    /// "row" -> "7" of a path ".../{row}".
    std::map<std::string, std::string> in_path;
};

struct QueryParameter {
    std::string name, help;
    nlohmann::json schema;
};

/// What a response has: its type of content (empty: nothing) and the schema of its JSON.
struct RouteResponse {
    int status = 200;
    std::string help;
    std::string content_type = "application/json";
    nlohmann::json schema = nlohmann::json::object();
};

struct Route {
    std::string method;  ///< "GET"
    std::string path;    ///< "/api/v1/alarms/active/{id}"; a part in braces stands for any one part
    std::string name;    ///< operationId: "getActiveAlarm"
    std::string help;
    AccessLevel level = AccessLevel::monitor;
    std::vector<QueryParameter> query = {};
    std::string takes = {};  ///< type of content of the body; empty: none is needed
    nlohmann::json takes_schema = nlohmann::json::object();
    std::vector<RouteResponse> responses = {};  ///< beside the errors, which all have alike
    std::function<HttpResponse(const RestCall&)> answer = {};
};

}  // namespace trunkline::mgmt
