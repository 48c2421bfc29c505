#include "dataplane/nodes/context.h"

#include <rte_mempool.h>
#include <rte_random.h>

#include <algorithm>

namespace trunkline::dataplane::nodes {

namespace {

constexpr uint32_t next_hop_capacity = 16384;
constexpr std::size_t largest_datagram = 65536;

FragmentLimits reassembly_limits(const WorkerOptions& options) {
    FragmentLimits limits = options.reassembly;
    const std::size_t interfaces = std::max<std::size_t>(options.network.ip_interfaces.size(), 1);
    const std::size_t share = options.pool->size / 4 / interfaces;
    limits.interfaces = static_cast<uint16_t>(interfaces);
    limits.fragments = static_cast<uint32_t>(std::max<std::size_t>(
        std::min<std::size_t>(limits.fragments, share), FragmentTable::most_fragments));
    return limits;
}

template <typename Table, typename Key>
uint16_t position(const Table& table, const std::string& name, Key key) {
    return static_cast<uint16_t>(std::ranges::find(table, name, key) - table.begin());
}

Device device_of(const WorkerOptions& options, std::size_t index) {
    const EthernetDevice& row = options.network.ethernet_devices[index];
    const uint16_t group = position(options.groups, row.underlying, &board::GroupPorts::name);
    const auto& members = options.groups[group].members;
    const uint16_t tag = row.tagged ? row.vlan_id : uint16_t{0};
    return {group,
            tag,
            std::ranges::all_of(members, &board::PortTraits::tx_ipv4_checksum_offload),
            std::ranges::all_of(members, &board::PortTraits::tx_udp_checksum_offload),
            std::ranges::any_of(members, &board::PortTraits::partial_checksums_possible),
            MacAddress{members.front().mac},
            row.mtu,
            options.twin_fds[index],
            TokenBucket(options.kernel_door_rate),
            TokenBucket(options.unreachable_rate)};
}

}  // namespace

Context::Context(const WorkerOptions& worker_options)
    : options(worker_options),
      ether_groups(options.groups),
      fed_shards(worker_options.shards.size()),
      reassembler(reassembly_limits(worker_options)),
      next_hops(next_hop_capacity),
      hold_timeout(static_cast<uint64_t>(std::chrono::nanoseconds(options.hold_timeout).count())),
      scratch(largest_datagram),
      // Not to be guessed by who has not seen a packet of ours (RFC 7739).
      next_ip4_id(static_cast<uint16_t>(rte_rand())),
      next_ip6_fragment_id(static_cast<uint32_t>(rte_rand())) {
    const auto& rows = options.network.ethernet_devices;
    for (uint16_t i = 0; i < rows.size(); ++i) {
        devices.push_back(device_of(options, i));
        ether_groups.add_device(devices.back().group, i, devices.back().vlan_tag);
    }
    for (const IpInterface& interface : options.network.ip_interfaces) {
        const uint16_t device = position(rows, interface.device, &EthernetDevice::name);
        interfaces.push_back({interface.address.address, device, {}});
    }
    for (const SipListener& listener : options.sip_listeners) {
        interfaces[listener.ip_interface].sip_ports.set(listener.udp_port);
    }
}

Context::~Context() {
    rte_pktmbuf_free(spare);
}

const Interface* Context::find_interface(uint16_t device, const IpAddress& address) const {
    const auto found = std::ranges::find_if(interfaces, [&](const Interface& interface) {
        return interface.device == device && interface.address == address;
    });
    return found == interfaces.end() ? nullptr : &*found;
}

}  // namespace trunkline::dataplane::nodes
