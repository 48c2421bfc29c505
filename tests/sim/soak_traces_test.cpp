// A seed of the soak is repeated exactly, also by another process: neither addresses, nor what
// memory held before, nor the order of hash tables decides anything. This program runs itself
// again: with SOAK_TRACES=1 in the environment it prints the hash of each seed's trace.
#include "tests/sim/scenario.h"
#include "tests/sim/soak_run.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr const char* mode_variable = "SOAK_TRACES";
constexpr const char* salt_variable = "SOAK_HASH_SALT";
constexpr uint64_t first_seed = 70'001;
constexpr uint64_t seeds = 60;

std::size_t salt() {
    static const std::size_t value = [] {
        const char* text = std::getenv(salt_variable);
        return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
    }();
    return value;
}

}  // namespace

// What std::hash makes of strings, in libstdc++'s place: its tables have another order with each
// salt.
std::size_t std::_Hash_bytes(const void* bytes, std::size_t size, std::size_t seed) {
    std::size_t hash = seed ^ 0xcbf29ce484222325 ^ salt();
    for (const char byte : std::string_view(static_cast<const char*>(bytes), size)) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    }
    return hash ^ (hash >> 29);
}

namespace trunkline::sim {
namespace {

using ::testing::ElementsAreArray;
using ::testing::SizeIs;

/// First the hash of a word, then a trace a line.
void print_traces() {
    fmt::print("{:x}\n", std::hash<std::string_view>{}("word"));
    for (uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
        fmt::print("{:016x}\n", SoakRun(draw_scenario(seed, {})).run().trace);
    }
}

struct Printed {
    std::string hash_of_a_word;
    std::vector<std::string> traces;
};

/// What another process with those variables prints.
Printed traces_of_a_process(const std::string& variables) {
    const std::string command =
        fmt::format("env {}=1 {} /proc/{}/exe", mode_variable, variables, getpid());
    FILE* pipe = popen(command.c_str(), "r");
    std::string text;
    std::array<char, 4096> part{};
    while (const std::size_t size = fread(part.data(), 1, part.size(), pipe)) {
        text.append(part.data(), size);
    }
    EXPECT_EQ(pclose(pipe), 0) << command;
    std::istringstream lines(text);
    Printed printed;
    std::getline(lines, printed.hash_of_a_word);
    for (std::string line; std::getline(lines, line);) {
        printed.traces.push_back(line);
    }
    return printed;
}

class SoakTraces : public ::testing::Test {
protected:
    static void SetUpTestSuite() { usual_ = traces_of_a_process(""); }
    void SetUp() override { ASSERT_THAT(usual_.traces, SizeIs(seeds)); }

    static inline Printed usual_;
};

TEST_F(SoakTraces, OfDifferentSeedsDiffer) {
    EXPECT_THAT(std::set<std::string>(usual_.traces.begin(), usual_.traces.end()), SizeIs(seeds));
}

TEST_F(SoakTraces, AreTheSameWhateverMemoryHeldBefore) {
    const Printed other = traces_of_a_process("MALLOC_PERTURB_=165");
    EXPECT_THAT(other.traces, ElementsAreArray(usual_.traces));
}

TEST_F(SoakTraces, AreTheSameInWhateverOrderHashTablesAre) {
    const Printed other = traces_of_a_process(fmt::format("{}=12345", salt_variable));
    ASSERT_NE(other.hash_of_a_word, usual_.hash_of_a_word);
    EXPECT_THAT(other.traces, ElementsAreArray(usual_.traces));
}

}  // namespace
}  // namespace trunkline::sim

int main(int argc, char** argv) {
    if (std::getenv(mode_variable) != nullptr) {
        trunkline::sim::print_traces();
        return 0;
    }
    ::testing::InitGoogleMock(&argc, argv);
    return RUN_ALL_TESTS();
}
