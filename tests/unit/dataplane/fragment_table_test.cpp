#include "dataplane/fragment_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace trunkline::dataplane {
namespace {

using ::testing::ElementsAre;

constexpr uint64_t second = 1'000'000'000;
const IpAddress peer = *IpAddress::parse("192.0.2.20");
const IpAddress peer_6 = *IpAddress::parse("2001:db8::20");

/// A table whose packets are numbers in disguise: it must not look into them.
struct Tried {
    explicit Tried(const FragmentLimits& limits = {}) : table(limits) {}
    ~Tried() {
        table.clear(discard);
        EXPECT_EQ(out, in) << "each packet comes out once";
    }

    bool add(uint32_t offset, uint32_t length, bool more, const FragmentKey& key = {0, peer, 7}) {
        const auto number = static_cast<std::uintptr_t>(++in);
        // Never followed; the table owns nothing but the number.
        auto* packet = reinterpret_cast<rte_mbuf*>(number);
        const bool is_whole = table.add(key, {offset, length, more}, packet, now, discard);
        if (is_whole) {
            order.clear();
            for (const auto& piece : table.whole()) {
                order.push_back(reinterpret_cast<std::uintptr_t>(piece.packet));
                ++out;
            }
        }
        return is_whole;
    }
    uint64_t dropped(Counter why) { return drops[why]; }

    uint64_t in = 0, out = 0, now = 1000 * second;
    std::map<Counter, uint64_t> drops;
    std::vector<std::uintptr_t> order;  ///< of the last whole one
    FragmentTable::Discard discard = [this](rte_mbuf*, Counter why) {
        ++out;
        ++drops[why];
    };
    FragmentTable table;
};

TEST(FragmentTable, GivesThePiecesInTheirOrder) {
    Tried tried;
    EXPECT_FALSE(tried.add(1600, 100, false));
    EXPECT_FALSE(tried.add(0, 800, true));
    EXPECT_TRUE(tried.add(800, 800, true));
    EXPECT_THAT(tried.order, ElementsAre(2, 3, 1));
    EXPECT_TRUE(tried.drops.empty());
}

TEST(FragmentTable, KeepsSourcesIdsAndInterfacesApart) {
    Tried tried({.interfaces = 2});
    EXPECT_FALSE(tried.add(0, 800, true));
    EXPECT_FALSE(tried.add(800, 8, false, {0, peer, 8}));
    EXPECT_FALSE(tried.add(800, 8, false, {1, peer, 7}));
    EXPECT_FALSE(tried.add(800, 8, false, {0, *IpAddress::parse("192.0.2.21"), 7}));
    EXPECT_TRUE(tried.add(800, 8, false));
}

// RFC 5722 3
TEST(FragmentTable, OverlapsEndTheDatagramAndWhatComesAfter) {
    for (const FragmentPlace& place : {FragmentPlace{400, 800, true},
                                       {0, 400, true},
                                       {0, 1200, true},
                                       {792, 8, true},
                                       {400, 8, false}}) {
        Tried tried;
        EXPECT_FALSE(tried.add(0, 800, true));
        EXPECT_FALSE(tried.add(place.offset, place.length, place.more));
        EXPECT_EQ(tried.dropped(Counter::reassembly_overlapping), 2U) << place.offset;
        EXPECT_FALSE(tried.add(0, 800, true));
        EXPECT_FALSE(tried.add(800, 8, false));
        EXPECT_EQ(tried.dropped(Counter::reassembly_overlapping), 4U) << place.offset;
        tried.now += 15 * second;
        tried.table.expire(tried.now, tried.discard);
        EXPECT_FALSE(tried.add(0, 800, true));
        EXPECT_TRUE(tried.add(800, 8, false)) << "its time is over, another may have its number";
    }
}

TEST(FragmentTable, AnOverlapFromBehindEndsItToo) {
    Tried tried;
    EXPECT_FALSE(tried.add(800, 800, true));
    EXPECT_FALSE(tried.add(400, 408, true));
    EXPECT_EQ(tried.dropped(Counter::reassembly_overlapping), 2U);
}

TEST(FragmentTable, TwoEndsContradictEachOther) {
    Tried behind;
    EXPECT_FALSE(behind.add(800, 8, false));
    EXPECT_FALSE(behind.add(1600, 8, false));
    EXPECT_EQ(behind.dropped(Counter::reassembly_bad_fragment), 2U);
    Tried before;
    EXPECT_FALSE(before.add(800, 800, true));
    EXPECT_FALSE(before.add(400, 8, false));
    EXPECT_EQ(before.dropped(Counter::reassembly_bad_fragment), 2U);
    Tried beyond;
    EXPECT_FALSE(beyond.add(800, 8, false));
    EXPECT_FALSE(beyond.add(808, 8, true));
    EXPECT_EQ(beyond.dropped(Counter::reassembly_bad_fragment), 2U);
}

TEST(FragmentTable, RefusesWhatCanBePartOfNothingAlone) {
    Tried tried;
    EXPECT_FALSE(tried.add(0, 800, true));
    EXPECT_FALSE(tried.add(800, 0, false));
    EXPECT_FALSE(tried.add(800, 12, true));
    EXPECT_FALSE(tried.add(65528, 8, false)) << "ends behind the longest datagram";
    EXPECT_FALSE(tried.add(0, 7, false, {0, peer, 8})) << "tears the UDP header";
    EXPECT_EQ(tried.dropped(Counter::reassembly_bad_fragment), 4U);
    EXPECT_TRUE(tried.add(800, 12, false));
}

TEST(FragmentTable, WaitsAsLongAsEachFamilySays) {
    Tried tried;
    tried.add(0, 800, true, {0, peer, 7});
    tried.add(0, 800, true, {0, peer_6, 7});
    EXPECT_EQ(tried.table.next_deadline(), tried.now + 15 * second);
    tried.now += 15 * second;
    tried.table.expire(tried.now, tried.discard);
    EXPECT_EQ(tried.dropped(Counter::reassembly_timed_out), 1U);
    tried.now += 45 * second - 1;
    tried.table.expire(tried.now, tried.discard);
    EXPECT_EQ(tried.dropped(Counter::reassembly_timed_out), 1U);
    EXPECT_EQ(tried.table.next_deadline(), tried.now + 1);
    tried.now += 1;
    tried.table.expire(tried.now, tried.discard);
    EXPECT_EQ(tried.dropped(Counter::reassembly_timed_out), 2U);
    EXPECT_EQ(tried.table.next_deadline(), FragmentTable::never);
}

/// Each interface has limits of its own, so that a flood at one leaves the other alone.
TEST(FragmentTable, AFloodOfBeginningsPushesOutTheOldestOfItsInterfaceAlone) {
    Tried tried({.interfaces = 2, .datagrams = 8});
    tried.add(0, 800, true, {1, peer, 7});
    for (uint32_t id = 0; id < 1000; ++id) {
        tried.now += 1000;
        tried.add(0, 800, true, {0, peer, id});
    }
    EXPECT_EQ(tried.dropped(Counter::reassembly_evicted), 992U);
    EXPECT_TRUE(tried.add(800, 8, false, {0, peer, 999}));
    EXPECT_TRUE(tried.add(800, 8, false, {1, peer, 7}));
}

TEST(FragmentTable, HoldsNoMoreFragmentsThanItsLimit) {
    Tried tried({.fragments = 64});
    for (uint32_t id = 0; id < 100; ++id) {
        tried.now += 1000;
        for (uint32_t i = 0; i < 10; ++i) {
            tried.add(i * 8, 8, true, {0, peer, id});
            ASSERT_LE(tried.in - tried.out, 64U);
        }
    }
    EXPECT_TRUE(tried.add(80, 8, false, {0, peer, 99}));
}

}  // namespace
}  // namespace trunkline::dataplane
