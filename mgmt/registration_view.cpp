#include "mgmt/registration_view.h"

#include "mgmt/json_fields.h"
#include "mgmt/text_table.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <optional>
#include <vector>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

json seconds_of(const std::optional<sipstack::Milliseconds>& time) {
    if (!time) {
        return nullptr;
    }
    return std::round(static_cast<double>(time->count()) / 100.0) / 10.0;
}

std::string last_answer(const json& row) {
    const int64_t status = number_in(row, "last_status");
    const std::string reason = text_in(row, "reason");
    if (status == 0) {
        return reason.empty() ? "-" : reason;
    }
    return fmt::format("{} {}", status, reason);
}

std::string_view colour_of(const json& row) {
    if (text_in(row, "state") == "FAILED") {
        return red;
    }
    return flag_in(row, "registered") ? green : yellow;
}

std::string or_dash(std::string text) {
    return text.empty() ? "-" : text;
}

}  // namespace

json to_json(const sipstack::RegistrationStatus& row) {
    json result{
        {"kind", to_string(row.kind)},
        {"name", row.name},
        {"aor", row.aor},
        {"state", to_string(row.state)},
        {"registered", row.registered},
        {"last_status", row.last_status},
        {"reason", row.reason},
        {"answered_by", row.answered_by},
        {"transport", to_string(row.transport)},
        {"requested_expires", row.requested_expires.count()},
        {"granted_expires", nullptr},
        {"expires_in", seconds_of(row.expires_in)},
        {"next_attempt_in", seconds_of(row.next_attempt_in)},
        {"consecutive_failures", row.consecutive_failures},
        {"attempts", row.attempts},
        {"realm", row.realm},
        {"algorithm", row.algorithm},
        {"call_id", row.call_id},
        {"cseq", row.cseq},
        {"shard", row.shard},
        {"service_route", row.service_route},
        {"associated_uri", row.associated_uri},
        {"subscription", row.subscription},
    };
    if (row.granted_expires) {
        result["granted_expires"] = row.granted_expires->count();
    }
    return result;
}

std::string registration_table(const json& rows, bool colour) {
    const std::vector<Column> columns{
        {"NAME", false, 12},        {"AOR", false, 16},         {"STATE", false, 0},
        {"LAST ANSWER", false, 16}, {"ANSWERED BY", false, 12}, {"EXPIRES IN", true, 0},
        {"NEXT IN", true, 0},       {"FAILURES", true, 0},
    };
    std::vector<std::vector<Cell>> cells;
    std::size_t registered = 0;
    for (const json& row : rows) {
        registered += flag_in(row, "registered") ? 1 : 0;
        const int64_t failures = number_in(row, "consecutive_failures");
        cells.push_back({
            {text_in(row, "name"), {}},
            {text_in(row, "aor"), {}},
            {text_in(row, "state"), colour_of(row)},
            {last_answer(row), {}},
            {or_dash(text_in(row, "answered_by")), {}},
            {time_in(row, "expires_in"), {}},
            {time_in(row, "next_attempt_in"), {}},
            {fmt::format("{}", failures), failures > 0 ? red : std::string_view{}},
        });
    }
    return text_table(columns, cells, registration_table_width, colour) +
           fmt::format("{} of {} registered\n", registered, cells.size());
}

std::string registration_line(const json& row, bool colour) {
    const std::string kind = text_in(row, "kind");
    const std::string name = text_in(row, "name");
    // "trunk group 1" says its kind itself.
    std::string line = name.starts_with(kind) ? name : kind + " " + name;
    const std::string state = text_in(row, "state");
    line += ": ";
    line += colour ? std::string(colour_of(row)) + state + std::string(plain) : state;
    const std::string answer = last_answer(row);
    if (answer != "-") {
        line += ", " + printable(answer);
    }
    const std::string by = text_in(row, "answered_by");
    if (!by.empty()) {
        line += " from " + printable(by);
    }
    return line;
}

}  // namespace trunkline::mgmt
