// What DPDK must be told to open the device behind a port: a bus, a name, arguments. Pure.
#pragma once

#include "board/config.h"
#include "board/error.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace trunkline::board {

/// As rte_eal_hotplug_add() takes them.
struct DpdkDevice {
    std::string bus;        ///< "vdev" or "pci"
    std::string name;       ///< "net_af_packet_GE_1", "0000:00:04.0"; one in a process
    std::string arguments;  ///< "iface=sbc0,framesz=8192"
};

/// Refuses names and paths that would change the meaning of the arguments.
Expected<DpdkDevice> dpdk_device(const PhysicalPort& port);

/// "af_packet sbc0", "PCI 0000:00:04.0": the device in a message.
std::string describe(const Device& device);

/// A locally administered unicast MAC that depends on `name` alone, for devices without one.
std::array<uint8_t, 6> mac_from_name(std::string_view name);

}  // namespace trunkline::board
