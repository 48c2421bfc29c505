// Configurations and users as files, and the certificate of the management port.
#include "mgmt/cli/script_run.h"
#include "mgmt/configuration_upload.h"
#include "mgmt/json_fields.h"
#include "mgmt/rest/answers.h"
#include "mgmt/rest/resources.h"
#include "mgmt/rest/table_edits.h"
#include "mgmt/rest/users_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using Ask = decltype(RestSources::ask);

const std::string form = "multipart/form-data";

/// ini or cliScript, and what requests call it.
struct FileKind {
    std::string name, title, format;
};

Route get_route(const Ask& ask, const FileKind& kind) {
    Route route{"GET", "/api/v1/files/" + kind.name, "get_" + kind.name,
                "The running configuration as " + kind.title +
                    ". Who is Security Administrator gets its secrets sealed: this box alone can "
                    "open them. To others they are hidden.",
                AccessLevel::administrator};
    route.responses = {{200, "The file.", "text/plain", type_schema("string")}};
    route.answer = [ask, kind](const RestCall& call) {
        const bool sealed = call.caller.level >= AccessLevel::security_administrator;
        const json reply = ask({{"command", "configuration text"},
                                {"format", kind.format},
                                {"from", "running"},
                                {"area", ""},
                                {"secrets", sealed ? "sealed" : "hidden"}},
                               call.caller);
        if (!flag_in(reply, "ok")) {
            return refusal_response(reply);
        }
        return HttpResponse{
            200,
            "text/plain; charset=utf-8",
            text_in(reply, "text"),
            {{"Content-Disposition", fmt::format("attachment; filename=\"{}.{}\"", kind.name,
                                                 kind.format == "ini" ? "ini" : "txt")}},
            {}};
    };
    return route;
}

Route upload_route(const std::string& path, const std::string& name, const std::string& help) {
    Route route{"PUT", path, name, help, AccessLevel::administrator};
    route.takes = form;
    route.takes_schema = file_schema();
    return route;
}

AskControl as_caller(const Ask& ask, const RestCall& call) {
    return [&ask, &call](const json& request) { return ask(request, call.caller); };
}

json loaded_schema() {
    return object_schema({{"description", type_schema("string")},
                          {"status", type_schema("string")},
                          {"notes", array_schema(type_schema("string"))},
                          {"output", type_schema("string")}},
                         {"description"});
}

/// A whole configuration: it replaces the running one, is saved, and what acts after a restart
/// alone makes one.
Route replace_route(const Ask& ask, const FileKind& kind) {
    Route route = upload_route("/api/v1/files/" + kind.name, "put_" + kind.name,
                               "Replaces the configuration by " + kind.title +
                                   ", saves it, and starts the appliance anew where something of "
                                   "it acts after a restart alone.");
    route.responses = {{200, "It acts and is saved.", "application/json", loaded_schema()}};
    route.answer = [ask, kind](const RestCall& call) {
        const auto text = uploaded_file(call.request);
        if (!text) {
            return text.error();
        }
        const auto loaded =
            replace_configuration({kind.format, *text, kind.name}, as_caller(ask, call));
        if (!loaded) {
            return refusal_response(loaded.error());
        }
        std::string done = fmt::format("The {} file was loaded and saved.", kind.name);
        done += loaded->restarts ? " Device will reset now" : "";
        return json_response(
            {{"description", done}, {"status", "success"}, {"notes", loaded->notes}});
    };
    return route;
}

Route merge_route(const Ask& ask, const FileKind& kind) {
    Route route = upload_route("/api/v1/files/" + kind.name + "/incremental",
                               "put_" + kind.name + "_incremental",
                               "Adds " + kind.title + " to the running configuration.");
    route.responses = {{200, "It acts; it is not saved.", "application/json", loaded_schema()}};
    route.answer = [ask, kind](const RestCall& call) {
        const auto text = uploaded_file(call.request);
        if (!text) {
            return text.error();
        }
        const auto loaded =
            merge_configuration({kind.format, *text, kind.name}, as_caller(ask, call));
        if (!loaded) {
            return refusal_response(loaded.error());
        }
        return json_response(
            {{"description", fmt::format("Incremental {} file was loaded.", kind.name)},
             {"status", "success"},
             {"notes", loaded->notes}});
    };
    return route;
}

Route script_route(const RestSources& sources) {
    Route route = upload_route("/api/v1/files/cliScript/incremental", "put_cliScript_incremental",
                               "Runs a script of the command line. What it configures is applied "
                               "together: a wrong line leaves nothing done in part.");
    route.responses = {{200, "All lines ran.", "application/json",
                        object_schema({{"description", type_schema("string")},
                                       {"status", type_schema("string")},
                                       {"output", type_schema("string")}},
                                      {"description", "status", "output"})}};
    route.answer = [ask = sources.ask, &catalogue = sources.catalogue](const RestCall& call) {
        const auto text = uploaded_file(call.request);
        if (!text) {
            return text.error();
        }
        bool nobody_answered = false;
        const ScriptResult result = run_script(*text, catalogue, [&](const json& request) {
            json reply = ask(request, call.caller);
            nobody_answered = is_unavailable(reply);
            return reply;
        });
        if (result.is_done) {
            return json_response({{"description", "Incremental CLI Script file was loaded."},
                                  {"status", "success"},
                                  {"output", result.output}});
        }
        const std::string where = result.line == 0 ? "" : fmt::format(" at line {}", result.line);
        json body{
            {"description", fmt::format("The CLI script failed{}; {}.", where, what_acts(result))},
            {"linesThatAct", result.acts},
            {"status", "failure"},
            {"output", result.output + text_in(result.refusal, "error")}};
        if (result.line != 0) {
            body["line"] = result.line;
        }
        if (const json faults = list_in(result.refusal, "faults"); !faults.empty()) {
            body["faults"] = faults;
        }
        return nobody_answered ? unavailable_response(body) : json_response(body, 400);
    };
    return route;
}

json whole_configuration(const char* secrets) {
    return {
        {"command", "configuration get"}, {"from", "running"}, {"path", ""}, {"secrets", secrets}};
}

Route get_users_route(const RestSources& sources) {
    Route route{
        "GET", "/api/v1/files/usersInfo", "get_usersInfo",
        "The users of the gateway and of the SBC as a user information file; their passwords "
        "are sealed: this box alone can open them.",
        AccessLevel::security_administrator};
    route.responses = {{200, "The file.", "text/plain", type_schema("string")}};
    route.answer = [ask = sources.ask, &catalogue = sources.catalogue](const RestCall& call) {
        const json reply = ask(whole_configuration("sealed"), call.caller);
        if (!flag_in(reply, "ok")) {
            return refusal_response(reply);
        }
        return HttpResponse{200,
                            "text/plain; charset=utf-8",
                            write_users_file(reply["configuration"], catalogue),
                            {{"Content-Disposition", "attachment; filename=\"usersInfo.txt\""}},
                            {}};
    };
    return route;
}

/// The faults of rows that came of a file, with its lines.
json with_lines(json reply, const std::vector<UsersSection>& sections) {
    for (json& fault : reply["faults"]) {
        const std::string path = text_in(fault, "path");
        for (const UsersSection& section : sections) {
            const std::string head = section.table->path + "[";
            std::size_t row = section.lines.size();
            if (path.starts_with(head)) {
                std::from_chars(path.data() + head.size(), path.data() + path.size(), row);
            }
            if (row < section.lines.size()) {
                fault["line"] = section.lines[row];
                fault["message"] =
                    fmt::format("usersInfo:{}: {}", section.lines[row], text_in(fault, "message"));
            }
        }
    }
    return reply;
}

/// Each section of the file replaces its table; tables that it has no section of stay.
HttpResponse put_users(const RestSources& sources, const RestCall& call) {
    const auto text = uploaded_file(call.request);
    if (!text) {
        return text.error();
    }
    const json now = sources.ask(whole_configuration("hidden"), call.caller);
    if (!flag_in(now, "ok")) {
        return refusal_response(now);
    }
    const auto rows_at = [&](std::string path) {
        std::ranges::replace(path, '.', '/');
        return now["configuration"].value(json::json_pointer("/" + path), json::array());
    };
    const auto sections =
        read_users_file(*text, rows_at("signaling_and_media.ip_groups"), sources.catalogue);
    if (!sections) {
        const auto& [line, message] = sections.error();
        return json_response(
            {{"description", fmt::format("usersInfo:{}: {}", line, message)}, {"line", line}}, 400);
    }
    json edits = json::array();
    std::size_t users = 0;
    for (const UsersSection& section : *sections) {
        const auto table = list_edits(sources.catalogue, *section.table, {}, section.rows,
                                      rows_at(section.table->path));
        if (!table) {
            return description(400, table.error().message);
        }
        edits.insert(edits.end(), table->begin(), table->end());
        users += section.rows.size();
    }
    const json reply = sources.ask({{"command", "configuration edit"},
                                    {"edits", std::move(edits)},
                                    {"based_on", number_in(now, "revision")}},
                                   call.caller);
    if (!flag_in(reply, "ok")) {
        return refusal_response(with_lines(reply, *sections));
    }
    return description(200, fmt::format("The usersInfo file was loaded: {} user{}.", users,
                                        users == 1 ? "" : "s"));
}

Route put_users_route(const RestSources& sources, const std::string& way) {
    Route route = upload_route("/api/v1/files/usersInfo" + way,
                               way.empty() ? "put_usersInfo" : "put_usersInfo_hitless",
                               "Replaces the users of the gateway, of the SBC or of both by those "
                               "of a user information file: "
                               "sections [ GW ] and [ SBC ] with a FORMAT line, or one of them as "
                               "comma-separated values whose "
                               "first line names the columns.");
    route.responses = {
        {200, "They act; they are not saved.", "application/json", description_schema()}};
    route.answer = [sources](const RestCall& call) { return put_users(sources, call); };
    return route;
}

json context_of(const CertificateFacts& facts) {
    return {{"id", 0},
            {"name", "default"},
            {"description", "The management port"},
            {"url", "/api/v1/files/tls/0"},
            {"subject", facts.subject},
            {"issuer", facts.issuer},
            {"notBefore", facts.not_before},
            {"notAfter", facts.not_after},
            {"fingerprint", facts.fingerprint},
            {"selfSigned", facts.is_self_signed},
            {"waitsForCertificate", facts.waits_for_certificate}};
}

json context_schema() {
    const json text = type_schema("string"), flag = type_schema("boolean");
    return object_schema({{"id", type_schema("integer")},
                          {"name", text},
                          {"description", text},
                          {"url", text},
                          {"subject", text},
                          {"issuer", text},
                          {"notBefore", text},
                          {"notAfter", text},
                          {"fingerprint", text},
                          {"selfSigned", flag},
                          {"waitsForCertificate", flag}},
                         {"id", "name", "url", "subject", "notAfter", "fingerprint"});
}

Route tls_list_route(const TlsIdentity& identity) {
    Route route{"GET", "/api/v1/files/tls", "getTlsContexts",
                "The TLS contexts whose certificates can be replaced here: 0, the management port. "
                "Those of SIP are files that the configuration names.",
                AccessLevel::monitor};
    route.responses = {{200, "The contexts.", "application/json",
                        object_schema({{"tls", array_schema(context_schema())}}, {"tls"})}};
    route.answer = [&identity](const RestCall&) {
        return json_response({{"tls", {context_of(identity.facts())}}});
    };
    return route;
}

Route tls_put_route(TlsIdentity& identity, const std::string& what,
                    board::Expected<void> (TlsIdentity::*set)(std::string_view),
                    const std::string& help) {
    Route route = upload_route("/api/v1/files/tls/{context}/" + what, "put_tls_" + what, help);
    route.level = AccessLevel::security_administrator;
    route.responses = {{200, "It was taken.", "application/json", description_schema()}};
    route.answer = [&identity, what, set](const RestCall& call) {
        const std::string& context = call.in_path.at("context");
        if (context != "0" && context != "default") {
            return description(404, "there is no TLS context '" + context +
                                        "' to be replaced here; 0 is the management port");
        }
        const auto text = uploaded_file(call.request);
        if (!text) {
            return text.error();
        }
        const auto done = (identity.*set)(*text);
        if (!done) {
            return description(400, done.error().message);
        }
        return description(200, identity.facts().waits_for_certificate && what == "privateKey"
                                    ? "The private key was loaded. It is used once its certificate "
                                      "is loaded, too."
                                    : "The " + what + " was loaded. New connections use it.");
    };
    return route;
}

}  // namespace

std::vector<Route> file_routes(const RestSources& sources) {
    const FileKind ini{"ini", "an ini file", "ini"};
    const FileKind script{"cliScript", "a script of the command line", "cli"};
    return {get_route(sources.ask, ini),
            replace_route(sources.ask, ini),
            merge_route(sources.ask, ini),
            get_route(sources.ask, script),
            replace_route(sources.ask, script),
            script_route(sources),
            get_users_route(sources),
            put_users_route(sources, ""),
            put_users_route(sources, "/hitless"),
            tls_list_route(sources.identity),
            tls_put_route(sources.identity, "privateKey", &TlsIdentity::set_private_key,
                          "The private key, PEM without a password. One that the certificate in "
                          "use does not belong to waits for its certificate."),
            tls_put_route(sources.identity, "certificate", &TlsIdentity::set_certificate,
                          "The certificate, PEM, with those that lead to its root behind it."),
            tls_put_route(sources.identity, "trustedRoot", &TlsIdentity::set_trusted_roots,
                          "Certificates that lead from the appliance's to its root.")};
}

}  // namespace trunkline::mgmt
