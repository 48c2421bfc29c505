#include "mgmt/trace_view.h"

#include "mgmt/json_fields.h"
#include "mgmt/text_table.h"
#include "sipstack/digest/explain.h"
#include "sipstack/message/message.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using sipstack::TraceEvent;

std::string_view kind_of(TraceEvent::Kind kind) {
    switch (kind) {
        case TraceEvent::Kind::sent:
            return "sent";
        case TraceEvent::Kind::received:
            return "received";
        case TraceEvent::Kind::note:
            break;
    }
    return "note";
}

json explanation_of(const TraceEvent& event) {
    json lists = json::array();
    if (event.kind != TraceEvent::Kind::sent) {
        return lists;
    }
    const auto request = sipstack::Message::parse(event.text);
    if (!request) {
        return lists;
    }
    for (const char* header : {"Authorization", "Proxy-Authorization"}) {
        for (const std::string_view row : request->rows(header)) {
            lists.push_back(
                sipstack::explain_authorization(row, request->method(), request->body()));
        }
    }
    return lists;
}

/// "REGISTER", "401 Unauthorized"
std::string title_of(std::string_view message) {
    const std::string_view line = message.substr(0, message.find('\r'));
    constexpr std::string_view response = "SIP/2.0 ";
    return printable(line.starts_with(response) ? line.substr(response.size())
                                                : line.substr(0, line.find(' ')));
}

std::string time_of(const json& event) {
    const int64_t at = number_in(event, "at");
    const std::chrono::system_clock::time_point time{std::chrono::milliseconds(at)};
    return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03} UTC", fmt::gmtime(time), at % 1000);
}

/// Each line of `text` behind `margin`.
std::string indented(std::string_view text, std::string_view margin) {
    std::string result;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        result += line.empty() ? "\n" : fmt::format("{}{}\n", margin, printable(line));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result;
}

std::string ladder_step(const json& event) {
    const std::string kind = text_in(event, "kind");
    const std::string text = text_in(event, "text");
    if (kind == "note") {
        return fmt::format("{}  * {}\n\n", time_of(event), printable(text));
    }
    const std::string title = title_of(text);
    const std::string arrow =
        kind == "sent" ? fmt::format("-- {} -->", title) : fmt::format("<-- {} --", title);
    std::string step = fmt::format("{}  {} {} {}  ({})\n", time_of(event), text_in(event, "local"),
                                   arrow, text_in(event, "remote"), text_in(event, "transport"));
    step += indented(text, "    ");
    for (const json& list : list_in(event, "explanation")) {
        step += "  how this answer was computed:\n";
        for (const json& line : list) {
            if (line.is_string()) {
                step += indented(line.get<std::string>(), "      ");
            }
        }
    }
    return step + "\n";
}

}  // namespace

json trace_rows(std::span<const sipstack::TraceFlow> flows, int64_t wall_now_ms,
                sipstack::Instant now) {
    json rows = json::array();
    for (const sipstack::TraceFlow& flow : flows) {
        json events = json::array();
        for (const TraceEvent& event : flow) {
            const bool is_message = event.kind != TraceEvent::Kind::note;
            events.push_back({{"at", wall_now_ms - (now - event.at).count()},
                              {"kind", kind_of(event.kind)},
                              {"transport", to_string(event.transport)},
                              {"local", is_message ? event.local.to_string() : ""},
                              {"remote", is_message ? event.remote.to_string() : ""},
                              {"text", sipstack::mask_credentials(event.text)},
                              {"explanation", explanation_of(event)}});
        }
        rows.push_back(std::move(events));
    }
    return rows;
}

std::string trace_ladder(const std::string& name, const json& flows) {
    if (!flows.is_array() || flows.empty()) {
        return fmt::format("{}: no flow is kept\n", name);
    }
    std::string text;
    for (std::size_t at = 0; at < flows.size(); ++at) {
        text += fmt::format("{}: flow {} of {}\n\n", name, at + 1, flows.size());
        for (const json& event : flows[at]) {
            text += ladder_step(event);
        }
    }
    return text;
}

}  // namespace trunkline::mgmt
