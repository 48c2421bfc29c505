// The appliance's real shards under a virtual clock, with a simulated network and registrar. Time
// leaps from one event to the next; a seed repeats a run exactly.
#pragma once

#include "sipstack/config.h"
#include "sipstack/shard.h"
#include "tests/sim/fast_paths.h"
#include "tests/sim/invariants.h"
#include "tests/sim/simulated_journal.h"
#include "tests/sim/simulated_network.h"
#include "tests/sim/simulated_registrar.h"
#include "tests/sim/trace_hash.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace trunkline::sim {

struct SimulationOptions {
    unsigned shards = 1;
    uint64_t seed = 1;
    unsigned accounts = 10;
    std::string password = "secret";  ///< the accounts'; the registrar's is always "secret"
    LinkConditions link{};            ///< both directions
    RegistrarPolicy registrar{};
    sipstack::ProxyAndRegistration page{};
    bool has_journal = false;  ///< it only grows
};

/// Accounts "user0".. at one registrar, behind one SIP interface.
class Simulation {
public:
    explicit Simulation(const SimulationOptions& options);
    ~Simulation();

    SimulatedRegistrar& registrar() { return registrar_; }
    SimulatedNetwork& network() { return network_; }
    const sipstack::Shard& shard(std::size_t index) const { return *shards_[index]; }
    Instant now() const { return now_; }

    /// Targets known, all shards started.
    void start();
    /// The appliance ends without a word; what is under way goes on.
    void crash();
    /// It begins anew with what its journal kept, if it has one.
    void restart();
    void unregister_all();
    bool is_quiet() const;
    void run_for(Milliseconds span);

    std::vector<sipstack::RegistrationStatus> rows() const;
    std::size_t count(sipstack::RegistrationState state) const;
    /// Rows inside a granted lifetime.
    std::size_t registered() const;

    const Invariants& invariants() const { return invariants_; }
    /// Responses that reached a shard which does not own their Call-ID.
    uint64_t misdirected() const { return misdirected_; }
    /// A hash over every datagram sent and delivered, with its time.
    uint64_t trace() const { return trace_.value(); }

private:
    class Wire;
    void boot();
    void find_owners();
    sipstack::ClockReading clocks() const;
    void note(std::string_view bytes) { trace_.add(bytes, now_); }
    void deliver(const Datagram& datagram);
    std::optional<Instant> next_event() const;
    void look_at_all();

    std::shared_ptr<const sipstack::Config> config_;
    const uint64_t seed_;
    const bool has_journal_;
    std::shared_ptr<spdlog::logger> log_;
    uint64_t boots_ = 0;
    SimulatedNetwork network_;
    SimulatedJournal journal_;
    FastPaths fast_paths_;
    SimulatedRegistrar registrar_;
    Invariants invariants_;
    Instant now_;
    TraceHash trace_;
    uint64_t misdirected_ = 0;
    std::vector<std::unique_ptr<Wire>> wires_;
    std::vector<std::unique_ptr<sipstack::Shard>> shards_;  ///< none while it is down
    /// Call-ID -> shard and position, learnt from the rows.
    std::unordered_map<std::string, std::pair<std::size_t, std::size_t>> owners_;
};

}  // namespace trunkline::sim
