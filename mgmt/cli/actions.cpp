#include "mgmt/cli/actions.h"

#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

bool save(const CliCall& call) {
    call.print("Writing configuration...");
    const auto saved = call.ask({{"command", "configuration save"}});
    const bool done = saved && flag_in(*saved, "ok");
    call.print(done ? "done\n" : "failed\n");
    if (done) {
        return true;
    }
    return call.fail(saved ? text_in(*saved, "error") : saved.error().message);
}

bool write_factory(const CliCall& call) {
    if (!call.answer_to({{"command", "configuration factory"}})) {
        return false;
    }
    return call.print("The factory defaults are the running configuration; 'write' keeps them\n");
}

bool roll_back(const CliCall& call) {
    const std::string& text = call.arguments.front();
    unsigned version = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error != std::errc{} || stop != text.data() + text.size()) {
        return call.fail(
            "rollback: allowed: the number of a version; 'show configuration "
            "versions' has them");
    }
    if (!call.answer_to({{"command", "configuration rollback"}, {"version", version}})) {
        return false;
    }
    return call.print(
        fmt::format("Version {} is the running configuration; 'write' keeps it\n", version));
}

void add_targets(CliCommandTable& table, const char* command, const std::string& what) {
    const auto act = [command](std::string target) {
        return [command, target = std::move(target)](const CliCall& call) {
            return act_on_registrations(
                call, command,
                call.arguments.empty() ? target : target + " " + call.arguments.front());
        };
    };
    const std::string word = command;
    table.add({word, what, true, {}});
    table.add({word + " all", "everything that registers", true, act("all")});
    table.add({word + " device", "the gateway as a whole", true, act("device")});
    table.add({word + " trunk-group", "a trunk group with its endpoints", true, {}});
    table.add({word + " trunk-group <id>", "its number", true, act("trunk-group")});
    table.add({word + " account", "an account", true, {}});
    table.add({word + " account <name>", "its name", true, act("account")});
}

}  // namespace

void add_configuration_actions(CliCommandTable& table) {
    table.add({"write", "keep the running configuration over a restart", true, save});
    table.add({"write factory", "go back to the factory defaults", true, write_factory});
    table.add({"rollback", "go back to a version of the saved configuration", true, {}});
    table.add({"rollback <version>", "1 is the latest", true, roll_back});
    table.add({"reload", "start the appliance anew", true, {}});
}

bool act_on_registrations(const CliCall& call, const char* command, const std::string& target) {
    const auto answer = call.answer_to({{"command", command}, {"target", target}});
    if (!answer) {
        return false;
    }
    const int64_t count = number_in(*answer, "count");
    return call.print(
        fmt::format("{}: {} registration{}\n", command, count, count == 1 ? "" : "s"));
}

void add_registration_actions(CliCommandTable& table) {
    add_targets(table, "register", "register now");
    add_targets(table, "unregister", "un-register until it is registered again");
}

std::optional<bool> reload(const CliCall& call, const std::string& when) {
    const auto answer = call.answer_to({{"command", "reload"}, {"when", when}, {"graceful_s", 0}});
    if (!answer) {
        return std::nullopt;
    }
    const bool restarts = flag_in(*answer, "restarts");
    call.print(restarts ? "The appliance starts anew\n" : "No reload is needed\n");
    return restarts;
}

}  // namespace trunkline::mgmt
