// The outcome that RFC 4475 and RFC 5118 state for each of their messages, in the parser and in the
// shard.
#include "sipstack/message/message.h"
#include "sipstack/shard.h"
#include "tests/unit/sipstack/message/sample_messages.h"
#include "tests/unit/sipstack/message/torture_messages.h"
#include "tests/unit/sipstack/registration/registration_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

namespace trunkline::sipstack {
namespace {

using testing::is_dropped;
using testing::is_message;
using testing::TortureMessage;

std::vector<TortureMessage> all_messages() {
    auto all = testing::rfc4475_messages();
    std::ranges::move(testing::rfc5118_messages(), std::back_inserter(all));
    return all;
}

const TortureMessage& named(const std::vector<TortureMessage>& all, std::string_view name) {
    return *std::ranges::find(all, name, &TortureMessage::name);
}

/// What a shard sends back to a peer that sent `bytes`.
std::vector<std::string> answers_to(std::string_view bytes) {
    const auto config = std::make_shared<Config>(RegistrationBench::default_config());
    RecordingSender sender;
    const Instant now{};
    Shard shard(
        0, config, {sender}, Random::seed_from(1),
        std::make_shared<spdlog::logger>("null", std::make_shared<spdlog::sinks::null_sink_st>()),
        now);
    const Flow flow{.transport = Transport::udp,
                    .sip_interface_index = 0,
                    .local = {*dataplane::IpAddress::parse("192.0.2.10"), 5060},
                    .remote = {*dataplane::IpAddress::parse("192.0.2.5"), 6000}};
    shard.receive(flow, bytes, now);
    std::vector<std::string> answers;
    for (const auto& sent : sender.sent) {
        answers.push_back(sent.bytes);
    }
    return answers;
}

// T140, T141, T142, T143, T144, T145, T146, T151, T122
TEST(Torture, ParsesWhatIsValidAndRefusesTheRest) {
    for (const TortureMessage& message : all_messages()) {
        const auto parsed = Message::parse(message.bytes);
        EXPECT_EQ(parsed ? is_message : parsed.error().status, message.parsed)
            << message.name << ": " << (parsed ? "" : parsed.error().reason);
    }
}

// T150, T151, T146, T63
TEST(Torture, AnswersWithTheStatusThatTheRfcStates) {
    for (const TortureMessage& message : all_messages()) {
        const auto answers = answers_to(message.bytes);
        if (message.answered == is_dropped) {
            EXPECT_THAT(answers, ::testing::IsEmpty()) << message.name;
            continue;
        }
        ASSERT_EQ(answers.size(), 1U) << message.name;
        EXPECT_THAT(answers[0], ::testing::StartsWith(fmt::format("SIP/2.0 {} ", message.answered)))
            << message.name;
    }
}

TEST(Torture, ReadsThroughBlanksFoldsAndCompactForms) {
    const auto all = all_messages();
    const auto message = Message::parse(named(all, "wsinv").bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->method(), "INVITE");
    EXPECT_EQ(message->cseq(), 9U);
    ASSERT_EQ(message->vias().size(), 3U);
    EXPECT_EQ(message->vias()[0].host, "192.0.2.2");
    EXPECT_EQ(message->vias()[1].host, "spindle.example.com");
    EXPECT_EQ(message->vias()[2].host, "192.168.255.111");
    EXPECT_EQ(message->contacts().size(), 1U);
    EXPECT_EQ(message->body(), "v=0\r\ns=");
}

TEST(Torture, DoesNotTakeAnEscapedMethodForAnother) {
    const auto all = all_messages();
    const auto message = Message::parse(named(all, "esc02").bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->method(), "RE%47IST%45R");
}

TEST(Torture, ReadsTheFirstOfTwoRequestsInADatagramAlone) {
    const auto all = all_messages();
    const auto message = Message::parse(named(all, "dblreq").bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->method(), "REGISTER");
    EXPECT_EQ(message->body(), "");
}

// T150
TEST(Torture, NamesAllOptionsThatItDoesNotSupport) {
    const auto all = all_messages();
    const auto answers = answers_to(named(all, "bext01").bytes);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_THAT(answers[0], ::testing::HasSubstr(
                                "Unsupported: nothingSupportsThis, nothingSupportsThisEither\r\n"));
}

// T119
TEST(Torture, ReadsReceivedWithAndWithoutBrackets) {
    const auto all = all_messages();
    for (const auto* name : {"via-received-param-with-delim", "via-received-param-no-delim"}) {
        const auto message = Message::parse(named(all, name).bytes);
        ASSERT_TRUE(message) << name;
        EXPECT_EQ(message->vias()[0].received, "2001:db8::9:255") << name;
    }
}

// T16
TEST(Torture, TellsAPortFromTheEndOfAnIpv6Address) {
    const auto all = all_messages();
    const auto ambiguous = parse_uri("sip:[2001:db8::10:5070]");
    const auto unambiguous = parse_uri("sip:[2001:db8::10]:5070");
    ASSERT_TRUE(ambiguous && unambiguous);
    EXPECT_EQ(ambiguous->host, "2001:db8::10:5070");
    EXPECT_FALSE(ambiguous->port);
    EXPECT_EQ(unambiguous->host, "2001:db8::10");
    EXPECT_EQ(unambiguous->port, 5070);
}

}  // namespace
}  // namespace trunkline::sipstack
