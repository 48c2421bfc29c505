#include "tools/blast/transactions.h"

#include "tools/blast/text_buffer.h"

#include <gtest/gtest.h>

#include <vector>

namespace trunkline::blast {
namespace {

using Due = Transactions::Due;
constexpr uint64_t millisecond = 1'000'000;

std::string branch_of(const Transactions& transactions, uint32_t slot) {
    return std::string(view(transactions.branch(slot)));
}

TEST(Transactions, ABranchFindsItsSlot) {
    Transactions transactions(4, {});
    const uint32_t first = *transactions.open(0, 0);
    const uint32_t other = *transactions.open(0, 0);
    EXPECT_TRUE(branch_of(transactions, first).starts_with("z9hG4bK"));
    const auto found = transactions.find(branch_of(transactions, other));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->slot, other);
    EXPECT_FALSE(found->late);
}

TEST(Transactions, TheBranchOfAnEarlierRequestIsLate) {
    Transactions transactions(1, {});
    const uint32_t slot = *transactions.open(0, 0);
    const std::string first = branch_of(transactions, slot);
    transactions.renew(slot, 1);
    EXPECT_TRUE(transactions.find(first)->late);
    const std::string second = branch_of(transactions, slot);
    transactions.close(slot);
    EXPECT_TRUE(transactions.find(second)->late);
}

TEST(Transactions, ForeignBranchesAreNotFound) {
    Transactions transactions(1, {});
    transactions.open(0, 0);
    for (const char* branch : {"", "z9hG4bK", "z9hG4bK0000000100000001", "z9hG4bK00000000ffffffff",
                               "z9hG4bK000000000000000g", "x9hG4bK0000000000000001"}) {
        EXPECT_FALSE(transactions.find(branch)) << branch;
    }
}

TEST(Transactions, AFullTableOpensNothing) {
    Transactions transactions(2, {});
    transactions.open(0, 0);
    const uint32_t slot = *transactions.open(0, 0);
    EXPECT_FALSE(transactions.open(0, 0));
    EXPECT_EQ(transactions.under_way(), 2u);
    transactions.close(slot);
    EXPECT_TRUE(transactions.open(0, 0));
}

// RFC 3261 17.1.2.2: Timer E doubles up to T2, Timer F ends it after 64 T1.
TEST(Transactions, RetransmitsAsTimerESaysAndEndsWithTimerF) {
    Transactions transactions(1, {500 * millisecond, 4000 * millisecond});
    transactions.open(0, 0);
    std::vector<uint64_t> sent_again;
    uint64_t ended = 0;
    for (uint64_t now = 0; now <= 40'000 * millisecond; now += 100 * millisecond) {
        const auto event = transactions.next_due(now);
        if (event.due == Due::retransmit) {
            sent_again.push_back(now / millisecond);
        } else if (event.due == Due::timed_out) {
            ended = now / millisecond;
        }
        EXPECT_EQ(transactions.next_due(now).due, Due::none);
    }
    EXPECT_EQ(sent_again, (std::vector<uint64_t>{500, 1500, 3500, 7500, 11500, 15500, 19500, 23500,
                                                 27500, 31500}));
    EXPECT_EQ(ended, 32000u);
    EXPECT_EQ(transactions.under_way(), 0u);
}

TEST(Transactions, AnAnsweredRequestIsNotSentAgain) {
    Transactions transactions(1, {500 * millisecond, 4000 * millisecond});
    const uint32_t slot = *transactions.open(0, 0);
    transactions.renew(slot, 400 * millisecond);
    EXPECT_EQ(transactions.next_due(800 * millisecond).due, Due::none);
    EXPECT_EQ(transactions.next_due(900 * millisecond).due, Due::retransmit);
    transactions.close(slot);
    EXPECT_EQ(transactions.next_due(100'000 * millisecond).due, Due::none);
}

}  // namespace
}  // namespace trunkline::blast
