#include "sipstack/registration/answer.h"

#include "sipstack/message/message.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Message response(const std::string& rows) {
    return *Message::parse(
        fmt::format("SIP/2.0 420 Bad Extension\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKx\r\n"
                    "From: <sip:100@lab.example>;tag=a\r\nTo: <sip:100@lab.example>;tag=b\r\n"
                    "Call-ID: c\r\nCSeq: 1 REGISTER\r\n{}Content-Length: 0\r\n\r\n",
                    rows));
}

TEST(AnswerAction, IsTheOneOfTheStandards) {
    using enum AnswerAction;
    for (const auto& [status, action] : std::vector<std::pair<int, AnswerAction>>{
             {200, grant},           {202, grant},          {300, redirect},
             {301, redirect},        {302, redirect},       {305, use_proxy},
             {380, failed},          {400, failed},         {401, challenge},
             {403, refused},         {404, refused},        {407, challenge},
             {408, try_next_server}, {420, drop_extension}, {421, add_extension},
             {423, raise_interval},  {439, drop_extension}, {480, failed},
             {482, failed},          {483, failed},         {500, failed},
             {503, try_next_server}, {504, failed},         {600, failed},
             {603, failed},          {604, refused},        {606, failed}}) {
        EXPECT_EQ(action_for(status), action) << status;
    }
}

// T58
TEST(AnswerAction, OfAnUnknownCodeIsThatOfItsClass) {
    EXPECT_EQ(action_for(299), AnswerAction::grant);
    EXPECT_EQ(action_for(399), AnswerAction::redirect);
    for (const int status : {499, 599, 699}) {
        EXPECT_EQ(action_for(status), AnswerAction::failed) << status;
    }
}

TEST(OptionTags, AreThoseOfAllRowsWithoutCase) {
    EXPECT_THAT(
        option_tags(response("Unsupported: GIN, path\r\nUnsupported: outbound\r\n"), "Unsupported"),
        ElementsAre("gin", "path", "outbound"));
    EXPECT_THAT(option_tags(response(""), "Unsupported"), IsEmpty());
    EXPECT_THAT(option_tags(response("Unsupported: ,,\r\n"), "Unsupported"), IsEmpty());
}

}  // namespace
}  // namespace trunkline::sipstack
