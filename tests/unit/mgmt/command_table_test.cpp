#include "mgmt/command_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json answer(const CommandTable& table, const json& request,
            const Caller& caller = {"tester (CLI)", AccessLevel::monitor}) {
    json answered;
    table.answer(request, caller, [&](const json& reply) { answered = reply; });
    return answered;
}

CommandTable table_of_two() {
    CommandTable table;
    table.add("show one", AccessLevel::monitor,
              [](const json& request, const Caller& caller, const Reply& reply) {
                  reply({{"ok", true}, {"saw", request.at("name")}, {"who", caller.who}});
              });
    table.add("two", AccessLevel::administrator,
              [](const json&, const Caller&, const Reply& reply) {
                  reply({{"ok", true}});
              });
    return table;
}

TEST(CommandTable, HandsARequestToItsHandler) {
    const CommandTable table = table_of_two();
    EXPECT_EQ(answer(table, {{"command", "show one"}, {"name", "office"}}),
              (json{{"ok", true}, {"saw", "office"}, {"who", "tester (CLI)"}}));
}

TEST(CommandTable, RefusesWhoHasTooLowALevel) {
    const CommandTable table = table_of_two();
    EXPECT_EQ(answer(table, {{"command", "two"}}),
              (json{{"ok", false},
                    {"denied", true},
                    {"error",
                     "'two' needs the level Administrator, and tester (CLI) has Monitor; ask "
                     "someone who has it"}}));
    for (const auto level :
         {AccessLevel::administrator, AccessLevel::security_administrator, AccessLevel::master}) {
        EXPECT_EQ(answer(table, {{"command", "two"}}, {"who", level})["ok"], true)
            << to_text(level);
    }
}

TEST(CommandTable, AnswersARequestThatLacksAValue) {
    const CommandTable table = table_of_two();
    EXPECT_EQ(
        answer(table, {{"command", "show one"}}),
        (json{{"ok", false}, {"error", "the request lacks a value, or one has a wrong type"}}));
}

TEST(CommandTable, SaysWhatItKnowsWhenItDoesNotKnow) {
    const CommandTable table = table_of_two();
    for (const json& request :
         {json{{"command", "three"}}, json{{"command", 3}}, json::array(), json(nullptr)}) {
        const json reply = answer(table, request);
        EXPECT_EQ(reply["ok"], false) << request;
        EXPECT_THAT(reply["error"].get<std::string>(), HasSubstr("known are 'show one', 'two'"));
    }
}

}  // namespace
}  // namespace trunkline::mgmt
