#include "mgmt/operator_commands.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

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

TEST(OperatorCommands, RegisterNothingOfALockedAppliance) {
    board::EventLoop loop;
    sipstack::ShardGroup shards(loop);
    bool is_locked = true;
    std::size_t notes = 0;
    OperatorCommands commands(
        shards, [&](const std::string&, const std::string&) { ++notes; },
        [&] { return is_locked; });
    CommandTable table;
    commands.add_to(table);
    nlohmann::json answered;
    const auto ask = [&](const char* command) {
        answered = nullptr;
        table.answer({{"command", command}, {"target", "all"}},
                     {"tester (CLI)", AccessLevel::administrator},
                     [&](const nlohmann::json& reply) { answered = reply; });
    };
    ask("register");
    EXPECT_EQ(answered, (nlohmann::json{{"ok", false},
                                        {"conflict", true},
                                        {"error",
                                         "'all' does not register: the appliance is locked; "
                                         "unlock it first"}}));
    EXPECT_EQ(notes, 0U);
    ask("unregister");
    EXPECT_TRUE(answered.is_null()) << "the shards are asked";
    is_locked = false;
    ask("register");
    EXPECT_TRUE(answered.is_null());
}

}  // namespace
}  // namespace trunkline::mgmt
