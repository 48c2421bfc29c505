// The box and the faults that labs give it: "show hardware", "board fault". On the control thread.
#pragma once

#include "board/hardware.h"
#include "board/port.h"
#include "mgmt/command_table.h"
#include "mgmt/configuration/appliance_config.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <memory>
#include <span>
#include <string>

namespace trunkline::mgmt {

class HardwareCommands {
public:
    struct Options {
        board::Model model;  ///< as at power-on
        std::span<const std::unique_ptr<board::Port>> ports;
        std::function<const ApplianceConfig&()> config;  ///< the running one
        /// A line of the activity log: who did what.
        std::function<void(const std::string& who, const std::string& what)> note;
    };
    /// What `options` refers to outlives this.
    explicit HardwareCommands(Options options);

    /// "show hardware" -> {"ok": true} and hardware_view(). "board fault" with "what" (module,
    /// fan_tray, power_supply, temperature, port) injects a fault until the appliance is started
    /// anew: of a unit with "number" and "state" (faulty, missing), of the temperature with
    /// "celsius", of a port's link with "name" and "state" (down). "board fault clear" with "what"
    /// and "number" or "name" takes it back, without "what" all of them.
    void add_to(CommandTable& table);

    const board::Hardware& hardware() const { return hardware_; }

private:
    nlohmann::json show() const;
    nlohmann::json inject(const nlohmann::json& request, const Caller& caller);
    nlohmann::json inject_unit(board::UnitKind kind, const nlohmann::json& request,
                               const Caller& caller);
    nlohmann::json inject_temperature(const nlohmann::json& request, const Caller& caller);
    nlohmann::json inject_port(const nlohmann::json& request, const Caller& caller);
    nlohmann::json clear(const nlohmann::json& request, const Caller& caller);
    nlohmann::json clear_all(const Caller& caller);
    board::Expected<void> clear_one(const std::string& what, const nlohmann::json& request);
    board::Expected<void> set_link_fault(const std::string& name, bool is_down);

    const Options options_;
    board::Hardware hardware_;
};

}  // namespace trunkline::mgmt
