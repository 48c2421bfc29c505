#include "mgmt/cli/capture.h"

#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

/// Words of the filter, and the fields of the request that they are.
constexpr std::array<std::pair<std::string_view, const char*>, 5> filter_words = {
    {{"host", "host"},
     {"port", "port"},
     {"method", "method"},
     {"call-id", "call_id"},
     {"user", "user"}}};

bool start(const CliCall& call) {
    json request{{"command", "capture start"}};
    for (std::size_t at = 0; at < call.arguments.size(); at += 2) {
        const auto found = std::ranges::find(filter_words, call.arguments[at],
                                             &decltype(filter_words)::value_type::first);
        if (found == filter_words.end()) {
            return call.fail(
                fmt::format("found '{}'; allowed: host, port, method, call-id, user, each with "
                            "what it has to be",
                            call.arguments[at]));
        }
        if (at + 1 == call.arguments.size()) {
            return call.fail(fmt::format("'{}' lacks what it has to be", found->first));
        }
        request[found->second] = call.arguments[at + 1];
    }
    const auto answer = call.answer_to(request);
    return answer &&
           call.print(fmt::format("Capturing SIP messages: {}\n", text_in(*answer, "filter")));
}

bool print_state(const CliCall& call, const json& state) {
    if (call.as_json) {
        return call.print_json(state);
    }
    const std::string trouble = text_in(state, "trouble");
    const std::string filter = text_in(state, "filter");
    std::string text = fmt::format("Capture:   {}{}\n", flag_in(state, "running") ? "runs" : "off",
                                   trouble.empty() ? "" : ", it ended itself: " + trouble);
    if (!filter.empty()) {
        text += fmt::format("Filter:    {}\nStarted:   {}\nMessages:  {}\n", filter,
                            text_in(state, "started_at"), number_in(state, "messages"));
    }
    text += fmt::format("Files:     {} with {} bytes\nDropped:   {}\n", number_in(state, "files"),
                        number_in(state, "bytes"), number_in(state, "dropped"));
    return call.print(text);
}

/// A command whose answer is the state.
auto state_after(const char* command) {
    return [command](const CliCall& call) {
        const auto answer = call.answer_to({{"command", command}});
        return answer && print_state(call, *answer);
    };
}

}  // namespace

void add_capture(CliCommandTable& table) {
    const std::string root = "debug capture voip physical";
    table.add({"debug capture", "packets", true, {}});
    table.add({"debug capture voip", "of signaling", true, {}});
    table.add({root, "SIP messages of all interfaces, into files", true, {}});
    table.add({root + " start", "begin, and remove the files of before", true, start});
    table.add({root + " start <filter...>",
               "host ADDRESS, port NUMBER, method NAME, call-id TEXT, user TEXT", true, start});
    table.add({root + " stop", "end; the files stay", true, state_after("capture stop")});
    table.add(
        {root + " show", "whether it runs and what it has", true, state_after("capture status")});
}

}  // namespace trunkline::mgmt
