#include "mgmt/command_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json answer(const CommandTable& table, const json& request) {
    json answered;
    table.answer(request, [&](const json& reply) { answered = reply; });
    return answered;
}

CommandTable table_of_two() {
    CommandTable table;
    table.add("show one", [](const json& request, const Reply& reply) {
        reply({{"ok", true}, {"saw", request.value("name", "")}});
    });
    table.add("two", [](const json&, const Reply& reply) { reply({{"ok", true}}); });
    return table;
}

TEST(CommandTable, HandsARequestToItsHandler) {
    const CommandTable table = table_of_two();
    EXPECT_EQ(answer(table, {{"command", "show one"}, {"name", "office"}}),
              (json{{"ok", true}, {"saw", "office"}}));
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
