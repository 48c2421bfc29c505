#include "mgmt/hardware_commands.h"

#include "board/nearest_name.h"
#include "mgmt/hardware_view.h"
#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

json unknown_part(const std::string& what) {
    return refusal(fmt::format(
        "what: found '{}'; allowed: module, fan_tray, power_supply, temperature, port", what));
}

json answer_of(const board::Expected<void>& done) {
    return done ? json{{"ok", true}} : refusal(done.error().message);
}

const std::string& name_of(const std::unique_ptr<board::Port>& port) {
    return port->name();
}

/// 0, which no unit has, for what is no number of one.
unsigned unit_number(const json& request) {
    const json& number = request.at("number");
    const bool fits = number.is_number_integer() && std::in_range<unsigned>(number.get<int64_t>());
    return fits ? number.get<unsigned>() : 0;
}

}  // namespace

HardwareCommands::HardwareCommands(Options options)
    : options_(std::move(options)), hardware_(options_.model) {}

void HardwareCommands::add_to(CommandTable& table) {
    table.add("show hardware", AccessLevel::monitor,
              [this](const json&, const Caller&, const Reply& reply) { reply(show()); });
    table.add("board fault", AccessLevel::administrator,
              [this](const json& request, const Caller& caller, const Reply& reply) {
                  reply(inject(request, caller));
              });
    table.add("board fault clear", AccessLevel::administrator,
              [this](const json& request, const Caller& caller, const Reply& reply) {
                  reply(clear(request, caller));
              });
}

json HardwareCommands::show() const {
    std::vector<PortSight> ports;
    for (const auto& port : options_.ports) {
        ports.push_back({port->name(), port->driver(), port->link(), port->is_enabled()});
    }
    json answer = hardware_view(hardware_, options_.config().board, ports);
    answer["ok"] = true;
    return answer;
}

json HardwareCommands::inject(const json& request, const Caller& caller) {
    const std::string what = text_in(request, "what");
    if (what == "temperature") {
        return inject_temperature(request, caller);
    }
    if (what == "port") {
        return inject_port(request, caller);
    }
    const auto kind = board::unit_kind(what);
    return kind ? inject_unit(*kind, request, caller) : unknown_part(what);
}

json HardwareCommands::inject_unit(board::UnitKind kind, const json& request,
                                   const Caller& caller) {
    const std::string state = text_in(request, "state");
    const auto wanted = board::unit_state(state);
    if (!wanted || wanted == board::UnitState::ok) {
        return refusal(fmt::format("state: found '{}'; allowed: faulty, missing", state));
    }
    const auto number = unit_number(request);
    const auto done = hardware_.inject(kind, number, *wanted);
    if (done) {
        options_.note(caller.who,
                      fmt::format("injects a fault: {} {} {}", to_string(kind), number, state));
    }
    return answer_of(done);
}

json HardwareCommands::inject_temperature(const json& request, const Caller& caller) {
    const auto celsius = request.at("celsius").get<double>();
    const auto done = hardware_.inject_temperature(celsius);
    if (done) {
        options_.note(caller.who, fmt::format("injects a temperature of {} degrees", celsius));
    }
    return answer_of(done);
}

json HardwareCommands::inject_port(const json& request, const Caller& caller) {
    const std::string name = text_in(request, "name"), state = text_in(request, "state");
    if (state != "down") {
        return refusal(fmt::format("state: found '{}'; allowed: down", state));
    }
    const auto done = set_link_fault(name, true);
    if (done) {
        options_.note(caller.who, fmt::format("injects a fault: port {} down", name));
    }
    return answer_of(done);
}

json HardwareCommands::clear(const json& request, const Caller& caller) {
    const std::string what = text_in(request, "what");
    if (what.empty()) {
        return clear_all(caller);
    }
    if (!board::unit_kind(what) && what != "temperature" && what != "port") {
        return unknown_part(what);
    }
    const auto done = clear_one(what, request);
    if (done) {
        options_.note(caller.who, fmt::format("clears an injected fault: {}", what));
    }
    return answer_of(done);
}

json HardwareCommands::clear_all(const Caller& caller) {
    hardware_.clear_all();
    for (const auto& port : options_.ports) {
        port->inject_link_fault(false);
    }
    options_.note(caller.who, "clears all injected faults");
    return {{"ok", true}};
}

board::Expected<void> HardwareCommands::clear_one(const std::string& what, const json& request) {
    if (what == "temperature") {
        return hardware_.clear_temperature();
    }
    if (what == "port") {
        return set_link_fault(text_in(request, "name"), false);
    }
    return hardware_.clear(board::unit_kind(what).value(), unit_number(request));
}

board::Expected<void> HardwareCommands::set_link_fault(const std::string& name, bool is_down) {
    const auto port = std::ranges::find(options_.ports, name, name_of);
    if (port != options_.ports.end()) {
        (*port)->inject_link_fault(is_down);
        return {};
    }
    std::vector<std::string> names;
    std::ranges::transform(options_.ports, std::back_inserter(names), name_of);
    return std::unexpected(board::Error{
        fmt::format("no port {} is in use; {}", name,
                    names.empty() ? "none is" : "there are " + board::join_names(names))});
}

}  // namespace trunkline::mgmt
