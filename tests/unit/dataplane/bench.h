// A worker on the test bench: its ports are rings, its kernel twin a socket, its clock a number.
#pragma once

#include "dataplane/packet.h"
#include "dataplane/worker.h"
#include "frame.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace trunkline::dataplane::testing {

/// A DPDK port whose far side is in the test's hands.
class RingPort {
public:
    explicit RingPort(rte_mempool* pool, uint32_t tx_capacity = 1024);
    ~RingPort();
    RingPort(const RingPort&) = delete;
    RingPort& operator=(const RingPort&) = delete;

    uint16_t id() const { return id_; }
    void inject(rte_mbuf* frame);
    std::vector<Bytes> sent();

private:
    rte_ring* to_worker_;
    rte_ring* from_worker_;
    uint16_t id_;
    std::string device_;
};

/// What a shard took out of its ring.
struct Received {
    std::string payload;
    PacketFacts facts;
    uint16_t segments = 0;
};

struct BenchOptions {
    uint32_t shards = 1;
    uint32_t devices = 1;
    bool one_group = false;  ///< all devices stand on GROUP_1; all but the first are tagged
    bool first_tagged = false;
    uint32_t members = 1;  ///< of GROUP_1; set_roles() decides when there are more than one
    uint32_t ring_capacity = 1024;
    uint32_t tx_capacity = 1024;
    bool twin = true;
    bool resolver = true;  ///< a NextHopChannel, answered by the test
    bool partial_checksums = false;
    bool tx_offloads = false;
    bool interrupts_end_bursts = false;
    uint16_t mtu = 1500;
    uint32_t kernel_door_rate = 20000;
    uint32_t unreachable_rate = 1000;
    FragmentLimits reassembly = {};
    uint32_t next_hop_requests = 1024;
    bool neighbours = true;  ///< static ones for the peer and the router
    board::PowerProfile power_profile = board::PowerProfile::busy;
    int wait_fd = -1;  ///< of all ports
    int twin_fd = -1;  ///< instead of the bench's own socket
};

/// Device n is VLAN n+1 and has 192.0.(2+n).10/24 with gateway .1, and 2001:db8:n::10/64; SIP
/// listens on 5060. Ports are those of the groups, each group's members in a row. The shard of a
/// payload is its first digit, and who begins with another character was not sent here.
class Bench {
public:
    explicit Bench(const BenchOptions& options = {});
    ~Bench();  ///< fails the test when a packet was lost track of

    /// The frame arrives at a port; in pieces of `segment` bytes when that is not 0.
    void inject(const Bytes& frame, std::size_t segment = 0, uint16_t port = 0);
    /// The same of one that make_packet() made, as its driver left it.
    void inject(rte_mbuf* frame) { ports_[0]->inject(frame); }
    /// Until two walks in a row moved nothing.
    void walk();
    void pass_time(std::chrono::milliseconds time) {
        now_ += static_cast<uint64_t>(std::chrono::nanoseconds(time).count());
    }

    std::vector<Bytes> sent(uint16_t port = 0) { return ports_[port]->sent(); }
    /// What the board says of GROUP_1; both members until then.
    void set_roles(board::GroupRoles roles) { roles_ = roles; }
    std::vector<Received> received(uint32_t shard = 0);
    std::vector<Bytes> at_kernel();
    void kernel_sends(const Bytes& frame);
    /// Takes every free packet of the pool until they are given back.
    std::vector<rte_mbuf*> take_all_packets();
    /// A datagram from a shard; in pieces of `segment` bytes when that is not 0.
    void shard_sends(const std::string& payload, const std::string& source,
                     const std::string& destination, uint32_t shard = 0, uint16_t interface = 0,
                     std::size_t segment = 0);
    void answer(const NextHopUpdate& update);
    std::vector<NextHopRequest> questions();
    uint64_t counter(const std::string& name) const;
    /// All drop counters that are not zero, as "name=value ...": what a good walk leaves empty.
    std::string drops() const;

    rte_mbuf* make_packet(const Bytes& bytes, std::size_t segment = 0);
    Worker& worker() { return *worker_; }
    ShardLink& link(uint32_t shard = 0) { return *links_[shard]; }
    Doorbell& shard_bell(uint32_t shard = 0) { return *bells_[shard]; }
    NextHopChannel& channel() { return *channel_; }
    WorkerOptions worker_options() const { return worker_options_; }
    int kernel_side() const { return kernel_side_; }

private:
    std::unique_ptr<PacketPool> pool_;
    board::GroupPorts make_group(const std::string& name, uint32_t members,
                                 const BenchOptions& options);

    std::vector<std::unique_ptr<RingPort>> ports_;
    std::atomic<board::GroupRoles> roles_{{3, 1}};
    std::vector<std::unique_ptr<ShardLink>> links_;
    std::vector<std::unique_ptr<Doorbell>> bells_;
    std::unique_ptr<NextHopChannel> channel_;
    WorkerOptions worker_options_;
    std::unique_ptr<Worker> worker_;
    int twin_ = -1, kernel_side_ = -1;
    uint64_t now_ = 1'000'000'000'000;
    uint32_t packets_ = 0;
};

}  // namespace trunkline::dataplane::testing
