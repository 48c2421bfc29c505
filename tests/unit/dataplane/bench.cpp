#include "bench.h"

#include <fmt/format.h>
#include <rte_dev.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <set>

namespace trunkline::dataplane::testing {

namespace {

uint32_t next_number() {
    static std::atomic<uint32_t> number{0};
    return number++;
}

uint32_t select_by_first_digit(std::string_view payload, uint32_t shard_count) {
    return static_cast<uint32_t>(payload[0] - '0') % shard_count;
}

std::optional<uint32_t> sender_by_first_digit(std::string_view quoted, uint32_t shard_count) {
    const bool is_ours = !quoted.empty() && quoted[0] >= '0' && quoted[0] <= '9';
    return is_ours ? std::optional(select_by_first_digit(quoted, shard_count)) : std::nullopt;
}

rte_ring* make_ring(uint32_t capacity) {
    return rte_ring_create(unique_ring_name("bench").c_str(), capacity, SOCKET_ID_ANY, 0);
}

void free_ring(rte_ring* ring) {
    void* frame = nullptr;
    while (rte_ring_dequeue(ring, &frame) == 0) {
        rte_pktmbuf_free(static_cast<rte_mbuf*>(frame));
    }
    rte_ring_free(ring);
}

Bytes bytes_of(const rte_mbuf* packet) {
    Bytes bytes;
    for (; packet != nullptr; packet = packet->next) {
        const auto* data = rte_pktmbuf_mtod(packet, const uint8_t*);
        bytes.insert(bytes.end(), data, data + packet->data_len);
    }
    return bytes;
}

/// Totals; every other counter is a drop.
const std::set<std::string> totals = {
    "announce.frames",
    "rx.frames",
    "reassembly.datagrams",
    "udp.partial_checksum_accepted",
    "sip_door.datagrams",
    "kernel_door.frames",
    "kernel_door.checksum_completed",
    "icmp.other",
    "icmp.unreachable",
    "kernel_in.frames",
    "shard_in.datagrams",
    "fragment.fragments",
    "next_hop.asked",
    "next_hop.held",
    "tx.frames",
};

}  // namespace

RingPort::RingPort(rte_mempool* pool, uint32_t tx_capacity)
    : to_worker_(make_ring(1024)), from_worker_(make_ring(tx_capacity)) {
    const std::string name = fmt::format("bench{}", next_number());
    const int port = rte_eth_from_rings(name.c_str(), &to_worker_, 1, &from_worker_, 1, 0);
    EXPECT_GE(port, 0);
    id_ = static_cast<uint16_t>(port);
    device_ = "net_ring_" + name;
    const rte_eth_conf configuration{};
    EXPECT_EQ(rte_eth_dev_configure(id_, 1, 1, &configuration), 0);
    EXPECT_EQ(rte_eth_rx_queue_setup(id_, 0, 64, 0, nullptr, pool), 0);
    EXPECT_EQ(rte_eth_tx_queue_setup(id_, 0, 64, 0, nullptr), 0);
    EXPECT_EQ(rte_eth_dev_start(id_), 0);
}

RingPort::~RingPort() {
    rte_eth_dev_stop(id_);
    rte_eth_dev_close(id_);
    rte_eal_hotplug_remove("vdev", device_.c_str());
    free_ring(from_worker_);
    free_ring(to_worker_);
}

void RingPort::inject(rte_mbuf* frame) {
    ASSERT_EQ(rte_ring_enqueue(to_worker_, frame), 0);
}

std::vector<Bytes> RingPort::sent() {
    std::vector<Bytes> frames;
    void* frame = nullptr;
    while (rte_ring_dequeue(from_worker_, &frame) == 0) {
        frames.push_back(bytes_of(static_cast<rte_mbuf*>(frame)));
        rte_pktmbuf_free(static_cast<rte_mbuf*>(frame));
    }
    return frames;
}

Bench::Bench(const BenchOptions& options) {
    constexpr uint32_t pool_size = 2047;
    auto pool = PacketPool::create(fmt::format("bench{}", next_number()).c_str(), pool_size);
    EXPECT_TRUE(pool) << pool.error().message;
    pool_ = std::make_unique<PacketPool>(std::move(*pool));
    packets_ = rte_mempool_avail_count(pool_->get());
    if (options.twin) {
        std::array<int, 2> pair{};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair.data()), 0);
        twin_ = pair[0];
        kernel_side_ = pair[1];
    }
    WorkerOptions& worker = worker_options_;
    for (uint16_t i = 0; i < options.devices; ++i) {
        const bool own_group = i == 0 || !options.one_group;
        const std::string group = fmt::format("GROUP_{}", own_group ? i + 1 : 1);
        if (own_group) {
            worker.groups.push_back(make_group(group, i == 0 ? options.members : 1, options));
        }
        const std::string device = fmt::format("vlan {}", i + 1);
        worker.network.ethernet_devices.push_back({device, group, static_cast<uint16_t>(i + 1),
                                                   options.mtu,
                                                   !own_group || (i == 0 && options.first_tagged)});
        const std::string net4 = fmt::format("192.0.{}.", 2 + i);
        const std::string net6 = i == 0 ? "2001:db8::" : fmt::format("2001:db8:{}::", i);
        worker.network.ip_interfaces.push_back({"Voice",
                                                4,
                                                *IpPrefix::parse(net4 + "10/24"),
                                                IpAddress::parse(net4 + "1"),
                                                device,
                                                {}});
        worker.network.ip_interfaces.push_back({"Voice6",
                                                4,
                                                *IpPrefix::parse(net6 + "10/64"),
                                                IpAddress::parse(net6 + "1"),
                                                device,
                                                {}});
        for (const char* peer : {"20", "1"}) {
            const MacAddress mac = peer == std::string("1") ? router_mac : peer_mac;
            for (const std::string& net : {net4, net6}) {
                if (options.neighbours) {
                    worker.network.static_neighbours.push_back(
                        {device, *IpAddress::parse(net + peer), mac});
                }
            }
        }
        const int twin = options.twin_fd >= 0 ? options.twin_fd : twin_;
        worker.twin_fds.push_back(i == 0 ? twin : -1);
    }
    for (uint16_t i = 0; i < worker.network.ip_interfaces.size(); ++i) {
        worker.sip_listeners.push_back({i, 5060});
    }
    for (uint32_t i = 0; i < options.shards; ++i) {
        links_.push_back(ShardLink::create(0, i, options.ring_capacity).value());
        bells_.push_back(std::make_unique<Doorbell>());
        worker.shards.push_back(links_.back().get());
        worker.shard_bells.push_back(bells_.back().get());
    }
    if (options.resolver) {
        channel_ = NextHopChannel::create(0, options.next_hop_requests).value();
        worker.next_hops = channel_.get();
    }
    worker.select_shard = select_by_first_digit;
    worker.select_sender = sender_by_first_digit;
    worker.pool = pool_->get();
    worker.kernel_door_rate = options.kernel_door_rate;
    worker.unreachable_rate = options.unreachable_rate;
    worker.reassembly = options.reassembly;
    worker.power_profile = options.power_profile;
    worker.clock = [this] { return now_; };
    auto made = Worker::create(worker);
    EXPECT_TRUE(made) << made.error().message;
    worker_ = std::move(*made);
}

board::GroupPorts Bench::make_group(const std::string& name, uint32_t members,
                                    const BenchOptions& options) {
    board::GroupPorts group;
    group.name = name;
    for (uint32_t i = 0; i < members; ++i) {
        ports_.push_back(std::make_unique<RingPort>(pool_->get(), options.tx_capacity));
        board::PortTraits port;
        port.dpdk_port = ports_.back()->id();
        port.mac = our_mac.bytes;
        port.wait_fd = options.wait_fd;
        port.partial_checksums_possible = options.partial_checksums;
        port.interrupts_end_bursts = options.interrupts_end_bursts;
        port.tx_ipv4_checksum_offload = options.tx_offloads;
        port.tx_udp_checksum_offload = options.tx_offloads;
        group.members.push_back(port);
    }
    group.roles = members > 1 ? &roles_ : nullptr;
    return group;
}

Bench::~Bench() {
    worker_.reset();
    links_.clear();
    ports_.clear();
    if (twin_ >= 0) {
        close(twin_);
        close(kernel_side_);
    }
    EXPECT_EQ(rte_mempool_avail_count(pool_->get()), packets_) << "packets leaked";
}

rte_mbuf* Bench::make_packet(const Bytes& bytes, std::size_t segment) {
    rte_mbuf* head = nullptr;
    const std::size_t step = segment == 0 ? bytes.size() : segment;
    for (std::size_t at = 0; at < bytes.size() || head == nullptr; at += step) {
        rte_mbuf* part = rte_pktmbuf_alloc(pool_->get());
        const std::size_t length = std::min(step, bytes.size() - at);
        if (char* room = rte_pktmbuf_append(part, static_cast<uint16_t>(length))) {
            std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), length, room);
        } else {
            ADD_FAILURE() << "the packet has no room for " << length;
        }
        if (head == nullptr) {
            head = part;
        } else {
            EXPECT_EQ(rte_pktmbuf_chain(head, part), 0);
        }
    }
    return head;
}

void Bench::inject(const Bytes& frame, std::size_t segment, uint16_t port) {
    ports_[port]->inject(make_packet(frame, segment));
}

void Bench::walk() {
    for (int idle = 0; idle < 17;) {  // the twin is read on each 16th
        idle = worker_->walk() ? 0 : idle + 1;
    }
}

std::vector<Received> Bench::received(uint32_t shard) {
    std::vector<Received> all;
    std::array<rte_mbuf*, 64> packets;
    while (const uint32_t count = links_[shard]->inbound.pop(packets)) {
        for (uint32_t i = 0; i < count; ++i) {
            const Bytes bytes = bytes_of(packets[i]);
            all.push_back(
                {std::string(bytes.begin(), bytes.end()), facts(packets[i]), packets[i]->nb_segs});
            rte_pktmbuf_free(packets[i]);
        }
    }
    return all;
}

std::vector<Bytes> Bench::at_kernel() {
    std::vector<Bytes> frames;
    Bytes room(65536);
    for (ssize_t size = 0; (size = read(kernel_side_, room.data(), room.size())) > 0;) {
        frames.emplace_back(room.begin(), room.begin() + size);
    }
    return frames;
}

void Bench::kernel_sends(const Bytes& frame) {
    ASSERT_EQ(write(kernel_side_, frame.data(), frame.size()), static_cast<ssize_t>(frame.size()));
}

void Bench::shard_sends(const std::string& payload, const std::string& source,
                        const std::string& destination, uint32_t shard, uint16_t interface,
                        std::size_t segment) {
    rte_mbuf* packet = make_packet(Bytes(payload.begin(), payload.end()), segment);
    facts(packet) = {
        {*IpAddress::parse(destination), 5070}, {*IpAddress::parse(source), 5060}, interface, 0};
    ASSERT_TRUE(links_[shard]->outbound.push(packet));
}

std::vector<rte_mbuf*> Bench::take_all_packets() {
    std::vector<rte_mbuf*> all;
    while (rte_mbuf* packet = rte_pktmbuf_alloc(pool_->get())) {
        all.push_back(packet);
    }
    return all;
}

void Bench::answer(const NextHopUpdate& update) {
    ASSERT_TRUE(channel_->updates.push(update));
}

std::vector<NextHopRequest> Bench::questions() {
    std::vector<NextHopRequest> all;
    std::array<NextHopRequest, 16> some;
    while (const uint32_t count = channel_->requests.pop(some)) {
        all.insert(all.end(), some.begin(), some.begin() + count);
    }
    return all;
}

uint64_t Bench::counter(const std::string& name) const {
    for (const NamedCounter& counter : worker_->counters()) {
        if (counter.name == name) {
            return counter.value;
        }
    }
    ADD_FAILURE() << "no counter " << name;
    return 0;
}

std::string Bench::drops() const {
    std::string text;
    for (const NamedCounter& counter : worker_->counters()) {
        if (counter.value != 0 && !totals.contains(counter.name)) {
            text += fmt::format("{}={} ", counter.name, counter.value);
        }
    }
    return text.empty() ? text : text.substr(0, text.size() - 1);
}

}  // namespace trunkline::dataplane::testing
