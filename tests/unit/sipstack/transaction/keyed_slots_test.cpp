#include "sipstack/transaction/keyed_slots.h"

#include "sipstack/random.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace trunkline::sipstack {
namespace {

struct Number : KeyedSlot {
    explicit Number(int first) : value(first) {}
    int value;
};

class KeyedSlotsTest : public ::testing::Test {
protected:
    Number* find(const std::string& key) { return slots.find(key, slots.hash_of(key)); }
    Number& take(const std::string& key, int value) {
        Number& number = slots.take(key, slots.hash_of(key), 0);
        number.value = value;
        return number;
    }

    KeyedSlots<Number> slots{17};
};

TEST_F(KeyedSlotsTest, FindsByKeyAndByNumber) {
    EXPECT_EQ(find("one"), nullptr);
    EXPECT_EQ(slots.find(0), nullptr);
    Number& one = take("one", 1);
    Number& two = take("two", 2);
    EXPECT_EQ(find("one"), &one);
    EXPECT_EQ(find("two"), &two);
    EXPECT_EQ(slots.find(one.id()), &one);
    EXPECT_EQ(slots.find(two.id() + 1), nullptr);
    EXPECT_EQ(slots.size(), 2U);
}

TEST_F(KeyedSlotsTest, APlaceServesTheNextValueUnderAnotherNumber) {
    Number& one = take("one", 1);
    const uint64_t id = one.id();
    slots.give_back(one);
    EXPECT_EQ(find("one"), nullptr);
    EXPECT_EQ(slots.find(id), nullptr);
    Number& next = take("one", 2);
    EXPECT_EQ(&next, &one);
    EXPECT_NE(next.id(), id);
    EXPECT_EQ(slots.find(id), nullptr);
}

TEST_F(KeyedSlotsTest, PlacesThatAreGivenUpLeaveNoNumberBehind) {
    std::set<uint64_t> ids;
    for (int round = 0; round < 3; ++round) {
        std::vector<Number*> numbers;
        for (std::size_t i = 0; i <= slots.most_free; ++i) {
            numbers.push_back(&take(std::to_string(i), 0));
            EXPECT_TRUE(ids.insert(numbers.back()->id()).second);
        }
        for (Number* number : numbers) {
            slots.give_back(*number);
        }
        EXPECT_EQ(slots.size(), 0U);
        EXPECT_EQ(find("0"), nullptr);
        EXPECT_EQ(slots.find(*ids.rbegin()), nullptr);
    }
}

/// Against a map, while it grows, shrinks and grows again.
TEST_F(KeyedSlotsTest, KnowsWhatAMapKnows) {
    Random random(Random::seed_from(3));
    std::map<std::string, int> expected;
    for (int step = 0; step < 50'000; ++step) {
        const std::string key = std::to_string(random.between(0, step % 20'000 < 10'000 ? 999 : 9));
        Number* const found = find(key);
        ASSERT_EQ(found != nullptr, expected.contains(key));
        if (found == nullptr) {
            take(key, step);
            expected[key] = step;
        } else {
            ASSERT_EQ(found->value, expected.at(key));
            slots.give_back(*found);
            expected.erase(key);
        }
        ASSERT_EQ(slots.size(), expected.size());
    }
    for (const auto& [key, value] : expected) {
        ASSERT_NE(find(key), nullptr);
    }
}

}  // namespace
}  // namespace trunkline::sipstack
