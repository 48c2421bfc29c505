#include "sipstack/signaling.h"

#include "sipstack/registration/journal_file.h"
#include "sipstack/shard_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

namespace trunkline::sipstack {

using board::Expected;

Signaling::Signaling(const Ground& ground, std::shared_ptr<spdlog::logger> log)
    : ground_(ground), log_(std::move(log)), shards_(ground.loop) {}

Expected<std::unique_ptr<Signaling>> Signaling::start(Options options, const Ground& ground,
                                                      std::shared_ptr<spdlog::logger> log) {
    std::unique_ptr<Signaling> made(new Signaling(ground, std::move(log)));
    for (const auto stage :
         {&Signaling::start_journal, &Signaling::start_shards, &Signaling::start_names}) {
        if (auto started = ((*made).*stage)(options); !started) {
            return std::unexpected(started.error());
        }
    }
    return made;
}

/// What registrations remember from before is read here and taken up before they start.
Expected<void> Signaling::start_journal(Options& options) {
    if (options.journal.empty()) {
        return {};
    }
    const std::string& path = options.journal;
    std::error_code trouble;  // JournalFile says what is wrong with the folder, and goes on
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), trouble);
    const auto clocks = read_clocks();
    auto records = load_journal(path, clocks, *log_);
    std::vector<std::string> before;
    std::ranges::transform(records, std::back_inserter(before), &RegistrationRecord::key);
    options.config.kept_udp_ports = kept_udp_ports(before);
    const auto wanted = registrant_keys(options.config);
    const std::set<std::string> known(wanted.begin(), wanted.end());
    std::erase_if(records, [&](const auto& record) { return !known.contains(record.key); });
    log_->info("journal  ready path={} records={}", path, records.size());
    remembered_ = records;
    journal_ = std::make_unique<JournalWriter>(
        ground_.loop,
        std::make_unique<JournalFile>(path, std::move(records), clocks, log_,
                                      options.journal_retry_time),
        [boot = clocks.boot] { return read_clocks(boot); });
    return {};
}

/// Who registers comes last, when threads and names are there.
Expected<void> Signaling::start_shards(Options& options) {
    const auto config = std::make_shared<const Config>(without_registrants(options.config));
    const bool merged = options.topology == board::Topology::merged;
    for (uint32_t i = 0; i < config->shards; ++i) {
        ShardThread::Options shard_options;
        shard_options.index = i;
        shard_options.config = config;
        shard_options.link = &ground_.links.link(i);
        shard_options.worker_bell = &ground_.worker.doorbell();
        shard_options.bell = merged ? &ground_.worker.doorbell() : &ground_.links.bell(i);
        shard_options.control_bell = &shards_.control_bell();
        shard_options.pool = ground_.pool;
        shard_options.log = log_;
        const auto seed = random_seed();
        if (!seed) {
            return std::unexpected(seed.error());
        }
        shard_options.seed = *seed;
        if (journal_) {
            auto queue = journal_->add_shard(i, *shard_options.bell);
            if (!queue) {
                return std::unexpected(queue.error());
            }
            shard_options.journal = *queue;
        }
        auto shard = ShardThread::create(shard_options);
        if (!shard) {
            return std::unexpected(shard.error());
        }
        shards_.add(std::move(*shard));
    }
    threads_ =
        std::make_unique<SignalingThreads>(options.topology, ground_.worker, shards_.shards());
    log_->info("shards  ready shards={} topology={}", config->shards, merged ? "merged" : "split");
    return {};
}

Expected<void> Signaling::start_names(Options& options) {
    constexpr uint16_t dns_port = 53;
    std::vector<dataplane::Endpoint> servers;
    for (const auto& address : options.name_servers) {
        servers.push_back({address, dns_port});
    }
    auto names = NameResolver::create(ground_.loop, servers, log_, {});
    if (!names) {
        return std::unexpected(names.error());
    }
    names_ = std::move(*names);
    running_ = std::make_unique<RunningConfig>(shards_, *names_, log_);
    running_->start(std::move(options.config), std::exchange(remembered_, {}));
    shards_.share_server_news();
    return {};
}

void Signaling::announce_first_registration(Instant since) {
    static constexpr std::chrono::milliseconds period{50};
    const auto registered = std::make_shared<std::atomic<bool>>(false);
    shards_.ask(
        [registered](std::size_t, Shard& shard, Instant) {
            if (shard.any_registered()) {
                registered->store(true);
            }
            return true;
        },
        [this, registered, since] {
            if (*registered) {
                log_->info("registration  first one stands {} ms after power-on",
                           (monotonic_now() - since).count());
            } else {
                ground_.loop.after(period, [this, since] { announce_first_registration(since); });
            }
        });
}

void Signaling::link_came_up(std::vector<uint16_t> ip_interfaces) {
    shards_.tell([ip_interfaces = std::move(ip_interfaces)](Shard& shard, Instant now) {
        shard.link_came_up(ip_interfaces, now);
    });
}

void Signaling::unregister_all(std::function<void()> finished) {
    log_->info("shards  un-registering");
    when_servers_are_known([this, finished = std::move(finished)] {
        shards_.unregister_all([this, finished](auto verdict, const auto& progress) {
            tell_of_unregistering(verdict, progress);
            finished();
        });
    });
}

void Signaling::when_servers_are_known(const std::function<void()>& action) {
    static constexpr std::chrono::milliseconds period{50};
    if (running_->knows_servers()) {
        action();
    } else {
        ground_.loop.after(period, [this, action] { when_servers_are_known(action); });
    }
}

void Signaling::tell_of_unregistering(UnregisterWatch::Verdict verdict,
                                      const UnregisterProgress& progress) const {
    using Watch = UnregisterWatch;
    if (progress.left == 0) {
        log_->info("shards  no binding is left, {} requests are unanswered", progress.unfinished);
        return;
    }
    const std::string why =
        verdict == Watch::Verdict::done ? "their servers did not take the un-REGISTER"
        : verdict == Watch::Verdict::at_stand
            ? fmt::format("no un-REGISTER was answered for {} s", Watch::longest_standstill.count())
            : fmt::format("a stop takes no longer than {} s", Watch::longest.count());
    log_->warn("shards  {} bindings are left to expire: {}", progress.left, why);
}

std::vector<dataplane::SipListener> sip_listeners(const Config& config) {
    std::vector<dataplane::SipListener> listeners;
    for (const auto& interface : config.sip_interfaces) {
        for (const uint16_t port : interface.udp_ports()) {
            listeners.push_back({interface.ip_interface_index, port});
        }
    }
    return listeners;
}

}  // namespace trunkline::sipstack
