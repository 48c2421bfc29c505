#include "mgmt/operator_commands.h"

#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

using Kind = sipstack::RegistrantSelector::Kind;

TEST(SelectorOf, ReadsTheWordsOfAnOperator) {
    EXPECT_EQ(selector_of("all").kind, Kind::all);
    EXPECT_EQ(selector_of("device").kind, Kind::device);
    for (const char* text : {"trunk group 7", "trunk-group 7"}) {
        EXPECT_EQ(selector_of(text).kind, Kind::trunk_group) << text;
        EXPECT_EQ(selector_of(text).trunk_group, 7U) << text;
    }
    for (const char* text : {"office", "account office"}) {
        EXPECT_EQ(selector_of(text).kind, Kind::name) << text;
        EXPECT_EQ(selector_of(text).name, "office") << text;
    }
    EXPECT_EQ(selector_of("endpoint 2001").name, "endpoint 2001");
    EXPECT_EQ(selector_of("trunk group x").kind, Kind::name);
    EXPECT_EQ(selector_of("trunk-group 7a").kind, Kind::name);
}

}  // namespace
}  // namespace trunkline::mgmt
