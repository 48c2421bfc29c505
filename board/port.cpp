#include "board/port.h"

#include "board/devices.h"
#include "board/dpdk_log.h"
#include "board/network_namespace.h"
#include "board/open_descriptors.h"
#include "board/packet_interface.h"

#include <fmt/format.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace trunkline::board {

namespace {

/// The driver's own words where it had some, else the error number's.
Error dpdk_failure(const std::string& what, int result, const std::string& advice = "") {
    const std::string complaints = take_dpdk_complaints();
    const std::string reason =
        complaints.empty() ? rte_strerror(result < 0 ? -result : rte_errno) : complaints;
    return {fmt::format("{}: {}{}{}", what, reason, advice.empty() ? "" : "; ", advice)};
}

struct OpenAdvice {
    std::string operator()(const PciDevice&) const {
        return "bind it to uio_pci_generic or vfio-pci before the start";
    }
    std::string operator()(const AfPacketDevice&) const {
        return "raise the limit of locked memory (ulimit -l) to 16 MB or run as root";
    }
    std::string operator()(const TapDevice&) const {
        return "the name must be free, /dev/net/tun there, and the process root or with "
               "CAP_NET_ADMIN";
    }
    std::string operator()(const MemifDevice&) const {
        return "the socket's folder must exist and one side be the server";
    }
    std::string operator()(const RingDevice&) const { return ""; }
    std::string operator()(const NullDevice&) const { return ""; }
    std::string operator()(const VirtioUserDevice&) const {
        return "is a vhost-user back end listening there?";
    }
};

template <typename Kind>
bool is(const Device& device) {
    return std::holds_alternative<Kind>(device);
}

}  // namespace

Port::Port() = default;

Expected<std::unique_ptr<Port>> Port::open(const PhysicalPort& config, rte_mempool* rx_pool) {
    std::unique_ptr<Port> port(new Port());
    port->name_ = config.name;
    port->namespace_fd_ = NetworkNamespaceScope::open_current();
    const auto attached = port->attach(config);
    const auto result = attached ? port->start(config.device, rx_pool) : attached;
    if (!result) {
        return std::unexpected(
            Error{fmt::format("cannot open {} for {}: {}", describe(config.device), config.name,
                              result.error().message)});
    }
    return port;
}

Port::~Port() {
    Expected<NetworkNamespaceScope> scope = namespace_fd_ < 0
                                                ? NetworkNamespaceScope::enter(std::string())
                                                : NetworkNamespaceScope::enter(namespace_fd_);
    // Without the scope (the privilege is gone) DPDK still closes its side.
    if (started_) {
        rte_eth_dev_stop(traits_.dpdk_port);
    }
    if (attached_) {
        rte_eth_dev_close(traits_.dpdk_port);
        if (bus_ == "vdev") {
            rte_eal_hotplug_remove(bus_.c_str(), device_name_.c_str());
        }
    }
    interface_.reset();
    if (namespace_fd_ >= 0) {
        close(namespace_fd_);
    }
}

Expected<void> Port::attach(const PhysicalPort& config) {
    auto device = dpdk_device(config);
    if (!device) {
        return std::unexpected(device.error());
    }
    bus_ = device->bus;
    device_name_ = device->name;
    take_dpdk_complaints();
    uint16_t id = 0;
    // EAL probes PCI devices as it starts; a ring may have been made by RingWire.
    const bool exists = rte_eth_dev_get_port_by_name(device_name_.c_str(), &id) == 0;
    if (exists && !is<PciDevice>(config.device) && !is<RingDevice>(config.device)) {
        return std::unexpected(
            Error{fmt::format("port '{}' is open already; give each port once", name_)});
    }
    if (const auto* packet = std::get_if<AfPacketDevice>(&config.device)) {
        auto interface = PacketInterface::prepare(packet->interface);
        if (!interface) {
            return std::unexpected(interface.error());
        }
        interface_ = *std::move(interface);
        warnings_ = interface_->warnings();
    }
    if (!exists) {
        const int result = rte_eal_hotplug_add(device->bus.c_str(), device->name.c_str(),
                                               device->arguments.c_str());
        if (result != 0 || rte_eth_dev_get_port_by_name(device_name_.c_str(), &id) != 0) {
            const std::string advice = std::visit(OpenAdvice{}, config.device);
            return std::unexpected(dpdk_failure("DPDK refuses it", result, advice));
        }
    }
    traits_.dpdk_port = id;
    attached_ = true;
    return {};
}

Expected<void> Port::start(const Device& device, rte_mempool* rx_pool) {
    const uint16_t id = traits_.dpdk_port;
    rte_eth_dev_info info{};
    int result = rte_eth_dev_info_get(id, &info);
    if (result != 0) {
        return std::unexpected(dpdk_failure("it does not describe itself", result));
    }
    driver_ = info.driver_name;
    // What net_tap calls offload is software of the same cost, and it judges before we do.
    const bool software = is<TapDevice>(device);
    constexpr uint64_t rx_wanted = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM;
    constexpr uint64_t tx_checksums = RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM;
    rte_eth_conf conf{};
    conf.rxmode.offloads = software ? 0 : info.rx_offload_capa & rx_wanted;
    conf.txmode.offloads =
        info.tx_offload_capa & (RTE_ETH_TX_OFFLOAD_MULTI_SEGS | (software ? 0 : tx_checksums));
    traits_.rx_checksum_offload = conf.rxmode.offloads == rx_wanted;
    traits_.tx_ipv4_checksum_offload = (conf.txmode.offloads & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) != 0;
    traits_.tx_udp_checksum_offload = (conf.txmode.offloads & RTE_ETH_TX_OFFLOAD_UDP_CKSUM) != 0;
    traits_.tx_multi_segment = (conf.txmode.offloads & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0;

    result = rte_eth_dev_configure(id, 1, 1, &conf);
    if (result != 0) {
        return std::unexpected(dpdk_failure("it cannot be configured", result));
    }
    uint16_t rx_slots = 1024;
    uint16_t tx_slots = 1024;
    result = rte_eth_dev_adjust_nb_rx_tx_desc(id, &rx_slots, &tx_slots);
    if (result == 0) {
        result = rte_eth_rx_queue_setup(id, 0, rx_slots, SOCKET_ID_ANY, nullptr, rx_pool);
    }
    if (result == 0) {
        result = rte_eth_tx_queue_setup(id, 0, tx_slots, SOCKET_ID_ANY, nullptr);
    }
    if (result != 0) {
        return std::unexpected(dpdk_failure("its queues cannot be set up", result,
                                            "raise appliance.memory_megabytes"));
    }
    if (interface_ != nullptr) {
        if (auto adopted = interface_->adopt_socket(); !adopted) {
            return adopted;
        }
    }
    result = rte_eth_dev_start(id);
    if (result != 0) {
        return std::unexpected(dpdk_failure("it does not start", result));
    }
    started_ = true;
    fill_traits(device);
    if (interface_ != nullptr) {
        return {};  // its socket hears all multicast already
    }
    return listen_to_multicast(is<PciDevice>(device));
}

Expected<void> Port::listen_to_multicast(bool is_pci) {
    int result = rte_eth_allmulticast_enable(traits_.dpdk_port);
    if (result != 0) {
        result = rte_eth_promiscuous_enable(traits_.dpdk_port);
    }
    // A device of memory alone filters nothing and so has nothing to switch.
    if (result != 0 && (is_pci || result != -ENOTSUP)) {
        return std::unexpected(
            dpdk_failure("it receives neither all multicast nor all frames", result));
    }
    return {};
}

void Port::fill_traits(const Device& device) {
    const uint16_t id = traits_.dpdk_port;
    traits_.partial_checksums_possible = is<AfPacketDevice>(device) || is<TapDevice>(device) ||
                                         is<MemifDevice>(device) || is<VirtioUserDevice>(device) ||
                                         driver_ == "net_virtio";
    traits_.interrupts_end_bursts = is<MemifDevice>(device);
    rte_ether_addr mac{};
    if (rte_eth_macaddr_get(id, &mac) == 0) {
        std::memcpy(traits_.mac.data(), mac.addr_bytes, traits_.mac.size());
    }
    if (rte_is_zero_ether_addr(&mac)) {
        traits_.mac = mac_from_name(name_);
    }
    if (const auto* tap = std::get_if<TapDevice>(&device)) {
        // The kernel's end of the TAP has this MAC; two ends with one would not hear each other.
        constexpr uint8_t locally_administered = 0x02;
        traits_.mac[0] |= locally_administered;
        traits_.mac[5] ^= 1;
        traits_.wait_fd = find_tap_queue(tap->interface);
    }
    uint16_t mtu = 0;
    if (interface_ != nullptr) {
        traits_.mtu = interface_->mtu();
        traits_.wait_fd = interface_->socket();
    } else if (rte_eth_dev_get_mtu(id, &mtu) == 0 && mtu > 0) {
        traits_.mtu = mtu;
    }
}

LinkState Port::link() const {
    if (interface_ != nullptr) {
        return interface_->link();  // the driver says "up", whatever is
    }
    rte_eth_link link{};
    if (rte_eth_link_get_nowait(traits_.dpdk_port, &link) != 0) {
        return {};
    }
    LinkState state;
    state.up = link.link_status == RTE_ETH_LINK_UP;
    state.speed_mbps = link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : link.link_speed;
    state.full_duplex = link.link_duplex == RTE_ETH_LINK_FULL_DUPLEX;
    return state;
}

uint64_t Port::device_drops() {
    socket_drops_ += interface_ != nullptr ? interface_->take_drops() : 0;
    rte_eth_stats statistics{};
    if (rte_eth_stats_get(traits_.dpdk_port, &statistics) != 0) {
        return socket_drops_;
    }
    return socket_drops_ + statistics.imissed + statistics.rx_nombuf;
}

}  // namespace trunkline::board
