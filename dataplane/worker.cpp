#include "dataplane/worker.h"

#include "board/interrupt_gate.h"
#include "dataplane/idle.h"
#include "dataplane/nodes/context.h"
#include "dataplane/nodes/graph.h"

#include <fmt/format.h>
#include <rte_cycles.h>

#include <algorithm>
#include <limits>

namespace trunkline::dataplane {

namespace {

/// kernel_in's system calls are made on every so many walks while packets move.
constexpr uint32_t walks_between_twin_reads = 16;

board::Error refused(const std::string& what) {
    return {"cannot make a worker: " + what};
}

bool has_sender(const board::GroupPorts& group) {
    return !group.members.empty() && (group.roles == nullptr || group.roles->load().sending != 0);
}

/// Faults in how the parts were wired together. An operator sees them only by a fault of ours, but
/// they end in a message and not in a wild access.
std::optional<board::Error> check(const WorkerOptions& options) {
    const NetworkConfig& network = options.network;
    if (options.pool == nullptr) {
        return refused("it has no packet pool");
    }
    if (options.twin_fds.size() != network.ethernet_devices.size()) {
        return refused("not every Ethernet device has a kernel twin or none");
    }
    for (const EthernetDevice& device : network.ethernet_devices) {
        const auto group =
            std::ranges::find(options.groups, device.underlying, &board::GroupPorts::name);
        if (group == options.groups.end() || !has_sender(*group)) {
            return refused(fmt::format("Ethernet device {} has no port in {} that sends",
                                       device.name, device.underlying));
        }
    }
    for (const IpInterface& interface : network.ip_interfaces) {
        if (std::ranges::find(network.ethernet_devices, interface.device, &EthernetDevice::name) ==
            network.ethernet_devices.end()) {
            return refused(fmt::format("IP interface {} names no Ethernet device: {}",
                                       interface.name, interface.device));
        }
    }
    const auto unknown = [&](const SipListener& listener) {
        return listener.ip_interface >= network.ip_interfaces.size();
    };
    if (std::ranges::any_of(options.sip_listeners, unknown)) {
        return refused("a SIP listener names no IP interface");
    }
    if (options.shards.size() != options.shard_bells.size()) {
        return refused("not every shard has a doorbell");
    }
    if (!options.sip_listeners.empty() && options.shards.empty()) {
        return refused("it has SIP listeners and no shard for them");
    }
    if (!options.shards.empty() &&
        (options.select_shard == nullptr || options.select_sender == nullptr)) {
        return refused("nobody tells which shard a message belongs to");
    }
    return std::nullopt;
}

std::vector<int> port_descriptors(const WorkerOptions& options) {
    std::vector<int> descriptors;
    for (const board::GroupPorts& group : options.groups) {
        std::ranges::transform(group.members, std::back_inserter(descriptors),
                               &board::PortTraits::wait_fd);
    }
    return descriptors;
}

uint64_t time_stamp_nanoseconds() {
    static const double nanoseconds_a_cycle = 1e9 / static_cast<double>(rte_get_tsc_hz());
    return static_cast<uint64_t>(static_cast<double>(rte_rdtsc()) * nanoseconds_a_cycle);
}

/// How often DPDK's interrupt thread works between bursts, where it must not beside them: often
/// enough for a far side that comes or goes, and a tenth of a percent of the time.
constexpr uint64_t between_interrupts = 5'000'000;
constexpr uint64_t never = std::numeric_limits<uint64_t>::max();

bool needs_gate(const WorkerOptions& options) {
    return std::ranges::any_of(options.groups, [](const board::GroupPorts& group) {
        return std::ranges::any_of(group.members, &board::PortTraits::interrupts_end_bursts);
    });
}

}  // namespace

struct Worker::State {
    explicit State(const WorkerOptions& options)
        : context(options),
          idle(options.power_profile, port_descriptors(options), options.twin_fds, doorbell),
          next_interrupts(needs_gate(options) ? 0 : never) {}

    uint64_t read_clock() const {
        return context.options.clock ? context.options.clock() : time_stamp_nanoseconds();
    }
    void let_interrupts_through();
    void ring_those_fed();
    std::optional<std::chrono::nanoseconds> until_next_deadline() const;

    nodes::Context context;
    Doorbell doorbell;
    Idle idle;
    std::unique_ptr<nodes::Graph> graph;
    uint32_t walks = 0;
    bool waited = false;
    uint64_t next_interrupts;  ///< never, where no port needs the gate
    /// From the first walk on, so that nobody waits for it while no walk is made.
    std::optional<board::InterruptGate> gate;
};

void Worker::State::let_interrupts_through() {
    next_interrupts = context.now + between_interrupts;
    if (gate) {
        gate->let_through();
    } else {
        gate.emplace();
    }
}

/// Bells are rung once a walk, whatever went into the rings: each may cost a system call.
void Worker::State::ring_those_fed() {
    for (std::size_t shard = 0; shard < context.fed_shards.size(); ++shard) {
        if (context.fed_shards[shard] != 0) {
            context.fed_shards[shard] = 0;
            context.options.shard_bells[shard]->ring();
        }
    }
    if (context.asked) {
        context.asked = false;
        context.options.next_hops->requests_bell.ring();
    }
}

std::optional<std::chrono::nanoseconds> Worker::State::until_next_deadline() const {
    const uint64_t deadline =
        std::min({context.held.next_deadline(), context.reassembler.next_deadline(),
                  context.ether_groups.next_announcement()});
    if (deadline == HeldPackets::never) {
        return std::nullopt;
    }
    return std::chrono::nanoseconds(deadline > context.now ? deadline - context.now : 0);
}

board::Expected<std::unique_ptr<Worker>> Worker::create(const WorkerOptions& options) {
    if (const auto fault = check(options)) {
        return std::unexpected(*fault);
    }
    auto state = std::make_unique<State>(options);
    auto graph = nodes::Graph::create(options.index, state->context);
    if (!graph) {
        return std::unexpected(graph.error());
    }
    state->graph = std::move(*graph);
    return std::unique_ptr<Worker>(new Worker(std::move(state)));
}

Worker::Worker(std::unique_ptr<State> state) : state_(std::move(state)) {}
Worker::~Worker() = default;

bool Worker::walk() {
    nodes::Context& context = state_->context;
    context.now = state_->read_clock();
    context.moved = 0;
    context.read_twins = state_->waited || ++state_->walks % walks_between_twin_reads == 0;
    state_->waited = false;
    if (context.now >= state_->next_interrupts) {
        state_->let_interrupts_through();
    }
    context.ether_groups.take_roles(context.now);
    context.reassembler.expire(context.now, context.counters);
    state_->graph->walk();
    state_->ring_those_fed();
    return context.moved != 0;
}

bool Worker::wait(bool was_idle, std::optional<std::chrono::milliseconds> at_most) {
    if (!state_->idle.time_to_wait(was_idle)) {
        return false;
    }
    std::optional<std::chrono::nanoseconds> limit = state_->until_next_deadline();
    if (at_most) {
        limit = std::min<std::chrono::nanoseconds>(limit.value_or(*at_most), *at_most);
    }
    state_->idle.wait(limit);
    state_->waited = true;
    return true;
}

void Worker::watch(int descriptor) {
    state_->idle.watch(descriptor);
}

Doorbell& Worker::doorbell() {
    return state_->doorbell;
}

std::vector<NodeStatistics> Worker::node_statistics() const {
    return state_->graph->statistics();
}

std::vector<NamedCounter> Worker::counters() const {
    std::vector<NamedCounter> named;
    for (std::size_t i = 0; i < counter_names.size(); ++i) {
        named.push_back({std::string(counter_names[i]),
                         state_->context.counters.value(static_cast<Counter>(i))});
    }
    return named;
}

std::string Worker::drawing() const {
    return state_->graph->drawing();
}

}  // namespace trunkline::dataplane
