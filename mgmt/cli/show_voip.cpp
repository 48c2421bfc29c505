// show voip ...: registrations, proxy sets and calls.
#include "mgmt/cli/config_rows.h"
#include "mgmt/cli/show.h"
#include "mgmt/json_fields.h"
#include "mgmt/text_table.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

constexpr std::size_t widest = 10'000;  ///< nothing is cut: parsers read these tables
constexpr const char* no_calls = "The appliance handles no calls yet: nothing is counted.\n";

std::string_view registered_word(bool registered) {
    return registered ? "REGISTERED" : "NOT REGISTERED";
}

std::optional<json> registrations(const CliCall& call) {
    const auto answer = call.answer_to({{"command", "show registration"}});
    return answer ? std::optional(list_in(*answer, "registrations")) : std::nullopt;
}

json of_kind(const json& rows, std::string_view kind) {
    json found = json::array();
    for (const json& row : rows) {
        if (text_in(row, "kind") == kind) {
            found.push_back(row);
        }
    }
    return found;
}

bool show_accounts(const CliCall& call) {
    const auto rows = registrations(call);
    const auto accounts = rows ? config_rows(call, "signaling_and_media.accounts") : std::nullopt;
    if (!accounts) {
        return false;
    }
    std::map<std::string, json> known;
    for (const json& row : of_kind(*rows, "account")) {
        known[text_in(row, "name")] = row;
    }
    const std::string application = call.arguments.empty() ? "" : call.arguments.front();
    json shown = json::array();
    std::vector<std::vector<Cell>> cells;
    for (const ConfigRow& account : *accounts) {
        const std::string type = text_in(account.row, "application_type");
        if (!application.empty() && (type.empty() ? "sbc" : type) != application) {
            continue;
        }
        const std::string name = text_in(account.row, "name");
        const json& status = known[name];
        const bool registered = flag_in(status, "registered");
        const std::string trunk_group = plain_value(account.row, "served_trunk_group");
        const std::string group =
            trunk_group.empty() ? plain_value(account.row, "served_ip_group") : trunk_group;
        shown.push_back({{"index", account.number},
                         {"name", name},
                         {"group_type", trunk_group.empty() ? "IP Group" : "Trunk Group"},
                         {"group_name", group},
                         {"registered", registered},
                         {"state", text_in(status, "state")}});
        cells.push_back({{fmt::format("{}", account.number), {}},
                         {trunk_group.empty() ? "IP Group" : "Trunk Group", {}},
                         {group.empty() ? "-" : group, {}},
                         {name, {}},
                         {registered ? "Registered" : "Unregistered", {}}});
    }
    if (call.as_json) {
        return call.print_json(shown);
    }
    return call.print(
        text_table({{"Index", true}, {"Group Type"}, {"Group Name"}, {"Account Name"}, {"Status"}},
                   cells, widest, false));
}

bool show_board(const CliCall& call) {
    const auto rows = registrations(call);
    if (!rows) {
        return false;
    }
    const json devices = of_kind(*rows, "device");
    const bool registered = !devices.empty() && flag_in(devices.front(), "registered");
    if (call.as_json) {
        return call.print_json({{"registered_per_gateway", registered}});
    }
    return call.print(fmt::format("Registered Per Gateway: {}\n", registered ? "YES" : "NO"));
}

bool show_ports(const CliCall& call) {
    const auto rows = registrations(call);
    if (!rows) {
        return false;
    }
    const json endpoints = of_kind(*rows, "endpoint");
    if (call.as_json) {
        return call.print_json(endpoints);
    }
    std::vector<std::vector<Cell>> cells;
    for (const json& row : endpoints) {
        cells.push_back({{text_in(row, "name"), {}},
                         {text_in(row, "aor"), {}},
                         {std::string(registered_word(flag_in(row, "registered"))), {}}});
    }
    return call.print(
        text_table({{"Endpoint"}, {"Address of Record"}, {"Status"}}, cells, widest, false));
}

/// Users that register with the appliance; it is no registrar yet, so there are none.
bool show_users(const CliCall& call) {
    if (call.as_json) {
        return call.print_json(json::array());
    }
    return call.print(
        "Address of Record            Contact\n"
        "Total Registered Users: 0\n"
        "The appliance takes no registrations of users yet.\n");
}

bool show_user(const CliCall& call) {
    return call.fail(
        fmt::format("{} is not registered: the appliance takes no registrations of "
                    "users yet",
                    call.arguments.front()));
}

std::string mode_of(const json& set) {
    if (text_in(set, "load_balancing") != "disable") {
        return "Load Balancing";
    }
    return text_in(set, "redundancy_mode") == "homing" ? "Homing" : "Parking";
}

std::string status_of(const json& set) {
    if (list_in(set, "servers").empty()) {
        return "NOT RESOLVED";
    }
    return flag_in(set, "online") ? "ONLINE" : "OFFLINE";
}

/// Parsers take a name for one word: a blank within would move all columns behind it.
std::string one_word(const std::string& name) {
    std::string word = printable(name);
    std::ranges::replace(word, ' ', '_');
    return word;
}

/// A line for the set and one for each of its addresses, with blanks before both.
bool show_proxy_sets(const CliCall& call) {
    const auto answer = call.answer_to({{"command", "show proxy-sets"}});
    const auto configured =
        answer ? config_rows(call, "signaling_and_media.proxy_sets") : std::nullopt;
    if (!configured) {
        return false;
    }
    json sets = list_in(*answer, "proxy_sets");
    std::map<std::string, std::size_t> numbers;
    for (const ConfigRow& row : *configured) {
        numbers[text_in(row.row, "name")] = row.number;
    }
    for (json& set : sets) {
        set["id"] = numbers[text_in(set, "name")];
    }
    if (call.as_json) {
        return call.print_json(sets);
    }
    constexpr std::string_view set_line = " {:<5} {:<20} {:<15} {:<11} {}\n";
    constexpr std::string_view address_line = "       {:<39} {:>8} {:>7} {:>14} {:>14}  {}\n";
    call.print("Proxy Sets status\n");
    call.print(fmt::format(set_line, "ID", "NAME", "MODE", "KEEP ALIVE", "STATUS"));
    call.print(fmt::format(address_line, "ADDRESS", "PRIORITY", "WEIGHT", "SUCCESS COUNT",
                           "FAILURE COUNT", "STATUS"));
    for (const json& set : sets) {
        call.print(fmt::format(
            set_line, number_in(set, "id"), one_word(text_in(set, "name")), mode_of(set),
            text_in(set, "keep_alive") == "disable" ? "Disabled" : "Enabled", status_of(set)));
        for (const json& server : list_in(set, "servers")) {
            call.print(fmt::format(address_line, text_in(server, "address"),
                                   number_in(server, "priority"), number_in(server, "weight"),
                                   number_in(server, "successes"), number_in(server, "failures"),
                                   std::string(flag_in(server, "online") ? "ONLINE" : "OFFLINE") +
                                       (flag_in(server, "active") ? " (*)" : "")));
        }
    }
    return true;
}

bool show_active_calls(const CliCall& call) {
    if (call.as_json) {
        return call.print_json({{"total", 0}, {"calls", json::array()}});
    }
    return call.print(fmt::format(
        "Total Active Calls: 0\n"
        "|Call Start Time|Endpoint|Caller|Callee|Direction|Remote IP|Duration|State|Session ID\n{}",
        no_calls));
}

bool show_call_history(const CliCall& call) {
    if (call.as_json) {
        return call.print_json(json::array());
    }
    return call.print(fmt::format(
        "|Call End Time|Type|IP Group|Caller|Callee|Direction|Remote IP|Duration|Termination "
        "Reason|Session ID\n{}",
        no_calls));
}

bool show_call_statistics(const CliCall& call) {
    constexpr std::array<std::string_view, 7> counts = {
        "Call attempts",
        "Established calls",
        "Calls terminated due to busy line",
        "Calls terminated due to no answer",
        "Calls terminated due to resource allocation failure",
        "Calls terminated due to media negotiation failure",
        "Calls abnormally terminated"};
    if (call.as_json) {
        json all = json::object();
        for (const std::string_view count : counts) {
            all[std::string(count)] = 0;
        }
        return call.print_json(all);
    }
    for (const std::string_view count : counts) {
        call.print(fmt::format("{}: 0\n", count));
    }
    return call.print(no_calls);
}

}  // namespace

void add_voip_shows(CliCommandTable& table) {
    table.add({"show", "what the appliance has and does", false, {}});
    table.add({"show voip", "signaling and media", false, {}});
    table.add({"show voip register", "registrations", false, {}});
    table.add({"show voip register account", "accounts", false, show_accounts});
    table.add({"show voip register account gw|sbc", "of one application", false, show_accounts});
    table.add({"show voip register board", "the gateway as a whole", false, show_board});
    table.add({"show voip register ports", "endpoints", false, show_ports});
    table.add({"show voip register db", "users that register here", false, {}});
    table.add({"show voip register db sbc", "users of the SBC", false, {}});
    table.add({"show voip register db sbc list", "all of them", false, show_users});
    table.add({"show voip register db sbc user", "one of them", false, {}});
    table.add({"show voip register db sbc user <aor>", "its address", false, show_user});
    table.add({"show voip proxy", "proxies", false, {}});
    table.add({"show voip proxy sets", "proxy sets", false, {}});
    table.add(
        {"show voip proxy sets status", "their servers and how they are", false, show_proxy_sets});
    table.add({"show voip calls", "calls", false, {}});
    table.add({"show voip calls active", "calls that stand", false, show_active_calls});
    table.add({"show voip calls active gw|sbc", "of one application", false, show_active_calls});
    table.add({"show voip calls history", "calls that ended", false, {}});
    table.add({"show voip calls history gw|sbc", "of one application", false, show_call_history});
    table.add({"show voip calls history gw|sbc first", "the latest", false, {}});
    table.add(
        {"show voip calls history gw|sbc first <count>", "so many", false, show_call_history});
    table.add({"show voip calls statistics", "counts", false, {}});
    table.add(
        {"show voip calls statistics gw|sbc", "of one application", false, show_call_statistics});
}

}  // namespace trunkline::mgmt
