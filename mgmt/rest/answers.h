// The forms that answers of the REST interface have in common.
#pragma once

#include "mgmt/rest/http.h"
#include "mgmt/rest/route.h"

#include <nlohmann/json.hpp>

#include <expected>
#include <string>

namespace trunkline::mgmt {

HttpResponse json_response(const nlohmann::json& body, int status = 200);
/// {"description": `why`}
HttpResponse description(int status, const std::string& why);
/// Of a reply of the control thread that is not "ok": 403 where the caller's level is too low, 409
/// after a conflict, 503 with Retry-After where is_unavailable(), else 400 with the faults.
HttpResponse refusal_response(const nlohmann::json& reply);
/// 503 with Retry-After.
HttpResponse unavailable_response(const nlohmann::json& body);
/// Nobody answered in time, or the appliance stops (control_gate.h): it says nothing of what was
/// asked for.
bool is_unavailable(const nlohmann::json& reply);

/// The body as JSON; "" is an empty object. The error is a 400 that says where it is wrong.
std::expected<nlohmann::json, HttpResponse> json_body(const HttpRequest& request);
/// The file that an upload has: the part `file` of a form, or the body as it stands. The error is a
/// 400.
std::expected<std::string, HttpResponse> uploaded_file(const HttpRequest& request);

/// JSON Schemas that many routes share.
nlohmann::json object_schema(const nlohmann::json& properties,
                             const nlohmann::json& required = nlohmann::json::array());
nlohmann::json array_schema(const nlohmann::json& items);
nlohmann::json type_schema(const nlohmann::json& type);
nlohmann::json description_schema();
/// Of an upload as multipart/form-data.
nlohmann::json file_schema();

/// What clients of the appliance family ask for and this version has not: it answers with `status`
/// and the reason, which is its help, too.
Route missing_route(const std::string& method, const std::string& path, const std::string& name,
                    int status, const std::string& why);

}  // namespace trunkline::mgmt
