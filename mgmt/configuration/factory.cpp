#include "mgmt/configuration/factory.h"

#include <array>
#include <string_view>

namespace trunkline::mgmt {

ConfigNodePtr factory_defaults(const ConfigNodePtr& running) {
    constexpr std::array<std::string_view, 9> kept = {"appliance",
                                                      "ip_network.network_namespace",
                                                      "ip_network.kernel_twin",
                                                      "ip_network.physical_ports",
                                                      "ip_network.ethernet_groups",
                                                      "ip_network.ethernet_devices",
                                                      "ip_network.ip_interfaces",
                                                      "ip_network.static_routes",
                                                      "administration"};
    ConfigNodePtr defaults = map_node({});
    for (const std::string_view path : kept) {
        if (const ConfigNodePtr part = node_at(running, config_path(path))) {
            defaults = with_node(defaults, config_path(path), part);
        }
    }
    return defaults;
}

}  // namespace trunkline::mgmt
