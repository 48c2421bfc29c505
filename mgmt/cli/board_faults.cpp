#include "mgmt/cli/board_faults.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <optional>
#include <string>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

constexpr const char* root = "debug board fault";

/// The whole word as a number.
template <typename Number>
std::optional<Number> number_of(const std::string& word) {
    Number number{};
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, number);
    return error == std::errc{} && stop == end ? std::optional(number) : std::nullopt;
}

bool done(const CliCall& call, const json& request, const char* text) {
    return call.answer_to(request) && call.print(text);
}

bool ask_about_unit(const CliCall& call, json request, const char* text) {
    const auto number = number_of<unsigned>(call.arguments.front());
    if (!number) {
        return call.fail(fmt::format("found '{}'; allowed: a number of 'show system hardware'",
                                     call.arguments.front()));
    }
    request["number"] = *number;
    return done(call, request, text);
}

auto inject(const char* what, const char* state) {
    return [what, state](const CliCall& call) {
        return ask_about_unit(call, {{"command", "board fault"}, {"what", what}, {"state", state}},
                              "The fault is injected\n");
    };
}

bool inject_temperature(const CliCall& call) {
    const auto celsius = number_of<double>(call.arguments.front());
    if (!celsius) {
        return call.fail(
            fmt::format("found '{}'; allowed: degrees Celsius", call.arguments.front()));
    }
    return done(call, {{"command", "board fault"}, {"what", "temperature"}, {"celsius", *celsius}},
                "The temperature is injected\n");
}

auto clear(const char* what) {
    return [what](const CliCall& call) {
        return ask_about_unit(call, {{"command", "board fault clear"}, {"what", what}},
                              "It is as modelled again\n");
    };
}

void add_unit(CliCommandTable& table, const std::string& word, const char* what,
              const std::string& help) {
    const std::string words = fmt::format("{} {}", root, word);
    table.add({words, help, true, {}});
    table.add({words + " <number>", "it does not work", true, inject(what, "faulty")});
    table.add({words + " <number> missing", "it is not there", true, inject(what, "missing")});
    table.add({"no " + words, help, true, {}});
    table.add({"no " + words + " <number>", "it works", true, clear(what)});
}

bool inject_port(const CliCall& call) {
    return done(call,
                {{"command", "board fault"},
                 {"what", "port"},
                 {"name", call.arguments.front()},
                 {"state", "down"}},
                "The fault is injected\n");
}

bool clear_port(const CliCall& call) {
    return done(
        call,
        {{"command", "board fault clear"}, {"what", "port"}, {"name", call.arguments.front()}},
        "It is as its device reports again\n");
}

}  // namespace

void add_board_faults(CliCommandTable& table) {
    const std::string words = root;
    table.add({"no", "take back", true, {}});
    table.add({"debug board", "the box itself", true, {}});
    table.add({"no debug board", "the box itself", true, {}});
    table.add({words, "break something of the box, for a lab", true, {}});
    table.add({"no " + words, "mend all that was broken", true, [](const CliCall& call) {
                   return done(call, {{"command", "board fault clear"}},
                               "Everything is as it was again\n");
               }});
    add_unit(table, "fan", "fan_tray", "a fan tray");
    add_unit(table, "power-supply", "power_supply", "a power supply");
    add_unit(table, "module", "module", "a module, by its slot");
    table.add({words + " port", "a port that is in use, by its label", true, {}});
    table.add({words + " port <name> down", "it has no link", true, inject_port});
    table.add({"no " + words + " port", "a port that is in use, by its label", true, {}});
    table.add(
        {"no " + words + " port <name>", "its link is what the device reports", true, clear_port});
    table.add({words + " temperature", "of all of its sensors", true, {}});
    table.add({words + " temperature <celsius>", "what they read", true, inject_temperature});
    table.add({"no " + words + " temperature", "what is normal", true, [](const CliCall& call) {
                   return done(call, {{"command", "board fault clear"}, {"what", "temperature"}},
                               "It is as modelled again\n");
               }});
}

}  // namespace trunkline::mgmt
