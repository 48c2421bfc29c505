#include "mgmt/configuration/port_devices.h"

#include "board/pci.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

constexpr const char* ports_path = "ip_network.physical_ports";
constexpr const char* device_key = "device";

ConfigNodePtr device_of(const std::string& key, const std::string& text) {
    return map_node({{key, 0, 0, scalar_node(text)}});
}

ConfigNodePtr placeholder() {
    return device_of("vdev", "null");
}

std::string name_of(const ConfigNode& port) {
    const ConfigNode* const name = port.find("name");
    return name == nullptr ? "" : name->text;
}

/// A device may be there and empty, as other rows of a FORMAT have its columns.
bool has_device(const ConfigNode& port) {
    const ConfigNode* const device = port.find(device_key);
    return device != nullptr && !device->entries.empty();
}

/// `root` with each port as `change` makes it; nullptr: it stays.
ConfigNodePtr with_changed_ports(const ConfigNodePtr& root,
                                 const std::function<ConfigNodePtr(const ConfigNodePtr&)>& change) {
    const ConfigNodePtr list = root ? node_at(root, config_path(ports_path)) : nullptr;
    if (!list || list->kind != ConfigNode::Kind::sequence) {
        return root;
    }
    std::vector<ConfigNodePtr> ports = list->items;
    for (ConfigNodePtr& port : ports) {
        if (ConfigNodePtr changed = change(port)) {
            port = std::move(changed);
        }
    }
    return with_node(root, config_path(ports_path),
                     sequence_node(std::move(ports), list->line, list->column));
}

}  // namespace

std::expected<PortDevices, std::string> read_port_devices(std::span<const std::string> options) {
    PortDevices devices;
    for (const std::string& option : options) {
        const std::size_t equals = option.find('=');
        if (equals == 0 || equals == option.npos || equals + 1 == option.size()) {
            return std::unexpected(fmt::format(
                "--port: found '{}'; allowed: a port and its device, as GE_1=eth0, GE_1=2 "
                "(the second NIC) or GE_1=0000:00:04.0",
                option));
        }
        const std::string device = option.substr(equals + 1);
        const bool is_number = device.find_first_not_of("0123456789") == device.npos;
        ConfigNodePtr node = device_of(is_number ? "nic" : "pci", device);
        if (!is_number && !board::pci_address(device)) {
            node = map_node({{"vdev", 0, 0, scalar_node("af_packet")},
                             {"interface", 0, 0, scalar_node(device)}});
        }
        devices[option.substr(0, equals)] = std::move(node);
    }
    return devices;
}

PortDevices port_devices(const ConfigNodePtr& root) {
    PortDevices devices;
    with_changed_ports(root, [&](const ConfigNodePtr& port) -> ConfigNodePtr {
        if (has_device(*port)) {
            devices[name_of(*port)] = port->find_shared(device_key);
        }
        return nullptr;
    });
    return devices;
}

void set_port_devices(ReadConfiguration& read, const std::string& origin,
                      const PortDevices& devices) {
    PortDevices left = devices;
    std::vector<std::string> names;
    read.root = with_changed_ports(read.root, [&](const ConfigNodePtr& port) -> ConfigNodePtr {
        names.push_back(name_of(*port));
        const auto device = left.extract(names.back());
        return device ? with_node(port, ConfigPath{device_key}, device.mapped()) : nullptr;
    });
    for (const auto& [name, device] : left) {
        read.faults.push_back({origin, 0, 0, "--port", fmt::format("port '{}'", name),
                               fmt::format("{}", fmt::join(names, ", ")), ""});
    }
}

void place_port_devices(ReadConfiguration& read, const std::string& origin,
                        const PortDevices& known) {
    if (read.words != ConfigWords::ini) {
        return;
    }
    read.root = with_changed_ports(read.root, [&](const ConfigNodePtr& port) -> ConfigNodePtr {
        if (has_device(*port)) {
            return nullptr;
        }
        const std::string name = name_of(*port);
        const auto device = known.find(name);
        if (device != known.end()) {
            return with_node(port, ConfigPath{device_key}, device->second);
        }
        read.notes.push_back(
            fmt::format("{}:{}:{}: no device of this machine is named for port {}, which sends and "
                        "receives nothing: give PhysicalPortsTable_DevicePci, "
                        "PhysicalPortsTable_DeviceNic or PhysicalPortsTable_DeviceVdev, or --port "
                        "{}=INTERFACE",
                        origin, port->line, port->column, name, name));
        return with_node(port, ConfigPath{device_key}, placeholder());
    });
}

ConfigNodePtr without_placeholders(const ConfigNodePtr& root) {
    return with_changed_ports(root, [](const ConfigNodePtr& port) -> ConfigNodePtr {
        const ConfigNodePtr device = port->find_shared(device_key);
        return device && same_content(*device, *placeholder())
                   ? without_node(port, ConfigPath{device_key})
                   : nullptr;
    });
}

}  // namespace trunkline::mgmt
