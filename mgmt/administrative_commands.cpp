#include "mgmt/administrative_commands.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;

void AdministrativeCommands::add_to(CommandTable& table) {
    for (const auto& [name, state] :
         {std::pair("lock", State::locked), std::pair("unlock", State::unlocked)}) {
        table.add(name, AccessLevel::administrator,
                  [this, wanted = state](const json&, const Caller& caller, const Reply& reply) {
                      set(wanted, caller, reply);
                  });
    }
}

void AdministrativeCommands::set(State state, const Caller& caller, const Reply& reply) {
    if (state == state_) {
        reply({{"ok", true}, {"changed", false}});
        return;
    }
    state_ = state;
    world_.note(caller.who, is_locked() ? "locks the appliance" : "unlocks the appliance");
    world_.changed(state);
    world_.tell_shards(state, [reply] { reply({{"ok", true}, {"changed", true}}); });
}

}  // namespace trunkline::mgmt
