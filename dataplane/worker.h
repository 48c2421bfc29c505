// A poll-mode worker: the packet graph of all ports and what it needs around it.
//
// One thread at a time calls walk(), wait() and the destructor; if DPDK did not make it, it is in a
// DpdkThread scope (dpdk_thread.h). Counters, statistics and the drawing may be had from any
// thread.
#pragma once

#include "board/error.h"
#include "board/group_ports.h"
#include "dataplane/config.h"
#include "dataplane/fragment_table.h"
#include "dataplane/next_hop.h"
#include "dataplane/packet_pool.h"
#include "dataplane/shard_link.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trunkline::dataplane {

/// A UDP port of ours: datagrams to it are SIP and go to the shards; all else is the kernel's.
struct SipListener {
    uint16_t ip_interface = 0;  ///< position in NetworkConfig::ip_interfaces
    uint16_t udp_port = 0;
};

struct WorkerOptions {
    uint32_t index = 0;
    NetworkConfig network;
    /// Those that the Ethernet devices stand on, and maybe others.
    std::vector<board::GroupPorts> groups;
    std::vector<int> twin_fds;  ///< parallel to network.ethernet_devices; -1: no kernel twin
    std::vector<SipListener> sip_listeners;
    board::PowerProfile power_profile = board::PowerProfile::balanced;
    rte_mempool* pool = nullptr;
    std::vector<ShardLink*> shards;
    std::vector<Doorbell*> shard_bells;  ///< parallel to shards; rung after a walk that fed them
    ShardSelector select_shard = nullptr;
    SenderSelector select_sender = nullptr;
    /// nullptr: network.static_neighbours alone answer.
    NextHopChannel* next_hops = nullptr;
    /// Frames a second and device that may pass the door to the kernel; the burst is as large.
    uint32_t kernel_door_rate = 20000;
    /// ICMP errors a second and device that are looked at for the shards; the burst is as large. A
    /// Linux host sends 1000 at most.
    uint32_t unreachable_rate = 1000;
    /// Fragments that wait for the rest of their datagrams; `interfaces` is the worker's to fill
    /// in, and `fragments` is cut so that at most a quarter of the pool waits.
    FragmentLimits reassembly;
    /// How long packets wait for their next hop's address; the kernel gives up after 3 s.
    std::chrono::milliseconds hold_timeout{3500};
    /// Monotonic nanoseconds, read once a walk; unset: the time stamp counter. For tests.
    std::function<uint64_t()> clock;
};

/// A counter with its name, for `show` and tests: "ip4.bad_checksum", "kernel_door.limited".
struct NamedCounter {
    std::string name;
    uint64_t value = 0;
};

/// One graph node: how often it ran, what it moved.
struct NodeStatistics {
    std::string name;
    uint64_t calls = 0, objects = 0, cycles = 0;
};

class Worker {
public:
    static board::Expected<std::unique_ptr<Worker>> create(const WorkerOptions& options);
    ~Worker();

    /// One turn: receive, move everything through the graph, send, take the shards' datagrams and
    /// the kernel's answers. After a group's senders changed, every address on it is announced
    /// (announcement.h). true when anything moved.
    bool walk();
    /// After a run of idle walks: sleeps until a packet, a doorbell or `at_most` (unset = no limit)
    /// by the power profile; returns at once otherwise. `was_idle` is the result of the last walk
    /// (and, merged, of the shards' turns). true: it slept.
    bool wait(bool was_idle, std::optional<std::chrono::milliseconds> at_most);
    /// A descriptor that ends a wait() when it is readable: of a shard that shares the worker's
    /// thread. It outlives the worker's thread. Before the first walk().
    void watch(int descriptor);

    /// Wakes the worker from wait(); rung by shards, the next-hop resolver and the control thread.
    Doorbell& doorbell();

    std::vector<NodeStatistics> node_statistics() const;
    std::vector<NamedCounter> counters() const;
    /// The graph in DOT form (rte_graph_export).
    std::string drawing() const;

private:
    struct State;
    explicit Worker(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace trunkline::dataplane
