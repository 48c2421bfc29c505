// The power-on sequence: the only file that knows all four parts. Each stage is a step of
// Appliance::power_on(), each member is destroyed in the reverse order of its stage.
#include "board/eal.h"
#include "board/event_loop.h"
#include "board/model.h"
#include "board/network_namespace.h"
#include "board/port.h"
#include "dataplane/kernel/next_hop_resolver.h"
#include "dataplane/kernel/twin.h"
#include "dataplane/next_hop.h"
#include "dataplane/packet_pool.h"
#include "dataplane/worker.h"
#include "mgmt/command_line.h"
#include "mgmt/configuration/config_file.h"
#include "mgmt/log.h"
#include "mgmt/management.h"
#include "mgmt/rest/rest_server.h"
#include "sipstack/registration/journal_writer.h"
#include "sipstack/registration/registrants.h"
#include "sipstack/shard_group.h"
#include "sipstack/shard_key.h"
#include "sipstack/shard_thread.h"
#include "sipstack/transport/name_resolver.h"
#include "sipstack/transport/proxy_targets.h"
#include "sipstack/transport/redirection_lookup.h"

#include <fmt/format.h>
#include <malloc.h>
#include <spdlog/spdlog.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <expected>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>

namespace trunkline {

namespace {

using board::Expected;

/// What an mbuf of the pool takes, headers and private area included.
constexpr uint64_t bytes_a_packet = 8704;
constexpr std::chrono::milliseconds link_poll_period{500};
constexpr std::chrono::milliseconds restart_delay{100};

template <typename Container>
std::size_t position_of(const Container& rows, const std::string& name) {
    const auto row = std::ranges::find(rows, name, [](const auto& item) { return item.name; });
    return static_cast<std::size_t>(row - rows.begin());
}

class Appliance {
public:
    /// `path` is the startup file, and `loaded` what it says. The catalogue outlives this.
    Appliance(const mgmt::Catalogue& catalogue, std::string path, mgmt::LoadedConfiguration loaded)
        : catalogue_(catalogue),
          path_(std::move(path)),
          root_(std::move(loaded.root)),
          config_(std::move(loaded.config)),
          log_(mgmt::make_log(config_.administration.log_level)),
          sip_(std::make_shared<const sipstack::Config>(config_.sip)) {}

    Expected<void> power_on() {
        for (const auto stage :
             {&Appliance::start_control, &Appliance::start_board, &Appliance::start_network,
              &Appliance::start_dataplane, &Appliance::start_journal, &Appliance::start_shards,
              &Appliance::start_names}) {
            if (auto started = (this->*stage)(); !started) {
                return started;
            }
        }
        return {};
    }

    /// Returns when it has powered off; true: to be started anew.
    bool run() {
        loop_.run();
        return restarts_;
    }

private:
    /// Signals and the local socket come first: both must be had before threads and devices are.
    Expected<void> start_control() {
        std::signal(SIGPIPE, SIG_IGN);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
            loop_.on_signal(signal, [this] { power_off(); });
        }
        auto management = mgmt::Management::start(
            {path_, std::move(root_), config_.administration,
             [this](auto config, auto done) { apply(std::move(config), std::move(done)); }},
            catalogue_, loop_, log_);
        if (!management) {
            return std::unexpected(management.error());
        }
        management_ = std::move(*management);
        tell_notes();
        auto rest = mgmt::RestServer::open(config_, log_, [](const std::string& line) {
            fmt::print("{}\n", line);
            std::fflush(stdout);  // a journal wants it now, too
        });
        if (!rest) {
            return std::unexpected(rest.error());
        }
        rest_ = std::move(*rest);
        return {};
    }

    Expected<void> start_board() {
        auto eal = board::Eal::start(config_.board);
        if (!eal) {
            return std::unexpected(eal.error());
        }
        eal_ = std::move(*eal);
        eal_->forward_log([this](std::string_view line) { log_->warn("board  {}", line); });
        const uint64_t pool_bytes = uint64_t{config_.board.memory_megabytes} * 1024 * 1024 / 2;
        auto pool = dataplane::PacketPool::create(
            "packets", static_cast<uint32_t>(pool_bytes / bytes_a_packet));
        if (!pool) {
            return std::unexpected(pool.error());
        }
        pool_.emplace(std::move(*pool));
        log_->info("board  ready model={} hostname={} memory={}", config_.board.model,
                   config_.board.hostname,
                   eal_->memory_mode() == board::MemoryMode::hugepages ? "hugepages" : "4k-pages");
        for (const auto& row : config_.board.physical_ports) {
            auto port = board::Port::open(row, pool_->get());
            if (!port) {
                return std::unexpected(port.error());
            }
            links_.push_back((*port)->link());
            log_->info("board  port {} driver={} mac={} link={}", row.name, (*port)->driver(),
                       dataplane::MacAddress{(*port)->traits().mac}.to_string(),
                       links_.back().up ? "up" : "down");
            for (const auto& warning : (*port)->warnings()) {
                log_->warn("board  {}", warning);
            }
            ports_.push_back(std::move(*port));
        }
        loop_.every(link_poll_period, [this] { poll_links(); });
        return {};
    }

    /// From here on this thread is in the appliance's own network namespace: twins, netlink, DNS
    /// and all later threads belong there.
    Expected<void> start_network() {
        auto scope = board::NetworkNamespaceScope::enter(config_.network.network_namespace);
        if (!scope) {
            return std::unexpected(scope.error());
        }
        namespace_.emplace(std::move(*scope));
        if (config_.network.kernel_twin == dataplane::KernelTwin::none) {
            return {};
        }
        for (const auto& device : config_.network.ethernet_devices) {
            std::vector<dataplane::IpInterface> interfaces;
            std::ranges::copy_if(config_.network.ip_interfaces, std::back_inserter(interfaces),
                                 [&](const auto& row) { return row.device == device.name; });
            if (interfaces.empty()) {
                return std::unexpected(board::Error{
                    fmt::format("Ethernet device '{}' has no IP interface; give it a row in "
                                "ip_network.ip_interfaces or remove it",
                                device.name)});
            }
            auto twin = dataplane::Twin::create(device, {port_of(device).traits().mac}, interfaces,
                                                config_.network.network_namespace);
            if (!twin) {
                return std::unexpected(twin.error());
            }
            log_->info("dataplane  kernel twin {} for {}", (*twin)->name(), device.name);
            twins_.push_back(std::move(*twin));
        }
        return {};
    }

    Expected<void> start_dataplane() {
        topology_ = sipstack::resolve_topology(config_.board.topology);
        dataplane::WorkerOptions options;
        options.network = config_.network;
        for (std::size_t i = 0; i < config_.network.ethernet_devices.size(); ++i) {
            options.devices.push_back({port_of(config_.network.ethernet_devices[i]).traits(),
                                       twins_.empty() ? -1 : twins_[i]->fd()});
        }
        for (const auto& interface : sip_->sip_interfaces) {
            for (const uint16_t port : interface.udp_ports()) {
                options.sip_listeners.push_back({interface.ip_interface_index, port});
            }
        }
        options.power_profile = config_.board.power_profile;
        options.pool = pool_->get();
        options.select_shard = sipstack::owning_shard;
        options.select_sender = sipstack::sending_shard;
        for (uint32_t i = 0; i < sip_->shards; ++i) {
            auto link = dataplane::ShardLink::create(0, i);
            if (!link) {
                return std::unexpected(link.error());
            }
            options.shards.push_back(link->get());
            shard_links_.push_back(std::move(*link));
            // Merged, the worker's own thread turns the shards and nobody sleeps on these.
            shard_bells_.push_back(std::make_unique<dataplane::Doorbell>());
            options.shard_bells.push_back(shard_bells_.back().get());
        }
        auto channel = dataplane::NextHopChannel::create(0);
        if (!channel) {
            return std::unexpected(channel.error());
        }
        next_hops_ = std::move(*channel);
        options.next_hops = next_hops_.get();
        auto worker = dataplane::Worker::create(options);
        if (!worker) {
            return std::unexpected(worker.error());
        }
        worker_ = std::move(*worker);
        auto resolver = dataplane::NextHopResolver::create(config_.network, twins_, *next_hops_,
                                                           worker_->doorbell(), loop_, log_);
        if (!resolver) {
            return std::unexpected(resolver.error());
        }
        resolver_ = std::move(*resolver);
        log_->info("dataplane  ready ports={} ip_interfaces={} sip_listeners={}", ports_.size(),
                   config_.network.ip_interfaces.size(), options.sip_listeners.size());
        return {};
    }

    /// What registrations remember from before is read here and taken up before they start.
    Expected<void> start_journal() {
        const std::string& path = config_.administration.registration_journal;
        if (path.empty()) {
            return {};
        }
        std::error_code trouble;  // JournalFile says what is wrong with the folder, and goes on
        std::filesystem::create_directories(std::filesystem::path(path).parent_path(), trouble);
        const auto clocks = sipstack::read_clocks();
        auto records = sipstack::load_journal(path, clocks, *log_);
        std::vector<std::string> before;
        std::ranges::transform(records, std::back_inserter(before),
                               &sipstack::RegistrationRecord::key);
        keep_udp_ports(before);
        const auto wanted = keys_of(sipstack::registrants(*sip_));
        const std::set<std::string> known(wanted.begin(), wanted.end());
        std::erase_if(records, [&](const auto& record) { return !known.contains(record.key); });
        log_->info("journal  ready path={} records={}", path, records.size());
        remembered_ = std::make_shared<const std::vector<sipstack::RegistrationRecord>>(records);
        journal_ = std::make_unique<sipstack::JournalWriter>(
            loop_,
            std::make_unique<sipstack::JournalFile>(
                path, std::move(records), clocks, log_,
                config_.administration.registration_journal_retry_time),
            [boot = clocks.boot] { return sipstack::read_clocks(boot); });
        return {};
    }

    Expected<void> start_shards() {
        const bool merged = topology_ == board::Topology::merged;
        shards_.emplace(loop_);
        for (uint32_t i = 0; i < sip_->shards; ++i) {
            sipstack::ShardThread::Options options;
            options.index = i;
            options.config = sip_;
            options.link = shard_links_[i].get();
            options.worker_bell = &worker_->doorbell();
            options.bell = merged ? &worker_->doorbell() : shard_bells_[i].get();
            options.control_bell = &shards_->control_bell();
            options.pool = pool_->get();
            if (getrandom(options.seed.data(), options.seed.size(), 0) !=
                static_cast<ssize_t>(options.seed.size())) {
                return std::unexpected(board::Error{"the kernel gives no random bytes; retry"});
            }
            options.log = log_;
            if (journal_) {
                auto queue = journal_->add_shard(i, *options.bell);
                if (!queue) {
                    return std::unexpected(queue.error());
                }
                options.journal = *queue;
            }
            auto shard = sipstack::ShardThread::create(options);
            if (!shard) {
                return std::unexpected(shard.error());
            }
            shards_->add(std::move(*shard));
        }
        threads_.emplace(topology_, *worker_, shards_->shards());
        log_->info("shards  ready shards={} topology={}", sip_->shards,
                   merged ? "merged" : "split");
        return {};
    }

    Expected<void> start_names() {
        constexpr uint16_t dns_port = 53;
        std::vector<dataplane::Endpoint> servers;
        for (const auto& interface : config_.network.ip_interfaces) {
            for (const auto& address : interface.dns_servers) {
                servers.push_back({address, dns_port});
            }
        }
        auto names = sipstack::NameResolver::create(loop_, servers, log_, {});
        if (!names) {
            return std::unexpected(names.error());
        }
        names_ = std::move(*names);
        shards_->tell([remembered = std::move(remembered_)](auto& shard, auto now) {
            if (remembered) {
                shard.restore(*remembered, now);
            }
            shard.start(now);
        });
        shards_->share_servers_found();
        follow_targets();
        announce_first_registration();
        management_->open(
            {*shards_, *worker_, *resolver_, ports_, [this] { return targets_->status(); },
             [this]() -> const mgmt::ApplianceConfig& { return config_; }},
            {config_.board, config_.network, first_mac(), [this] { restart(); }}, loop_);
        if (rest_) {
            rest_->start(management_->commands(), loop_, management_->events());
        }
        return {};
    }

    /// Names of the running configuration, from now on until it is another one.
    void follow_targets() {
        targets_.reset();
        const auto tell = [this](const auto& targets) {
            shards_->tell([targets](auto& shard, auto now) { shard.set_targets(targets, now); });
        };
        targets_.emplace(*sip_, *names_, sipstack::ProxyTargets::Listener{tell, tell});
        redirections_.emplace(sip_, *names_);
        shards_->look_up_names_by([this](const auto& name, auto answer) {
            redirections_->look_up(name, std::move(answer));
        });
    }

    /// Another configuration while it runs. What is bound at power-on is in it as it was then.
    void apply(mgmt::ApplianceConfig config, std::function<void(sipstack::ConfigChange)> done) {
        config_ = std::move(config);
        if (rest_) {
            rest_->set_users(config_);
        }
        tell_notes();
        keep_udp_ports(keys_of(sipstack::registrants(*sip_)));
        const auto changes =
            std::make_shared<std::vector<sipstack::ConfigChange>>(shards_->shards().size());
        shards_->ask(
            [changes, config = sip_](std::size_t index, sipstack::Shard& shard, auto now) {
                (*changes)[index] = shard.apply(*config, now);
                return true;
            },
            [this, changes, done = std::move(done)] {
                sipstack::ConfigChange sum;
                for (const auto& change : *changes) {
                    sum.added += change.added;
                    sum.removed += change.removed;
                    sum.kept += change.kept;
                }
                log_->info("configuration  applied: {} new, {} removed, {} kept", sum.added,
                           sum.removed, sum.kept);
                follow_targets();
                done(sum);
            });
    }

    /// What its file has that was read and does not act as written.
    void tell_notes() const {
        constexpr std::size_t most_lines = 20;
        const std::vector<std::string>& notes = config_.notes;
        for (std::size_t i = 0; i < std::min(notes.size(), most_lines); ++i) {
            log_->warn("configuration  {}", notes[i]);
        }
        if (notes.size() > most_lines) {
            log_->warn("configuration  and {} more, which 'trunkline check' lists",
                       notes.size() - most_lines);
        }
    }

    static std::vector<std::string> keys_of(const std::vector<sipstack::Registrant>& registrants) {
        std::vector<std::string> keys;
        std::ranges::transform(registrants, std::back_inserter(keys), &sipstack::Registrant::key);
        return keys;
    }

    /// Accounts that stay keep their additional UDP ports, wherever their rows stand now.
    void keep_udp_ports(const std::vector<std::string>& keys_before) {
        config_.sip.kept_udp_ports = sipstack::kept_udp_ports(keys_before);
        sip_ = std::make_shared<const sipstack::Config>(config_.sip);
    }

    /// The last stage of power-on: it ends when a registrar has said yes.
    void announce_first_registration() {
        static constexpr std::chrono::milliseconds period{50};
        const auto registered = std::make_shared<std::atomic<bool>>(false);
        shards_->ask(
            [registered](std::size_t, sipstack::Shard& shard, sipstack::Instant) {
                if (shard.any_registered()) {
                    registered->store(true);
                }
                return true;
            },
            [this, registered] {
                if (*registered) {
                    log_->info("registration  first one stands {} ms after power-on",
                               (sipstack::monotonic_now() - power_on_at_).count());
                } else {
                    loop_.after(period, [this] { announce_first_registration(); });
                }
            });
    }

    const board::Port& port_of(const dataplane::EthernetDevice& device) const {
        const auto& groups = config_.board.ethernet_groups;
        const auto& group = groups[position_of(groups, device.underlying)];
        return *ports_[position_of(config_.board.physical_ports, group.members.front())];
    }

    /// The kernel drops addresses and routes of a twin whose port lost its link.
    void poll_links() {
        for (std::size_t i = 0; i < ports_.size(); ++i) {
            const auto link = ports_[i]->link();
            if (link.up == links_[i].up) {
                continue;
            }
            links_[i] = link;
            log_->warn("board  port {} link {}", ports_[i]->name(), link.up ? "up" : "down");
        }
    }

    /// A clean stop un-registers first; a second signal stops at once. Who stops it while it is to
    /// start anew wants it stopped.
    void power_off() {
        restarts_ = false;
        if (powering_off_ || !threads_) {
            loop_.stop();
            return;
        }
        powering_off_ = true;
        log_->info("shards  un-registering");
        shards_->unregister_all([this](auto verdict, const auto& progress) {
            tell_of_unregistering(verdict, progress);
            loop_.stop();
        });
    }

    /// The journal keeps the registrations, so nothing is un-registered. What is owed to the one
    /// who asked for it has a turn of the loop to go out.
    void restart() {
        restarts_ = true;
        log_->info("appliance  starts anew");
        loop_.after(restart_delay, [this] { loop_.stop(); });
    }

    std::string first_mac() const {
        return ports_.empty() ? ""
                              : dataplane::MacAddress{ports_.front()->traits().mac}.to_string();
    }

    void tell_of_unregistering(sipstack::UnregisterWatch::Verdict verdict,
                               const sipstack::UnregisterProgress& progress) {
        using Watch = sipstack::UnregisterWatch;
        if (progress.left == 0) {
            log_->info("shards  no binding is left, {} requests are unanswered",
                       progress.unfinished);
            return;
        }
        const std::string why =
            verdict == Watch::Verdict::done ? "their servers did not take the un-REGISTER"
            : verdict == Watch::Verdict::at_stand
                ? fmt::format("no un-REGISTER was answered for {} s",
                              Watch::longest_standstill.count())
                : fmt::format("a stop takes no longer than {} s", Watch::longest.count());
        log_->warn("shards  {} bindings are left to expire: {}", progress.left, why);
    }

    const mgmt::Catalogue& catalogue_;
    const std::string path_;
    mgmt::ConfigNodePtr root_;      ///< until management has it
    mgmt::ApplianceConfig config_;  ///< what acts
    const std::shared_ptr<spdlog::logger> log_;
    std::shared_ptr<const sipstack::Config> sip_;
    const sipstack::Instant power_on_at_ = sipstack::monotonic_now();
    bool powering_off_ = false;
    bool restarts_ = false;
    board::Topology topology_ = board::Topology::merged;

    // In the order of power-on; destroyed in reverse.
    board::EventLoop loop_;
    std::unique_ptr<mgmt::Management> management_;
    std::unique_ptr<board::Eal> eal_;
    std::optional<dataplane::PacketPool> pool_;
    std::vector<board::LinkState> links_;
    std::vector<std::unique_ptr<board::Port>> ports_;
    std::optional<board::NetworkNamespaceScope> namespace_;
    std::vector<std::unique_ptr<dataplane::Twin>> twins_;
    std::vector<std::unique_ptr<dataplane::ShardLink>> shard_links_;
    std::vector<std::unique_ptr<dataplane::Doorbell>> shard_bells_;
    std::unique_ptr<dataplane::NextHopChannel> next_hops_;
    std::unique_ptr<dataplane::Worker> worker_;
    std::unique_ptr<dataplane::NextHopResolver> resolver_;
    std::shared_ptr<const std::vector<sipstack::RegistrationRecord>> remembered_;
    std::unique_ptr<sipstack::JournalWriter> journal_;  ///< writes what is left when it ends
    std::optional<sipstack::ShardGroup> shards_;
    std::optional<sipstack::SignalingThreads> threads_;
    std::unique_ptr<sipstack::NameResolver> names_;
    std::optional<sipstack::ProxyTargets> targets_;
    std::optional<sipstack::RedirectionLookup> redirections_;
    std::unique_ptr<mgmt::RestServer> rest_;
};

/// Until it powers off: true when it shall be started anew, else the exit code.
std::expected<bool, int> run(const std::string& path) {
    const mgmt::Catalogue catalogue = mgmt::built_in_catalogue();
    auto loaded = mgmt::load_configuration(path, catalogue);
    if (!loaded) {
        for (const auto& fault : loaded.error()) {
            fmt::print(stderr, "{}\n", fault.to_string());
        }
        return std::unexpected(1);
    }
    // Reading takes several times what the configuration does, which the allocator would keep.
    malloc_trim(0);
    Appliance appliance(catalogue, path, *std::move(loaded));
    if (const auto started = appliance.power_on(); !started) {
        fmt::print(stderr, "trunkline: {}\n", started.error().message);
        return std::unexpected(1);
    }
    malloc_trim(0);
    return appliance.run();
}

/// The same program with the same arguments in the same process; returns only when that fails.
int start_anew(char** argv) {
    // Descriptors that a library left open would hold devices of the appliance that was.
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execv("/proc/self/exe", argv);
    fmt::print(stderr, "trunkline: cannot start anew ({}); start it by hand\n",
               std::error_code(errno, std::generic_category()).message());
    return 1;
}

}  // namespace
}  // namespace trunkline

int main(int argc, char** argv) {
    using trunkline::mgmt::CommandLine;
    const auto command_line = trunkline::mgmt::parse_command_line(argc, argv);
    if (command_line.done) {
        return command_line.exit_code;
    }
    if (command_line.command != CommandLine::Command::run) {
        return trunkline::mgmt::run_command(command_line);
    }
    const auto restarts = trunkline::run(command_line.config);
    if (!restarts) {
        return restarts.error();
    }
    return *restarts ? trunkline::start_anew(argv) : 0;
}
