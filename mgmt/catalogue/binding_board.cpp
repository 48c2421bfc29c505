// The tables that board acts on: the appliance, physical ports, Ethernet groups.
#include "mgmt/catalogue/binding.h"

#include <cstdlib>
#include <string>

namespace trunkline::mgmt {

namespace {

board::Topology topology_of(const std::string& name) {
    if (name == "automatic") {
        return board::Topology::automatic;
    }
    if (name == "merged") {
        return board::Topology::merged;
    }
    if (name == "split") {
        return board::Topology::split;
    }
    std::abort();
}

board::PowerProfile power_profile_of(const std::string& name) {
    if (name == "balanced") {
        return board::PowerProfile::balanced;
    }
    if (name == "low_latency") {
        return board::PowerProfile::low_latency;
    }
    if (name == "power_save") {
        return board::PowerProfile::power_save;
    }
    if (name == "busy") {
        return board::PowerProfile::busy;
    }
    std::abort();
}

board::EthernetGroupMode group_mode_of(const std::string& name) {
    if (name == "single") {
        return board::EthernetGroupMode::single;
    }
    if (name == "none") {
        return board::EthernetGroupMode::none;
    }
    if (name == "1rx_1tx") {
        return board::EthernetGroupMode::one_rx_one_tx;
    }
    if (name == "2rx_1tx") {
        return board::EthernetGroupMode::two_rx_one_tx;
    }
    if (name == "2rx_2tx") {
        return board::EthernetGroupMode::two_rx_two_tx;
    }
    std::abort();
}

board::Device virtual_device_of(const std::string& name) {
    if (name == "af_packet") {
        return board::AfPacketDevice{};
    }
    if (name == "af_xdp") {
        return board::AfXdpDevice{};
    }
    if (name == "tap") {
        return board::TapDevice{};
    }
    if (name == "memif") {
        return board::MemifDevice{};
    }
    if (name == "ring") {
        return board::RingDevice{};
    }
    if (name == "null") {
        return board::NullDevice{};
    }
    if (name == "virtio_user") {
        return board::VirtioUserDevice{};
    }
    std::abort();
}

board::Device& last_device(ApplianceConfig& config) {
    return config.board.physical_ports.back().device;
}

/// Sets the field that the kinds of device with an `interface` have.
void set_interface(board::Device& device, const std::string& name) {
    if (auto* af_packet = std::get_if<board::AfPacketDevice>(&device)) {
        af_packet->interface = name;
    } else if (auto* af_xdp = std::get_if<board::AfXdpDevice>(&device)) {
        af_xdp->interface = name;
    } else {
        std::get<board::TapDevice>(device).interface = name;
    }
}

/// "100_full"
board::LinkSetting link_setting_of(const std::string& name) {
    if (name == "auto") {
        return {};
    }
    return {.speed_mbps = static_cast<uint32_t>(std::stoul(name)),
            .full_duplex = name.ends_with("_full")};
}

TableBinding appliance_binding() {
    return {"appliance",
            open_nothing,
            {
                {"model", [](ApplianceConfig& config,
                             const Value& value) { config.board.model = value.as<std::string>(); }},
                {"hostname",
                 [](ApplianceConfig& config, const Value& value) {
                     config.board.hostname = value.as<std::string>();
                 }},
                {"topology",
                 [](ApplianceConfig& config, const Value& value) {
                     config.board.topology = topology_of(value.as<EnumChoice>().name);
                 }},
                {"shards",
                 [](ApplianceConfig& config, const Value& value) {
                     config.sip.shards = static_cast<unsigned>(value.as<int64_t>());
                 }},
                {"power_profile",
                 [](ApplianceConfig& config, const Value& value) {
                     config.board.power_profile = power_profile_of(value.as<EnumChoice>().name);
                 }},
                {"memory_megabytes",
                 [](ApplianceConfig& config, const Value& value) {
                     config.board.memory_megabytes = static_cast<unsigned>(value.as<int64_t>());
                 }},
            }};
}

TableBinding physical_port_binding() {
    return {"ip_network.physical_ports",
            [](ApplianceConfig& config) { config.board.physical_ports.emplace_back(); },
            {
                {"name",
                 [](ApplianceConfig& config, const Value& value) {
                     config.board.physical_ports.back().name = value.as<std::string>();
                 }},
                {"mode",
                 [](ApplianceConfig& config, const Value& value) {
                     config.board.physical_ports.back().enabled =
                         value.as<EnumChoice>().name == "enable";
                 }},
                {"speed_duplex",
                 [](ApplianceConfig& config, const Value& value) {
                     config.board.physical_ports.back().link =
                         link_setting_of(value.as<EnumChoice>().name);
                 }},
                {"description",
                 [](ApplianceConfig& config, const Value& value) {
                     config.board.physical_ports.back().description = value.as<std::string>();
                 }},
            }};
}

TableBinding device_binding() {
    return {
        "ip_network.physical_ports.device",
        open_nothing,
        {
            {"pci",
             [](ApplianceConfig& config, const Value& value) {
                 last_device(config) = board::PciDevice{value.as<std::string>()};
             }},
            {"nic",
             [](ApplianceConfig& config, const Value& value) {
                 const auto number = static_cast<unsigned>(value.as<int64_t>());
                 last_device(config) = board::PciDevice{.address = "", .number = number};
             }},
            {"vdev",
             [](ApplianceConfig& config, const Value& value) {
                 last_device(config) = virtual_device_of(value.as<EnumChoice>().name);
             }},
            {"interface",
             [](ApplianceConfig& config, const Value& value) {
                 set_interface(last_device(config), value.as<std::string>());
             }},
            {"socket",
             [](ApplianceConfig& config, const Value& value) {
                 std::get<board::MemifDevice>(last_device(config)).socket = value.as<std::string>();
             }},
            {"role",
             [](ApplianceConfig& config, const Value& value) {
                 std::get<board::MemifDevice>(last_device(config)).server =
                     value.as<EnumChoice>().name == "server";
             }},
            {"id",
             [](ApplianceConfig& config, const Value& value) {
                 std::get<board::MemifDevice>(last_device(config)).id =
                     static_cast<unsigned>(value.as<int64_t>());
             }},
            {"receive_copies",
             [](ApplianceConfig& config, const Value& value) {
                 std::get<board::NullDevice>(last_device(config)).receive_copies = value.as<bool>();
             }},
            {"path",
             [](ApplianceConfig& config, const Value& value) {
                 std::get<board::VirtioUserDevice>(last_device(config)).path =
                     value.as<std::string>();
             }},
        }};
}

TableBinding ethernet_group_binding() {
    return {"ip_network.ethernet_groups",
            [](ApplianceConfig& config) { config.board.ethernet_groups.emplace_back(); },
            {
                {"name",
                 [](ApplianceConfig& config, const Value& value) {
                     config.board.ethernet_groups.back().name = value.as<std::string>();
                 }},
                {"mode",
                 [](ApplianceConfig& config, const Value& value) {
                     config.board.ethernet_groups.back().mode =
                         group_mode_of(value.as<EnumChoice>().name);
                 }},
                {"members",
                 [](ApplianceConfig& config, const Value& value) {
                     for (const Value& member : value.as<std::vector<Value>>()) {
                         config.board.ethernet_groups.back().members.push_back(
                             member.as<RowReference>().key);
                     }
                 }},
            }};
}

}  // namespace

std::vector<TableBinding> board_bindings() {
    return {appliance_binding(), physical_port_binding(), device_binding(),
            ethernet_group_binding()};
}

}  // namespace trunkline::mgmt
