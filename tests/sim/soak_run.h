// One seed of the soak: the real shards through a scenario, until all faults are over, all are
// registered again, and nothing is left behind.
#pragma once

#include "sipstack/shard.h"
#include "tests/sim/fast_paths.h"
#include "tests/sim/faults.h"
#include "tests/sim/incoming_requests.h"
#include "tests/sim/invariants.h"
#include "tests/sim/own_ports.h"
#include "tests/sim/scenario.h"
#include "tests/sim/simulated_journal.h"
#include "tests/sim/simulated_names.h"
#include "tests/sim/simulated_network.h"
#include "tests/sim/simulated_registrar.h"
#include "tests/sim/simulated_streams.h"
#include "tests/sim/subscriptions.h"
#include "tests/sim/trace_hash.h"

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace trunkline::sim {

/// Of all that registered, by RegistrantKind.
using KindCounts = std::array<uint64_t, std::to_underlying(sipstack::RegistrantKind::user) + 1>;

struct SoakResult {
    std::vector<std::string> violations;  ///< empty: all held
    std::deque<std::string> last_steps;
    uint64_t trace = 0;  ///< a hash over all that was sent and delivered, and when
    FaultCounts met{};
    FastPathCounts fast_paths{};  ///< taken and compared
    Milliseconds simulated{0};
    uint64_t accounts = 0;
    uint64_t registers = 0;  ///< without retransmissions
    uint64_t retransmissions = 0;
    uint64_t grants = 0;
    uint64_t restarts = 0;
    uint64_t configurations = 0;  ///< applied
    uint64_t connections = 0;     ///< by TCP, open
    uint64_t answers = 0;         ///< to requests of peers
    KindCounts kinds{};           ///< who registered
    uint64_t subscriptions = 0;   ///< granted
    uint64_t notifies = 0;        ///< answered with 200
    uint64_t own_ports = 0;       ///< REGISTERs from UDP ports of their own
};

class SoakRun final : private StreamObserver {
public:
    /// `kept_steps`: how many of the last steps the result shall tell.
    explicit SoakRun(Scenario scenario, std::size_t kept_steps = 0);
    ~SoakRun() override;

    SoakResult run();

private:
    class Wire;
    class Listener;
    struct Registrar;
    struct Happening;
    /// A request at a registrar and, where it came by a stream, the connection.
    struct Arrival {
        Datagram message;
        uint64_t connection = 0;
    };
    /// Bytes of one connection that are no whole message yet.
    struct Inboxes {
        std::string of_appliance, of_server;
        unsigned line_ends = 0;  ///< at the server, for pings
    };

    using News = sipstack::ServerNews;
    /// What a stalled shard finds when it goes on.
    struct KeptBack {
        std::vector<Datagram> datagrams;
        std::vector<StreamEvent> events;
        std::vector<News> news;
        std::vector<sipstack::RedirectionTargets> names;
    };

    // The appliance.
    void boot();
    void shut_down();
    void apply(sipstack::Config config);
    void tell_who_changes(
        const std::unordered_map<std::string, sipstack::RegistrationStatus>& before,
        const sipstack::Config& config);
    std::unordered_set<std::string> unchanged(const sipstack::Config& config);
    std::map<std::string, uint16_t> kept_ports() const;
    void find_rows();
    void expect_registrants();
    void tell_targets(sipstack::Shard& shard);
    Promises promises() const;
    void wake(std::size_t shard);
    void wake_all();
    void relay();

    // Time.
    void run_until(Instant end);
    std::optional<Instant> next_event() const;
    void advance();
    void look_at(const std::string& aor);
    void look_at_all();

    // The network.
    void transmit(Datagram datagram);
    void deliver(const Datagram& datagram);
    void hand_over(std::size_t shard, const Datagram& datagram);
    void heard(const Datagram& datagram);
    void on_written(std::size_t shard, sipstack::StreamId id, const dataplane::Endpoint& server,
                    std::string_view bytes) override;
    void on_closed(std::size_t shard, sipstack::StreamId id, bool was_open) override;
    void handle(const StreamEvent& event);
    void hand_over_stream(const StreamEvent& event, sipstack::StreamId id);
    void serve_stream(const StreamEvent& event);
    void judge_sent(const Departure& way, const Datagram& datagram);
    void compare_readings(std::string_view bytes);
    void settle();
    void hear_of_names();
    void hear_of_name(std::size_t shard, const sipstack::RedirectionTargets& targets);
    void serve(Registrar& registrar, const Arrival& arrival);
    void answer(Registrar& registrar, const Arrival& request, std::string response);
    void set_conditions(const dataplane::Endpoint& server, const LinkConditions& conditions);

    // Subscriptions to registrations.
    void send_notifies(Registrar& registrar);
    void trouble_subscribers(const PlannedFault& fault);
    void judge_subscribe(const Departure& way, std::string_view bytes);
    bool answers_notify(std::string_view bytes);
    void hear_of_notify(Registrar& registrar, std::string_view answer);
    void see_who_rests(const Datagram& datagram, const std::string& aor);
    void expect_all_subscribed();

    // Faults.
    void happen(const Happening& happening);
    void begin(const PlannedFault& fault);
    void end(const PlannedFault& fault);
    void begin_at_appliance(const PlannedFault& fault);
    void begin_by_hand(const PlannedFault& fault);
    bool is_of_link(const PlannedFault& fault, bool begins);
    void set_policy(const PlannedFault& fault, Registrar& registrar);
    void crash(const PlannedFault& fault);
    void redirect_to_name(const PlannedFault& fault, Registrar& registrar);
    void visit(const PlannedFault& fault);
    std::optional<uint64_t> connection_for(const PlannedFault& fault, bool is_ours);
    void reboot(uint64_t detail);
    void change_accounts(const PlannedFault& fault);
    void remove_account(sipstack::Config& config, std::size_t at);
    void add_account(sipstack::Config& config, uint64_t detail);
    void hurry(const std::string& name);

    // The IP group that is served.
    void set_served_down(bool is_down);
    void expect_served_change();
    std::vector<std::string> dependents() const;
    Milliseconds served_bound() const;
    void judge_served();
    void judge_served(const std::string& aor);

    void met(Fault fault, uint64_t times = 1) { result_.met[std::to_underlying(fault)] += times; }

    // The end.
    void expect_all_registered();
    void expect_all_bound();
    void expect_nothing_left();
    void end_visits();
    void expect_no_connection_lost();
    Milliseconds recovery_bound() const;
    Milliseconds removal_bound() const;
    Milliseconds pacing_bound() const;
    Milliseconds stalled_time() const;

    void note(std::string_view bytes) { trace_.add(bytes, now_); }
    void step(std::string text);
    void tell(std::string_view what, const Datagram& datagram);

    const Scenario scenario_;
    const std::size_t kept_steps_;
    sipstack::Config config_;
    sipstack::Random random_;
    SimulatedNetwork network_;
    SimulatedJournal journal_;
    FastPaths fast_paths_;
    Invariants invariants_;
    SoakResult result_;
    TraceHash trace_;
    Instant now_;
    SimulatedStreams streams_;
    SimulatedNames names_;
    IncomingRequests requests_;
    OwnPorts own_ports_;
    Subscriptions subscriptions_;
    std::string at_rest_;                  ///< AOR of who has nothing out as a NOTIFY reaches him
    std::map<uint64_t, Inboxes> inboxes_;  ///< by connection
    std::vector<uint64_t> visits_;         ///< connections of peers
    uint16_t last_peer_port_ = 40000;
    Milliseconds waited_{0};  ///< for its connection, what a shard writes now
    Milliseconds wall_offset_{0};
    RestartConditions restart_;
    Milliseconds longest_wait_{0};  ///< between two attempts, by any page that was in force
    bool had_new_password_ = false;
    bool has_lost_records_ = false;
    uint64_t boots_ = 0;           ///< of the appliance
    uint64_t machine_starts_ = 1;  ///< of what it runs on
    Instant machine_started_{};
    uint64_t steps_ = 0;
    uint64_t messages_ = 0;  ///< that reached a registrar
    std::shared_ptr<spdlog::logger> log_;
    /// Behind those of the proxy set the foreign one and, where accounts serve one, their IP group.
    std::vector<std::unique_ptr<Registrar>> registrars_;
    std::optional<Instant> served_down_since_;  ///< or since when keep-alive began anew
    std::vector<std::unique_ptr<Wire>> wires_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::vector<std::unique_ptr<sipstack::Shard>> shards_;  ///< none while it is down
    std::vector<std::optional<Instant>> stalled_until_;     ///< by shard
    std::vector<KeptBack> kept_back_;                       ///< by shard
    std::vector<std::pair<std::size_t, News>> told_;
    std::optional<Instant> boots_at_;
    std::vector<Happening> happenings_;  ///< by time, from next_happening_ on
    std::size_t next_happening_ = 0;
    std::vector<std::string> unregistered_by_hand_;
    unsigned next_account_ = 0;
    std::vector<sipstack::Account> removed_;
    std::unordered_map<std::string, std::pair<std::size_t, std::size_t>> rows_;  ///< by AOR
    uint64_t lost_before_ = 0, duplicated_before_ = 0;
};

}  // namespace trunkline::sim
