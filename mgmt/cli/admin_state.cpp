#include "mgmt/cli/admin_state.h"

#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

constexpr int longest_grace = 86'400;

bool set_state(const CliCall& call, const char* command) {
    const auto answer = call.answer_to({{"command", command}});
    if (!answer) {
        return false;
    }
    return call.print(fmt::format("The appliance is {}ed{}\n", command,
                                  flag_in(*answer, "changed") ? "" : " already"));
}

bool lock(const CliCall& call) {
    return set_state(call, "lock");
}

bool unlock(const CliCall& call) {
    return set_state(call, "unlock");
}

/// However long calls may go on: there are none.
bool lock_within(const CliCall& call) {
    const std::string& text = call.arguments.front();
    int seconds = -1;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || stop != text.data() + text.size() || seconds < 0 ||
        seconds > longest_grace) {
        return call.fail(
            fmt::format("graceful: found '{}'; allowed: 0..{} seconds, or forever: how long calls "
                        "may go on",
                        text, longest_grace));
    }
    return lock(call);
}

bool show_state(const CliCall& call) {
    const auto answer = call.answer_to({{"command", "system status"}});
    if (!answer) {
        return false;
    }
    const char* const state = flag_in(*answer, "locked") ? "LOCKED" : "UNLOCKED";
    return call.as_json ? call.print_json({{"admin_state", state}})
                        : call.print(fmt::format("Current Admin State: {}\n", state));
}

}  // namespace

void add_admin_state(CliCommandTable& table) {
    table.add({"show admin", "administration of the appliance as a whole", false, {}});
    table.add({"show admin state", "whether it is locked", false, show_state});
    table.add({"admin", "administration of the appliance as a whole", true, {}});
    table.add({"admin state", "whether it serves", true, {}});
    table.add({"admin state lock", "un-register all, until it is unlocked", true, lock});
    table.add({"admin state lock no-graceful", "at once", true, lock});
    table.add({"admin state lock graceful", "when calls have ended", true, {}});
    table.add({"admin state lock graceful forever", "however long they take", true, lock});
    table.add({"admin state lock graceful <seconds>", "or this time is over", true, lock_within});
    table.add({"admin state unlock", "register again", true, unlock});
}

}  // namespace trunkline::mgmt
