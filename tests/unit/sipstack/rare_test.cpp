#include "sipstack/rare.h"

#include <string>

namespace trunkline::sipstack {
namespace {

TEST(Rare, OfNoneTakesAPointer) {
    const Rare<std::string> none;
    EXPECT_FALSE(none);
    EXPECT_FALSE(Rare<std::string>(std::nullopt));
    EXPECT_EQ(none, Rare<std::string>());
    EXPECT_EQ(sizeof(none), sizeof(void*));
}

TEST(Rare, CopiesAreTheirOwn) {
    Rare<std::string> one = std::string("one");
    const Rare<std::string> copy = one;
    EXPECT_EQ(copy, one);
    *one += " and more";
    EXPECT_EQ(*copy, "one");
    EXPECT_NE(copy, one);
    one.reset();
    EXPECT_FALSE(one);
    EXPECT_NE(copy, one);
    one = copy;
    EXPECT_EQ(one->size(), 3U);
}

}  // namespace
}  // namespace trunkline::sipstack
