// The list of the files that there are, the debug file, and the auxiliary files, which are kept for
// those who bring and fetch them.
#include "mgmt/rest/answers.h"
#include "mgmt/rest/resources.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

const std::string files = "/api/v1/files";

Route list_route(const AuxiliaryFiles& kept) {
    const json text = type_schema("string");
    Route route{"GET", files, "getFiles", "The files that there are.", AccessLevel::monitor};
    route.responses = {
        {200, "The files.", "application/json",
         object_schema({{"files", array_schema(object_schema(
                                      {{"id", text}, {"description", text}, {"url", text}},
                                      {"id", "description", "url"}))}},
                       {"files"})}};
    route.answer = [&kept](const RestCall&) {
        json rows = json::array();
        const auto add = [&rows](std::string_view id, std::string_view help) {
            rows.push_back(
                {{"id", id}, {"description", help}, {"url", fmt::format("{}/{}", files, id)}});
        };
        add("ini", "The configuration as an ini file");
        add("cliScript", "The configuration as a script of the command line");
        add("usersInfo", "The users of the gateway and of the SBC");
        add("tls", "The certificate of the management port");
        add("debugFile", "An archive for whoever looks for a fault");
        for (const AuxiliaryFileKind& kind : auxiliary_file_kinds) {
            if (kept.has(kind.name)) {
                add(kind.name, fmt::format("{}: kept, and not used by this version", kind.title));
            }
        }
        return json_response({{"files", std::move(rows)}});
    };
    return route;
}

Route make_debug_file_route(DebugFile& debug_file) {
    Route route{"POST", files + "/create/debugFile", "createDebugFile",
                "Makes the debug file: status, configuration without secrets, the end of the log, "
                "alarms, registrations that failed, servers, counters. There is no core dump in "
                "it, whatever attachCoreDump says.",
                AccessLevel::administrator};
    route.takes = "application/json";
    route.takes_schema = object_schema({{"attachCoreDump", type_schema("boolean")}});
    route.responses = {
        {200, "It can be fetched.", "application/json",
         object_schema(
             {{"transactionId", type_schema("integer")}, {"description", type_schema("string")}},
             {"transactionId"})},
        {409, "Another one is being made.", "application/json", description_schema()}};
    route.answer = [&debug_file](const RestCall& call) {
        const auto body = json_body(call.request);
        if (!body) {
            return body.error();
        }
        const json core = body->is_object() ? body->value("attachCoreDump", json(false)) : json();
        if (!core.is_boolean()) {
            return description(400, "'attachCoreDump' is true or false");
        }
        const DebugFile::Made made = debug_file.make(call.caller, core.get<bool>());
        if (made.is_another_under_way) {
            return description(409, "one is being made for " + made.whose + "; fetch that one");
        }
        return json_response({{"transactionId", made.transaction},
                              {"description", "The debug file is made: GET files/debugFile"}});
    };
    return route;
}

Route get_debug_file_route(const DebugFile& debug_file) {
    Route route{"GET", files + "/debugFile", "getDebugFile",
                "The debug file that was made last, a tar.gz.", AccessLevel::administrator};
    route.responses = {{200, "The archive.", "application/gzip", type_schema("string")},
                       {404, "None was made.", "application/json", description_schema()}};
    route.answer = [&debug_file](const RestCall&) {
        const auto archive = debug_file.last();
        if (!archive) {
            return description(404, "there is none yet; POST files/create/debugFile makes one");
        }
        return HttpResponse{200,
                            "application/gzip",
                            *archive,
                            {{"Content-Disposition", "attachment; filename=\"debug.tar.gz\""}},
                            {}};
    };
    return route;
}

HttpResponse no_such_file(const AuxiliaryFileKind& kind) {
    return description(404, fmt::format("there is no {} file", kind.name));
}

Route put_route(const AuxiliaryFiles& kept, const AuxiliaryFileKind& kind, const std::string& way) {
    Route route{"PUT", fmt::format("{}/{}{}", files, kind.name, way),
                fmt::format("put_{}{}", kind.name, way.empty() ? "" : "_hitless"),
                fmt::format("{}. It is kept; nothing in this version uses it.", kind.title),
                AccessLevel::administrator};
    route.takes = "multipart/form-data";
    route.takes_schema = file_schema();
    route.responses = {{200, "It is kept.", "application/json", description_schema()},
                       {500, "The disk took it not.", "application/json", description_schema()}};
    route.answer = [&kept, kind](const RestCall& call) {
        const auto content = uploaded_file(call.request);
        if (!content) {
            return content.error();
        }
        if (const auto put = kept.put(kind.name, *content); !put) {
            return description(500, put.error().message);
        }
        return description(200, fmt::format("The {} file was loaded. It is kept; nothing in this "
                                            "version uses it.",
                                            kind.name));
    };
    return route;
}

Route get_route(const AuxiliaryFiles& kept, const AuxiliaryFileKind& kind) {
    Route route{"GET", fmt::format("{}/{}", files, kind.name), fmt::format("get_{}", kind.name),
                fmt::format("{}, as it was put.", kind.title), AccessLevel::administrator};
    route.responses = {{200, "The file.", "application/octet-stream", type_schema("string")},
                       {404, "There is none.", "application/json", description_schema()}};
    route.answer = [&kept, kind](const RestCall&) {
        auto content = kept.get(kind.name);
        return content ? HttpResponse{200, "application/octet-stream", *std::move(content), {}, {}}
                       : no_such_file(kind);
    };
    return route;
}

Route delete_route(const AuxiliaryFiles& kept, const AuxiliaryFileKind& kind) {
    Route route{"DELETE", fmt::format("{}/{}", files, kind.name),
                fmt::format("delete_{}", kind.name), fmt::format("{}: away with it.", kind.title),
                AccessLevel::administrator};
    route.responses = {{200, "It is gone.", "application/json", description_schema()},
                       {404, "There is none.", "application/json", description_schema()}};
    route.answer = [&kept, kind](const RestCall&) {
        return kept.remove(kind.name)
                   ? description(200, fmt::format("The {} file was deleted.", kind.name))
                   : no_such_file(kind);
    };
    return route;
}

}  // namespace

std::vector<Route> kept_file_routes(const RestSources& sources) {
    const AuxiliaryFiles& kept = sources.auxiliary_files;
    std::vector<Route> routes{list_route(kept), make_debug_file_route(sources.debug_file),
                              get_debug_file_route(sources.debug_file)};
    for (const AuxiliaryFileKind& kind : auxiliary_file_kinds) {
        routes.push_back(get_route(kept, kind));
        routes.push_back(put_route(kept, kind, ""));
        routes.push_back(put_route(kept, kind, "/hitless"));
        routes.push_back(delete_route(kept, kind));
    }
    const std::string software =
        "There are no upgrades over REST in this version: install the new one beside its "
        "configuration";
    const std::string package =
        "There are no configuration packages in this version: files/ini has the whole "
        "configuration, and auxiliary files come one by one";
    for (const auto& [method, path, why] :
         {std::tuple("PUT", "software", software), std::tuple("PUT", "software/hitless", software),
          std::tuple("GET", "configurationPackage", package),
          std::tuple("PUT", "configurationPackage", package),
          std::tuple("GET", "configurationPackage.tar.gz", package),
          std::tuple("PUT", "configurationPackage.tar.gz", package)}) {
        std::string name = std::string(method == std::string("GET") ? "get_" : "put_") + path;
        std::ranges::replace_if(
            name, [](char c) { return c == '/' || c == '.'; }, '_');
        routes.push_back(missing_route(method, files + "/" + path, name, 501, why));
    }
    return routes;
}

}  // namespace trunkline::mgmt
