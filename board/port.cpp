#include "board/port.h"

#include "board/devices.h"
#include "board/dpdk_log.h"
#include "board/link_speeds.h"
#include "board/network_namespace.h"
#include "board/open_descriptors.h"
#include "board/packet_interface.h"
#include "board/umem_pool.h"

#include <fmt/format.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
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
    std::string operator()(const AfXdpDevice&) const {
        return "DPDK's driver net_af_xdp must be installed (Debian: librte-net-af-xdp23), the "
               "interface have no other XDP program, and the process be root or have "
               "CAP_NET_ADMIN, "
               "CAP_NET_RAW and CAP_BPF";
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

/// An af_xdp port's queue: the kernel lets go of it some time after the socket that had it is
/// closed (xsk_release() defers that), and tells nobody when.
constexpr auto queue_is_freed_within = std::chrono::seconds(2);

template <typename Kind>
bool is(const Device& device) {
    return std::holds_alternative<Kind>(device);
}

}  // namespace

Port::Port() = default;

Expected<std::unique_ptr<Port>> Port::open(const PhysicalPort& config, rte_mempool* rx_pool) {
    const CaughtStandardError caught;  // libxdp tells there what it does
    const auto end = std::chrono::steady_clock::now() + queue_is_freed_within;
    for (;;) {
        std::unique_ptr<Port> port(new Port());
        const auto result = port->try_open(config, rx_pool);
        if (result) {
            return port;
        }
        if (!port->found_its_queue_busy_ || std::chrono::steady_clock::now() > end) {
            return std::unexpected(
                Error{fmt::format("cannot open {} for {}: {}", describe(config.device), config.name,
                                  result.error().message)});
        }
        port.reset();
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

Expected<void> Port::try_open(const PhysicalPort& config, rte_mempool* rx_pool) {
    name_ = config.name;
    setting_ = config.link;
    namespace_fd_ = NetworkNamespaceScope::open_current();
    const auto attached = attach(config);
    return attached ? start(config.device, rx_pool) : attached;
}

Port::~Port() {
    Expected<NetworkNamespaceScope> scope = namespace_fd_ < 0
                                                ? NetworkNamespaceScope::enter(std::string())
                                                : NetworkNamespaceScope::enter(namespace_fd_);
    const CaughtStandardError caught;
    // Without the scope (the privilege is gone) DPDK still closes its side.
    if (own_mac_ && interface_ == nullptr) {
        set_mac(*own_mac_);
    }
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
    if (auto prepared = prepare_interface(config.device); !prepared) {
        return prepared;
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

Expected<void> Port::prepare_interface(const Device& device) {
    const auto* const packet = std::get_if<AfPacketDevice>(&device);
    const auto* const xdp = std::get_if<AfXdpDevice>(&device);
    if (packet == nullptr && xdp == nullptr) {
        return {};
    }
    auto interface = packet != nullptr
                         ? PacketInterface::prepare(packet->interface, FrameReader::af_packet)
                         : PacketInterface::prepare(xdp->interface, FrameReader::af_xdp);
    if (!interface) {
        return std::unexpected(interface.error());
    }
    interface_ = *std::move(interface);
    warnings_ = interface_->warnings();
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

    const auto speeds = dpdk_link_speeds(setting_, driver_, info.speed_capa);
    setting_in_effect_ = speeds.has_value();
    conf.link_speeds = speeds.value_or(RTE_ETH_LINK_SPEED_AUTONEG);

    result = rte_eth_dev_configure(id, 1, 1, &conf);
    if (result != 0) {
        return std::unexpected(dpdk_failure("it cannot be configured", result));
    }
    if (is<AfXdpDevice>(device)) {
        auto umem = UmemPool::create(name_, rte_pktmbuf_priv_size(rx_pool));
        if (!umem) {
            return std::unexpected(umem.error());
        }
        umem_ = *std::move(umem);
        rx_pool = umem_->get();
    }
    const std::string advice =
        umem_ != nullptr ? OpenAdvice{}(AfXdpDevice{}) : "raise appliance.memory_megabytes";
    if (auto queues = set_up_queues(rx_pool, advice); !queues) {
        return queues;
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

Expected<void> Port::set_up_queues(rte_mempool* rx_pool, const std::string& advice) {
    const uint16_t id = traits_.dpdk_port;
    uint16_t rx_slots = 1024;
    uint16_t tx_slots = 1024;
    int result = rte_eth_dev_adjust_nb_rx_tx_desc(id, &rx_slots, &tx_slots);
    if (result == 0) {
        errno = 0;
        result = rte_eth_rx_queue_setup(id, 0, rx_slots, SOCKET_ID_ANY, nullptr, rx_pool);
        found_its_queue_busy_ = umem_ != nullptr && result != 0 && errno == EBUSY;
    }
    if (result == 0) {
        result = rte_eth_tx_queue_setup(id, 0, tx_slots, SOCKET_ID_ANY, nullptr);
    }
    if (result != 0) {
        return std::unexpected(dpdk_failure("its queues cannot be set up", result, advice));
    }
    return {};
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

Expected<void> Port::take_mac(const std::array<uint8_t, 6>& mac) {
    const std::array<uint8_t, 6> former = std::exchange(traits_.mac, mac);
    // The MAC that net_tap sets is that of the kernel's end: with one MAC the two ends would not
    // hear each other. What is sent to this end comes whatever its MAC.
    if (former == mac || is_tap()) {
        return {};
    }
    if (set_mac(mac)) {
        own_mac_ = own_mac_.value_or(former);
        return {};
    }
    const int result = receive_all_frames();
    // A device of memory alone filters nothing and so has nothing to switch.
    if (result != 0 && result != -ENOTSUP) {
        return std::unexpected(dpdk_failure(
            fmt::format("{} neither takes the MAC of its group nor receives all frames", name_),
            result));
    }
    return {};
}

/// A kernel interface has its own back when the port ends.
bool Port::set_mac(const std::array<uint8_t, 6>& mac) {
    if (interface_ != nullptr) {
        return interface_->set_mac(mac);
    }
    rte_ether_addr address{};
    std::ranges::copy(mac, address.addr_bytes);
    return rte_eth_dev_default_mac_addr_set(traits_.dpdk_port, &address) == 0;
}

/// 0, or a negative error number.
int Port::receive_all_frames() {
    if (interface_ != nullptr) {
        return interface_->receive_all_frames() ? 0 : -errno;
    }
    return rte_eth_promiscuous_enable(traits_.dpdk_port);
}

void Port::fill_traits(const Device& device) {
    const uint16_t id = traits_.dpdk_port;
    traits_.partial_checksums_possible = interface_ != nullptr || is<TapDevice>(device) ||
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
    if (has_link_fault_) {
        return {.source = Source::injected};
    }
    if (!is_enabled_) {
        return {};
    }
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

void Port::set_enabled(bool enabled) {
    if (enabled == is_enabled_) {
        return;
    }
    is_enabled_ = enabled;
    if (interface_ != nullptr) {
        switching_in_effect_ = interface_->set_up(enabled);
    } else {
        const uint16_t id = traits_.dpdk_port;
        const int result = enabled ? rte_eth_dev_set_link_up(id) : rte_eth_dev_set_link_down(id);
        switching_in_effect_ = result == 0;
    }
}

PortStatistics Port::statistics() {
    socket_drops_ += interface_ != nullptr ? interface_->take_drops() : 0;
    rte_eth_stats of_device{};  // stays as it is where a driver counts nothing
    rte_eth_stats_get(traits_.dpdk_port, &of_device);
    return {.received_packets = of_device.ipackets,
            .received_bytes = of_device.ibytes,
            .sent_packets = of_device.opackets,
            .sent_bytes = of_device.obytes,
            .receive_errors = of_device.ierrors,
            .send_errors = of_device.oerrors,
            .drops = socket_drops_ + of_device.imissed + of_device.rx_nombuf};
}

}  // namespace trunkline::board
