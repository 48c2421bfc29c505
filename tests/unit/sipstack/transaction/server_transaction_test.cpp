#include "tests/unit/sipstack/message/sample_messages.h"
#include "tests/unit/sipstack/transaction/transaction_fixture.h"

#include <gmock/gmock.h>

#include <map>

namespace trunkline::sipstack::testing {
namespace {

using ::testing::ElementsAre;

class ServerTransaction : public TransactionTest {
protected:
    bool receive(const std::string& bytes, const Flow& flow) {
        const auto id = layer.receive_request(parsed(bytes), flow, now());
        if (id) {
            ids[bytes] = *id;
        }
        return id.has_value();
    }
    void respond(const std::string& request, int status, const Flow& flow) {
        const Message message = parsed(request);
        layer.respond(ids.at(request), message, flow,
                      response_to(message, status, reason_phrase(status), "tag", flow).finish(),
                      now());
    }
    static Message parsed(const std::string& bytes) {
        auto message = Message::parse(bytes);
        EXPECT_TRUE(message) << (message ? "" : message.error().reason);
        return std::move(*message);
    }
    static std::string with_branch(std::string_view text) {
        return with(sample_request(), "z9hG4bKtl00abcdef", text);
    }

    std::map<std::string, ServerTransactionId> ids;  ///< by request, of what is to be answered
};

TEST_F(ServerTransaction, RetransmissionIsAbsorbedAndThenAnsweredFromTheStore) {
    EXPECT_TRUE(receive(sample_request(), udp));
    EXPECT_FALSE(receive(sample_request(), udp));
    EXPECT_TRUE(network.sent.empty());
    respond(sample_request(), 200, udp);
    ASSERT_EQ(network.sent.size(), 1U);
    EXPECT_FALSE(receive(sample_request(), udp));
    ASSERT_EQ(network.sent.size(), 2U);
    EXPECT_EQ(network.sent[0].bytes, network.sent[1].bytes);
    EXPECT_EQ(layer.counters().requests_received, 1U);
    EXPECT_EQ(layer.counters().request_retransmissions_absorbed, 2U);
    EXPECT_EQ(layer.counters().responses_sent, 2U);
}

TEST_F(ServerTransaction, ProvisionalIsRepeatedUntilTheFinalAnswer) {
    receive(sample_request(), udp);
    respond(sample_request(), 100, udp);
    receive(sample_request(), udp);
    respond(sample_request(), 200, udp);
    respond(sample_request(), 500, udp);  // one final answer a request
    receive(sample_request(), udp);
    std::vector<std::string> starts;
    for (const Sent& sent : network.sent) {
        starts.push_back(sent.bytes.substr(8, 3));
    }
    EXPECT_THAT(starts, ElementsAre("100", "100", "200", "200"));
}

// T129
TEST_F(ServerTransaction, AnswerOverAStreamGoesTheWayThatIsGivenWithIt) {
    Flow other = tcp;
    other.stream = 7;
    receive(sample_request(), tcp);
    respond(sample_request(), 200, other);
    ASSERT_EQ(network.sent.size(), 1U);
    EXPECT_EQ(network.sent[0].flow, other);
}

// T113
TEST_F(ServerTransaction, TimerJForgetsAfter32SecondsOverUdpAndAtOnceOverAStream) {
    receive(sample_request(), udp);
    advance_to(10'000);
    respond(sample_request(), 200, udp);
    advance_to(41'999);
    EXPECT_EQ(layer.live(), 1U);
    advance_to(42'000);
    EXPECT_EQ(layer.live(), 0U);
    EXPECT_TRUE(receive(sample_request(), tcp));
    respond(sample_request(), 200, tcp);
    EXPECT_EQ(layer.live(), 0U);
}

// T161
TEST_F(ServerTransaction, UnansweredOneEndsAfter32SecondsWithoutAnAnswer) {
    receive(sample_request(), udp);
    advance_to(32'000);
    EXPECT_EQ(layer.live(), 0U);
    EXPECT_TRUE(network.sent.empty());
}

// T118
TEST_F(ServerTransaction, AnswerGoesToTheSourcePortWhenRportWasAsked) {
    Flow flow = udp;
    flow.remote.port = 50'373;
    receive(sample_request(), flow);
    respond(sample_request(), 200, flow);
    EXPECT_EQ(network.sent.back().flow.remote.port, 50'373);
    const std::string plain = with(with_branch("z9hG4bKother"), ";rport", "");
    receive(plain, flow);
    respond(plain, 200, flow);
    EXPECT_EQ(network.sent.back().flow.remote.port, 5060);
}

// T115: branch without case, sent-by and method with it.
TEST_F(ServerTransaction, BranchSentByAndMethodTellRequestsApart) {
    EXPECT_TRUE(receive(sample_request(), udp));
    EXPECT_FALSE(receive(with_branch("Z9HG4BKTL00ABCDEF"), udp));
    EXPECT_TRUE(receive(with(sample_request(), "192.0.2.10:5060", "192.0.2.11:5060"), udp));
    EXPECT_TRUE(receive(
        with(with(sample_request(), "REGISTER", "OPTIONS"), "7 REGISTER", "7 OPTIONS"), udp));
}

// T115: RFC 2543 peers, as trace C.
TEST_F(ServerTransaction, WithoutTheCookieAllOfTheRequestTells) {
    const std::string old = with(sample_request(), ";rport;branch=z9hG4bKtl00abcdef", "");
    EXPECT_TRUE(receive(old, udp));
    EXPECT_FALSE(receive(old, udp));
    EXPECT_TRUE(receive(with(old, "7 REGISTER", "8 REGISTER"), udp));
    EXPECT_TRUE(receive(with(old, "tl00aaaa", "tl00aaab"), udp));
}

TEST_F(ServerTransaction, ACookieAloneIsNoBranch) {
    EXPECT_TRUE(receive(with_branch("z9hG4bK"), udp));
    EXPECT_TRUE(receive(with(with_branch("z9hG4bK"), "7 REGISTER", "8 REGISTER"), udp));
}

TEST_F(ServerTransaction, BeyondTheLimitItAnswersWithoutState) {
    for (const char* text : {"z9hG4bK1", "z9hG4bK2", "z9hG4bK3", "z9hG4bK4"}) {
        EXPECT_TRUE(receive(with_branch(text), udp));
    }
    EXPECT_EQ(layer.live(), 3U);
    EXPECT_EQ(layer.counters().server_transactions_refused, 1U);
    respond(with_branch("z9hG4bK4"), 200, udp);
    EXPECT_EQ(network.sent.size(), 1U);
    EXPECT_TRUE(receive(with_branch("z9hG4bK4"), udp));
}

TEST_F(ServerTransaction, AnswerOfOneThatIsForgottenIsSentAndNotKept) {
    const std::string other = with_branch("z9hG4bKother");
    receive(sample_request(), udp);
    advance_to(32'000);
    receive(other, udp);
    respond(sample_request(), 200, udp);
    EXPECT_EQ(network.sent.size(), 1U);
    EXPECT_FALSE(receive(other, udp));  // has no answer yet
    EXPECT_EQ(network.sent.size(), 1U);
}

// T160
TEST_F(ServerTransaction, AckIsNeverHandedUp) {
    const std::string ack = with(with(sample_request(), "REGISTER", "ACK"), "7 REGISTER", "7 ACK");
    EXPECT_FALSE(receive(ack, udp));
    EXPECT_EQ(layer.live(), 0U);
}

TEST_F(ServerTransaction, RefusedAnswerIsSentOnRetransmission) {
    receive(sample_request(), udp);
    network.is_down = true;
    respond(sample_request(), 200, udp);
    EXPECT_EQ(layer.counters().transport_errors, 1U);
    network.is_down = false;
    receive(sample_request(), udp);
    EXPECT_EQ(network.sent.size(), 1U);
}

}  // namespace
}  // namespace trunkline::sipstack::testing
