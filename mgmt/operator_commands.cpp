#include "mgmt/operator_commands.h"

#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <charconv>
#include <memory>
#include <string_view>
#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;
using sipstack::RegistrantSelector;

RegistrantSelector selector_of(const std::string& target) {
    RegistrantSelector selector;
    if (target == "all") {
        return selector;
    }
    if (target == "device") {
        selector.kind = RegistrantSelector::Kind::device;
        return selector;
    }
    for (const std::string_view words : {"trunk group ", "trunk-group "}) {
        if (!target.starts_with(words)) {
            continue;
        }
        const char* const begin = target.data() + words.size();
        const char* const end = target.data() + target.size();
        const auto [stop, error] = std::from_chars(begin, end, selector.trunk_group);
        if (error == std::errc() && stop == end) {
            selector.kind = RegistrantSelector::Kind::trunk_group;
            return selector;
        }
    }
    selector.kind = RegistrantSelector::Kind::name;
    constexpr std::string_view account = "account ";
    selector.name = target.starts_with(account) ? target.substr(account.size()) : target;
    return selector;
}

OperatorCommands::OperatorCommands(sipstack::ShardGroup& shards, Note note,
                                   std::function<bool()> is_locked)
    : shards_(shards), note_(std::move(note)), is_locked_(std::move(is_locked)) {}

void OperatorCommands::add_to(CommandTable& table) {
    constexpr AccessLevel needed = AccessLevel::administrator;
    table.add("enable", needed, [](const json&, const Caller&, const Reply& reply) {
        reply({{"ok", true}});
    });
    table.add("register", needed, [this](const json& request, const Caller& caller, Reply reply) {
        act(Action::register_now, request, caller, std::move(reply));
    });
    table.add("unregister", needed, [this](const json& request, const Caller& caller, Reply reply) {
        act(Action::unregister, request, caller, std::move(reply));
    });
}

void OperatorCommands::act(Action action, const json& request, const Caller& caller, Reply reply) {
    const std::string target = text_in(request, "target");
    if (target.empty()) {
        reply(
            refusal("no target; give 'all', 'device', 'trunk group N' or the name of a row of "
                    "'show registration'"));
        return;
    }
    if (action == Action::register_now && is_locked_()) {
        json refused = refusal(fmt::format(
            "'{}' does not register: the appliance is locked; unlock it first", target));
        refused["conflict"] = true;
        reply(refused);
        return;
    }
    const auto count = std::make_shared<std::atomic<std::size_t>>(0);
    shards_.ask(
        [action, count, whom = selector_of(target)](std::size_t, sipstack::Shard& shard,
                                                    sipstack::Instant now) {
            *count += action == Action::register_now ? shard.register_now(whom, now)
                                                     : shard.unregister(whom, now);
            return true;
        },
        [this, action, count, target, who = caller.who, reply = std::move(reply)] {
            if (*count == 0) {
                reply(
                    refusal(fmt::format("nothing registers as '{}'; 'show registration' has the "
                                        "names",
                                        target)));
            } else {
                note_(who,
                      fmt::format("{} {} ({} registration{})",
                                  action == Action::register_now ? "registers" : "un-registers",
                                  target, count->load(), *count == 1 ? "" : "s"));
                reply({{"ok", true}, {"count", count->load()}});
            }
        });
}

}  // namespace trunkline::mgmt
