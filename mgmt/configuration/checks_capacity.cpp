#include "mgmt/configuration/checks_capacity.h"

#include "board/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>

namespace trunkline::mgmt {

namespace {

std::size_t registering(const sipstack::Config& config) {
    return config.sbc_users.size() + static_cast<std::size_t>(std::ranges::count_if(
                                         config.accounts, [](const sipstack::Account& account) {
                                             return account.register_mode !=
                                                    sipstack::AccountRegister::no;
                                         }));
}

}  // namespace

void check_capacity(const ApplianceConfig& config, CheckContext context) {
    const std::string accounts = "signaling_and_media.accounts";
    const std::string users = "signaling_and_media.sbc.user_information";
    const std::string license = "license.registered_users";
    const auto model = board::load_model(config.board.model);
    if (!model || !context.right({"appliance.model", accounts, users, license})) {
        return;
    }
    const std::size_t found = registering(config.sip);
    const unsigned allowed =
        std::max(model->capacity.registered_users, config.license.registered_users);
    if (found <= allowed) {
        return;
    }
    context.complain(context.given(accounts) ? accounts : users,
                     fmt::format("{} accounts and users that register", found),
                     fmt::format("{}, {}", allowed,
                                 allowed > model->capacity.registered_users
                                     ? "which " + license + " gives"
                                     : "which " + config.board.model + " takes"),
                     fmt::format("set {} to {} or more, choose a larger model, or take some out",
                                 license, found));
}

}  // namespace trunkline::mgmt
