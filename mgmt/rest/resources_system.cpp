// What the box is and how it is: status, license, and the lists of resources.
#include "mgmt/json_fields.h"
#include "mgmt/rest/answers.h"
#include "mgmt/rest/catalogue_document.h"
#include "mgmt/rest/openapi.h"
#include "mgmt/rest/resources.h"
#include "mgmt/rest/router.h"

#include <algorithm>
#include <ctime>
#include <map>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

/// "2026-01-02T03:04:05.000Z", as the appliance family writes it.
std::string time_stamp() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::string text(32, '\0');
    text.resize(std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.000Z", &parts));
    return text;
}

/// "00908f000001": as the family has it, without what stands between the bytes.
std::string bare(std::string mac) {
    std::erase(mac, ':');
    return mac;
}

json status_of(const json& system, const json& configuration) {
    return {{"localTimeStamp", time_stamp()},
            {"ipAddress", text_in(system, "address")},
            {"subnetMask", text_in(system, "mask")},
            {"defaultGateway", text_in(system, "gateway")},
            {"productType", text_in(system, "product")},
            {"versionID", text_in(system, "version")},
            {"protocolType", "SIP"},
            {"operationalState", flag_in(system, "locked") ? "LOCKED" : "UNLOCKED"},
            {"highAvailability", "Not Operational"},
            {"serialNumber", text_in(system, "serial")},
            {"macAddress", bare(text_in(system, "mac"))},
            {"osType", "8"},
            {"acceleratedNetworking", "Enabled"},
            {"systemUpTime", number_in(system, "uptime_s") * 100},
            {"saveNeeded", flag_in(configuration, "save_needed")},
            {"resetNeeded", flag_in(configuration, "reset_needed")},
            {"hostname", text_in(system, "hostname")},
            {"configurationRevision", number_in(configuration, "revision")}};
}

json status_schema() {
    const json text = type_schema("string"), number = type_schema("integer"),
               flag = type_schema("boolean");
    const json properties{{"localTimeStamp", text},
                          {"ipAddress", text},
                          {"subnetMask", text},
                          {"defaultGateway", text},
                          {"productType", text},
                          {"versionID", text},
                          {"protocolType", text},
                          {"operationalState", {{"enum", {"UNLOCKED", "LOCKED"}}}},
                          {"highAvailability", {{"enum", {"Operational", "Not Operational"}}}},
                          {"serialNumber", text},
                          {"macAddress", text},
                          {"osType", text},
                          {"acceleratedNetworking", text},
                          {"systemUpTime", number},
                          {"saveNeeded", flag},
                          {"resetNeeded", flag},
                          {"hostname", text},
                          {"configurationRevision", number}};
    json required = json::array();
    for (const auto& [name, unused] : properties.items()) {
        required.push_back(name);
    }
    return object_schema(properties, required);
}

Route status_route(const RestSources& sources) {
    Route route{"GET", "/api/v1/status", "getStatus", "What the appliance is and how it is."};
    route.responses = {{200, "The status; systemUpTime in hundredths of a second.",
                        "application/json", status_schema()}};
    route.answer = [ask = sources.ask](const RestCall& call) {
        const json system = ask({{"command", "system status"}}, call.caller);
        if (!flag_in(system, "ok")) {
            return refusal_response(system);
        }
        const json configuration = ask({{"command", "configuration status"}}, call.caller);
        return flag_in(configuration, "ok") ? json_response(status_of(system, configuration))
                                            : refusal_response(configuration);
    };
    return route;
}

Route license_route(const RestSources& sources) {
    const json text = type_schema("string");
    Route route{
        "GET", "/api/v1/license", "getLicense",
        "The license. There is no key: the configuration's 'license' says what the appliance "
        "may do beyond its hardware model."};
    route.responses = {
        {200, "Whose license it would be.", "application/json",
         object_schema({{"licenseVersion", text},
                        {"serialNumber", text},
                        {"macAddress", text},
                        {"key", text},
                        {"keyDescription", text}},
                       {"licenseVersion", "serialNumber", "macAddress", "key", "keyDescription"})}};
    route.answer = [ask = sources.ask](const RestCall& call) {
        const json system = ask({{"command", "system status"}}, call.caller);
        if (!flag_in(system, "ok")) {
            return refusal_response(system);
        }
        return json_response({{"licenseVersion", "0"},
                              {"serialNumber", text_in(system, "serial")},
                              {"macAddress", bare(text_in(system, "mac"))},
                              {"key", ""},
                              {"keyDescription",
                               "No key is needed: the configuration's 'license' raises what the "
                               "hardware model takes."}});
    };
    return route;
}

json index_schema() {
    const json text = type_schema("string");
    return object_schema(
        {{"items", array_schema(object_schema({{"id", text}, {"description", text}, {"url", text}},
                                              {"id", "description", "url"}))}},
        {"items"});
}

Route index_route(const std::string& path, const std::string& name, json items) {
    Route route{"GET", path, name, "What there is below this path."};
    route.responses = {{200, "A list of resources.", "application/json", index_schema()}};
    route.answer = [body = json{{"items", std::move(items)}}](const RestCall&) {
        return json_response(body);
    };
    return route;
}

}  // namespace

std::vector<Route> system_routes(const RestSources& sources) {
    return {status_route(sources), license_route(sources), catalogue_route(sources.catalogue)};
}

std::vector<Route> index_routes(std::span<const Route> routes) {
    json items = json::array();
    std::map<std::string, json> below;  // of each that answers no GET itself
    const auto has = [&](const std::string& path) {
        return std::ranges::any_of(routes, [&](const Route& route) {
            return route.method == "GET" && route.path == path;
        });
    };
    for (const Route& route : routes) {
        const auto parts = path_parts(route.path);
        if (parts.size() < 3) {
            continue;
        }
        const std::string id(parts[2]), url = "/api/v1/" + id;
        const auto [known, is_new] = below.try_emplace(id, json::array());
        if (is_new) {
            items.push_back({{"id", id},
                             {"description", has(url) ? route.help : "What is below it."},
                             {"url", url}});
        }
        json& inner = known->second;
        const bool is_listed =
            parts.size() != 4 || parts[3].starts_with('{') ||
            std::ranges::any_of(inner, [&](const json& item) { return item["id"] == parts[3]; });
        if (!is_listed) {
            inner.push_back(
                {{"id", std::string(parts[3])}, {"description", route.help}, {"url", route.path}});
        }
    }
    const json versions = {{{"id", "v1"}, {"description", "This interface."}, {"url", "/api/v1"}}};
    std::vector<Route> indices = {index_route("/api", "getVersions", versions),
                                  index_route("/api/v1", "getResources", std::move(items))};
    for (auto& [id, inner] : below) {
        if (const std::string url = "/api/v1/" + id; !has(url)) {
            indices.push_back(index_route(url, "list_" + id, std::move(inner)));
        }
    }
    return indices;
}

std::vector<Route> rest_routes(const RestSources& sources) {
    std::vector<Route> all;
    for (const auto family : {system_routes, alarm_routes, action_routes, file_routes, kpi_routes,
                              performance_routes, kept_file_routes, config_routes, signaling_routes,
                              capture_routes, log_routes, metric_routes}) {
        std::ranges::move(family(sources), std::back_inserter(all));
    }
    std::ranges::move(index_routes(all), std::back_inserter(all));
    all.push_back(openapi_route(all, sources.catalogue));
    return all;
}

}  // namespace trunkline::mgmt
