#include "sipstack/registration/redirection_names.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;

class RedirectionNamesTest : public ::testing::Test {
protected:
    static RedirectionName name(unsigned number = 0) {
        return {fmt::format("host-{}.example", number), std::nullopt, std::nullopt, 0};
    }
    static std::vector<Target> targets(std::size_t count = 1) {
        std::vector<Target> list(count);
        for (std::size_t at = 0; at < count; ++at) {
            list[at].endpoint = {dataplane::IpAddress::v4(0xc0000201 + at), 5060};
        }
        return list;
    }
    /// "asking", or how many targets there are.
    std::string found(const RedirectionName& wanted = name()) {
        const auto known = names.find(wanted, wheel.now());
        return known ? std::to_string(known->size()) : "asking";
    }
    void answer(Milliseconds time_to_live, const RedirectionName& wanted = name(),
                std::size_t count = 1) {
        names.answered({wanted, targets(count), time_to_live}, wheel.now());
    }
    void pass(Milliseconds span) { wheel.advance(wheel.now() + span); }

    TimerWheel wheel{Instant(1h)};
    std::vector<RedirectionName> asked;
    int ended = 0;
    RedirectionNames names{wheel, [this](const RedirectionName& one) { asked.push_back(one); },
                           [this](Instant) { ++ended; }};
};

TEST_F(RedirectionNamesTest, AreAskedOnceAndKeptWhileTheyLive) {
    EXPECT_EQ(found(), "asking");
    EXPECT_EQ(found(), "asking");
    EXPECT_EQ(asked.size(), 1U);
    answer(60s);
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(found(), "1");
    pass(60s - 1ms);
    EXPECT_EQ(found(), "1");
    pass(1ms);
    EXPECT_EQ(found(), "asking");
    EXPECT_EQ(asked.size(), 2U);
}

TEST_F(RedirectionNamesTest, DifferByPortTransportAndInterface) {
    const std::vector<RedirectionName> all{{"a", std::nullopt, std::nullopt, 0},
                                           {"a", 5060, std::nullopt, 0},
                                           {"a", std::nullopt, Transport::tcp, 0},
                                           {"a", std::nullopt, std::nullopt, 1}};
    for (const auto& one : all) {
        EXPECT_EQ(found(one), "asking");
    }
    EXPECT_EQ(asked, all);
}

TEST_F(RedirectionNamesTest, LiveNeitherTooShortNorTooLong) {
    found();
    answer(0s);
    pass(RedirectionNames::shortest_life - 1ms);
    EXPECT_EQ(found(), "1");
    pass(1ms);
    EXPECT_EQ(found(), "asking");
    answer(100h);
    pass(RedirectionNames::longest_life);
    EXPECT_EQ(found(), "asking");
}

TEST_F(RedirectionNamesTest, LeadNowhereWhenTheLookUpTakesTooLong) {
    found(name(1));
    pass(RedirectionNames::longest_look_up / 2);
    found(name(2));
    pass(RedirectionNames::longest_look_up / 2);
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(found(name(1)), "0");
    EXPECT_EQ(found(name(2)), "asking");
    answer(60s, name(1));
    EXPECT_EQ(found(name(1)), "0") << "too late";
    pass(RedirectionNames::longest_look_up / 2);
    EXPECT_EQ(found(name(2)), "0");
    EXPECT_EQ(wheel.size(), 0U);
}

TEST_F(RedirectionNamesTest, AreBoundedAndThoseWithAnAnswerGiveWay) {
    for (unsigned number = 0; number < RedirectionNames::max_names; ++number) {
        EXPECT_EQ(found(name(number)), "asking");
    }
    EXPECT_EQ(found(name(999)), "0") << "all are awaited";
    EXPECT_EQ(asked.size(), RedirectionNames::max_names);
    answer(20s, name(7));
    answer(10s, name(8));
    EXPECT_EQ(found(name(999)), "asking");
    EXPECT_EQ(names.size(), RedirectionNames::max_names);
    EXPECT_EQ(found(name(7)), "1") << "the one that would have ended first is gone";
}

TEST_F(RedirectionNamesTest, KeepAFewTargetsOfEach) {
    found();
    answer(60s, name(), 100);
    EXPECT_EQ(found(), std::to_string(RedirectionNames::max_targets));
}

TEST_F(RedirectionNamesTest, IgnoreWhatNobodyAskedFor) {
    answer(60s);
    EXPECT_EQ(names.size(), 0U);
    EXPECT_EQ(ended, 0);
}

}  // namespace
}  // namespace trunkline::sipstack
