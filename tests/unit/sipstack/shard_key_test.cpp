#include "sipstack/shard_key.h"

#include <gtest/gtest.h>

#include <set>

namespace trunkline::sipstack {
namespace {

constexpr uint32_t shard_count = 12;

std::string response_with(const std::string& branch, const std::string& call_id) {
    return "SIP/2.0 200 OK\r\nv: SIP/2.0/UDP 192.0.2.1;rport=5060;branch=" + branch +
           "\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKother\r\ni: " + call_id + "\r\n\r\n";
}

std::string request_with(const std::string& to, const std::string& call_id) {
    return "BYE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1\r\nTo: " + to +
           "\r\nCall-ID: " + call_id + "\r\n\r\n";
}

TEST(ShardKey, IdentifiersAreFreshAndNameTheirShard) {
    Random random(Random::seed_from(1));
    // T05: branches start with the magic cookie and never repeat.
    const std::string branch = make_branch(10, random);
    EXPECT_EQ(branch.substr(0, 7), "z9hG4bK");
    EXPECT_NE(branch, make_branch(10, random));
    EXPECT_NE(make_tag(10, random), make_tag(10, random));
    EXPECT_EQ(make_call_id(10, "192.0.2.1", random).substr(28), "@192.0.2.1");
}

TEST(ShardKey, ResponseGoesToTheShardOfItsTopBranch) {
    Random random(Random::seed_from(2));
    for (uint32_t shard = 0; shard < shard_count; ++shard) {
        const std::string branch = make_branch(shard, random);
        const std::string call_id = make_call_id((shard + 1) % shard_count, "h", random);
        EXPECT_EQ(owning_shard(response_with(branch, call_id), shard_count), shard);
        EXPECT_EQ(owning_shard(response_with("z9hG4bKforeign", call_id), shard_count),
                  (shard + 1) % shard_count);
    }
}

TEST(ShardKey, RequestGoesByOurToTagThenByOurCallId) {
    Random random(Random::seed_from(3));
    const std::string to = "\"a;tag=tl00\" <sip:a@b;tag=x>;tag=" + make_tag(7, random);
    const std::string call_id = make_call_id(3, "h", random);
    EXPECT_EQ(owning_shard(request_with(to, call_id), shard_count), 7U);
    EXPECT_EQ(owning_shard(request_with("<sip:a@b>;tag=foreign", call_id), shard_count), 3U);
}

// A quote of our request names who sent it by its branch alone, and by all of that.
TEST(ShardKey, AQuotedRequestWasSentByTheShardOfItsTopBranch) {
    Random random(Random::seed_from(5));
    const std::string branch = make_branch(7, random);
    const std::string start =
        "REGISTER sip:lab.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=";
    const std::string whole = start + branch + "\r\nMax-Forwards: 70\r\n";
    EXPECT_EQ(sending_shard(whole, shard_count), 7U);
    EXPECT_EQ(sending_shard(start + branch, shard_count), 7U);
    EXPECT_EQ(
        sending_shard((start + branch).substr(0, start.size() + branch.size() - 1), shard_count),
        std::nullopt);
    EXPECT_EQ(sending_shard(whole, 7), std::nullopt) << "there is no such shard";
    EXPECT_EQ(sending_shard(start + "z9hG4bKforeign\r\n", shard_count), std::nullopt);
    EXPECT_EQ(sending_shard(response_with(branch, "x"), shard_count), std::nullopt);
    EXPECT_EQ(sending_shard("", shard_count), std::nullopt);
    EXPECT_EQ(sending_shard(request_with("<sip:a@b>;tag=" + make_tag(7, random), "x"), shard_count),
              std::nullopt);
}

TEST(ShardKey, ForeignCallIdsAreSpreadAndStable) {
    std::set<uint32_t> owners;
    for (int i = 0; i < 200; ++i) {
        const std::string request = request_with("<sip:a@b>", "call-" + std::to_string(i));
        const uint32_t owner = owning_shard(request, shard_count);
        EXPECT_EQ(owning_shard(request, shard_count), owner);
        owners.insert(owner);
    }
    EXPECT_EQ(owners.size(), shard_count);
}

TEST(ShardKey, MarkerOfAShardThatIsNotThereFallsBackToTheHash) {
    Random random(Random::seed_from(4));
    const std::string tag = make_tag(200, random);
    const std::string call_id = make_call_id(255, "h", random);
    const uint32_t owner = owning_shard(request_with("<sip:a@b>;tag=" + tag, call_id), 3);
    EXPECT_LT(owner, 3U);
    EXPECT_EQ(owning_shard(request_with("<sip:a@b>", call_id), 3), owner);
}

TEST(ShardKey, BytesThatAreNotSipGoToShardZero) {
    for (const std::string_view bytes :
         {std::string_view{}, std::string_view("\r\n\r\n"), std::string_view("\0\1\2\3", 4),
          std::string_view("SIP/"), std::string_view("Via:::\r\n \r\n:"),
          std::string_view("SIP/2.0 200 OK\r\nVia: x;branch=z9hG4bKtl")}) {
        EXPECT_EQ(owning_shard(bytes, shard_count), 0U);
    }
}

// T126
TEST(ShardKey, AnAnswerOfAStunServerFindsTheShardThatAsked) {
    Random random(Random::seed_from(5));
    for (uint32_t shard = 0; shard < shard_count; ++shard) {
        std::string answer = stun_binding_request(make_stun_transaction_id(shard, random));
        answer[0] = 1;  // a success response
        EXPECT_EQ(owning_shard(answer, shard_count), shard);
    }
    EXPECT_NE(make_stun_transaction_id(3, random), make_stun_transaction_id(3, random));
    EXPECT_EQ(owning_shard(stun_binding_request(make_stun_transaction_id(255, random)), 3), 0U);
}

TEST(ShardKey, OneShardOwnsAll) {
    EXPECT_EQ(owning_shard(request_with("<sip:a@b>", "x"), 1), 0U);
}

}  // namespace
}  // namespace trunkline::sipstack
