#include "sipstack/record_ring.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <thread>

namespace trunkline::sipstack {
namespace {

std::string popped(RecordRing& ring) {
    std::string record = "nothing was popped";
    EXPECT_TRUE(ring.pop(record));
    return record;
}

TEST(RecordRingTest, GivesRecordsInTheirOrder) {
    RecordRing ring(256);
    std::string record;
    EXPECT_FALSE(ring.pop(record));
    EXPECT_TRUE(ring.push("front", " and back"));
    EXPECT_TRUE(ring.push("", ""));
    EXPECT_TRUE(ring.push("x", ""));
    EXPECT_EQ(popped(ring), "front and back");
    EXPECT_EQ(popped(ring), "");
    EXPECT_EQ(popped(ring), "x");
    EXPECT_FALSE(ring.pop(record));
}

TEST(RecordRingTest, RecordsGoAroundTheEnd) {
    RecordRing ring(64);
    for (std::size_t size = 0; size <= 60; ++size) {
        for (int again = 0; again < 9; ++again) {
            const std::string front(size / 3, 'f'), back(size - size / 3, 'b');
            ASSERT_TRUE(ring.push(front, back)) << size;
            ASSERT_EQ(popped(ring), front + back);
        }
    }
}

TEST(RecordRingTest, TakesWhatThereIsRoomFor) {
    RecordRing ring(64);
    EXPECT_FALSE(ring.push(std::string(61, 'x'), "")) << "longer than the ring";
    EXPECT_TRUE(ring.push(std::string(28, 'a'), ""));
    EXPECT_TRUE(ring.push(std::string(28, 'b'), ""));
    EXPECT_FALSE(ring.push("", "")) << "full";
    EXPECT_EQ(popped(ring), std::string(28, 'a'));
    EXPECT_TRUE(ring.push("c", ""));
    EXPECT_EQ(popped(ring), std::string(28, 'b'));
    EXPECT_EQ(popped(ring), "c");
}

TEST(RecordRingTest, ARingWithoutMemoryTakesNothing) {
    RecordRing ring(0);
    std::string record;
    EXPECT_FALSE(ring.push("", ""));
    EXPECT_FALSE(ring.pop(record));
}

/// What arrives is whole and in order, whatever was refused in between.
TEST(RecordRingTest, TwoThreadsUnderLoad) {
    constexpr uint64_t most = 200'000;
    RecordRing ring(4096);
    uint64_t taken = 0;
    std::thread pushing([&] {
        for (uint64_t number = 1; number <= most; ++number) {
            taken += ring.push(fmt::format("{} ", number), std::string(number % 300, 'x')) ? 1 : 0;
        }
        while (!ring.push("end", "")) {
            std::this_thread::yield();
        }
    });
    uint64_t last = 0, count = 0;
    for (std::string record; record != "end";) {
        if (!ring.pop(record)) {
            std::this_thread::yield();
            continue;
        }
        if (record == "end") {
            break;
        }
        const uint64_t number = std::stoull(record);
        EXPECT_GT(number, last);
        EXPECT_EQ(record, fmt::format("{} {}", number, std::string(number % 300, 'x')));
        last = number;
        ++count;
    }
    pushing.join();
    EXPECT_EQ(count, taken);
    EXPECT_GT(count, 0U);
}

}  // namespace
}  // namespace trunkline::sipstack
