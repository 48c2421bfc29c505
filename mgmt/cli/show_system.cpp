// show system ...: what the appliance is and how it is.
#include "mgmt/cli/show.h"
#include "mgmt/json_fields.h"
#include "mgmt/text_table.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

std::optional<json> status(const CliCall& call) {
    return call.answer_to({{"command", "system status"}});
}

std::string or_unknown(const json& row, const char* key) {
    const std::string text = text_in(row, key);
    return text.empty() ? "not available" : text;
}

bool show_json(const CliCall& call, json answer) {
    answer.erase("ok");
    return call.print_json(answer);
}

/// Parsers want a blank behind some of the values.
bool show_version(const CliCall& call) {
    const auto answer = status(call);
    if (!answer) {
        return false;
    }
    if (call.as_json) {
        return show_json(call, *answer);
    }
    return call.print(fmt::format(
        "Version info:\n"
        "-------------\n"
        ";Board: {} \n"
        ";Board Type: {} \n"
        ";Serial Number: {} \n"
        ";Slot Number: 1 \n"
        ";Software Version: {} \n"
        ";ISO Version: {} \n"
        ";DSP Software Version: SOFTDSP => 0.00 \n"
        ";Board IP Address: {} \n"
        ";Board Subnet Mask: {} \n"
        ";Board Default Gateway: {} \n"
        ";Ram size: {}M   Flash size: 0M \n"
        ";Num of DSP Cores: 0   Num DSP Channels: 0 \n"
        ";Profile: NONE \n",
        or_unknown(*answer, "product"), or_unknown(*answer, "model"), or_unknown(*answer, "serial"),
        or_unknown(*answer, "version"), or_unknown(*answer, "version"),
        or_unknown(*answer, "address"), or_unknown(*answer, "mask"), or_unknown(*answer, "gateway"),
        number_in(*answer, "ram_bytes") / (1024 * 1024)));
}

bool show_uptime(const CliCall& call) {
    const auto answer = status(call);
    if (!answer) {
        return false;
    }
    const auto value = answer->find("uptime_s");
    const auto seconds = value != answer->end() && value->is_number()
                             ? static_cast<int64_t>(std::floor(value->get<double>()))
                             : int64_t{0};
    if (call.as_json) {
        return call.print_json({{"uptime_s", seconds}});
    }
    constexpr int64_t minute = 60, hour = 60 * minute, day = 24 * hour;
    return call.print(fmt::format("Uptime: {} days, {} hours, {} minutes, {} seconds\n",
                                  seconds / day, seconds % day / hour, seconds % hour / minute,
                                  seconds % minute));
}

/// "7" of a percentage that is known.
std::string percent(const json& row, const char* key) {
    const auto value = row.find(key);
    return value != row.end() && value->is_number() ? fmt::format("{:.0f}", value->get<double>())
                                                    : "0";
}

bool show_utilization(const CliCall& call) {
    const auto answer = status(call);
    if (!answer) {
        return false;
    }
    if (call.as_json) {
        return show_json(call, *answer);
    }
    return call.print(
        fmt::format("CPUs utilization:  Data 0%   Voice {}%\n"
                    "CPUs Used Memory:  Data 0%   Voice {}%\n",
                    percent(*answer, "cpu_percent"), percent(*answer, "memory_percent")));
}

/// What a person reads: "-" for what is not known, a percentage without its fourteenth digit.
std::string shown(const json& value) {
    if (value.is_null()) {
        return "-";
    }
    if (value.is_number_float()) {
        return fmt::format("{:.1f}", value.get<double>());
    }
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// "capacity_media_sessions: 100" of {"capacity": {"media_sessions": 100}}.
void print_fields(const CliCall& call, const std::string& head, const json& fields) {
    for (const auto& [key, value] : fields.items()) {
        if (value.is_object()) {
            print_fields(call, head + key + "_", value);
        } else if (key != "ok") {
            call.print(fmt::format("{}{}: {}\n", head, key, shown(value)));
        }
    }
}

bool show_status(const CliCall& call) {
    const auto answer = status(call);
    if (!answer) {
        return false;
    }
    if (call.as_json) {
        return show_json(call, *answer);
    }
    print_fields(call, "", *answer);
    return true;
}

/// "21.11.2026 , 19:30:00" of "2026-11-21T19:30:00Z".
std::string family_date(const std::string& date) {
    constexpr std::size_t shortest = 19;
    if (date.size() < shortest) {
        return date;
    }
    return fmt::format("{}.{}.{} , {}", date.substr(8, 2), date.substr(5, 2), date.substr(0, 4),
                       date.substr(11, 8));
}

/// A blank would end the column for a parser.
std::string one_word(std::string text) {
    std::ranges::replace(text, ' ', '_');
    return text;
}

bool show_alarms(const CliCall& call, const char* table) {
    constexpr std::size_t most = 1000;
    const auto answer = call.answer_to({{"command", table}, {"limit", most}});
    if (!answer) {
        return false;
    }
    const json alarms = list_in(*answer, "alarms");
    if (call.as_json) {
        return call.print_json(alarms);
    }
    call.print(
        " Seq.  Source                          Severity  Date                   "
        "Description\n");
    for (const json& alarm : alarms) {
        call.print(fmt::format(" {:<5} {:<31} {:<9} {:<22} {}\n", number_in(alarm, "id"),
                               one_word(text_in(alarm, "source")), text_in(alarm, "severity"),
                               family_date(text_in(alarm, "date")),
                               printable(text_in(alarm, "description"))));
    }
    return true;
}

bool show_active_alarms(const CliCall& call) {
    return show_alarms(call, "alarms active");
}

bool show_alarm_history(const CliCall& call) {
    return show_alarms(call, "alarms history");
}

}  // namespace

void add_system_shows(CliCommandTable& table) {
    table.add({"show system", "the appliance itself", false, {}});
    table.add({"show system version", "product, serial number, address", false, show_version});
    table.add({"show system uptime", "since its start", false, show_uptime});
    table.add({"show system utilization", "of processors and memory", false, show_utilization});
    table.add({"show system status", "all that is known of it", false, show_status});
    table.add({"show system alarms", "active alarms", false, show_active_alarms});
    table.add(
        {"show system alarms history", "what was raised and cleared", false, show_alarm_history});
}

}  // namespace trunkline::mgmt
