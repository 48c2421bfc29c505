// The power-on sequence: the only file that knows all four parts. Each stage is a step of
// Appliance::power_on(), each member is destroyed in the reverse order of its stage.
#include "board/eal.h"
#include "board/event_loop.h"
#include "board/network_namespace.h"
#include "board/nic_numbers.h"
#include "board/port_set.h"
#include "dataplane/forwarding.h"
#include "dataplane/group_interfaces.h"
#include "dataplane/packet_pool.h"
#include "mgmt/command_line.h"
#include "mgmt/configuration/config_file.h"
#include "mgmt/log.h"
#include "mgmt/management.h"
#include "mgmt/rest/rest_server.h"
#include "mgmt/service_manager.h"
#include "sipstack/shard_key.h"
#include "sipstack/signaling.h"

#include <fmt/format.h>
#include <malloc.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <expected>
#include <future>
#include <optional>
#include <system_error>

namespace trunkline {

namespace {

using board::Expected;

/// What an mbuf of the pool takes, headers and private area included.
constexpr uint64_t bytes_a_packet = 8704;
constexpr const char* sysfs = "/sys";
constexpr std::chrono::milliseconds restart_delay{100};
/// What is larger is mapped by itself: tables of many accounts leave no holes between what stays.
/// The allocator would raise this to 32 MiB with the first of them.
constexpr int largest_of_heap = 128 * 1024;

class Appliance {
public:
    /// `path` is the startup file, and `loaded` what it says. The catalogue outlives this.
    Appliance(const mgmt::Catalogue& catalogue, std::string path, mgmt::LoadedConfiguration loaded)
        : catalogue_(catalogue),
          path_(std::move(path)),
          loaded_(std::move(loaded)),
          log_(mgmt::make_log(loaded_.config.administration.log_level,
                              loaded_.config.administration.log_format)) {}

    Expected<void> power_on() {
        for (const auto stage : {&Appliance::start_management, &Appliance::start_board,
                                 &Appliance::start_dataplane, &Appliance::start_signaling}) {
            if (auto started = (this->*stage)(); !started) {
                return started;
            }
        }
        open_management();
        service_manager_.tell_ready("running " + path_);
        return {};
    }

    /// Returns when it has powered off; true: to be started anew.
    bool run() {
        loop_.run();
        return restarts_;
    }

private:
    /// Signals and the ways in come first: they must be had before threads and devices are.
    Expected<void> start_management() {
        std::signal(SIGPIPE, SIG_IGN);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
            loop_.on_signal(signal, [this] { power_off(); });
        }
        auto management = mgmt::Management::start(
            {path_, std::move(loaded_),
             [this](auto signaling, auto done) { apply(std::move(signaling), std::move(done)); }},
            catalogue_, loop_, log_);
        if (!management) {
            return std::unexpected(management.error());
        }
        management_ = std::move(*management);
        auto rest = mgmt::RestServer::open(config(), log_, [](const std::string& line) {
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
        const auto with_addresses = board::with_nic_addresses(config().board, sysfs);
        if (!with_addresses) {
            return std::unexpected(with_addresses.error());
        }
        const board::BoardConfig& board = *with_addresses;
        auto eal = board::Eal::start(board);
        if (!eal) {
            return std::unexpected(eal.error());
        }
        eal_ = std::move(*eal);
        eal_->forward_log([this](std::string_view line) { log_->warn("board  {}", line); });
        const uint64_t pool_bytes = uint64_t{board.memory_megabytes} * 1024 * 1024 / 2;
        auto pool = dataplane::PacketPool::create(
            "packets", static_cast<uint32_t>(pool_bytes / bytes_a_packet));
        if (!pool) {
            return std::unexpected(pool.error());
        }
        pool_.emplace(std::move(*pool));
        log_->info("board  ready model={} hostname={} memory={}", board.model, board.hostname,
                   eal_->memory_mode() == board::MemoryMode::hugepages ? "hugepages" : "4k-pages");
        auto ports = board::PortSet::open(board, pool_->get(), loop_, log_);
        if (!ports) {
            return std::unexpected(ports.error());
        }
        ports_ = std::move(*ports);
        return {};
    }

    /// From here on this thread is in the appliance's own network namespace: twins, netlink, DNS
    /// and all later threads belong there.
    Expected<void> start_dataplane() {
        const dataplane::NetworkConfig& network = config().network;
        auto scope = board::NetworkNamespaceScope::enter(network.network_namespace);
        if (!scope) {
            return std::unexpected(scope.error());
        }
        namespace_.emplace(std::move(*scope));
        dataplane::Forwarding::Options options;
        options.network = network;
        options.groups = ports_->group_ports();
        options.sip_listeners = sipstack::sip_listeners(config().sip);
        options.shards = config().sip.shards;
        options.select_shard = sipstack::owning_shard;
        options.select_sender = sipstack::sending_shard;
        options.power_profile = config().board.power_profile;
        options.pool = pool_->get();
        auto forwarding = dataplane::Forwarding::create(options, loop_, log_);
        if (!forwarding) {
            return std::unexpected(forwarding.error());
        }
        forwarding_ = std::move(*forwarding);
        ports_->on_switch_over([this] { forwarding_->worker().doorbell().ring(); });
        return {};
    }

    Expected<void> start_signaling() {
        const mgmt::AdministrationConfig& administration = config().administration;
        sipstack::Signaling::Options options;
        options.config = management_->take_signaling();
        options.topology = sipstack::resolve_topology(config().board.topology);
        options.journal = administration.registration_journal;
        options.journal_retry_time = administration.registration_journal_retry_time;
        for (const auto& interface : config().network.ip_interfaces) {
            options.name_servers.insert(options.name_servers.end(), interface.dns_servers.begin(),
                                        interface.dns_servers.end());
        }
        auto signaling = sipstack::Signaling::start(
            std::move(options), {forwarding_->worker(), forwarding_->links(), pool_->get(), loop_},
            log_);
        if (!signaling) {
            return std::unexpected(signaling.error());
        }
        signaling_ = std::move(*signaling);
        signaling_->announce_first_registration(power_on_at_);
        ports_->on_link_up([this](const std::string& group) {
            signaling_->link_came_up(dataplane::interfaces_of_group(config().network, group));
        });
        service_manager_.watch([this] { return signaling_->stuck_threads(); });
        return {};
    }

    void open_management() {
        management_->open({*signaling_, *forwarding_, *ports_, [this] { restart(); }}, loop_);
        if (rest_) {
            rest_->start(management_->commands(), loop_, management_->events(),
                         management_->capture());
        }
    }

    /// Another configuration while it runs.
    void apply(sipstack::Config signaling, mgmt::ConfigurationStore::Done done) {
        if (rest_) {
            rest_->set_users(config());
        }
        ports_->switch_ports(config().board.physical_ports);
        forwarding_->set_static_routes(config().network.static_routes);
        signaling_->running().apply(std::move(signaling), std::move(done));
    }

    /// A clean stop un-registers first; a second signal stops at once. Who stops it while it is to
    /// start anew wants it stopped.
    void power_off() {
        service_manager_.tell_stopping();
        restarts_ = false;
        loop_.cancel(restart_);
        if (powering_off_ || !signaling_) {
            loop_.stop();
            return;
        }
        powering_off_ = true;
        signaling_->unregister_all([this] { loop_.stop(); });
    }

    /// The journal keeps the registrations, so nothing is un-registered. What is owed to the one
    /// who asked for it has a turn of the loop to go out. A stop that has begun is not turned back.
    void restart() {
        if (powering_off_) {
            log_->warn("appliance  is being stopped, and does not start anew");
            return;
        }
        restarts_ = true;
        log_->info("appliance  starts anew");
        restart_ = loop_.after(restart_delay, [this] { loop_.stop(); });
    }

    const mgmt::ApplianceConfig& config() const { return management_->config(); }

    const mgmt::Catalogue& catalogue_;
    const std::string path_;
    mgmt::LoadedConfiguration loaded_;  ///< until management has it
    const std::shared_ptr<spdlog::logger> log_;
    const sipstack::Instant power_on_at_ = sipstack::monotonic_now();
    bool powering_off_ = false;
    bool restarts_ = false;
    board::EventLoop::TimerId restart_ = 0;  ///< of the end of a run that is followed by another

    // In the order of power-on; destroyed in reverse.
    board::EventLoop loop_;
    mgmt::ServiceManager service_manager_{loop_, log_};
    std::unique_ptr<mgmt::Management> management_;
    std::unique_ptr<board::Eal> eal_;
    std::optional<dataplane::PacketPool> pool_;
    std::unique_ptr<board::PortSet> ports_;
    std::optional<board::NetworkNamespaceScope> namespace_;
    std::unique_ptr<dataplane::Forwarding> forwarding_;
    std::unique_ptr<sipstack::Signaling> signaling_;
    std::unique_ptr<mgmt::RestServer> rest_;
};

/// Until it powers off: true when it shall be started anew, else the exit code.
std::expected<bool, int> run(const std::string& path, const mgmt::PortDevices& devices) {
    mallopt(M_MMAP_THRESHOLD, largest_of_heap);
    const mgmt::Catalogue catalogue = mgmt::built_in_catalogue();
    // Reading takes several times what the configuration does. The allocator keeps threads apart:
    // on one of its own, nothing that stays lies between what goes.
    auto loaded = std::async(std::launch::async, [&] {
                      return mgmt::load_configuration(path, catalogue, devices);
                  }).get();
    if (!loaded) {
        for (const auto& fault : loaded.error().faults) {
            fmt::print(stderr, "{}\n", fault.to_string());
        }
        for (const auto& note : loaded.error().notes) {
            fmt::print(stderr, "{}\n", note);
        }
        return std::unexpected(1);
    }
    Appliance appliance(catalogue, path, *std::move(loaded));
    if (const auto started = appliance.power_on(); !started) {
        fmt::print(stderr, "trunkline: {}\n", started.error().message);
        return std::unexpected(1);
    }
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
    const auto restarts =
        trunkline::run(command_line.config, trunkline::mgmt::devices_of(command_line));
    if (!restarts) {
        return restarts.error();
    }
    return *restarts ? trunkline::start_anew(argv) : 0;
}
