// The signaling of one appliance: shards on their threads, the journal of their registrations and
// the names of their servers, put together at power-on and taken apart in reverse.
#pragma once

#include "board/config.h"
#include "board/error.h"
#include "board/event_loop.h"
#include "dataplane/address.h"
#include "dataplane/shard_links.h"
#include "dataplane/worker.h"
#include "sipstack/config.h"
#include "sipstack/registration/journal_writer.h"
#include "sipstack/running_config.h"
#include "sipstack/shard_group.h"
#include "sipstack/shard_thread.h"
#include "sipstack/transport/name_resolver.h"

#include <spdlog/logger.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace trunkline::sipstack {

/// All of it on the control thread.
class Signaling {
public:
    struct Options {
        Config config;
        board::Topology topology = board::Topology::split;  ///< settled: not automatic
        std::string journal;            ///< path of the file; empty = nothing is remembered
        Seconds journal_retry_time{0};  ///< between a failure to write it and the next try
        std::vector<dataplane::IpAddress> name_servers;
    };
    /// What it stands on; all of it outlives the signaling.
    struct Ground {
        dataplane::Worker& worker;
        const dataplane::ShardLinks& links;  ///< one a shard
        rte_mempool* pool;
        board::EventLoop& loop;
    };

    /// Listens, starts the threads, takes up what the journal remembers, and begins to register.
    /// In the appliance's network namespace.
    static board::Expected<std::unique_ptr<Signaling>> start(Options options, const Ground& ground,
                                                             std::shared_ptr<spdlog::logger> log);
    /// Ends the threads, then writes what the journal is still owed. Nothing is un-registered.
    ~Signaling() = default;
    Signaling(const Signaling&) = delete;
    Signaling& operator=(const Signaling&) = delete;

    /// One log line, when a registrar has said yes for the first time, with what passed since.
    void announce_first_registration(Instant since);
    /// `finished` as of ShardGroup::unregister_all(), after a log line that says how it ended.
    /// Begins when the servers are known: of one that is not, bindings from before a restart are
    /// left, as it gets no credentials.
    void unregister_all(std::function<void()> finished);

    /// See Shard::link_came_up().
    void link_came_up(std::vector<uint16_t> ip_interfaces);

    /// See SignalingThreads::stuck().
    std::vector<std::string> stuck_threads() { return threads_->stuck(); }

    ShardGroup& shards() { return shards_; }
    RunningConfig& running() { return *running_; }

private:
    Signaling(const Ground& ground, std::shared_ptr<spdlog::logger> log);

    board::Expected<void> start_journal(Options& options);
    board::Expected<void> start_shards(Options& options);
    board::Expected<void> start_names(Options& options);
    /// Looks again and again, on the control thread.
    void when_servers_are_known(const std::function<void()>& action);
    void tell_of_unregistering(UnregisterWatch::Verdict verdict,
                               const UnregisterProgress& progress) const;

    const Ground ground_;
    const std::shared_ptr<spdlog::logger> log_;
    std::vector<RegistrationRecord> remembered_;

    // Destroyed in reverse.
    std::unique_ptr<JournalWriter> journal_;
    ShardGroup shards_;
    std::unique_ptr<SignalingThreads> threads_;
    std::unique_ptr<NameResolver> names_;
    std::unique_ptr<RunningConfig> running_;
};

/// Listeners of all SIP interfaces over UDP, for the worker.
std::vector<dataplane::SipListener> sip_listeners(const Config& config);

}  // namespace trunkline::sipstack
