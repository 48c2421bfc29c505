#include "mgmt/model_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <span>
#include <string_view>

namespace trunkline::mgmt {

namespace {

std::string modules_text(const board::Model& model) {
    std::string text = model.modules.empty() ? "" : "\nmodules\n";
    for (const board::ModelModule& module : model.modules) {
        const unsigned last = module.slot + module.width - 1;
        text += fmt::format(
            "  slot {:<6} {}{}\n",
            module.width == 1 ? std::to_string(last) : fmt::format("{}-{}", module.slot, last),
            module.name, module.fitted ? "" : " (takes one, empty)");
    }
    return text;
}

std::string ports_text(const board::Model& model) {
    std::string text = "\nports\n";
    for (const board::ModelPort& port : model.ports) {
        text += fmt::format("  {:<8} {} Mbit/s\n", port.label, fmt::join(port.speeds_mbps, ", "));
    }
    text += fmt::format("\nEthernet groups\n  {} at most{}\n", model.ethernet_groups.most,
                        model.ethernet_groups.pairs.empty() ? "" : "; ports side by side:");
    for (const auto& [first, second] : model.ethernet_groups.pairs) {
        text += fmt::format("  {}, {}\n", first, second);
    }
    return text;
}

std::string lights_text(const board::Model& model) {
    std::string text;
    const auto add = [&](std::string_view what, std::span<const board::ModelLight> lights) {
        for (const board::ModelLight& light : lights) {
            text += fmt::format("  {:<13} {:<15} {}, with a fault {}\n", what, light.name,
                                to_string(light.ok), to_string(light.fault));
        }
    };
    add("port", model.lights.port);
    add("module", model.lights.module);
    add("fan tray", model.lights.fan_tray);
    add("power supply", model.lights.power_supply);
    return text.empty() ? "" : "\nlights\n" + text;
}

std::string sensors_text(const board::Model& model) {
    std::string text = model.sensors.empty() ? "" : "\nsensors\n";
    for (const board::ModelSensor& sensor : model.sensors) {
        text += fmt::format("  {:<20} minor {} {unit}, major {} {unit}, critical {} {unit}{}\n",
                            sensor.name, sensor.minor, sensor.major, sensor.critical,
                            sensor.is_temperature()
                                ? fmt::format("; normal {} {}", sensor.nominal, sensor.unit)
                                : "",
                            fmt::arg("unit", sensor.unit));
    }
    return text;
}

}  // namespace

std::string model_text(const board::Model& model) {
    std::string text = fmt::format("{}: {}, {}\n", model.name, model.title, model.chassis);
    text += modules_text(model) + ports_text(model);
    text += fmt::format("\nfans and power\n  {} fan tray{}, {} power suppl{}\n", model.fan_trays,
                        model.fan_trays == 1 ? "" : "s", model.power_supplies,
                        model.power_supplies == 1 ? "y" : "ies");
    text += lights_text(model);
    text += fmt::format("\nMAC addresses\n  those of the devices behind the ports{}\n",
                        model.mac_oui.empty()
                            ? ""
                            : fmt::format("; the box itself has {}:xx:xx:xx", model.mac_oui));
    text += fmt::format(
        "\ncapacity\n  {} signaling sessions, {} media sessions, {} SRTP sessions, {} registered "
        "users\n",
        model.capacity.signaling_sessions, model.capacity.media_sessions,
        model.capacity.srtp_sessions, model.capacity.registered_users);
    return text + sensors_text(model);
}

}  // namespace trunkline::mgmt
