// What a whole shard computes for its work, its transactions, timers, traces and pacing included;
// the packet path alone is left out.
//
//   bench-shard register ACCOUNTS ROUNDS   every account registers, challenged, ROUNDS times
//   bench-shard options COUNT              OPTIONS that it answers
//   bench-shard memory ACCOUNTS            what an account takes, from its configuration on
//
// The first two print the CPU time of one. Instructions are counted by bench-operations.
#include "sipstack/registration/registration.h"
#include "tests/bench/arguments.h"
#include "tests/bench/measured_shard.h"

#include <fmt/format.h>
#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string_view>

namespace {

using namespace trunkline::bench;

/// CPU time of the process.
class Stopwatch final : public Meter {
public:
    void begin() override { begin_ = std::clock(); }
    void end() override { spent_ += std::clock() - begin_; }
    double microseconds(unsigned long operations) const {
        return 1e6 * static_cast<double>(spent_) / CLOCKS_PER_SEC / static_cast<double>(operations);
    }

private:
    std::clock_t begin_ = 0, spent_ = 0;
};

int register_rounds(unsigned accounts, unsigned rounds) {
    MeasuredShard shard(accounts);
    Stopwatch first, watch;
    shard.start();
    shard.serve(first);
    for (unsigned round = 0; round < rounds; ++round) {
        shard.pass(std::chrono::seconds(6));
        shard.register_all(watch);
        shard.serve(watch);
    }
    if (!shard.any_registered()) {
        std::fputs("bench-shard: nothing is registered\n", stderr);
        return 1;
    }
    fmt::print("{:.2f} us a challenged registration\n",
               watch.microseconds(static_cast<unsigned long>(accounts) * rounds));
    return 0;
}

int answer_options(unsigned count) {
    MeasuredShard shard(0);
    Stopwatch watch;
    if (!shard.answer_options(count, watch)) {
        std::fputs("bench-shard: not every OPTIONS was answered\n", stderr);
        return 1;
    }
    fmt::print("{:.2f} us an OPTIONS\n", watch.microseconds(count));
    return 0;
}

/// Bytes that the program has asked for and not given back, the allocator's own rounding included.
std::size_t bytes_in_use() {
    const struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

/// Of the process, in KiB; 0: the kernel does not tell.
unsigned long resident_kib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) {
            return std::strtoul(line.c_str() + 6, nullptr, 10);
        }
    }
    return 0;
}

/// All that a shard holds for its accounts; the flow trace is bounded a shard, so it is told apart.
int measure_memory(unsigned accounts) {
    using namespace trunkline::sipstack;
    const std::size_t before = bytes_in_use();
    MeasuredShard shard(accounts);
    Stopwatch watch;
    const auto print = [&](std::string_view when) {
        const ShardUsage usage = shard.usage();
        fmt::print("{:<34} {:>6} bytes an account, {:>5} of them traced flows; {} KiB resident\n",
                   when, (bytes_in_use() - before) / accounts, usage.trace_bytes / accounts,
                   resident_kib());
    };
    print("configured");
    shard.start();
    shard.serve(watch);
    print("registered, transactions linger");
    shard.pass(std::chrono::seconds(6));
    print("registered");
    shard.register_all(watch);
    shard.serve(watch);
    shard.pass(std::chrono::seconds(6));
    print("registered a second time");
    fmt::print(
        "Registration {} bytes, of them Registrant {} (Credentials {}), Authenticator {}, "
        "ServerChoice {}, Flow {}, Timer {}\n",
        sizeof(Registration), sizeof(Registrant), sizeof(Credentials), sizeof(Authenticator),
        sizeof(ServerChoice), sizeof(Flow), sizeof(Timer));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view work = argc > 1 ? argv[1] : "";
    const unsigned count = argc > 2 ? number_above_zero<unsigned>(argv[2]).value_or(0) : 0;
    const unsigned rounds = argc > 3 ? number_above_zero<unsigned>(argv[3]).value_or(0) : 0;
    if (work == "register" && argc == 4 && count > 0 && rounds > 0) {
        return register_rounds(count, rounds);
    }
    if (work == "options" && argc == 3 && count > 0) {
        return answer_options(count);
    }
    if (work == "memory" && argc == 3 && count > 0) {
        return measure_memory(count);
    }
    std::fputs("usage: bench-shard register ACCOUNTS ROUNDS | options COUNT | memory ACCOUNTS\n",
               stderr);
    return 2;
}
