#include "sipstack/shard_thread.h"

#include "dataplane/dpdk_thread.h"
#include "dataplane/packet.h"
#include "sipstack/transport/stream_sockets.h"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <rte_mbuf.h>
#include <sched.h>
#include <spdlog/spdlog.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <ctime>
#include <fstream>
#include <map>
#include <string>
#include <utility>

namespace trunkline::sipstack {

namespace {

constexpr std::size_t burst = 32;
constexpr std::size_t tasks_a_turn = 4;
constexpr uint32_t turns_between_stream_polls = 16;
constexpr std::size_t largest_datagram = 65535;
/// For messages until somebody who watches takes them, some thousands of them.
constexpr std::size_t tap_bytes = std::size_t{4} << 20;

std::chrono::nanoseconds wall_now() {
    return std::chrono::system_clock::now().time_since_epoch();
}

/// Copies a datagram's payload into one piece when it is chained (reassembled fragments), or shows
/// it where it lies. `room` is used in the first case alone.
std::string_view payload_of(const rte_mbuf* packet, std::vector<char>& room) {
    const uint32_t length = std::min<uint32_t>(rte_pktmbuf_pkt_len(packet), room.size());
    const auto* data = static_cast<const char*>(rte_pktmbuf_read(packet, 0, length, room.data()));
    return {data, data == nullptr ? 0 : length};
}

/// Writes `bytes` into an mbuf, or a chain of them when one is too small; nullptr when the pool is
/// empty. Headers go in front later, so the first one keeps its headroom.
rte_mbuf* datagram_of(std::string_view bytes, rte_mempool* pool) {
    rte_mbuf* head = nullptr;
    do {
        rte_mbuf* segment = rte_pktmbuf_alloc(pool);
        if (segment == nullptr) {
            rte_pktmbuf_free(head);
            return nullptr;
        }
        const auto part = static_cast<uint16_t>(
            std::min<std::size_t>(bytes.size(), rte_pktmbuf_tailroom(segment)));
        std::copy_n(bytes.data(), part, rte_pktmbuf_append(segment, part));
        bytes.remove_prefix(part);
        if (head == nullptr) {
            head = segment;
        } else if (rte_pktmbuf_chain(head, segment) != 0) {
            rte_pktmbuf_free(segment);
            rte_pktmbuf_free(head);
            return nullptr;
        }
    } while (!bytes.empty());
    return head;
}

/// The shard's way out: datagrams gather here and leave in one burst a turn.
class RingSender final : public MessageSender {
public:
    explicit RingSender(const ShardThread::Options& options) : options_(options) {}
    ~RingSender() override { flush(); }

    bool send(const Flow& flow, std::string_view bytes) override {
        if (bytes.empty() || bytes.size() > largest_datagram || flow.transport != Transport::udp) {
            return false;
        }
        if (waiting_ == burst && !flush()) {
            return false;
        }
        rte_mbuf* packet = datagram_of(bytes, options_.pool);
        if (packet == nullptr) {
            return false;
        }
        auto& facts = dataplane::facts(packet);
        facts.local = flow.local;
        facts.remote = flow.remote;
        facts.ip_interface =
            options_.config->sip_interfaces[flow.sip_interface_index].ip_interface_index;
        packets_[waiting_++] = packet;
        return true;
    }

    /// Hands over what has gathered; false when the ring had no room for some, which stays and is
    /// offered again in the next turn.
    bool flush() {
        if (waiting_ == 0) {
            return true;
        }
        const uint32_t taken = options_.link->outbound.push(std::span(packets_.data(), waiting_));
        std::copy(packets_.begin() + taken, packets_.begin() + waiting_, packets_.begin());
        waiting_ -= taken;
        if (waiting_ != 0) {
            options_.link->outbound_full.fetch_add(1, std::memory_order_relaxed);
        }
        options_.worker_bell->ring();
        return waiting_ == 0;
    }

    bool has_waiting() const { return waiting_ != 0; }

    void discard() {
        rte_pktmbuf_free_bulk(packets_.data(), static_cast<unsigned>(waiting_));
        waiting_ = 0;
    }

private:
    const ShardThread::Options options_;
    std::array<rte_mbuf*, burst> packets_{};
    std::size_t waiting_ = 0;
};

constexpr uint32_t task_ring_capacity = 256;

std::optional<Instant> earlier(std::optional<Instant> a, std::optional<Instant> b) {
    return a && b ? std::min(*a, *b) : (a ? a : b);
}

}  // namespace

Instant monotonic_now() {
    return Instant(std::chrono::duration_cast<Milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch()));
}

uint64_t boot_number() {
    std::string name;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> name;
    std::erase(name, '-');
    // 60 of its random bits: an entry's numbers have 63.
    name.resize(std::min<std::size_t>(name.size(), 15));
    uint64_t number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number, 16);
    return number;
}

board::Expected<Random::Seed> random_seed() {
    Random::Seed seed{};
    if (getrandom(seed.data(), seed.size(), 0) != static_cast<ssize_t>(seed.size())) {
        return std::unexpected(board::Error{"the kernel gives no random bytes; retry"});
    }
    return seed;
}

ClockReading read_clocks(uint64_t boot) {
    timespec up{};
    ::clock_gettime(CLOCK_BOOTTIME, &up);
    return {std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()), monotonic_now(),
            std::chrono::floor<Milliseconds>(std::chrono::seconds(up.tv_sec) +
                                             std::chrono::nanoseconds(up.tv_nsec)),
            boot};
}

struct ShardThread::State final : ShardListener {
    State(const Options& given, std::unique_ptr<KernelStreamSockets> sockets,
          dataplane::SpscRing<ShardTask*> to, dataplane::SpscRing<ShardTask*> back)
        : options(given),
          sender(options),
          streams(std::move(sockets)),
          shard(options.index, options.config,
                {sender, streams.get(), options.journal, this, tap.get()}, options.seed,
                options.log, monotonic_now()),
          tasks(std::move(to)),
          ended(std::move(back)) {
        for (std::size_t i = 0; i < options.config->sip_interfaces.size(); ++i) {
            const auto& interface = options.config->sip_interfaces[i];
            for (const uint16_t port : interface.udp_ports()) {
                sip_interfaces[{interface.ip_interface_index, port}] = static_cast<uint16_t>(i);
            }
        }
    }

    void on_server_news(const ServerNews& news) override { server_news.push_back(news); }

    void on_redirection_name(const RedirectionName& name) override {
        outbox.names.push_back(name);
        tell_of_outbox();
    }

    bool on_mail(ShardMail&& mail) override {
        if (outbox.mail.size() >= ShardOutbox::most_mail) {
            return false;
        }
        outbox.mail.push_back(std::move(mail));
        tell_of_outbox();
        return true;
    }

    void tell_of_outbox() {
        has_outbox.store(true);
        options.control_bell->ring();
    }

    bool take_datagrams(Instant now);
    bool poll_streams(Instant now);
    bool run_tasks(Instant now);

    const Options options;
    RingSender sender;
    std::vector<ServerNews> server_news;
    ShardOutbox outbox;
    std::atomic<bool> has_outbox{false};
    const std::unique_ptr<KernelStreamSockets> streams;  ///< nullptr: no TCP and TLS
    uint32_t turns = 0;
    bool streams_are_due = true;
    const std::shared_ptr<MessageTap> tap = std::make_shared<MessageTap>(tap_bytes, wall_now);
    Shard shard;
    dataplane::SpscRing<ShardTask*> tasks;
    dataplane::SpscRing<ShardTask*> ended;
    ShardTask* current = nullptr;  ///< taken from the ring, not finished
    // The control thread's own.
    std::size_t under_way = 0;         ///< posted and not collected; bounded by the ring
    std::vector<ShardTask*> overflow;  ///< posted while the ring was full
    std::map<std::pair<uint16_t, uint16_t>, uint16_t> sip_interfaces;  ///< by IP interface and port
    std::vector<char> linear = std::vector<char>(largest_datagram);
};

bool ShardThread::State::take_datagrams(Instant now) {
    std::array<rte_mbuf*, burst> packets{};
    const uint32_t count = options.link->inbound.pop(packets);
    for (uint32_t i = 0; i < count; ++i) {
        const auto& facts = dataplane::facts(packets[i]);
        const auto interface = sip_interfaces.find({facts.ip_interface, facts.local.port});
        if (interface == sip_interfaces.end()) {
            std::abort();  // the worker's listeners are made of the same SIP interfaces
        }
        const std::string_view payload = payload_of(packets[i], linear);
        if (facts.unreachable != dataplane::Unreachable::none) {
            const bool is_icmp = facts.unreachable != dataplane::Unreachable::next_hop;
            const auto reason = fmt::format("{}{}: {}", is_icmp ? "ICMP " : "",
                                            to_string(facts.unreachable), facts.remote.to_string());
            shard.unreachable(facts.remote, payload, reason, now);
            continue;
        }
        const Flow flow{Transport::udp, interface->second, facts.local, facts.remote};
        shard.receive(flow, payload, now);
    }
    rte_pktmbuf_free_bulk(packets.data(), count);
    return count != 0;
}

bool ShardThread::State::poll_streams(Instant now) {
    if (!streams) {
        return false;
    }
    const auto deadline = streams->next_deadline();
    if (!streams_are_due && ++turns % turns_between_stream_polls != 0 &&
        !(deadline && *deadline <= now)) {
        return false;
    }
    // What is busy stays so for a while.
    streams_are_due = streams->poll(shard, now);
    return streams_are_due;
}

bool ShardThread::State::run_tasks(Instant now) {
    bool worked = false;
    for (std::size_t i = 0; i < tasks_a_turn; ++i) {
        if (current == nullptr && tasks.pop(std::span(&current, 1)) == 0) {
            break;
        }
        worked = true;
        if (!current->run(shard, now)) {
            break;
        }
        // There is room: at most as many tasks are under way as the ring holds, see post().
        if (!ended.push(current)) {
            std::abort();
        }
        current = nullptr;
        options.control_bell->ring();
    }
    return worked;
}

ShardThread::ShardThread(std::unique_ptr<State> state) : state_(std::move(state)) {}

board::Expected<std::unique_ptr<ShardThread>> ShardThread::create(const Options& options) {
    auto to = dataplane::SpscRing<ShardTask*>::create(fmt::format("task_to_{}", options.index),
                                                      task_ring_capacity);
    if (!to) {
        return std::unexpected(to.error());
    }
    auto back = dataplane::SpscRing<ShardTask*>::create(fmt::format("task_back_{}", options.index),
                                                        task_ring_capacity);
    if (!back) {
        return std::unexpected(back.error());
    }
    std::unique_ptr<KernelStreamSockets> streams;
    if (KernelStreamSockets::are_needed(*options.config)) {
        auto made = KernelStreamSockets::create({options.config, options.log});
        if (!made) {
            return std::unexpected(made.error());
        }
        streams = std::move(*made);
    }
    return std::unique_ptr<ShardThread>(new ShardThread(
        std::make_unique<State>(options, std::move(streams), std::move(*to), std::move(*back))));
}

ShardThread::~ShardThread() {
    State& state = *state_;
    state.sender.discard();
    delete state.current;
    ShardTask* task = nullptr;
    while (state.tasks.pop(std::span(&task, 1)) != 0 || state.ended.pop(std::span(&task, 1)) != 0) {
        delete task;
    }
    for (ShardTask* waiting : state.overflow) {
        delete waiting;
    }
}

bool ShardThread::turn(Instant now) {
    bool worked = state_->take_datagrams(now);
    worked |= state_->poll_streams(now);
    worked |= state_->run_tasks(now);
    if (const auto deadline = state_->shard.next_deadline(); deadline && *deadline <= now) {
        state_->shard.advance(now);
        worked = true;
    }
    worked |= state_->sender.has_waiting();
    state_->sender.flush();
    if (state_->options.journal != nullptr) {
        state_->options.journal->flush();
    }
    return worked;
}

std::optional<Instant> ShardThread::next_deadline() const {
    const auto of_shard = state_->shard.next_deadline();
    const auto of_streams = state_->streams ? state_->streams->next_deadline() : std::nullopt;
    return earlier(of_shard, of_streams);
}

std::vector<ServerNews> ShardThread::take_server_news() {
    return std::exchange(state_->server_news, {});
}

ShardOutbox ShardThread::take_outbox() {
    return std::exchange(state_->outbox, {});
}

bool ShardThread::has_outbox() {
    return state_->has_outbox.exchange(false);
}

int ShardThread::stream_descriptor() const {
    return state_->streams ? state_->streams->fd() : -1;
}

void ShardThread::look_at_streams() {
    state_->streams_are_due = true;
}

uint64_t ShardThread::lost_datagrams() const {
    return state_->options.link->inbound_full.load(std::memory_order_relaxed);
}

std::shared_ptr<MessageTap> ShardThread::tap() const {
    return state_->tap;
}

dataplane::Doorbell& ShardThread::doorbell() {
    return *state_->options.bell;
}

void ShardThread::post(ShardTask task) {
    auto* owned = new ShardTask(std::move(task));
    if (state_->under_way + 1 >= task_ring_capacity) {
        state_->overflow.push_back(owned);
        return;
    }
    ++state_->under_way;
    if (!state_->tasks.push(owned)) {
        std::abort();  // the count above keeps room
    }
    state_->options.bell->ring();
}

void ShardThread::collect() {
    ShardTask* task = nullptr;
    while (state_->ended.pop(std::span(&task, 1)) != 0) {
        const std::unique_ptr<ShardTask> owned(task);
        --state_->under_way;
        owned->done();
    }
    std::vector<ShardTask*> waiting;
    waiting.swap(state_->overflow);
    for (ShardTask* next : waiting) {
        const std::unique_ptr<ShardTask> owned(next);
        post(std::move(*owned));
    }
}

namespace {

/// Milliseconds until `deadline`, rounded up, 0 when it is past.
std::optional<Milliseconds> until(std::optional<Instant> deadline, Instant now) {
    if (!deadline) {
        return std::nullopt;
    }
    return std::max(Milliseconds(0), *deadline - now);
}

/// Sleeps until the shard's doorbell, one of its connections or its next deadline.
void wait_for_work(ShardThread& shard) {
    constexpr Milliseconds longest{60'000};
    const auto left = until(shard.next_deadline(), monotonic_now());
    if (shard.doorbell().prepare_to_sleep()) {
        // A descriptor of -1 is left out by poll(2).
        std::array<pollfd, 2> set{
            {{shard.doorbell().fd(), POLLIN, 0}, {shard.stream_descriptor(), POLLIN, 0}}};
        // EINTR and time-out alike end in another turn, which finds out what there is to do.
        poll(set.data(), set.size(),
             static_cast<int>(std::min(left.value_or(longest), longest).count()));
        shard.doorbell().awake();
        shard.look_at_streams();
    }
}

void name_this_thread(const std::string& name) {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

}  // namespace

SignalingThreads::SignalingThreads(board::Topology topology, dataplane::Worker& worker,
                                   std::span<const std::unique_ptr<ShardThread>> shards)
    : worker_(worker), shards_(shards) {
    if (topology == board::Topology::merged) {
        for (const auto& shard : shards) {
            if (const int descriptor = shard->stream_descriptor(); descriptor >= 0) {
                worker.watch(descriptor);
            }
        }
        start("worker+shards", worker.doorbell(),
              [this](ThreadPulse& pulse) { run_merged(pulse); });
        return;
    }
    start("worker", worker.doorbell(), [this](ThreadPulse& pulse) { run_worker(pulse); });
    for (std::size_t i = 0; i < shards.size(); ++i) {
        start(fmt::format("shard-{}", i), shards[i]->doorbell(),
              [this, i](ThreadPulse& pulse) { run_shard(*shards_[i], pulse); });
    }
}

void SignalingThreads::start(const std::string& name, dataplane::Doorbell& bell,
                             std::function<void(ThreadPulse& pulse)> loop) {
    threads_.emplace_back([&pulse = pulses_.emplace_back(name, bell), loop = std::move(loop)] {
        name_this_thread(pulse.name());
        loop(pulse);
    });
}

SignalingThreads::~SignalingThreads() {
    stop_.store(true);
    worker_.doorbell().ring();
    for (const auto& shard : shards_) {
        shard->doorbell().ring();
    }
    for (auto& thread : threads_) {
        thread.join();
    }
}

std::vector<std::string> SignalingThreads::stuck() {
    std::vector<std::string> names;
    for (ThreadPulse& pulse : pulses_) {
        if (!pulse.beats()) {
            names.push_back(pulse.name());
        }
    }
    return names;
}

// The threads below register with DPDK for its per-thread buffer caches. One that could not be
// registered (there are 128 places and 64 shards at most) works the same, a little slower.

void SignalingThreads::run_merged(ThreadPulse& pulse) {
    const auto registered = dataplane::DpdkThread::enter();
    while (!stop_.load(std::memory_order_relaxed)) {
        pulse.beat();
        bool busy = worker_.walk();
        std::optional<Instant> deadline;
        const Instant now = monotonic_now();
        for (const auto& shard : shards_) {
            busy |= shard->turn(now);
            deadline = earlier(deadline, shard->next_deadline());
        }
        if (worker_.wait(!busy, until(deadline, now))) {
            std::ranges::for_each(shards_, [](const auto& shard) { shard->look_at_streams(); });
        }
    }
}

void SignalingThreads::run_worker(ThreadPulse& pulse) {
    const auto registered = dataplane::DpdkThread::enter();
    while (!stop_.load(std::memory_order_relaxed)) {
        pulse.beat();
        worker_.wait(!worker_.walk(), std::nullopt);
    }
}

void SignalingThreads::run_shard(ShardThread& shard, ThreadPulse& pulse) {
    const auto registered = dataplane::DpdkThread::enter();
    while (!stop_.load(std::memory_order_relaxed)) {
        pulse.beat();
        if (!shard.turn(monotonic_now())) {
            wait_for_work(shard);
        }
    }
}

board::Topology resolve_topology(board::Topology configured) {
    if (configured != board::Topology::automatic) {
        return configured;
    }
    cpu_set_t usable;
    CPU_ZERO(&usable);
    const bool single =
        sched_getaffinity(0, sizeof(usable), &usable) == 0 && CPU_COUNT(&usable) == 1;
    return single ? board::Topology::merged : board::Topology::split;
}

}  // namespace trunkline::sipstack
