// Runs the soak over a row of seeds; the first one that breaks an invariant ends it.
#include "tests/sim/scenario.h"
#include "tests/sim/soak_run.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace {

using namespace trunkline::sim;

struct Totals {
    SoakResult sum;
    uint64_t seeds = 0;

    void add(const SoakResult& result) {
        ++seeds;
        sum.simulated += result.simulated;
        sum.accounts += result.accounts;
        sum.registers += result.registers;
        sum.retransmissions += result.retransmissions;
        sum.grants += result.grants;
        sum.restarts += result.restarts;
        sum.configurations += result.configurations;
        sum.connections += result.connections;
        sum.answers += result.answers;
        sum.own_ports += result.own_ports;
        sum.subscriptions += result.subscriptions;
        sum.notifies += result.notifies;
        for (std::size_t kind = 0; kind < sum.kinds.size(); ++kind) {
            sum.kinds[kind] += result.kinds[kind];
        }
        for (std::size_t fault = 0; fault < fault_count; ++fault) {
            sum.met[fault] += result.met[fault];
        }
        for (std::size_t path = 0; path < fast_path_count; ++path) {
            sum.fast_paths[path] += result.fast_paths[path];
        }
    }

    void print() const {
        const double hours = std::chrono::duration<double, std::ratio<3600>>(sum.simulated).count();
        fmt::print(
            "simulated: {} seeds, {:.1f} days, {} accounts, {} REGISTERs ({} retransmitted), "
            "{} grants, {} restarts, {} configurations applied, {} TCP connections, "
            "{} requests of peers answered\n",
            seeds, hours / 24, sum.accounts, sum.registers, sum.retransmissions, sum.grants,
            sum.restarts, sum.configurations, sum.connections, sum.answers);
        fmt::print("who registered:\n");
        for (std::size_t kind = 0; kind < sum.kinds.size(); ++kind) {
            fmt::print("{:>10}  {}\n", sum.kinds[kind],
                       to_string(static_cast<trunkline::sipstack::RegistrantKind>(kind)));
        }
        fmt::print("{:>10}  SUBSCRIBEs granted\n{:>10}  NOTIFYs taken\n", sum.subscriptions,
                   sum.notifies);
        fmt::print("{:>10}  REGISTERs from UDP ports of their own\n", sum.own_ports);
        fmt::print("on a fast path, compared with the general way:\n");
        for (std::size_t path = 0; path < fast_path_count; ++path) {
            fmt::print("{:>10}  {}\n", sum.fast_paths[path],
                       to_string(static_cast<FastPath>(path)));
        }
        fmt::print("met:\n");
        for (std::size_t fault = 0; fault < fault_count; ++fault) {
            fmt::print("{:>10}  {}\n", sum.met[fault], to_string(static_cast<Fault>(fault)));
        }
    }
};

/// The seed again, with its steps.
void explain(uint64_t seed, const ScenarioLimits& limits, std::size_t steps) {
    const SoakResult result = SoakRun(draw_scenario(seed, limits), steps).run();
    fmt::print("seed {} failed\n", seed);
    for (const std::string& step : result.last_steps) {
        fmt::print("  {}\n", step);
    }
    for (const std::string& violation : result.violations) {
        fmt::print("violated: {}\n", violation);
    }
    std::string options;
    if (limits.accounts) {
        options += fmt::format(" --accounts {}", *limits.accounts);
    }
    if (limits.days) {
        options += fmt::format(" --days {}", *limits.days);
    }
    if (limits.all_kinds) {
        options += " --all-kinds";
    }
    fmt::print("again: build/tests/sim/soak --first-seed {} --seeds 1{}\n", seed, options);
}

int soak(uint64_t first, uint64_t seeds, const ScenarioLimits& limits, std::size_t steps) {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    auto told = begin;
    Totals totals;
    for (uint64_t seed = first; seed < first + seeds; ++seed) {
        const SoakResult result = SoakRun(draw_scenario(seed, limits)).run();
        if (!result.violations.empty()) {
            explain(seed, limits, steps);
            return 1;
        }
        totals.add(result);
        const auto now = Clock::now();
        if (now - told >= std::chrono::seconds(5)) {
            told = now;
            const double spent = std::chrono::duration<double>(now - begin).count();
            fmt::print("{} of {} seeds, {:.1f} a second\n", totals.seeds, seeds,
                       static_cast<double>(totals.seeds) / spent);
            std::fflush(stdout);
        }
    }
    totals.print();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Registrations through everything that goes wrong, under a virtual clock");
    uint64_t first = 1;
    uint64_t seeds = 100;
    std::size_t steps = 40;
    ScenarioLimits limits;
    app.add_option("--first-seed", first, "the first seed");
    app.add_option("--seeds", seeds, "how many");
    app.add_option("--accounts", limits.accounts, "accounts of each seed (default: drawn)")
        ->check(CLI::Range(1, 100'000));
    app.add_option("--days", limits.days, "virtual days of each seed (default: drawn, minutes)")
        ->check(CLI::PositiveNumber);
    app.add_flag("--all-kinds", limits.all_kinds,
                 "each seed has all kinds of registrants (default: drawn)");
    app.add_option("--steps", steps, "how many of a failed seed's last steps are told");
    CLI11_PARSE(app, argc, argv);
    return soak(first, seeds, limits, steps);
}
