// The tables that dataplane acts on: Ethernet devices, IP interfaces, routes, neighbours.
#include "mgmt/catalogue/binding.h"

#include <cstdlib>

namespace trunkline::mgmt {

namespace {

dataplane::KernelTwin kernel_twin_of(const std::string& name) {
    if (name == "tap") {
        return dataplane::KernelTwin::tap;
    }
    if (name == "none") {
        return dataplane::KernelTwin::none;
    }
    std::abort();
}

dataplane::ApplicationType application_type_of(const std::string& name) {
    if (name == "oamp") {
        return dataplane::ApplicationType::oamp;
    }
    if (name == "media") {
        return dataplane::ApplicationType::media;
    }
    if (name == "control") {
        return dataplane::ApplicationType::control;
    }
    std::abort();
}

dataplane::EthernetDevice& last_device(ApplianceConfig& config) {
    return config.network.ethernet_devices.back();
}
dataplane::IpInterface& last_interface(ApplianceConfig& config) {
    return config.network.ip_interfaces.back();
}
dataplane::StaticRoute& last_route(ApplianceConfig& config) {
    return config.network.static_routes.back();
}
dataplane::StaticNeighbour& last_neighbour(ApplianceConfig& config) {
    return config.network.static_neighbours.back();
}

/// Primary before secondary: the catalogue has them in this order.
void add_dns_server(ApplianceConfig& config, const Value& value) {
    last_interface(config).dns_servers.push_back(value.as<dataplane::IpAddress>());
}

TableBinding network_binding() {
    return {"ip_network",
            open_nothing,
            {
                {"network_namespace",
                 [](ApplianceConfig& config, const Value& value) {
                     config.network.network_namespace = value.as<std::string>();
                 }},
                {"kernel_twin",
                 [](ApplianceConfig& config, const Value& value) {
                     config.network.kernel_twin = kernel_twin_of(value.as<EnumChoice>().name);
                 }},
            }};
}

TableBinding neighbour_binding() {
    return {"ip_network.static_neighbours",
            [](ApplianceConfig& config) { config.network.static_neighbours.emplace_back(); },
            {
                {"device",
                 [](ApplianceConfig& config, const Value& value) {
                     last_neighbour(config).device = value.as<RowReference>().key;
                 }},
                {"address",
                 [](ApplianceConfig& config, const Value& value) {
                     last_neighbour(config).address = value.as<dataplane::IpAddress>();
                 }},
                {"mac",
                 [](ApplianceConfig& config, const Value& value) {
                     last_neighbour(config).mac = value.as<dataplane::MacAddress>();
                 }},
            }};
}

TableBinding ethernet_device_binding() {
    return {"ip_network.ethernet_devices",
            [](ApplianceConfig& config) { config.network.ethernet_devices.emplace_back(); },
            {
                {"name",
                 [](ApplianceConfig& config, const Value& value) {
                     last_device(config).name = value.as<std::string>();
                 }},
                {"underlying",
                 [](ApplianceConfig& config, const Value& value) {
                     last_device(config).underlying = value.as<RowReference>().key;
                 }},
                {"vlan_id",
                 [](ApplianceConfig& config, const Value& value) {
                     last_device(config).vlan_id = static_cast<uint16_t>(value.as<int64_t>());
                 }},
                {"tagging",
                 [](ApplianceConfig& config, const Value& value) {
                     last_device(config).tagged = value.as<EnumChoice>().name == "tagged";
                 }},
                {"mtu",
                 [](ApplianceConfig& config, const Value& value) {
                     last_device(config).mtu = static_cast<uint16_t>(value.as<int64_t>());
                 }},
            }};
}

TableBinding ip_interface_binding() {
    return {"ip_network.ip_interfaces",
            [](ApplianceConfig& config) { config.network.ip_interfaces.emplace_back(); },
            {
                {"name",
                 [](ApplianceConfig& config, const Value& value) {
                     last_interface(config).name = value.as<std::string>();
                 }},
                {"application_types",
                 [](ApplianceConfig& config, const Value& value) {
                     for (const Value& type : value.as<std::vector<Value>>()) {
                         last_interface(config).application_types |=
                             static_cast<uint8_t>(application_type_of(type.as<EnumChoice>().name));
                     }
                 }},
                {"address",
                 [](ApplianceConfig& config, const Value& value) {
                     last_interface(config).address = value.as<dataplane::IpPrefix>();
                 }},
                {"gateway",
                 [](ApplianceConfig& config, const Value& value) {
                     last_interface(config).gateway = value.as<dataplane::IpAddress>();
                 }},
                {"device",
                 [](ApplianceConfig& config, const Value& value) {
                     last_interface(config).device = value.as<RowReference>().key;
                 }},
                {"interface_mode", set_nothing},  // the address says it, and is judged against it
                {"primary_dns", add_dns_server},
                {"secondary_dns", add_dns_server},
            }};
}

TableBinding static_route_binding() {
    return {"ip_network.static_routes",
            [](ApplianceConfig& config) { config.network.static_routes.emplace_back(); },
            {
                {"destination",
                 [](ApplianceConfig& config, const Value& value) {
                     last_route(config).destination = value.as<dataplane::IpPrefix>();
                 }},
                {"device",
                 [](ApplianceConfig& config, const Value& value) {
                     last_route(config).device = value.as<RowReference>().key;
                 }},
                {"gateway",
                 [](ApplianceConfig& config, const Value& value) {
                     last_route(config).gateway = value.as<dataplane::IpAddress>();
                 }},
                {"description", set_nothing},
            }};
}

}  // namespace

std::vector<TableBinding> network_bindings() {
    return {network_binding(), neighbour_binding(), ethernet_device_binding(),
            ip_interface_binding(), static_route_binding()};
}

}  // namespace trunkline::mgmt
