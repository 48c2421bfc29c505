#include "mgmt/cli/actions.h"

#include "mgmt/cli/board_faults.h"
#include "mgmt/cli/capture.h"
#include "mgmt/cli/edit_request.h"
#include "mgmt/cli/show.h"
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

/// Makes a change of the whole configuration, and tells what it changes; as a preview that alone.
bool change_all(const CliCall& call, json request, bool is_preview, const std::string& done) {
    request["preview"] = is_preview;
    const auto answer = call.answer_to(request);
    if (!answer) {
        return false;
    }
    print_differences(call, *answer);
    return call.print(is_preview ? "Nothing was changed: this is what would be\n" : done);
}

bool write_factory(const CliCall& call, bool is_preview) {
    return change_all(call, {{"command", "configuration factory"}}, is_preview,
                      "The factory defaults are the running configuration; 'write' keeps them\n");
}

bool roll_back(const CliCall& call, bool is_preview) {
    const std::string& text = call.arguments.front();
    unsigned version = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error != std::errc{} || stop != text.data() + text.size()) {
        return call.fail(
            "rollback: allowed: the number of a version; 'show configuration "
            "versions' has them");
    }
    return change_all(
        call, {{"command", "configuration rollback"}, {"version", version}}, is_preview,
        fmt::format("Version {} is the running configuration; 'write' keeps it\n", version));
}

/// The family's levels go to 7; "debug sip" is a short form of the parameter of syslog.
bool set_sip_level(const CliCall& call) {
    const std::string text = call.arguments.empty() ? "0" : call.arguments.front();
    if (text.size() != 1 || text < "0" || text > "7") {
        return call.fail(fmt::format(
            "debug sip: found '{}'; allowed: 0 (none) to 7: SIP messages go to the syslog server",
            text));
    }
    ConfigEdit edit{.table = "troubleshoot.syslog", .rows = {}, .set = {}, .left_out = {}};
    const char* const level = text == "0" ? "no_debug" : text < "5" ? "basic" : "detailed";
    edit.set.push_back({"voip_debug_level", 0, 0, scalar_node(level)});
    return apply_edits(call, std::span(&edit, 1));
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
    const auto whole = [&](const std::string& words, const char* help, auto change) {
        table.add(
            {words, help, true, [change](const CliCall& call) { return change(call, false); }});
        table.add({words + " preview", "tell what it would change", true,
                   [change](const CliCall& call) { return change(call, true); }});
    };
    whole("write factory", "go back to the factory defaults", write_factory);
    table.add({"rollback", "go back to a version of the saved configuration", true, {}});
    whole("rollback <version>", "1 is the latest", roll_back);
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

void add_debug(CliCommandTable& table) {
    const auto none = [](const char* what, const char* instead) {
        return [what, instead](const CliCall& call) {
            return call.fail(fmt::format("{} is not available yet; {}", what, instead));
        };
    };
    table.add({"debug", "look for a fault", true, {}});
    table.add({"debug log", "the log as it grows", true,
               none("debug log", "the log goes to the appliance's standard error")});
    add_capture(table);
    add_board_faults(table);
    table.add({"debug sip", "SIP messages to the syslog server", true, {}});
    table.add({"debug sip <level>", "0: none", true, set_sip_level});
    table.add({"no debug", "look for it no longer", true, {}});
    table.add({"no debug sip", "no SIP messages to the syslog server", true, set_sip_level});
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
