#include "mgmt/board_commands.h"

#include "board/nic_numbers.h"
#include "board/pci_binding.h"
#include "mgmt/text_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <variant>
#include <vector>

namespace trunkline::mgmt {

namespace {

constexpr std::size_t any_width = 1000;

board::Expected<std::string> bind_port(const board::PciDevice& device, const std::string& sysfs,
                                       const board::Expected<std::vector<board::PciNic>>& nics) {
    const auto address = board::pci_address(device.address);
    if (!address) {
        return std::unexpected(address.error());
    }
    if (!nics) {
        return std::unexpected(nics.error());
    }
    const auto nic = std::ranges::find(*nics, *address, &board::PciNic::address);
    if (nic == nics->end()) {
        return std::unexpected(board::Error{
            fmt::format("no NIC at {}; 'trunkline board probe' lists those there are", *address)});
    }
    const board::BindingChoice choice = board::choose_driver(*nic);
    if (auto bound = board::bind_driver(*address, choice.driver, sysfs); !bound) {
        return std::unexpected(bound.error());
    }
    return fmt::format("{} is with {}: {}", *address, choice.driver, choice.reason);
}

/// Of a NIC that its number alone does not take away from the kernel.
std::string note_on(const board::PciNic& nic) {
    return nic.up_interfaces.empty() ? ""
                                     : fmt::format("; {} is up: named by its address alone",
                                                   fmt::join(nic.up_interfaces, ", "));
}

}  // namespace

int probe_board(const std::string& sysfs, std::ostream& out, std::ostream& errors) {
    const auto nics = board::pci_nics(sysfs);
    if (!nics) {
        errors << nics.error().message << '\n';
        return 1;
    }
    std::vector<std::vector<Cell>> rows;
    for (const board::PciNic& nic : *nics) {
        const board::BindingChoice choice = board::choose_driver(nic);
        const std::string interfaces = fmt::format("{}", fmt::join(nic.interfaces, ", "));
        rows.push_back({{nic.number == 0 ? "-" : fmt::format("{}", nic.number), {}},
                        {nic.address, {}},
                        {nic.id, {}},
                        {nic.driver.empty() ? "-" : nic.driver, {}},
                        {interfaces.empty() ? "-" : interfaces, {}},
                        {choice.driver, {}},
                        {choice.reason + note_on(nic), {}}});
    }
    out << text_table({{"NIC", true},
                       {"ADDRESS"},
                       {"ID"},
                       {"DRIVER"},
                       {"INTERFACE"},
                       {"A PORT BINDS IT TO"},
                       {"WHY"}},
                      rows, any_width, false);
    return 0;
}

int bind_ports(const board::BoardConfig& config, const std::string& sysfs, std::ostream& out,
               std::ostream& errors) {
    const auto with_addresses = board::with_nic_addresses(config, sysfs);
    if (!with_addresses) {
        errors << with_addresses.error().message << '\n';
        return 1;
    }
    const auto nics = board::pci_nics(sysfs);
    int exit_code = 0;
    for (const board::PhysicalPort& port : with_addresses->physical_ports) {
        const auto* device = std::get_if<board::PciDevice>(&port.device);
        if (device == nullptr) {
            continue;
        }
        if (const auto bound = bind_port(*device, sysfs, nics)) {
            out << fmt::format("port {}: {}\n", port.name, *bound);
        } else {
            errors << fmt::format("port {}: {}\n", port.name, bound.error().message);
            exit_code = 1;
        }
    }
    return exit_code;
}

}  // namespace trunkline::mgmt
