// Commands that do something: save, start anew, register, ping.
#pragma once

#include "mgmt/cli/command.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace trunkline::mgmt {

/// `write`, `write factory`, `rollback <version>`
void add_configuration_actions(CliCommandTable& table);

/// `register` and `unregister` with "all", "device", "trunk-group N", "account NAME"
void add_registration_actions(CliCommandTable& table);
/// `command` is "register" or "unregister"; `target` as the request has it.
bool act_on_registrations(const CliCall& call, const char* command, const std::string& target);

/// `debug log`, `debug sip LEVEL`: each says that this version has none, and what there is instead;
/// and the commands of capture.h.
void add_debug(CliCommandTable& table);

/// `ping HOST [repeat N]`
void add_ping(CliCommandTable& table);

inline constexpr std::array<std::pair<std::string_view, std::string_view>, 3> reload_words = {{
    {"now", "save and start anew"},
    {"without-saving", "start anew with what was saved last"},
    {"if-needed", "save and start anew where a changed parameter waits for it"},
}};
/// Whether the appliance starts anew, which ends the session; nullopt: it refused, as was told.
std::optional<bool> reload(const CliCall& call, const std::string& when);

}  // namespace trunkline::mgmt
