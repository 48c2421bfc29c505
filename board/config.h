// What the configuration says about the box: which model, which device stands behind which port.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace trunkline::board {

/// A PCI network device, by its address, e.g. "0000:00:04.0", or by its number among the machine's
/// NICs: nic_numbers.h finds the address of that one.
struct PciDevice {
    std::string address;
    unsigned number = 0;  ///< from 1; 0: it is named by its address

    bool operator==(const PciDevice&) const = default;
};

/// A kernel network interface read through an AF_PACKET socket.
struct AfPacketDevice {
    std::string interface;

    bool operator==(const AfPacketDevice&) const = default;
};

/// A kernel network interface whose received frames an XDP program hands to the port.
struct AfXdpDevice {
    std::string interface;

    bool operator==(const AfXdpDevice&) const = default;
};

/// A kernel TAP interface made by DPDK's net_tap; its far side is the wire.
struct TapDevice {
    std::string interface;

    bool operator==(const TapDevice&) const = default;
};

/// A shared-memory link to another process (DPDK net_memif).
struct MemifDevice {
    std::string socket;  ///< path of the control socket
    bool server = false;
    unsigned id = 0;

    bool operator==(const MemifDevice&) const = default;
};

/// A loop back to itself through a DPDK ring; for tests and benchmarks.
struct RingDevice {
    bool operator==(const RingDevice&) const = default;
};

/// Swallows what is sent, receives nothing (`receive_copies` = false) or endless frames.
struct NullDevice {
    bool receive_copies = false;

    bool operator==(const NullDevice&) const = default;
};

/// A vhost-user back end, e.g. of another process or a VM switch.
struct VirtioUserDevice {
    std::string path;

    bool operator==(const VirtioUserDevice&) const = default;
};

using Device = std::variant<PciDevice, AfPacketDevice, AfXdpDevice, TapDevice, MemifDevice,
                            RingDevice, NullDevice, VirtioUserDevice>;

/// What a link is set to.
struct LinkSetting {
    uint32_t speed_mbps = 0;  ///< 0: what both ends agree on
    bool full_duplex = true;

    bool operator==(const LinkSetting&) const = default;
};

/// A port with the name printed on the chassis (the model has the list) and what drives it.
struct PhysicalPort {
    std::string name;
    Device device;
    std::string description;
    bool enabled = true;
    LinkSetting link{};

    bool operator==(const PhysicalPort&) const = default;
};

/// How the members of a group share the work; port_group.h has the rules.
enum class EthernetGroupMode : uint8_t {
    none,
    single,
    one_rx_one_tx,
    two_rx_one_tx,
    two_rx_two_tx
};

/// Ports that act as one: none in mode `none`, one in `single`, one or two in the others.
struct EthernetGroup {
    std::string name;
    std::vector<std::string> members;  ///< physical port names
    EthernetGroupMode mode = EthernetGroupMode::single;

    bool operator==(const EthernetGroup&) const = default;
};

/// How long an idle worker waits; see dataplane/idle.h for what each means.
enum class PowerProfile : uint8_t { balanced, low_latency, power_save, busy };

/// `merged`: one thread polls packets and runs all shards in turn. `split`: a thread each.
/// `automatic`: merged when this process may use a single core, split otherwise.
enum class Topology : uint8_t { automatic, merged, split };

struct BoardConfig {
    std::string model = "mediant-ve";
    std::string hostname = "trunkline";
    Topology topology = Topology::automatic;
    PowerProfile power_profile = PowerProfile::balanced;
    unsigned memory_megabytes = 256;  ///< for packet buffers; from hugepages where there are some
    std::vector<PhysicalPort> physical_ports;
    std::vector<EthernetGroup> ethernet_groups;

    bool operator==(const BoardConfig&) const = default;
};

}  // namespace trunkline::board
