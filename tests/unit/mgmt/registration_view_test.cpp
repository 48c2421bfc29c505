#include "mgmt/registration_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

sipstack::RegistrationStatus registered_office() {
    return {.kind = sipstack::RegistrantKind::account,
            .name = "office",
            .aor = "sip:100@lab.example",
            .state = sipstack::RegistrationState::registered,
            .registered = true,
            .last_status = 200,
            .reason = "OK",
            .answered_by = "192.0.2.1:5060",
            .transport = sipstack::Transport::udp,
            .requested_expires = sipstack::Seconds(120),
            .granted_expires = sipstack::Seconds(90),
            .expires_in = sipstack::Milliseconds(59'749),
            .next_attempt_in = sipstack::Milliseconds(14'750),
            .consecutive_failures = 0,
            .attempts = 4,
            .realm = "lab.example",
            .algorithm = "MD5",
            .call_id = "1@192.0.2.10",
            .cseq = 8,
            .shard = 2};
}

sipstack::RegistrationStatus failed_branch() {
    sipstack::RegistrationStatus row;
    row.kind = sipstack::RegistrantKind::account;
    row.name = "branch";
    row.aor = "sip:200@lab.example";
    row.state = sipstack::RegistrationState::failed;
    row.reason = "no answer within 32 s";
    row.next_attempt_in = sipstack::Milliseconds(9'900);
    row.consecutive_failures = 3;
    return row;
}

TEST(RegistrationView, JsonHasEveryField) {
    EXPECT_EQ(to_json(registered_office()),
              json::parse(R"({"kind": "account", "name": "office", "aor": "sip:100@lab.example",
                  "state": "REGISTERED", "registered": true, "last_status": 200, "reason": "OK",
                  "answered_by": "192.0.2.1:5060", "transport": "udp", "requested_expires": 120,
                  "granted_expires": 90, "expires_in": 59.7, "next_attempt_in": 14.8,
                  "consecutive_failures": 0, "attempts": 4, "realm": "lab.example",
                  "algorithm": "MD5", "call_id": "1@192.0.2.10", "cseq": 8, "shard": 2,
                  "service_route": "", "associated_uri": "",
                  "subscription": ""})"));
}

TEST(RegistrationView, JsonHasNullForWhatIsNotKnown) {
    const json row = to_json(failed_branch());
    EXPECT_TRUE(row["granted_expires"].is_null());
    EXPECT_TRUE(row["expires_in"].is_null());
    EXPECT_EQ(row["last_status"], 0);
    EXPECT_EQ(row["next_attempt_in"].dump(), "9.9");
}

TEST(RegistrationView, TableShowsARowAnEntityAndCounts) {
    const json rows{to_json(registered_office()), to_json(failed_branch())};
    EXPECT_EQ(registration_table(rows, false),
              "NAME    AOR                  STATE       LAST ANSWER            ANSWERED BY     "
              "EXPIRES IN  NEXT IN  FAILURES\n"
              "office  sip:100@lab.example  REGISTERED  200 OK                 192.0.2.1:5060  "
              "      60 s     15 s         0\n"
              "branch  sip:200@lab.example  FAILED      no answer within 32 s  -               "
              "         -     10 s         3\n"
              "1 of 2 registered\n");
}

TEST(RegistrationView, TableFitsItsWidthWhateverStandsInIt) {
    auto row = registered_office();
    row.name = std::string(60, 'n');
    row.aor = "sip:" + std::string(200, 'a');
    row.reason = std::string(300, 'r');
    row.answered_by = "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:65535";
    row.state = sipstack::RegistrationState::unregistering;
    row.consecutive_failures = 4'000'000'000U;
    row.expires_in = sipstack::Milliseconds(2'000'000'000);
    const json rows = json::array({to_json(row)});
    std::istringstream lines(registration_table(rows, false));
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(line.size(), registration_table_width) << line;
    }
    EXPECT_THAT(registration_table(rows, false), HasSubstr("UNREGISTERING"));
    EXPECT_THAT(registration_table(rows, false), HasSubstr("nn.."));
}

TEST(RegistrationView, ColourStandsInTheTableOnlyWhenAskedFor) {
    const json rows{to_json(registered_office()), to_json(failed_branch())};
    EXPECT_THAT(registration_table(rows, false), Not(HasSubstr("\x1b")));
    EXPECT_THAT(registration_table(rows, true), HasSubstr("\x1b[32mREGISTERED\x1b[0m"));
    EXPECT_THAT(registration_table(rows, true), HasSubstr("\x1b[31mFAILED\x1b[0m"));
}

TEST(RegistrationView, TextsOfPeersCannotSteerTheTerminal) {
    auto row = registered_office();
    row.reason = "OK\x1b[2J\r\nforged";
    const json rows = json::array({to_json(row)});
    EXPECT_THAT(registration_table(rows, false), HasSubstr("200 OK?[2J??forged"));
    EXPECT_THAT(registration_line(rows[0], false), Not(HasSubstr("\x1b")));
}

TEST(RegistrationView, RowsOfAnotherVersionAreShownAsFarAsTheyGo) {
    const json rows = json::parse(R"([{"name": 7, "state": null, "expires_in": "soon"}, {}, 3])");
    EXPECT_THAT(registration_table(rows, false), HasSubstr("0 of 3 registered"));
}

TEST(RegistrationView, NoRowsAreATableToo) {
    EXPECT_THAT(registration_table(json::array(), false), HasSubstr("0 of 0 registered"));
}

TEST(RegistrationView, LineSaysWhoAndHow) {
    EXPECT_EQ(registration_line(to_json(registered_office()), false),
              "account office: REGISTERED, 200 OK from 192.0.2.1:5060");
    EXPECT_EQ(registration_line(to_json(failed_branch()), true),
              "account branch: \x1b[31mFAILED\x1b[0m, no answer within 32 s");
    auto group = registered_office();
    group.kind = sipstack::RegistrantKind::trunk_group;
    group.name = "trunk group 1";
    EXPECT_THAT(registration_line(to_json(group), false),
                testing::StartsWith("trunk group 1: REGISTERED"));
}

}  // namespace
}  // namespace trunkline::mgmt
