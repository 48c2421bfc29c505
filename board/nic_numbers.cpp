#include "board/nic_numbers.h"

#include "board/pci.h"
#include "board/pci_binding.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace trunkline::board {

namespace {

Expected<std::string> address_of(unsigned number, std::span<const PciNic> nics) {
    const auto nic = std::ranges::find(nics, number, &PciNic::number);
    if (nic == nics.end()) {
        return std::unexpected(Error{fmt::format(
            "there is no NIC {}; 'trunkline board probe' numbers those there are", number)});
    }
    const bool is_shared = choose_driver(*nic).driver == nic->driver;
    if (!nic->up_interfaces.empty() && !is_shared) {
        return std::unexpected(Error{fmt::format(
            "NIC {} is {}, which the kernel uses ({} is up); put that down, or name the NIC by its "
            "address",
            number, nic->address, fmt::join(nic->up_interfaces, ", "))});
    }
    return nic->address;
}

/// The address of a port's PCI device in one form; empty for any other device.
std::string address_in(const PhysicalPort& port) {
    const auto* device = std::get_if<PciDevice>(&port.device);
    return device == nullptr ? "" : pci_address(device->address).value_or("");
}

bool is_numbered(const PhysicalPort& port) {
    const auto* device = std::get_if<PciDevice>(&port.device);
    return device != nullptr && device->number != 0;
}

}  // namespace

Expected<BoardConfig> with_nic_addresses(BoardConfig config, const std::string& sysfs) {
    if (std::ranges::none_of(config.physical_ports, is_numbered)) {
        return config;
    }
    const auto nics = pci_nics(sysfs);
    if (!nics) {
        return std::unexpected(nics.error());
    }
    for (PhysicalPort& port : config.physical_ports) {
        if (!is_numbered(port)) {
            continue;
        }
        auto& device = std::get<PciDevice>(port.device);
        auto address = address_of(device.number, *nics);
        const auto other = std::ranges::find_if(config.physical_ports, [&](const auto& one) {
            return address && address_in(one) == *address;
        });
        if (other != config.physical_ports.end()) {
            address = std::unexpected(Error{
                fmt::format("NIC {} is {}, which {} has", device.number, *address, other->name)});
        }
        if (!address) {
            return std::unexpected(
                Error{fmt::format("device of {}: {}", port.name, address.error().message)});
        }
        device.address = *std::move(address);
    }
    return config;
}

}  // namespace trunkline::board
