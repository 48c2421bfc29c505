#include "mgmt/alarms/registration_sources.h"

#include "mgmt/configuration/rows.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

using sipstack::RegistrantKind;

/// Gives `use` each row's name, which is a text of `list`, its number and the row.
template <typename Use>
void for_each_row(const ConfigNodePtr& list, Use use) {
    if (!list) {
        return;
    }
    const std::vector<std::size_t> numbers = row_numbers(*list);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (const ConfigNode* const name = list->items[i]->find("name")) {
            use(name->text, numbers[i], *list->items[i]);
        }
    }
}

/// "2" of "trunk group 2".
std::string_view last_word(std::string_view name) {
    return name.substr(name.rfind(' ') + 1);
}

std::string place_by_name(RegistrantKind kind, std::string_view name) {
    switch (kind) {
        case RegistrantKind::device:
            return "Device#0";
        case RegistrantKind::trunk_group:
            return fmt::format("TrunkGroup#{}", last_word(name));
        case RegistrantKind::endpoint:
            return fmt::format("Endpoint#{}", last_word(name));
        case RegistrantKind::user:
            return fmt::format("User#{}", last_word(name));
        case RegistrantKind::account:
            break;
    }
    return fmt::format("Account#{}", name);
}

}  // namespace

RegistrationSources::RegistrationSources(std::function<ConfigNodePtr()> running)
    : running_(std::move(running)) {}

void RegistrationSources::read() {
    const ConfigNodePtr root = running_();
    const auto list_at = [&root](const char* path) { return node_at(root, config_path(path)); };
    const ConfigNodePtr accounts = list_at("signaling_and_media.accounts");
    const ConfigNodePtr groups = list_at("signaling_and_media.ip_groups");
    if (accounts == accounts_ && groups == groups_) {
        return;
    }
    places_.clear();
    accounts_ = accounts;
    groups_ = groups;
    std::unordered_map<std::string_view, std::size_t> group_numbers;
    for_each_row(groups_, [&](std::string_view name, std::size_t number, const ConfigNode&) {
        group_numbers.emplace(name, number);
    });
    for_each_row(accounts_, [&](std::string_view name, std::size_t row, const ConfigNode& account) {
        const ConfigNode* const serving = account.find("serving_ip_group");
        const auto group =
            serving == nullptr ? group_numbers.end() : group_numbers.find(serving->text);
        places_.emplace(name, group == group_numbers.end()
                                  ? fmt::format("Account#{}", row)
                                  : fmt::format("IPGroup#{}/Account#{}", group->second, row));
    });
}

std::string RegistrationSources::of(RegistrantKind kind, std::string_view name) {
    if (kind == RegistrantKind::account) {
        read();
        if (const auto place = places_.find(name); place != places_.end()) {
            return "Board#1/" + place->second;
        }
    }
    return "Board#1/" + place_by_name(kind, name);
}

}  // namespace trunkline::mgmt
