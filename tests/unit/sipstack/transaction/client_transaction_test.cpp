#include "tests/unit/sipstack/message/sample_messages.h"
#include "tests/unit/sipstack/transaction/transaction_fixture.h"

#include <gmock/gmock.h>

#include <array>
#include <memory>

namespace trunkline::sipstack::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view branch = "z9hG4bKtl00abcdef";

class ClientTransaction : public TransactionTest {
protected:
    ClientTransactionId start(const Flow& flow, unsigned max_transmissions = 0) {
        return layer.send_request(sample_request(), branch, "REGISTER", flow, user, now(),
                                  max_transmissions);
    }
    void receive(const std::string& bytes) {
        const auto message = Message::parse(bytes);
        ASSERT_TRUE(message) << message.error().reason;
        layer.receive_response(*message, udp, now());
    }
    static std::string trying() { return with(sample_ok(), "200 OK", "100 Trying"); }

    User user;
};

// T06, T110
TEST_F(ClientTransaction, RetransmitsOverUdpAtTheTimesOfTimerEAndGivesUpAtTimerF) {
    EXPECT_NE(start(udp), 0U);
    advance_to(31'999);
    EXPECT_THAT(user.timeouts, IsEmpty());
    advance_to(100'000);
    EXPECT_THAT(network.times(), ElementsAre(0, 500, 1500, 3500, 7500, 11'500, 15'500, 19'500,
                                             23'500, 27'500, 31'500));
    EXPECT_THAT(user.timeouts, ElementsAre(32'000));
    for (const Sent& sent : network.sent) {
        EXPECT_EQ(sent.bytes, sample_request());
        EXPECT_EQ(sent.flow, udp);
    }
    EXPECT_EQ(layer.live(), 0U);
    EXPECT_EQ(wheel.size(), 0U);
    EXPECT_EQ(layer.counters().requests_sent, 1U);
    EXPECT_EQ(layer.counters().retransmissions, 10U);
    EXPECT_EQ(layer.counters().timeouts, 1U);
}

TEST_F(ClientTransaction, TimersFollowTheConfiguration) {
    timers = {.t1 = Milliseconds{100}, .t2 = Milliseconds{300}, .t4 = Milliseconds{1000}};
    start(udp);
    advance_to(1000);
    EXPECT_THAT(network.times(), ElementsAre(0, 100, 300, 600, 900));
    advance_to(6400);
    EXPECT_THAT(user.timeouts, ElementsAre(6400));
}

// T111
TEST_F(ClientTransaction, StreamHasNoTimerEAndNoTimerK) {
    start(tcp);
    advance_to(40'000);
    EXPECT_THAT(network.times(), ElementsAre(0));
    EXPECT_THAT(user.timeouts, ElementsAre(32'000));
    start(tcp);
    receive(sample_ok());
    EXPECT_THAT(user.finals, ElementsAre(200));
    EXPECT_EQ(user.answered, sample_request());
    EXPECT_EQ(layer.live(), 0U);
    EXPECT_EQ(layer.on_streams(), 0U);
}

TEST_F(ClientTransaction, StreamFollowsItsOwnTimeOut) {
    timers.tcp_timeout = Seconds{40};
    start(tcp);
    advance_to(100'000);
    EXPECT_THAT(user.timeouts, ElementsAre(40'000));
}

TEST_F(ClientTransaction, TheLastAllowedTransmissionWaitsItsInterval) {
    timers.max_transmissions = 3;
    start(udp);
    advance_to(100'000);
    EXPECT_THAT(network.times(), ElementsAre(0, 500, 1500));
    EXPECT_THAT(user.timeouts, ElementsAre(3500));
    EXPECT_EQ(layer.live(), 0U);
}

TEST_F(ClientTransaction, ARequestMayHaveALimitOfItsOwn) {
    timers.max_transmissions = 7;
    start(udp, 1);
    advance_to(100'000);
    EXPECT_THAT(network.times(), ElementsAre(0));
    EXPECT_THAT(user.timeouts, ElementsAre(500));
}

TEST_F(ClientTransaction, ALimitBeyondTimerFChangesNothing) {
    start(udp, 30);
    advance_to(100'000);
    EXPECT_EQ(network.sent.size(), 11U);
    EXPECT_THAT(user.timeouts, ElementsAre(32'000));
}

TEST_F(ClientTransaction, AProvisionalLiftsTheLimitOnWaiting) {
    start(udp, 2);
    advance_to(600);
    receive(trying());
    advance_to(100'000);
    EXPECT_THAT(network.times(), ElementsAre(0, 500));
    EXPECT_THAT(user.timeouts, ElementsAre(32'000));
}

// T130
TEST_F(ClientTransaction, ALostConnectionFailsWhatWentOverIt) {
    Flow first = tcp, second = tcp;
    first.stream = 1;
    second.stream = 2;
    std::array<User, 3> users;
    layer.send_request("a", "z9hG4bKa", "REGISTER", first, users[0], now());
    layer.send_request("b", "z9hG4bKb", "REGISTER", first, users[1], now());
    layer.send_request("c", "z9hG4bKc", "REGISTER", second, users[2], now());
    users[0].then = [&] { layer.send_request("d", "z9hG4bKd", "OPTIONS", second, user, now()); };
    layer.connection_lost(1, "closed by 192.0.2.1:5060", now());
    EXPECT_THAT(users[0].reasons, ElementsAre("closed by 192.0.2.1:5060"));
    EXPECT_THAT(users[1].errors, ElementsAre(0));
    EXPECT_THAT(users[2].errors, IsEmpty());
    EXPECT_EQ(layer.live(), 2U);
    EXPECT_EQ(layer.on_streams(), 2U);
    EXPECT_EQ(layer.counters().transport_errors, 2U);
    layer.connection_lost(1, "again", now());
    EXPECT_EQ(users[0].errors.size(), 1U);
}

// T130
TEST_F(ClientTransaction, AUserMayCancelAnotherWhenTheConnectionIsLost) {
    User other;
    tcp.stream = 1;
    start(tcp);
    const auto id = layer.send_request("b", "z9hG4bKb", "REGISTER", tcp, other, now());
    user.then = [&] { layer.cancel(id); };
    layer.connection_lost(1, "lost", now());
    EXPECT_EQ(user.errors.size(), 1U);
    EXPECT_THAT(other.errors, IsEmpty());
    EXPECT_EQ(layer.live(), 0U);
    EXPECT_EQ(wheel.size(), 0U);
}

TEST_F(ClientTransaction, AnIcmpErrorFailsTheRequestThatItQuotes) {
    start(udp);
    const auto tell = [&](std::string_view quoted_branch, const char* method, uint16_t port) {
        layer.unreachable(quoted_branch, method, {udp.remote.address, port}, "port unreachable",
                          now());
    };
    tell("z9hG4bKother", "REGISTER", 5060);
    tell(branch, "OPTIONS", 5060);
    tell(branch, "REGISTER", 5062);
    EXPECT_THAT(user.errors, IsEmpty());
    tell(branch, "REGISTER", 5060);
    EXPECT_THAT(user.reasons, ElementsAre("port unreachable"));
    EXPECT_EQ(layer.live(), 0U);
}

TEST_F(ClientTransaction, AnIcmpErrorHarmsNothingThatWasAnswered) {
    start(udp);
    receive(trying());
    layer.unreachable(branch, "REGISTER", udp.remote, "port unreachable", now());
    receive(sample_ok());
    layer.unreachable(branch, "REGISTER", udp.remote, "port unreachable", now());
    EXPECT_THAT(user.errors, IsEmpty());
    EXPECT_THAT(user.finals, ElementsAre(200));
}

// T62
TEST_F(ClientTransaction, ProvisionalMovesRetransmissionToT2AndEndsNothing) {
    start(udp);
    advance_to(600);
    receive(trying());
    receive(trying());
    EXPECT_THAT(user.provisional, ElementsAre(100, 100));
    advance_to(33'000);
    EXPECT_THAT(network.times(),
                ElementsAre(0, 500, 1500, 5500, 9500, 13'500, 17'500, 21'500, 25'500, 29'500));
    EXPECT_THAT(user.timeouts, ElementsAre(32'000));
}

// T33, T112
TEST_F(ClientTransaction, RetransmittedFinalIsAbsorbedUntilTimerK) {
    start(udp);
    receive(sample_ok());
    EXPECT_THAT(user.finals, ElementsAre(200));
    EXPECT_EQ(user.answered_by, udp);
    advance_to(4999);
    receive(sample_ok());
    receive(with(sample_ok(), "200 OK", "500 Late"));
    EXPECT_THAT(user.finals, ElementsAre(200));
    EXPECT_EQ(layer.counters().responses_absorbed, 2U);
    EXPECT_EQ(layer.live(), 1U);
    advance_to(5000);
    EXPECT_EQ(layer.live(), 0U);
    receive(sample_ok());
    EXPECT_EQ(layer.counters().responses_unmatched, 1U);
    EXPECT_THAT(network.times(), ElementsAre(0));
}

// T34
TEST_F(ClientTransaction, LateAnswerAfterTimeoutIsIgnored) {
    start(udp);
    advance_to(32'000);
    receive(sample_ok());
    EXPECT_THAT(user.finals, IsEmpty());
    EXPECT_EQ(layer.counters().responses_unmatched, 1U);
}

// T63
TEST_F(ClientTransaction, ResponseWithSeveralViasIsDropped) {
    start(udp);
    receive(with(sample_ok(), "From:", "Via: SIP/2.0/UDP x;branch=z9hG4bKy\r\nFrom:"));
    EXPECT_THAT(user.finals, IsEmpty());
    EXPECT_EQ(layer.counters().responses_unmatched, 1U);
}

// T114, T115
TEST_F(ClientTransaction, MatchesByBranchWithoutCaseAndByMethod) {
    start(udp);
    receive(with(sample_ok(), "8 REGISTER", "8 OPTIONS"));
    receive(with(sample_ok(), branch, "z9hG4bKtl00abcdee"));
    EXPECT_EQ(layer.counters().responses_unmatched, 2U);
    receive(with(sample_ok(), branch, "Z9HG4BKTL00ABCDEF"));
    EXPECT_THAT(user.finals, ElementsAre(200));
}

// T117
TEST_F(ClientTransaction, AnswerFromAnotherPortIsTaken) {
    start(udp);
    Flow other = udp;
    other.remote.port = 40'000;
    const auto message = Message::parse(sample_ok());
    ASSERT_TRUE(message);
    layer.receive_response(*message, other, now());
    EXPECT_EQ(user.answered_by, other);
}

// T56
TEST_F(ClientTransaction, RefusedByTheTransportIsToldByTheReturnValue) {
    network.is_down = true;
    EXPECT_EQ(start(udp), 0U);
    EXPECT_THAT(user.errors, IsEmpty());
    EXPECT_EQ(layer.live(), 0U);
    EXPECT_EQ(layer.counters().transport_errors, 1U);
    EXPECT_EQ(layer.counters().requests_sent, 0U);
}

TEST_F(ClientTransaction, RefusedRetransmissionEndsIt) {
    start(udp);
    network.is_down = true;
    advance_to(40'000);
    EXPECT_THAT(user.errors, ElementsAre(500));
    EXPECT_THAT(user.reasons, ElementsAre("cannot send to 192.0.2.1:5060"));
    EXPECT_THAT(user.timeouts, IsEmpty());
    EXPECT_EQ(layer.live(), 0U);
}

TEST_F(ClientTransaction, CancelledOneIsSilent) {
    const ClientTransactionId id = start(udp);
    layer.cancel(id);
    layer.cancel(id);
    layer.cancel(12'345);
    receive(sample_ok());
    advance_to(40'000);
    EXPECT_THAT(network.times(), ElementsAre(0));
    EXPECT_THAT(user.finals, IsEmpty());
    EXPECT_THAT(user.timeouts, IsEmpty());
}

TEST_F(ClientTransaction, CancelAfterTheFinalAnswerStillAbsorbs) {
    const ClientTransactionId id = start(udp);
    receive(sample_ok());
    layer.cancel(id);
    receive(sample_ok());
    EXPECT_EQ(layer.counters().responses_absorbed, 1U);
}

TEST_F(ClientTransaction, UserMayCancelInsideAProvisional) {
    ClientTransactionId id = start(udp);
    user.then = [&] { layer.cancel(id); };
    receive(trying());
    EXPECT_EQ(layer.live(), 0U);
    EXPECT_EQ(wheel.size(), 0U);
}

TEST_F(ClientTransaction, UserMayStartTheNextOneInsideAnyCallback) {
    ClientTransactionId id = start(udp);
    int next = 0;
    user.then = [&] {
        if (next < 2) {
            layer.cancel(id);
            id = layer.send_request("next", "z9hG4bKnext" + std::to_string(++next), "REGISTER", udp,
                                    user, now());
        }
    };
    receive(sample_ok());
    EXPECT_EQ(next, 1);
    advance_to(32'000);
    EXPECT_THAT(user.timeouts, ElementsAre(32'000));
    EXPECT_EQ(next, 2);
    EXPECT_EQ(layer.live(), 1U);
    advance_to(64'000);
    EXPECT_THAT(user.timeouts, ElementsAre(32'000, 64'000));
    EXPECT_EQ(layer.live(), 0U);
}

TEST_F(ClientTransaction, ManyLiveOnesAreKeptApart) {
    std::vector<std::unique_ptr<User>> users;
    for (int i = 0; i < 1000; ++i) {
        users.push_back(std::make_unique<User>());
        layer.send_request("x", "z9hG4bK" + std::to_string(i), "REGISTER", tcp, *users.back(),
                           now());
    }
    receive(with(sample_ok(), branch, "z9hG4bK345"));
    for (std::size_t i = 0; i < users.size(); ++i) {
        EXPECT_EQ(users[i]->finals.size(), i == 345 ? 1U : 0U);
    }
    EXPECT_EQ(layer.live(), 999U);
}

}  // namespace
}  // namespace trunkline::sipstack::testing
