#include "sipstack/random.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <set>

namespace trunkline::sipstack {
namespace {

TEST(Random, IsTheChaCha20KeyStreamOfItsSeed) {
    // RFC 8439 A.1, test vector 1: zero key, zero nonce, counter 0.
    Random random{Random::Seed{}};
    std::array<uint8_t, 16> bytes{};
    random.fill(bytes);
    const std::array<uint8_t, 16> expected{0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90,
                                           0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28};
    EXPECT_EQ(bytes, expected);
}

TEST(Random, RepeatsForTheSameSeedAndDiffersForAnother) {
    Random first(Random::seed_from(7));
    Random second(Random::seed_from(7));
    Random other(Random::seed_from(8));
    EXPECT_EQ(first.hex(64), second.hex(64));
    EXPECT_NE(first.hex(64), other.hex(64));
}

TEST(Random, SameStreamHoweverItIsCut) {
    Random whole(Random::seed_from(1));
    Random pieces(Random::seed_from(1));
    std::array<uint8_t, 5000> expected{};
    whole.fill(expected);
    std::array<uint8_t, 5000> actual{};
    for (std::size_t i = 0; i < actual.size(); i += 50) {
        pieces.fill(std::span(actual).subspan(i, 50));
    }
    EXPECT_EQ(actual, expected);
}

TEST(Random, BetweenReachesBothEndsAndNothingElse) {
    Random random(Random::seed_from(2));
    std::set<uint64_t> seen;
    for (int i = 0; i < 200; ++i) {
        seen.insert(random.between(10, 13));
    }
    EXPECT_EQ(seen, (std::set<uint64_t>{10, 11, 12, 13}));
    EXPECT_EQ(random.between(5, 5), 5U);
}

TEST(Random, BetweenTakesTheFullRange) {
    Random random(Random::seed_from(3));
    Random same(Random::seed_from(3));
    EXPECT_EQ(random.between(0, std::numeric_limits<uint64_t>::max()), same.next());
}

TEST(Random, AppendsTheHexThatItWouldReturn) {
    Random one(Random::seed_from(1));
    Random other(Random::seed_from(1));
    std::string text = "a";
    one.append_hex(text, 20);
    EXPECT_EQ(text, "a" + other.hex(20));
}

TEST(Random, HexIsLowerCaseAndOfTheAskedLength) {
    Random random(Random::seed_from(4));
    EXPECT_EQ(random.hex(0), "");
    const std::string text = random.hex(33);
    EXPECT_EQ(text.size(), 33U);
    EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string::npos);
}

}  // namespace
}  // namespace trunkline::sipstack
