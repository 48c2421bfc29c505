#include "sipstack/transport/kept_answer.h"

#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using dataplane::IpAddress;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using State = DnsKnowledge::State;

constexpr Instant start{std::chrono::hours(5)};
constexpr seconds refresh{60};

DnsAnswer addresses(std::vector<std::string_view> texts, std::optional<seconds> time_to_live) {
    DnsAnswer answer;
    for (const auto text : texts) {
        answer.records.emplace_back(*IpAddress::parse(text));
    }
    answer.time_to_live = time_to_live;
    return answer;
}

class KeptAnswerTest : public testing::Test {
protected:
    void answer(const DnsAnswer& answer, seconds every = refresh) {
        kept_.asked(start);
        kept_.answered(answer, every, start);
    }

    KeptAnswer kept_{DnsPace{}};
};

TEST_F(KeptAnswerTest, WaitsForTheFirstAnswerAsLongAsPatienceLasts) {
    kept_.asked(start);
    EXPECT_EQ(kept_.known(start + milliseconds(2999)).state, State::asking);
    EXPECT_EQ(kept_.next(), start + milliseconds(3000));
    EXPECT_EQ(kept_.known(start + milliseconds(3000)).state, State::failed);
    EXPECT_EQ(kept_.known(start + milliseconds(3000)).failure, "no answer yet");
    kept_.answered(addresses({"192.0.2.1"}, seconds(60)), refresh, start + seconds(9));
    EXPECT_EQ(kept_.known(start + seconds(9)).state, State::answered);
}

// T135: the time to live is honoured.
TEST_F(KeptAnswerTest, AsksAgainWhenTheTimeToLiveOrTheRefreshTimeIsOver) {
    answer(addresses({"192.0.2.1"}, seconds(20)));
    EXPECT_EQ(kept_.next(), start + seconds(20));
    answer(addresses({"192.0.2.1"}, seconds(3600)));
    EXPECT_EQ(kept_.next(), start + refresh);
    answer(addresses({"192.0.2.1"}, seconds(3600)), seconds(0));
    EXPECT_EQ(kept_.next(), start + seconds(3600));
}

TEST_F(KeptAnswerTest, DoesNotAskMoreOftenThanTheShortestRefresh) {
    answer(addresses({"192.0.2.1"}, seconds(0)));
    EXPECT_EQ(kept_.next(), start + seconds(5));
}

TEST_F(KeptAnswerTest, AsksAgainForWhatDoesNotExist) {
    answer({{}, false, seconds(20)});
    EXPECT_EQ(kept_.next(), start + seconds(20));
    answer({{}, false, seconds(86'400)}, seconds(0));
    EXPECT_EQ(kept_.next(), start + seconds(60));
    answer({{}, false, std::nullopt});
    EXPECT_EQ(kept_.next(), start + seconds(10));
}

// T135: the last good answer is used when DNS is down, for 30 minutes after its time to live.
TEST_F(KeptAnswerTest, KeepsTheLastAnswerForHalfAnHourAfterItsTimeToLive) {
    answer(addresses({"192.0.2.1"}, seconds(60)));
    const Instant dies = start + seconds(60) + minutes(30);
    Instant now = start + refresh;
    int failures = 0;
    for (; now < dies; now = kept_.next()) {
        kept_.asked(now);
        kept_.failed("Timeout while contacting DNS servers", now);
        EXPECT_EQ(kept_.next(), now + seconds(10));
        const auto known = kept_.known(now);
        ASSERT_EQ(known.state, State::answered);
        EXPECT_EQ(*known.answer, addresses({"192.0.2.1"}, seconds(60)));
        EXPECT_EQ(known.valid_until, start + seconds(60));
        EXPECT_EQ(known.failure, "Timeout while contacting DNS servers");
        ++failures;
    }
    EXPECT_EQ(failures, 180);
    EXPECT_EQ(kept_.known(dies - milliseconds(1)).state, State::answered);
    EXPECT_EQ(kept_.known(dies).state, State::failed);
    kept_.asked(dies);
    kept_.answered(addresses({"192.0.2.2"}, seconds(60)), refresh, dies);
    EXPECT_EQ(kept_.known(dies).state, State::answered);
    EXPECT_EQ(kept_.known(dies).failure, "");
}

TEST_F(KeptAnswerTest, IsReplacedByANo) {
    answer(addresses({"192.0.2.1"}, seconds(60)));
    answer({{}, true, seconds(60)});
    EXPECT_EQ(kept_.known(start).state, State::answered);
    EXPECT_TRUE(kept_.known(start).answer->records.empty());
}

TEST_F(KeptAnswerTest, DoesNotTurnRoundWithTheServer) {
    answer(addresses({"192.0.2.1", "192.0.2.2", "192.0.2.3"}, seconds(60)));
    answer(addresses({"192.0.2.2", "192.0.2.3", "192.0.2.1"}, seconds(50)));
    EXPECT_EQ(*kept_.known(start).answer,
              addresses({"192.0.2.1", "192.0.2.2", "192.0.2.3"}, seconds(50)));
    answer(addresses({"192.0.2.3", "192.0.2.1"}, seconds(60)));
    EXPECT_EQ(*kept_.known(start).answer, addresses({"192.0.2.3", "192.0.2.1"}, seconds(60)));
}

}  // namespace
}  // namespace trunkline::sipstack
