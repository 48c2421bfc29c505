// Configurations as files, and the certificate of the management port.
#include "mgmt/json_fields.h"
#include "mgmt/rest/answers.h"
#include "mgmt/rest/resources.h"
#include "mgmt/rest/script_run.h"

#include <fmt/format.h>

#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using Ask = decltype(RestSources::ask);

const std::string form = "multipart/form-data";

json file_schema() {
    return object_schema({{"file", {{"type", "string"}, {"format", "binary"}}}}, {"file"});
}

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

/// As a list of texts, for people.
json notes_of(const json& reply) {
    json notes = list_in(reply, "notes");
    return notes.empty() ? json::array() : notes;
}

json load(const Ask& ask, const RestCall& call, const FileKind& kind, const std::string& text,
          const std::string& mode) {
    return ask({{"command", "configuration load"},
                {"format", kind.format},
                {"text", text},
                {"mode", mode},
                {"origin", kind.name}},
               call.caller);
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
        const json loaded = load(ask, call, kind, *text, "replace");
        if (!flag_in(loaded, "ok")) {
            return refusal_response(loaded);
        }
        const json saved = ask({{"command", "configuration save"}}, call.caller);
        if (!flag_in(saved, "ok")) {
            return refusal_response(saved);
        }
        std::string done = fmt::format("The {} file was loaded and saved.", kind.name);
        if (flag_in(loaded, "reset_needed")) {
            const json reset =
                ask({{"command", "reload"}, {"when", "without-saving"}, {"graceful_s", 0}},
                    call.caller);
            if (!flag_in(reset, "ok")) {
                return refusal_response(reset);
            }
            done += " Device will reset now";
        }
        return json_response(
            {{"description", done}, {"status", "success"}, {"notes", notes_of(loaded)}});
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
        const json loaded = load(ask, call, kind, *text, "merge");
        if (!flag_in(loaded, "ok")) {
            return refusal_response(loaded);
        }
        return json_response(
            {{"description", fmt::format("Incremental {} file was loaded.", kind.name)},
             {"status", "success"},
             {"notes", notes_of(loaded)}});
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
        json body{{"description", fmt::format("The CLI script failed{}; nothing that was not "
                                              "applied before it was.",
                                              where)},
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

Route list_route() {
    const json text = type_schema("string");
    Route route{"GET", "/api/v1/files", "getFiles", "The files that there are.",
                AccessLevel::monitor};
    route.responses = {
        {200, "The files.", "application/json",
         object_schema({{"files", array_schema(object_schema(
                                      {{"id", text}, {"description", text}, {"url", text}},
                                      {"id", "description", "url"}))}},
                       {"files"})}};
    route.answer = [](const RestCall&) {
        const auto row = [](const std::string& id, const std::string& help) {
            return json{{"id", id}, {"description", help}, {"url", "/api/v1/files/" + id}};
        };
        return json_response(
            {{"files",
              {row("ini", "The configuration as an ini file"),
               row("cliScript", "The configuration as a script of the command line"),
               row("tls", "The certificate of the management port")}}});
    };
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
    return {list_route(),
            get_route(sources.ask, ini),
            replace_route(sources.ask, ini),
            merge_route(sources.ask, ini),
            get_route(sources.ask, script),
            replace_route(sources.ask, script),
            script_route(sources),
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
