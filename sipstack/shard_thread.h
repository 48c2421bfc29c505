// Where the signaling core meets the machine: the dataplane's rings, the kernel's stream sockets,
// the clock and the threads.
//
// The one file of sipstack that knows DPDK. It turns ring entries into Shard calls and back, hands
// in the time, and runs shards and workers on threads as the topology says.
#pragma once

#include "board/config.h"
#include "board/error.h"
#include "dataplane/doorbell.h"
#include "dataplane/shard_link.h"
#include "dataplane/worker.h"
#include "sipstack/registration/journal_queue.h"
#include "sipstack/registration/journal_record.h"
#include "sipstack/shard.h"
#include "sipstack/thread_pulse.h"

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace trunkline::sipstack {

/// The monotonic clock of this machine (clock_gettime(2), CLOCK_MONOTONIC) as an Instant.
Instant monotonic_now();
/// Names the machine's last start as its kernel does (random/boot_id); 0: it does not.
uint64_t boot_number();
/// All clocks of this machine, for the journal. `boot` does not change while it runs.
ClockReading read_clocks(uint64_t boot = boot_number());
/// Of the kernel's random bytes.
board::Expected<Random::Seed> random_seed();

/// Something that the control thread has a shard do. The control thread makes and destroys it; the
/// shard's thread runs it in between.
struct ShardTask {
    /// On the shard's thread. false = call again in the next turn: long answers go in slices, so
    /// that packets and timers never wait for an operator.
    std::function<bool(Shard& shard, Instant now)> run;
    /// On the control thread, in collect(), after run() said true.
    std::function<void()> done;
};

/// What a shard has for others.
struct ShardOutbox {
    /// Mail beyond this waits for no one: it is refused, and counted by the shard.
    static constexpr std::size_t most_mail = 256;

    std::vector<RedirectionName> names;  ///< of redirections, to be looked up
    std::vector<ShardMail> mail;
};

/// One shard with its rings. turn() and next_deadline() belong to the shard's thread; post() and
/// collect() to the control thread; the doorbells to whoever waits.
class ShardThread {
public:
    struct Options {
        uint32_t index = 0;
        std::shared_ptr<const Config> config;
        dataplane::ShardLink* link = nullptr;  ///< to and from the worker
        dataplane::Doorbell* worker_bell = nullptr;
        /// Wakes the thread that runs this shard: its own, or, merged, the worker's.
        dataplane::Doorbell* bell = nullptr;
        dataplane::Doorbell* control_bell = nullptr;  ///< rung when a task is done
        rte_mempool* pool = nullptr;
        JournalQueue* journal = nullptr;  ///< nullptr: nothing is written down
        Random::Seed seed{};
        std::shared_ptr<spdlog::logger> log;
    };
    /// Listens on the TCP and TLS ports of the SIP interfaces, in the caller's network namespace.
    static board::Expected<std::unique_ptr<ShardThread>> create(const Options& options);
    ~ShardThread();

    /// Takes a bounded number of datagrams, stream bytes and tasks, fires timers, hands over what
    /// is to be sent. true when it had anything to do.
    bool turn(Instant now);
    std::optional<Instant> next_deadline() const;
    /// Readable when a connection wants attention; -1: this shard has no streams. Who slept on it
    /// calls look_at_streams() before the next turn: streams cost a system call, which a busy turn
    /// spares itself most of the time.
    int stream_descriptor() const;
    void look_at_streams();
    /// Datagrams that the worker had no room for in the shard's ring. Any thread.
    uint64_t lost_datagrams() const;
    /// What the shard receives and sends, for one who watches; it may outlive the shard.
    std::shared_ptr<MessageTap> tap() const;
    /// Rung by the worker and by post().
    dataplane::Doorbell& doorbell();

    /// What this shard found out about servers since the last call, for the other shards. On the
    /// shard's thread.
    std::vector<ServerNews> take_server_news();

    /// What has gathered for others since the last call. On the shard's thread.
    ShardOutbox take_outbox();
    /// Whether there is something, told once; the control bell rings for it. On the control thread.
    bool has_outbox();

    void post(ShardTask task);
    /// Calls done() of the tasks that ended.
    void collect();

private:
    struct State;
    explicit ShardThread(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// The running threads: merged, one for the worker and all shards; split, one each. The destructor
/// stops and joins them. Threads are born in the caller's network namespace.
class SignalingThreads {
public:
    /// `topology` is merged or split (resolve_topology() settles automatic). The arguments outlive
    /// the threads.
    SignalingThreads(board::Topology topology, dataplane::Worker& worker,
                     std::span<const std::unique_ptr<ShardThread>> shards);
    ~SignalingThreads();

    /// Names of those that made no turn since the last call, which asked each for one. On the
    /// control thread.
    std::vector<std::string> stuck();

private:
    /// `bell` ends the thread's sleep.
    void start(const std::string& name, dataplane::Doorbell& bell,
               std::function<void(ThreadPulse& pulse)> loop);
    void run_merged(ThreadPulse& pulse);
    void run_worker(ThreadPulse& pulse);
    void run_shard(ShardThread& shard, ThreadPulse& pulse);

    dataplane::Worker& worker_;
    std::span<const std::unique_ptr<ShardThread>> shards_;
    std::atomic<bool> stop_{false};
    std::deque<ThreadPulse> pulses_;  ///< one a thread
    std::vector<std::thread> threads_;
};

/// automatic: merged when this process may use a single CPU, split otherwise.
board::Topology resolve_topology(board::Topology configured);

}  // namespace trunkline::sipstack
