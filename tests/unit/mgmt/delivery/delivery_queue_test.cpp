#include "mgmt/delivery/delivery_queue.h"

#include "tests/unit/mgmt/delivery/played_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>

namespace trunkline::mgmt {
namespace {

using testing::HasSubstr;

class DeliveryQueueTest : public testing::Test {
protected:
    /// Until `done` holds; the clock ends a test that cannot.
    template <typename Done>
    static void wait_until(Done done) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
        while (!done() && std::chrono::steady_clock::now() < end) {
            std::this_thread::yield();
        }
        EXPECT_TRUE(done());
    }
    std::atomic<int> troubles = 0;
    std::string last_trouble;  ///< read when `troubles` has grown
    DeliveryQueue sender{[this](const std::string& trouble) {
        last_trouble = trouble;
        ++troubles;
    }};
};

TEST_F(DeliveryQueueTest, OverUdpAMessageIsADatagram) {
    const PlayedServer server(DeliveryProtocol::udp);
    sender.send("nobody is there yet");
    sender.set_server(server.address());
    sender.send("one");
    sender.send("two");
    EXPECT_EQ(server.receive(), "one");
    EXPECT_EQ(server.receive(), "two");
    wait_until([&] { return sender.counters().sent == 2; });
    EXPECT_EQ(sender.counters().dropped, 0u);
}

TEST_F(DeliveryQueueTest, MessagesThatSayTheirLengthFollowEachOtherAsTheyAre) {
    PlayedServer server(DeliveryProtocol::tcp);
    server.listen();
    DeliveryServer address = server.address();
    address.framing = DeliveryFraming::none;
    sender.set_server(address);
    sender.send("one");
    sender.send("two");
    server.accept();
    EXPECT_EQ(server.receive_until("two"), "onetwo");
}

TEST_F(DeliveryQueueTest, LargeMessagesAreBoundedByTheirBytes) {
    const PlayedServer server(DeliveryProtocol::tcp);  // nobody listens
    sender.set_server(server.address());
    const std::string large(65'507, 'x');
    const std::size_t most = DeliveryQueue::most_bytes_waiting / large.size();
    for (std::size_t i = 0; i < most + 10; ++i) {
        sender.send(large);
    }
    EXPECT_GE(sender.counters().dropped, 9u);
    EXPECT_LE(sender.counters().dropped, 10u);
}

TEST_F(DeliveryQueueTest, WhatWaitsForAServerThatIsAwayIsSentWhenItComes) {
    PlayedServer server(DeliveryProtocol::tcp);
    sender.set_server(server.address());
    sender.send("one");
    sender.send("two");
    wait_until([&] { return troubles == 1; });
    EXPECT_THAT(last_trouble, HasSubstr("Connection refused"));
    EXPECT_THAT(last_trouble, HasSubstr("tcp 127.0.0.1:"));
    server.listen();
    server.accept();
    EXPECT_EQ(server.receive_until("two"), "3 one3 two");
    EXPECT_EQ(troubles, 1);
}

TEST_F(DeliveryQueueTest, AServerThatHangsUpIsConnectedAnewAndLosesNothing) {
    PlayedServer server(DeliveryProtocol::tcp);
    server.listen();
    sender.set_server(server.address());
    sender.send("one");
    server.accept();
    EXPECT_EQ(server.receive_until("one"), "3 one");
    server.hang_up();
    sender.send("two");
    server.accept();
    EXPECT_EQ(server.receive_until("two"), "3 two");
    EXPECT_EQ(troubles, 1);
    EXPECT_THAT(last_trouble, HasSubstr("the server ended the connection"));
}

TEST_F(DeliveryQueueTest, MoreThanCanWaitIsDroppedAndCounted) {
    const PlayedServer server(DeliveryProtocol::tcp);  // nobody listens
    sender.set_server(server.address());
    for (std::size_t i = 0; i < DeliveryQueue::most_waiting + 10; ++i) {
        sender.send("x");
    }
    // One more may be the sender's at the moment.
    EXPECT_GE(sender.counters().dropped, 9u);
    EXPECT_LE(sender.counters().dropped, 10u);
}

TEST_F(DeliveryQueueTest, WhatComesInFloodsLeavesRoomForTheRest) {
    const PlayedServer server(DeliveryProtocol::tcp);  // nobody listens
    sender.set_server(server.address());
    for (std::size_t i = 0; i < DeliveryQueue::most_waiting; ++i) {
        sender.send("x", DeliveryQueue::Room::half);
    }
    const uint64_t dropped = sender.counters().dropped;
    EXPECT_GE(dropped, DeliveryQueue::most_waiting / 2 - 1);
    EXPECT_LE(dropped, DeliveryQueue::most_waiting / 2);
    sender.send("alarm");
    EXPECT_EQ(sender.counters().dropped, dropped);
}

TEST_F(DeliveryQueueTest, AnotherServerTakesOverWhatWaits) {
    const PlayedServer away(DeliveryProtocol::tcp), there(DeliveryProtocol::udp);
    sender.set_server(away.address());
    sender.send("one");
    wait_until([&] { return troubles == 1; });
    sender.set_server(there.address());
    EXPECT_EQ(there.receive(), "one");
}

TEST(DeliveryQueueEnd, WhatWaitsIsSentBeforeItEnds) {
    const PlayedServer server(DeliveryProtocol::udp);
    {
        DeliveryQueue sender([](const std::string&) {});
        sender.set_server(server.address());
        for (int i = 0; i < 100; ++i) {
            sender.send("x");
        }
    }
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(server.receive(), "x");
    }
}

}  // namespace
}  // namespace trunkline::mgmt
