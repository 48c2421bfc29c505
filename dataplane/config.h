// What the configuration says about the network: VLAN devices and the addresses on them.
#pragma once

#include "dataplane/address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trunkline::dataplane {

/// An Ethernet Device of the appliance: an Ethernet group seen through a VLAN. A group has at most
/// one untagged device, and each VLAN once.
struct EthernetDevice {
    std::string name;
    std::string underlying;  ///< Ethernet group name
    uint16_t vlan_id = 1;
    uint16_t mtu = 1500;  ///< bytes of IP packet, 68..1500
    bool tagged = false;  ///< frames carry the VLAN's tag (IEEE 802.1Q)

    bool operator==(const EthernetDevice&) const = default;
};

enum class ApplicationType : uint8_t { oamp = 1, media = 2, control = 4 };

/// An IP Interface of the appliance: one address on an Ethernet device.
struct IpInterface {
    std::string name;
    uint8_t application_types = 0;  ///< set of ApplicationType
    IpPrefix address;
    std::optional<IpAddress> gateway;
    std::string device;  ///< Ethernet device name
    std::vector<IpAddress> dns_servers;

    bool carries(ApplicationType type) const {
        return (application_types & static_cast<uint8_t>(type)) != 0;
    }

    bool operator==(const IpInterface&) const = default;
};

/// How an Ethernet device meets the kernel. `none`: no twin, neighbours are the static ones below.
enum class KernelTwin : uint8_t { tap, none };

/// A neighbour given by hand, for devices without a kernel twin.
struct StaticNeighbour {
    std::string device;  ///< Ethernet device name
    IpAddress address;
    MacAddress mac;

    bool operator==(const StaticNeighbour&) const = default;
};

/// A way to a network behind another router than the interfaces' gateways.
struct StaticRoute {
    IpPrefix destination;
    IpAddress gateway;
    std::string device;  ///< Ethernet device name

    bool operator==(const StaticRoute&) const = default;
};

struct NetworkConfig {
    std::vector<EthernetDevice> ethernet_devices;
    std::vector<IpInterface> ip_interfaces;
    std::vector<StaticRoute> static_routes;
    KernelTwin kernel_twin = KernelTwin::tap;
    /// Named network namespace (ip-netns(8)) that holds the twins, the routes and every kernel
    /// socket of the appliance. Empty: the one that the process was started in.
    std::string network_namespace;
    std::vector<StaticNeighbour> static_neighbours;

    bool operator==(const NetworkConfig&) const = default;
};

}  // namespace trunkline::dataplane
