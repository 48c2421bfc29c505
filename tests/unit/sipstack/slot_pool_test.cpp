#include "sipstack/slot_pool.h"

#include <gtest/gtest.h>
#include <sanitizer/asan_interface.h>

#include <memory>
#include <string>
#include <vector>

namespace trunkline::sipstack {
namespace {

using Pool = SlotPool<std::string>;
const std::string long_text(100, 'x');

TEST(SlotPool, GivesTheMemoryOfOneToTheNext) {
    Pool pool;
    const auto other = pool.make(long_text);
    auto text = pool.make(long_text);
    const std::string* const place = text.get();
    text.reset();
    text = pool.make("next");
    EXPECT_EQ(text.get(), place);
    EXPECT_EQ(*text, "next");
    EXPECT_EQ(*other, long_text);
}

#ifdef __SANITIZE_ADDRESS__
TEST(SlotPool, TellsTheSanitizerOfWhatIsFree) {
    Pool pool;
    auto text = pool.make(long_text);
    const std::string* const place = text.get();
    EXPECT_EQ(__asan_address_is_poisoned(place), 0);
    text.reset();
    EXPECT_EQ(__asan_address_is_poisoned(place), 1);
    text = pool.make(long_text);
    EXPECT_EQ(__asan_address_is_poisoned(text.get()), 0);
}
#endif

TEST(SlotPool, EndsObjects) {
    SlotPool<std::shared_ptr<int>> pool;
    const auto watched = std::make_shared<int>(1);
    auto object = pool.make(watched);
    EXPECT_EQ(watched.use_count(), 2);
    object.reset();
    EXPECT_EQ(watched.use_count(), 1);
}

TEST(SlotPool, GrowsWithWhatLivesAndShrinksWhenNothingDoes) {
    Pool pool;
    std::vector<Pool::Pointer> texts;
    for (std::size_t number = 0; number < 3 * Pool::slots_a_chunk; ++number) {
        texts.push_back(pool.make(std::to_string(number) + long_text));
    }
    EXPECT_EQ(pool.in_use(), texts.size());
    EXPECT_EQ(pool.capacity(), texts.size());
    for (std::size_t number = 0; number < texts.size(); ++number) {
        EXPECT_EQ(*texts[number], std::to_string(number) + long_text);
    }
    texts.clear();
    EXPECT_EQ(pool.in_use(), 0U);
    EXPECT_EQ(pool.capacity(), Pool::slots_a_chunk);
    EXPECT_EQ(*pool.make("again"), "again");
}

}  // namespace
}  // namespace trunkline::sipstack
