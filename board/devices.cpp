#include "board/devices.h"

#include "board/pci.h"

#include <fmt/format.h>
#include <net/if.h>
#include <rte_dev.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace trunkline::board {

namespace {

std::unexpected<Error> refuse(std::string message) {
    return std::unexpected(Error{std::move(message)});
}

/// DPDK splits arguments at commas and reads quotes, brackets and '=' in its own way.
bool fits_arguments(std::string_view text) {
    return !text.empty() && std::ranges::none_of(text, [](unsigned char c) {
        return std::iscntrl(c) || std::isspace(c) ||
               std::string_view(",=\"'[]()").find(static_cast<char>(c)) != std::string_view::npos;
    });
}

Expected<std::string> interface_argument(const std::string& interface) {
    if (!fits_arguments(interface) || interface.size() >= IFNAMSIZ || interface == "." ||
        interface == ".." || interface.find('/') != std::string::npos) {
        return refuse(
            fmt::format("'{}' is no name of a network interface: 1 to {} letters, "
                        "digits, '-', '_' or '.'",
                        interface, IFNAMSIZ - 1));
    }
    return "iface=" + interface;
}

Expected<std::string> path_argument(const char* key, const std::string& path) {
    // The kernel's sockaddr_un holds 107 characters and the end (unix(7)).
    constexpr std::size_t longest = 107;
    if (!fits_arguments(path) || path.size() > longest) {
        return refuse(
            fmt::format("'{}' cannot be the path of a socket: 1 to {} characters without "
                        "spaces, commas, quotes and brackets",
                        path, longest));
    }
    return fmt::format("{}={}", key, path);
}

/// Arguments after the first, which comes from the configuration and may be refused.
Expected<DpdkDevice> with_arguments(DpdkDevice device, const Expected<std::string>& first,
                                    const std::string& others) {
    if (!first) {
        return std::unexpected(first.error());
    }
    device.arguments = *first + others;
    return device;
}

/// One overload a kind of device. `name` is the port's; DPDK picks the driver by the name's start.
struct ToDpdk {
    const std::string& name;

    Expected<DpdkDevice> operator()(const PciDevice& pci) const {
        auto address = pci_address(pci.address);
        if (!address) {
            return std::unexpected(address.error());
        }
        return DpdkDevice{"pci", *std::move(address), ""};
    }
    Expected<DpdkDevice> operator()(const AfPacketDevice& packet) const {
        // A frame slot must divide the block; 8 KiB holds what the kernel makes of the fragments of
        // a large datagram (the driver always asks for that), and 512 slots stay below the 8 MiB
        // that a process without root may lock.
        return with_arguments({"vdev", "net_af_packet_" + name, ""},
                              interface_argument(packet.interface),
                              ",framesz=8192,blocksz=8192,framecnt=512,qdisc_bypass=1");
    }
    Expected<DpdkDevice> operator()(const AfXdpDevice& xdp) const {
        // The driver's busy polling, which it does unasked, stays on: without it, it waits for as
        // long as a second in a burst that finds nothing.
        return with_arguments({"vdev", "net_af_xdp_" + name, ""}, interface_argument(xdp.interface),
                              "");
    }
    Expected<DpdkDevice> operator()(const TapDevice& tap) const {
        return with_arguments({"vdev", "net_tap_" + name, ""}, interface_argument(tap.interface),
                              "");
    }
    Expected<DpdkDevice> operator()(const MemifDevice& memif) const {
        // The driver's own MAC is another one at each start, and where there is no ARP the far side
        // has to name it. Two ends with ports of one name must not have the same.
        std::array<uint8_t, 6> mac = mac_from_name(name);
        mac[5] ^= memif.server ? 1 : 0;
        return with_arguments({"vdev", "net_memif_" + name, ""},
                              path_argument("socket", memif.socket),
                              fmt::format(",socket-abstract=no,id={},role={},mac={:02x}", memif.id,
                                          memif.server ? "server" : "client", fmt::join(mac, ":")));
    }
    Expected<DpdkDevice> operator()(const RingDevice&) const {
        return DpdkDevice{"vdev", "net_ring_" + name, ""};
    }
    Expected<DpdkDevice> operator()(const NullDevice& null) const {
        return DpdkDevice{"vdev", "net_null_" + name, null.receive_copies ? "copy=1" : "no-rx=1"};
    }
    Expected<DpdkDevice> operator()(const VirtioUserDevice& virtio) const {
        return with_arguments({"vdev", "net_virtio_user_" + name, ""},
                              path_argument("path", virtio.path), ",queues=1,queue_size=1024");
    }
};

struct Describe {
    std::string operator()(const PciDevice& pci) const { return "PCI " + pci.address; }
    std::string operator()(const AfPacketDevice& packet) const {
        return "af_packet " + packet.interface;
    }
    std::string operator()(const AfXdpDevice& xdp) const { return "af_xdp " + xdp.interface; }
    std::string operator()(const TapDevice& tap) const { return "tap " + tap.interface; }
    std::string operator()(const MemifDevice& memif) const {
        return fmt::format("memif {} id {}", memif.socket, memif.id);
    }
    std::string operator()(const RingDevice&) const { return "ring"; }
    std::string operator()(const NullDevice&) const { return "null"; }
    std::string operator()(const VirtioUserDevice& virtio) const {
        return "virtio_user " + virtio.path;
    }
};

}  // namespace

Expected<DpdkDevice> dpdk_device(const PhysicalPort& port) {
    // The longest driver name and the port's must fit into DPDK's device name.
    constexpr std::size_t longest = RTE_DEV_NAME_MAX_LEN - 24;
    const bool plain = std::ranges::all_of(
        port.name, [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; });
    if (port.name.empty() || port.name.size() > longest || !plain) {
        return refuse(
            fmt::format("'{}' cannot be the name of a port: 1 to {} letters, digits, "
                        "'_' or '-'",
                        port.name, longest));
    }
    auto device = std::visit(ToDpdk{port.name}, port.device);
    if (!device) {
        return refuse(fmt::format("device of {}: {}", port.name, device.error().message));
    }
    return device;
}

std::string describe(const Device& device) {
    return std::visit(Describe{}, device);
}

std::array<uint8_t, 6> mac_from_name(std::string_view name) {
    uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
    for (const char c : name) {
        hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3ULL;
    }
    constexpr uint8_t locally_administered = 0x02;  // IEEE 802, second-lowest bit of the first byte
    return {locally_administered,
            static_cast<uint8_t>(hash >> 32),
            static_cast<uint8_t>(hash >> 24),
            static_cast<uint8_t>(hash >> 16),
            static_cast<uint8_t>(hash >> 8),
            static_cast<uint8_t>(hash)};
}

}  // namespace trunkline::board
