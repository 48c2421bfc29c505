// What a whole shard computes for its work, its transactions, timers, traces and pacing included;
// the packet path alone is left out.
//
//   bench-shard register ACCOUNTS ROUNDS   every account registers, challenged, ROUNDS times
//   bench-shard options COUNT              OPTIONS that it answers
//
// Prints the CPU time of one. Instructions are counted by bench-operations.
#include "tests/bench/measured_shard.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
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

unsigned number_of(const char* text) {
    return static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view work = argc > 1 ? argv[1] : "";
    if (work == "register" && argc == 4) {
        return register_rounds(number_of(argv[2]), number_of(argv[3]));
    }
    if (work == "options" && argc == 3) {
        return answer_options(number_of(argv[2]));
    }
    std::fputs("usage: bench-shard register ACCOUNTS ROUNDS | options COUNT\n", stderr);
    return 2;
}
