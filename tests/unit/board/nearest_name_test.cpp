#include "board/nearest_name.h"

#include <gtest/gtest.h>

#include <vector>

namespace trunkline::board {
namespace {

const std::vector<std::string> names{"regular", "no", "registration_time", "mediant-ve"};

TEST(NearestName, FindsWhatOneLetterLessMoreOrOtherMeans) {
    EXPECT_EQ(nearest_name("regulr", names), "regular");
    EXPECT_EQ(nearest_name("regularr", names), "regular");
    EXPECT_EQ(nearest_name("ragular", names), "regular");
    EXPECT_EQ(nearest_name("reuglar", names), "regular");
}

TEST(NearestName, CaseAndDashesCountNothing) {
    EXPECT_EQ(nearest_name("Registration-Time", names), "registration_time");
    EXPECT_EQ(nearest_name("MEDIANT_VE", names), "mediant-ve");
    EXPECT_EQ(nearest_name("mediantve", names), "mediant-ve");
}

TEST(NearestName, IsSilentWhenNothingIsClose) {
    EXPECT_EQ(nearest_name("proxy", names), std::nullopt);
    EXPECT_EQ(nearest_name("", names), std::nullopt);
    EXPECT_EQ(nearest_name(std::string(100000, 'r'), names), std::nullopt);
    EXPECT_EQ(nearest_name("regular", {}), std::nullopt);
}

TEST(NearestName, TheFirstWinsATie) {
    const std::vector<std::string> ports{"GE_1", "GE_2"};
    EXPECT_EQ(nearest_name("GE_3", ports), "GE_1");
}

TEST(JoinNames, PutsCommasBetween) {
    EXPECT_EQ(join_names(names), "regular, no, registration_time, mediant-ve");
    EXPECT_EQ(join_names({}), "");
}

}  // namespace
}  // namespace trunkline::board
