// What the packet path does alone: every node from the port to the shard's ring and back, with an
// echo in the shard's place.
//
//   bench-path ring SECONDS           over two ports that are rings to each other
//   bench-path memif:SOCKET SECONDS   as the server of a memif; the far side sends UDP to
//                                     192.0.2.10:5060 (02:00:00:00:00:0a) and returns what it gets
//
// Prints the datagrams that went through, both ways each, and the nanoseconds of CPU time for one,
// after a tenth of the time as a warm-up. The thread polls, so that it is never without work to do.
#include "board/eal.h"
#include "board/port.h"
#include "dataplane/packet.h"
#include "dataplane/packet_pool.h"
#include "dataplane/worker.h"
#include "tests/bench/arguments.h"
#include "tests/bench/cpu_seconds.h"

#include <fmt/format.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace trunkline;
using namespace trunkline::dataplane;

constexpr uint32_t under_way = 512;
constexpr uint16_t payload_bytes = 400 - 14 - 20 - 8;
/// One of two ports and of their addresses; on a memif the second is the far side's.
struct Side {
    std::array<uint8_t, 6> mac;
    const char* address;
    std::string device;
};
const std::array<Side, 2> sides{Side{{2, 0, 0, 0, 0, 0x0a}, "192.0.2.10", "vlan 1"},
                                Side{{2, 0, 0, 0, 0, 1}, "192.0.2.1", "vlan 2"}};

int fail(const board::Error& error) {
    fmt::print(stderr, "bench-path: {}\n", error.message);
    return 1;
}

uint32_t only_shard(std::string_view, uint32_t) {
    return 0;
}

std::optional<uint32_t> no_sender(std::string_view, uint32_t) {
    return std::nullopt;
}

struct Path {
    PacketPool& pool;
    ShardLink& link;
    Doorbell& bell;
    std::unique_ptr<Worker> worker;

    /// Datagrams that the shard had in this turn.
    uint32_t turn() {
        worker->walk();
        std::array<rte_mbuf*, 64> packets;
        const uint32_t count = link.inbound.pop(packets);
        if (count > 0) {
            link.outbound.push(std::span(packets.data(), count));
        }
        return count;
    }
    /// Datagrams from the first port to the second.
    bool seed() {
        for (uint32_t left = under_way; left > 0; --left) {
            rte_mbuf* packet = rte_pktmbuf_alloc(pool.get());
            if (packet == nullptr) {
                return false;
            }
            std::memset(rte_pktmbuf_append(packet, payload_bytes), 'x', payload_bytes);
            facts(packet) = {{*IpAddress::parse(sides[1].address), 5060},
                             {*IpAddress::parse(sides[0].address), 5060},
                             0,
                             0,
                             Unreachable::none};
            link.outbound.push(packet);
        }
        return true;
    }
};

/// A port whose frames go to one ring and come from another.
board::Expected<board::PortTraits> ring_port(const char* name, rte_ring* in, rte_ring* out,
                                             rte_mempool* pool) {
    const int made = rte_eth_from_rings(name, &in, 1, &out, 1, 0);
    const auto port = static_cast<uint16_t>(made);
    const rte_eth_conf configuration{};
    if (made < 0 || rte_eth_dev_configure(port, 1, 1, &configuration) != 0 ||
        rte_eth_rx_queue_setup(port, 0, 64, 0, nullptr, pool) != 0 ||
        rte_eth_tx_queue_setup(port, 0, 64, 0, nullptr) != 0 || rte_eth_dev_start(port) != 0) {
        return std::unexpected(board::Error{fmt::format("cannot make the port {}", name)});
    }
    board::PortTraits traits;
    traits.dpdk_port = port;
    return traits;
}

board::Expected<std::vector<board::PortTraits>> ring_ports(rte_mempool* pool) {
    std::array<rte_ring*, 2> rings;
    for (rte_ring*& ring : rings) {
        ring = rte_ring_create(unique_ring_name("bench").c_str(), 2 * under_way, SOCKET_ID_ANY,
                               RING_F_SP_ENQ | RING_F_SC_DEQ);
        if (ring == nullptr) {
            return std::unexpected(board::Error{"no memory for a ring"});
        }
    }
    std::vector<board::PortTraits> ports;
    for (const auto& [name, in, out] :
         {std::tuple("first", rings[0], rings[1]), std::tuple("second", rings[1], rings[0])}) {
        const auto port = ring_port(name, in, out, pool);
        if (!port) {
            return std::unexpected(port.error());
        }
        ports.push_back(*port);
    }
    return ports;
}

WorkerOptions options_of(const std::vector<board::PortTraits>& ports, PacketPool& pool,
                         ShardLink& link, Doorbell& bell) {
    WorkerOptions options;
    options.network.kernel_twin = KernelTwin::none;
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const Side &near = sides[i], &far = sides[1 - i];
        const auto position = static_cast<uint16_t>(i);
        options.network.ethernet_devices.push_back(
            {near.device, fmt::format("GROUP_{}", i), static_cast<uint16_t>(i + 1), 1500});
        options.network.ip_interfaces.push_back(
            {near.device,
             4,
             *IpPrefix::parse(fmt::format("{}/24", near.address)),
             std::nullopt,
             near.device,
             {}});
        options.network.static_neighbours.push_back(
            {near.device, *IpAddress::parse(far.address), MacAddress{far.mac}});
        board::PortTraits traits = ports[i];
        traits.mac = near.mac;
        options.groups.push_back({fmt::format("GROUP_{}", i), {traits}});
        options.twin_fds.push_back(-1);
        options.sip_listeners.push_back({position, 5060});
    }
    options.power_profile = board::PowerProfile::busy;
    options.pool = pool.get();
    options.shards = {&link};
    options.shard_bells = {&bell};
    options.select_shard = only_shard;
    options.select_sender = no_sender;
    return options;
}

/// Turns until that much CPU time is over; the datagrams of it and the seconds that they took.
std::pair<uint64_t, double> turns(Path& path, double seconds) {
    const double begin = bench::cpu_seconds();
    uint64_t count = 0;
    for (uint32_t round = 1;; ++round) {
        count += path.turn();
        if (round % 1024 == 0) {
            const double spent = bench::cpu_seconds() - begin;
            if (spent >= seconds) {
                return {count, spent};
            }
        }
    }
}

/// `device`: nullopt for the two rings.
int measure(const std::optional<board::Device>& device, double seconds) {
    board::BoardConfig config;
    if (device) {
        config.physical_ports = {{"GE_1", *device, ""}};
    }
    const auto eal = board::Eal::start(config);
    if (!eal) {
        return fail(eal.error());
    }
    auto pool = PacketPool::create("bench", 4095);
    if (!pool) {
        return fail(pool.error());
    }
    std::unique_ptr<board::Port> port;
    std::vector<board::PortTraits> ports;
    if (device) {
        auto opened = board::Port::open(config.physical_ports[0], pool->get());
        if (!opened) {
            return fail(opened.error());
        }
        port = std::move(*opened);
        ports = {port->traits()};
    } else {
        const auto made = ring_ports(pool->get());
        if (!made) {
            return fail(made.error());
        }
        ports = *made;
    }
    const auto link = ShardLink::create(0, 0);
    if (!link) {
        return fail(link.error());
    }
    Doorbell bell;
    auto worker = Worker::create(options_of(ports, *pool, **link, bell));
    if (!worker) {
        return fail(worker.error());
    }
    Path path{*pool, **link, bell, std::move(*worker)};
    if (!device && !path.seed()) {
        return fail({"no packets for the rings"});
    }
    // A far side may still be on its way.
    for (int tries = 300; turns(path, 0.1).first == 0; --tries) {
        if (tries == 0) {
            for (const NamedCounter& counter : path.worker->counters()) {
                if (counter.value > 0) {
                    fmt::print(stderr, "{}={} ", counter.name, counter.value);
                }
            }
            return fail({"nothing comes through"});
        }
    }
    turns(path, seconds / 10);
    const auto [count, spent] = turns(path, seconds);
    fmt::print("{} datagrams, {:.1f} ns each\n", count, 1e9 * spent / static_cast<double>(count));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view port = argc == 3 ? argv[1] : "";
    const auto seconds = argc == 3 ? bench::number_above_zero<double>(argv[2]) : std::nullopt;
    constexpr std::string_view memif = "memif:";
    if (port == "ring" && seconds) {
        return measure(std::nullopt, *seconds);
    }
    if (port.starts_with(memif) && port.size() > memif.size() && seconds) {
        board::MemifDevice device;
        device.socket = port.substr(memif.size());
        device.server = true;
        return measure(device, *seconds);
    }
    std::fputs("usage: bench-path ring SECONDS | memif:SOCKET SECONDS\n", stderr);
    return 2;
}
