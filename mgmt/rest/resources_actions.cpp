// What the appliance is told to do: actions of the appliance family, and register and un-register.
#include "mgmt/access/password_edits.h"
#include "mgmt/json_fields.h"
#include "mgmt/rest/answers.h"
#include "mgmt/rest/resources.h"
#include "mgmt/rest/rest_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using Ask = decltype(RestSources::ask);

constexpr int64_t longest_session = 24 * 60;
constexpr int64_t default_session = 15;
constexpr int64_t longest_grace = 86'400;

Route action(const std::string& name, const std::string& operation, const std::string& help) {
    Route route{"POST", "/api/v1/actions/" + name, operation, help, AccessLevel::administrator};
    route.responses = {{200, "It is done, or begun.", "application/json", description_schema()}};
    return route;
}

Route save_route(const RestSources& sources) {
    Route route = action("saveConfiguration", "saveConfiguration",
                         "Makes the running configuration the one that the appliance starts with.");
    route.answer = [ask = sources.ask](const RestCall& call) {
        const auto body = json_body(call.request);
        if (!body) {
            return body.error();
        }
        if (*body != json::object()) {
            return description(400, "the body is empty or {}: there is nothing to choose");
        }
        const json saved = ask({{"command", "configuration save"}}, call.caller);
        return flag_in(saved, "ok") ? description(200, "The configuration has been saved")
                                    : refusal_response(saved);
    };
    return route;
}

bool is_grace(const json& value) {
    return value.is_number_integer() && value >= 0 && value <= longest_grace;
}

json grace_schema() {
    return {{"type", "integer"}, {"minimum", 0}, {"maximum", longest_grace}};
}

/// What a reset is asked to do; the error is the 400.
struct Reset {
    bool saves = false;
    int64_t grace = 0;
};

std::expected<Reset, HttpResponse> reset_of(const HttpRequest& request) {
    const auto body = json_body(request);
    if (!body) {
        return std::unexpected(body.error());
    }
    const json saves = body->is_object() ? body->value("saveConfiguration", json(false)) : json();
    const json grace = body->is_object() ? body->value("gracefulTimeout", json(0)) : json();
    if (!saves.is_boolean() || !is_grace(grace)) {
        return std::unexpected(description(
            400, fmt::format("'saveConfiguration' is true or false, 'gracefulTimeout' a number "
                             "from 0 to {}",
                             longest_grace)));
    }
    return Reset{saves, grace};
}

Route reset_route(const RestSources& sources) {
    Route route = action("reset", "reset",
                         "Starts the appliance anew. There are no calls in this version that a "
                         "gracefulTimeout would wait for.");
    route.takes = "application/json";
    route.takes_schema = object_schema(
        {{"saveConfiguration", type_schema("boolean")}, {"gracefulTimeout", grace_schema()}});
    route.answer = [ask = sources.ask](const RestCall& call) {
        const auto reset = reset_of(call.request);
        if (!reset) {
            return reset.error();
        }
        if (reset->saves) {
            const json saved = ask({{"command", "configuration save"}}, call.caller);
            if (!flag_in(saved, "ok")) {
                return refusal_response(saved);
            }
        }
        // 1 is "as long as it takes" to clients of this interface, and nothing takes any time.
        const json begun = ask({{"command", "reload"},
                                {"when", "without-saving"},
                                {"graceful_s", reset->grace == 1 ? 0 : reset->grace}},
                               call.caller);
        return flag_in(begun, "ok") ? description(200, "Device will reset now")
                                    : refusal_response(begun);
    };
    return route;
}

/// "lock" or "unlock", which the control thread knows by the same names.
HttpResponse set_state(const Ask& ask, const RestCall& call, const std::string& name) {
    const json done = ask({{"command", name}}, call.caller);
    return flag_in(done, "ok")
               ? description(200, fmt::format("The appliance is {}ed{}", name,
                                              flag_in(done, "changed") ? "" : " already"))
               : refusal_response(done);
}

Route lock_route(const Ask& ask) {
    Route route = action("lock", "lock",
                         "Locks the appliance until it is unlocked, or starts anew: un-registers "
                         "all, registers nothing, and answers OPTIONS with 503. There are no calls "
                         "in this version that a gracefulTimeout would wait for.");
    route.takes = "application/json";
    route.takes_schema = object_schema({{"gracefulTimeout", grace_schema()}});
    route.answer = [ask](const RestCall& call) {
        const auto body = json_body(call.request);
        if (!body) {
            return body.error();
        }
        if (!body->is_object() || !is_grace(body->value("gracefulTimeout", json(0)))) {
            return description(400, fmt::format("the body is empty, or an object whose "
                                                "'gracefulTimeout' is a number from 0 to {}",
                                                longest_grace));
        }
        return set_state(ask, call, "lock");
    };
    return route;
}

Route unlock_route(const Ask& ask) {
    Route route = action("unlock", "unlock", "Unlocks the appliance: all registers again.");
    route.answer = [ask](const RestCall& call) {
        const auto body = json_body(call.request);
        if (!body) {
            return body.error();
        }
        return *body == json::object()
                   ? set_state(ask, call, "unlock")
                   : description(400, "the body is empty or {}: there is nothing to choose");
    };
    return route;
}

Route unavailable_route(const std::string& name, int status, const std::string& why) {
    Route route = action(name, name, why);
    route.responses = {{status, "Why not.", "application/json", description_schema()}};
    route.answer = [status, why](const RestCall&) { return description(status, why); };
    return route;
}

std::optional<AccessLevel> level_of(const json& wanted, AccessLevel own) {
    constexpr std::array<std::pair<std::string_view, AccessLevel>, 6> words{
        {{"monitor", AccessLevel::monitor},
         {"user", AccessLevel::monitor},
         {"admin", AccessLevel::administrator},
         {"administrator", AccessLevel::administrator},
         {"secadmin", AccessLevel::security_administrator},
         {"master", AccessLevel::master}}};
    if (wanted.is_null()) {
        return own;
    }
    std::string text = wanted.is_string() ? wanted.get<std::string>() : wanted.dump();
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    for (const auto& [word, level] : words) {
        if (text == word || text == fmt::format("{}", static_cast<int>(level))) {
            return level;
        }
    }
    return std::nullopt;
}

Route token_route(const RestSources& sources) {
    Route route = action("authToken", "makeAuthToken",
                         "A token for 'Authorization: Bearer', good for sessionTimeout minutes. It "
                         "stands for the user who asks, with his level or a lower one.");
    route.level = AccessLevel::monitor;
    route.takes = "application/json";
    route.takes_schema = object_schema({{"username", type_schema("string")},
                                        {"privLevel", type_schema({"string", "integer"})},
                                        {"sessionTimeout", type_schema({"integer", "string"})}});
    route.responses = {{200, "The token.", "application/json",
                        object_schema({{"authToken", type_schema("string")},
                                       {"username", type_schema("string")},
                                       {"privLevel", type_schema("integer")},
                                       {"sessionTimeout", type_schema("integer")}},
                                      {"authToken", "username", "privLevel", "sessionTimeout"})}};
    route.answer = [&users = sources.users, clock = sources.clock](const RestCall& call) {
        const auto body = json_body(call.request);
        if (!body) {
            return body.error();
        }
        const json wanted = body->is_object() ? *body : json::object();
        const auto level = level_of(wanted.value("privLevel", json()), call.caller.level);
        const json timeout = wanted.value("sessionTimeout", json(default_session));
        int64_t minutes = 0;
        const std::string digits =
            timeout.is_string() ? timeout.get<std::string>() : timeout.dump();
        std::from_chars(digits.data(), digits.data() + digits.size(), minutes);
        if (!level || minutes < 1 || minutes > longest_session) {
            return description(400,
                               fmt::format("'privLevel' is monitor, admin, secadmin or master, "
                                           "'sessionTimeout' from 1 to {} minutes",
                                           longest_session));
        }
        if (*level > call.caller.level) {
            return description(403, "a token has no higher level than who asks for it");
        }
        const auto token =
            users.issue_token(call.user, *level, std::chrono::minutes(minutes), clock());
        if (!token) {
            return description(403, "there is no such user any more");
        }
        return json_response({{"authToken", *token},
                              {"username", call.user},
                              {"privLevel", static_cast<int>(*level)},
                              {"sessionTimeout", minutes}});
    };
    return route;
}

/// The number of the user's row; nullopt: the configuration has no such user.
std::optional<std::size_t> row_of(const json& reply, const std::string& user) {
    const json rows = list_in(reply, "configuration");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (text_in(rows[i], "user_name") == user) {
            return rows[i].value("row", i);
        }
    }
    return std::nullopt;
}

/// Whoever he is, it is his own: the change is made in his name, with the level that it needs.
HttpResponse change_password(const Ask& ask, const RestCall& call, const std::string& password) {
    const Caller own{call.caller.who, AccessLevel::master};
    const json users = ask({{"command", "configuration get"},
                            {"from", "running"},
                            {"path", local_users_table},
                            {"secrets", "hidden"}},
                           own);
    if (is_unavailable(users)) {
        return refusal_response(users);
    }
    const auto row = row_of(users, call.user);
    if (!row) {
        return description(409, "the configuration has no user '" + call.user +
                                    "': his password is not kept there");
    }
    json edits = {
        {{"table", local_users_table}, {"rows", {*row}}, {"set", {{"password", password}}}}};
    hash_passwords(edits);
    const json changed = ask({{"command", "configuration edit"},
                              {"edits", std::move(edits)},
                              {"based_on", number_in(users, "revision")}},
                             own);
    return flag_in(changed, "ok")
               ? description(200, "The password is changed; sessions of it are over")
               : refusal_response(changed);
}

Route password_route(const RestSources& sources) {
    Route route = action("changePassword", "changePassword",
                         "Changes the password of the user who asks. It acts at once and is not "
                         "saved; his sessions and tokens end.");
    route.level = AccessLevel::monitor;
    route.takes = "application/json";
    route.takes_schema = object_schema(
        {{"currentPassword", type_schema("string")}, {"newPassword", type_schema("string")}},
        {"currentPassword", "newPassword"});
    route.responses = {
        {200, "It is changed.", "application/json", description_schema()},
        {403, "The current one is another.", "application/json", description_schema()},
        {409, "The configuration does not have this user.", "application/json",
         description_schema()}};
    route.answer = [ask = sources.ask, &users = sources.users,
                    clock = sources.clock](const RestCall& call) {
        const auto body = json_body(call.request);
        if (!body) {
            return body.error();
        }
        const std::string password = text_in(*body, "newPassword");
        if (password.empty()) {
            return description(400, "'newPassword' is empty");
        }
        const SignIn proof = users.sign_in(call.user, text_in(*body, "currentPassword"),
                                           call.request.remote, clock());
        if (proof.outcome == SignIn::Outcome::wrong) {
            return description(403, "the current password is another one");
        }
        return proof.outcome == SignIn::Outcome::signed_in ? change_password(ask, call, password)
                                                           : sign_in_refusal(proof);
    };
    return route;
}

Route target_route(const Ask& ask, const std::string& name, const std::string& help) {
    Route route = action(name, name, help);
    route.takes = "application/json";
    route.takes_schema = object_schema({{"target", type_schema("string")}}, {"target"});
    route.responses = {{200, "How many registrations it meant.", "application/json",
                        object_schema({{"count", type_schema("integer")}}, {"count"})}};
    route.answer = [ask, name](const RestCall& call) {
        const auto body = json_body(call.request);
        if (!body) {
            return body.error();
        }
        const json reply =
            ask({{"command", name}, {"target", text_in(*body, "target")}}, call.caller);
        return flag_in(reply, "ok") ? json_response({{"count", number_in(reply, "count")}})
                                    : refusal_response(reply);
    };
    return route;
}

}  // namespace

std::vector<Route> action_routes(const RestSources& sources) {
    const std::string target =
        " 'target' is 'all', 'device', 'trunk group N' or the name of a registration.";
    return {save_route(sources),
            reset_route(sources),
            token_route(sources),
            password_route(sources),
            target_route(sources.ask, "register", "Registers now." + target),
            target_route(sources.ask, "unregister",
                         "Un-registers until told to register, or a restart." + target),
            lock_route(sources.ask),
            unlock_route(sources.ask),
            unavailable_route("switchOver", 409,
                              "There is no redundant unit: high availability is not operational")};
}

}  // namespace trunkline::mgmt
