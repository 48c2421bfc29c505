#include "mgmt/cli/row_actions.h"

#include "mgmt/cli/actions.h"
#include "mgmt/cli/config_rows.h"

#include <nlohmann/json.hpp>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

constexpr std::string_view accounts = "signaling_and_media.accounts";
constexpr std::string_view trunk_groups = "signaling_and_media.gateway.trunk_group_settings";
constexpr std::string_view register_word = "register-now";
constexpr std::string_view unregister_word = "unregister-now";

}  // namespace

std::vector<CliChoice> row_actions(const Configurator& mode) {
    const Table* const list = mode.list();
    if (list == nullptr || (list->path != accounts && list->path != trunk_groups)) {
        return {};
    }
    return {{std::string(register_word), "register what this row stands for", false},
            {std::string(unregister_word), "un-register it until it is registered again", false}};
}

bool is_row_action(std::string_view word) {
    return word == register_word || word == unregister_word;
}

bool act_on_row(const CliCall& call, const Configurator& mode, std::string_view action) {
    const auto answer = call.answer_to({{"command", "configuration get"},
                                        {"from", "running"},
                                        {"path", path_of(*mode.here(), call.catalogue)},
                                        {"secrets", "hidden"}});
    if (!answer) {
        return false;
    }
    const json& row = answer->at("configuration");
    const std::string target = mode.list()->path == accounts
                                   ? "account " + plain_value(row, "name")
                                   : "trunk-group " + plain_value(row, "trunk_group");
    return act_on_registrations(call, action == register_word ? "register" : "unregister", target);
}

}  // namespace trunkline::mgmt
