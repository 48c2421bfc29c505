#include "mgmt/cli/session.h"

#include "mgmt/configuration/yaml_reader.h"
#include "mgmt/configuration/yaml_writer.h"
#include "tests/unit/mgmt/cli/played_appliance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class CliSessionTest : public testing::Test {
protected:
    void begin(bool interactive) {
        session_.emplace(catalogue_, CliSession::Options{appliance_.ask(), interactive});
    }
    /// What a line writes; whether it succeeded is in `done_`.
    std::string type(std::string_view line) {
        CliText text;
        done_ = session_->execute(line, text);
        return text.text;
    }
    void type_all(std::initializer_list<const char*> lines) {
        for (const char* line : lines) {
            const std::string text = type(line);
            EXPECT_TRUE(done_) << line << ": " << text;
        }
    }
    std::ptrdiff_t requests_of(const std::string& command) const {
        return std::ranges::count_if(appliance_.requests, [&](const json& request) {
            return request.at("command") == command;
        });
    }
    void configure(std::string_view yaml) {
        ConfigFaults faults;
        appliance_.running = canonical(read_yaml(yaml, "f.yaml", faults), catalogue_);
        ASSERT_TRUE(faults.empty());
    }

    const Catalogue catalogue_ = built_in_catalogue();
    PlayedAppliance appliance_{catalogue_};
    std::optional<CliSession> session_;
    bool done_ = false;
};

TEST_F(CliSessionTest, APersonBeginsInBasicModeAndHisLevelDecidesWhetherHeEnables) {
    begin(true);
    EXPECT_EQ(session_->prompt(), "LAB 1> ");
    EXPECT_THAT(type("show running-config"), HasSubstr("'enable' first"));
    EXPECT_FALSE(done_);
    type("enable");
    EXPECT_EQ(session_->prompt(), "Password: ");
    EXPECT_TRUE(session_->wants_secret());
    appliance_.level_allows_enable = false;
    EXPECT_EQ(type("Admin"), "Error: needs Administrator\n");
    appliance_.level_allows_enable = true;
    EXPECT_FALSE(session_->wants_secret());
    EXPECT_EQ(session_->prompt(), "LAB 1> ");
    type_all({"enable", "Secret"});
    EXPECT_EQ(session_->prompt(), "LAB 1# ");
    type_all({"enable", "disable"});
    EXPECT_EQ(session_->prompt(), "LAB 1> ");
    EXPECT_FALSE(session_->ended());
    type("exit");
    EXPECT_TRUE(session_->ended());
}

TEST_F(CliSessionTest, AScriptIsPrivilegedFromTheStart) {
    begin(false);
    type_all({"enable", "show running-config", "! a comment", "", "  "});
    EXPECT_EQ(session_->prompt(), "LAB 1# ");
}

TEST_F(CliSessionTest, TheComposedExampleOfTheFamilyWorks) {
    begin(false);
    type_all({"configure voip", "proxy-set 1", "proxy-name \"ITSP\"",
              "sbcipv4-sip-int-name \"SI_WAN\"", "proxy-enable-keep-alive using-options",
              "activate", "proxy-ip 0"});
    EXPECT_EQ(session_->prompt(), "LAB 1(proxy-ip-1/0)*# ");
    type_all({"proxy-address \"sip.itsp.example:5060\"", "transport-type udp", "exit", "exit",
              "sip-definition account 0", "served-ip-group-name \"PBX\"",
              "serving-ip-group-name \"ITSP\"", "user-name \"3001\"", "password \"secret\"",
              "host-name \"itsp.example\"", "contact-user \"3001\"", "register reg", "exit",
              "sip-definition proxy-and-registration", "registration-time 3600",
              "re-registration-timing 50", "activate", "exit", "exit"});
    EXPECT_EQ(session_->prompt(), "LAB 1*# ");
    EXPECT_EQ(type("write"), "Writing configuration...done\n");
    EXPECT_EQ(session_->prompt(), "LAB 1# ");
    EXPECT_THAT(write_yaml(*appliance_.running, catalogue_),
                HasSubstr("    - name: Account_0\n"
                          "      served_ip_group: PBX\n"
                          "      serving_ip_group: ITSP\n"
                          "      user_name: \"3001\"\n"
                          "      password: secret\n"
                          "      host_name: itsp.example\n"
                          "      contact_user: \"3001\"\n"
                          "      register: regular\n"));
}

TEST_F(CliSessionTest, ToolsTurnThePagerOffInShortWords) {
    begin(true);
    type_all({"enable", "Secret", "config system"});
    EXPECT_EQ(session_->prompt(), "LAB 1(config-system)# ");
    EXPECT_EQ(session_->window_height(), std::nullopt);
    type_all({"cli-settings", "window-height 0"});
    EXPECT_EQ(session_->prompt(), "LAB 1(cli-settings)# ");
    EXPECT_EQ(session_->window_height(), 0U);
    EXPECT_EQ(type("display"), "window-height 0\n");
    type_all({"window-height 25", "exit"});
    EXPECT_EQ(session_->window_height(), 25U);
    type_all({"cli-terminal", "set window-height automatic", "exit", "exit"});
    EXPECT_EQ(session_->window_height(), std::nullopt);
    EXPECT_EQ(session_->prompt(), "LAB 1# ");
    type_all({"terminal length 0"});
    EXPECT_EQ(session_->window_height(), 0U);
    EXPECT_THAT(type("terminal length x"), HasSubstr("allowed: automatic, 0..65535"));
    type_all({"configure system", "cli-settings"});
    EXPECT_THAT(type("window-height many"), HasSubstr("allowed: automatic, 0..65535"));
    EXPECT_THAT(type("window-widht 5"), HasSubstr("allowed: window-height"));
}

TEST_F(CliSessionTest, ShortWordsAreTakenWhereTheyAreClear) {
    begin(false);
    type_all({"conf v", "ip-g 2", "nam x", "con y", "exi"});
    EXPECT_EQ(session_->prompt(), "LAB 1(config-voip)*# ");
    EXPECT_THAT(write_yaml(*appliance_.running, catalogue_), HasSubstr("name: x"));
    EXPECT_THAT(type("sip"), HasSubstr("column 1: found 'sip', which begins several: "));
    EXPECT_FALSE(done_);
    type("exit");
    EXPECT_THAT(type("show c"), HasSubstr("begins several: configuration, counters"));
    EXPECT_THAT(type("shwo x"), HasSubstr("column 1: found 'shwo'; allowed: enable, "));
    EXPECT_THAT(type("show system"), HasSubstr("not complete; allowed: version, uptime"));
    EXPECT_THAT(type("show system uptime now"), HasSubstr("column 20: found 'now'; allowed: <cr>"));
    EXPECT_THAT(type("show \"system"), HasSubstr("a text that does not end"));
}

TEST_F(CliSessionTest, WhatIsRefusedLeavesTheModeAndWhatWasTyped) {
    begin(false);
    type_all({"configure voip", "sip-definition account 3", "user-name x"});
    appliance_.answers["configuration edit"] = {
        {"ok", false},
        {"error", "1 fault, nothing was applied"},
        {"faults",
         {{{"path", "signaling_and_media.accounts[3].serving_ip_group"},
           {"line", 0},
           {"column", 0},
           {"message",
            "signaling_and_media.accounts[3].serving_ip_group: found nothing; allowed: the name "
            "of an IP group"}}}}};
    EXPECT_EQ(type("exit"),
              "Error: 1 fault, nothing was applied\n"
              "  signaling_and_media.accounts[3].serving_ip_group: found nothing; allowed: the "
              "name of an IP group\n");
    EXPECT_FALSE(done_);
    EXPECT_EQ(session_->prompt(), "LAB 1(account-3)# ");
    EXPECT_THAT(type("display"), HasSubstr("user-name \"x\"  (not applied)"));
    type_all({"abort"});
    EXPECT_EQ(session_->prompt(), "LAB 1(config-voip)# ");
    EXPECT_EQ(requests_of("configuration edit"), 1);
}

TEST_F(CliSessionTest, DisplaysWhatIsSetAndWhatHasItsDefault) {
    configure(
        "signaling_and_media:\n  accounts:\n    - {name: a, serving_ip_group: g, password: "
        "hidden-word}\n");
    begin(false);
    type_all({"configure voip", "sip-definition account 0"});
    const std::string text = type("display");
    EXPECT_THAT(text, HasSubstr("  account-name \"a\"\n"));
    EXPECT_THAT(text, HasSubstr("  password \"*\"\n"));
    EXPECT_THAT(text, Not(HasSubstr("hidden-word")));
    EXPECT_THAT(text, HasSubstr("  application-type sbc\n"));
}

TEST_F(CliSessionTest, DoRunsACommandInsideOfAMode) {
    begin(false);
    appliance_.answers["show registration"] = {{"ok", true}, {"registrations", json::array()}};
    type_all({"configure voip", "do show voip register board", "show voip reg board"});
    EXPECT_EQ(type("do show voip register board"), "Registered Per Gateway: NO\n");
    EXPECT_EQ(session_->prompt(), "LAB 1(config-voip)# ");
}

TEST_F(CliSessionTest, RowsOfAccountsAndTrunkGroupsRegister) {
    configure(
        "signaling_and_media:\n"
        "  accounts:\n    - {name: my office, serving_ip_group: g}\n"
        "  gateway:\n    trunk_group_settings:\n      - {trunk_group: 7}\n");
    appliance_.answers["register"] = {{"ok", true}, {"count", 1}};
    appliance_.answers["unregister"] = {{"ok", true}, {"count", 2}};
    begin(false);
    type_all({"configure voip", "sip-definition account 0"});
    EXPECT_EQ(type("register-now"), "register: 1 registration\n");
    EXPECT_EQ(appliance_.requests.back().at("target"), "account my office");
    type_all({"exit", "gateway trunk-group-setting 0"});
    EXPECT_EQ(type("unregister-now"), "unregister: 2 registrations\n");
    EXPECT_EQ(appliance_.requests.back().at("target"), "trunk-group 7");
    type_all({"exit", "exit", "register all", "unregister account \"my office\""});
    EXPECT_EQ(appliance_.requests.back().at("target"), "account my office");
}

TEST_F(CliSessionTest, ReloadsAsItIsTold) {
    begin(false);
    appliance_.answers["reload"] = {{"ok", true}, {"restarts", false}};
    EXPECT_EQ(type("reload if-needed"), "No reload is needed\n");
    EXPECT_TRUE(done_);
    EXPECT_FALSE(session_->ended());
    appliance_.answers["reload"] = {{"ok", false}, {"error", "the disk is full"}};
    EXPECT_EQ(type("reload now"), "Error: the disk is full\n");
    EXPECT_FALSE(done_);
    EXPECT_FALSE(session_->ended());
    appliance_.answers["reload"] = {{"ok", true}, {"restarts", true}};
    EXPECT_EQ(type("reload without-saving"), "The appliance starts anew\n");
    EXPECT_EQ(appliance_.requests.back().at("when"), "without-saving");
    EXPECT_TRUE(session_->ended());
}

TEST_F(CliSessionTest, SaysWhenASaveFails) {
    begin(false);
    appliance_.answers["configuration save"] = {{"ok", false}, {"error", "the disk is full"}};
    EXPECT_EQ(type("write"), "Writing configuration...failed\nError: the disk is full\n");
    EXPECT_FALSE(done_);
}

TEST_F(CliSessionTest, ALostApplianceIsTold) {
    begin(false);
    appliance_.is_gone = true;
    EXPECT_EQ(session_->prompt(), "trunkline# ");
    EXPECT_EQ(type("show system uptime"), "Error: the appliance is gone\n");
    EXPECT_FALSE(done_);
    type("configure voip");
    type("ip-group 0");
    EXPECT_EQ(type("exit"), "Error: the appliance is gone\n");
}

TEST_F(CliSessionTest, ShowsAlarmsAsParsersExpectThem) {
    appliance_.answers["alarms active"] = {
        {"ok", true},
        {"alarms",
         {{{"id", 7},
           {"source", "Board#1/Account#my office"},
           {"severity", "major"},
           {"date", "2026-11-21T19:30:05Z"},
           {"description", "Registration failure for account my office"}}}}};
    begin(false);
    EXPECT_THAT(type("show system alarms"),
                testing::ContainsRegex(" 7 +Board#1/Account#my_office +major +21.11.2026 , "
                                       "19:30:05 +Registration failure for account my office\n"));
    EXPECT_THAT(type("show system alarms --json"), StartsWith("["));
}

TEST_F(CliSessionTest, FiltersLines) {
    configure("signaling_and_media:\n  ip_groups:\n    - {name: a}\n    - {name: b}\n");
    begin(false);
    EXPECT_EQ(type("show running-config | include name"), "  name \"a\"\n  name \"b\"\n");
    EXPECT_EQ(type("show running-config | grep name | exclude name..a"), "  name \"b\"\n");
    EXPECT_EQ(type("show running-config |count name"), "2\n");
    EXPECT_EQ(type("show running-config | begin \"ip-group 1\""),
              " ip-group 1\n  name \"b\"\n  activate\n exit\nexit\n");
    EXPECT_THAT(type("show running-config | include ("), HasSubstr("the pattern '(' is wrong"));
    EXPECT_FALSE(done_);
    EXPECT_THAT(type("show running-config | include a{9999}"), HasSubstr("repetition counts"));
    EXPECT_THAT(type("show running-config | include (a)\\1"), HasSubstr("back references"));
    EXPECT_THAT(type("show running-config | sort x"), HasSubstr("allowed: include"));
    EXPECT_THAT(type("show running-config | include"), HasSubstr("allowed: a pattern"));
    EXPECT_THAT(type("show running-config |"), HasSubstr("Error: after |"));
    EXPECT_THAT(type("| include x"), HasSubstr("a command comes before |"));
}

TEST_F(CliSessionTest, WhatShowRunningConfigWritesGivesTheSameAgain) {
    configure(
        "appliance: {hostname: x}\n"
        "signaling_and_media:\n"
        "  proxy_sets:\n    - {row: 1, name: p, proxy_addresses: [{address: a.example}]}\n"
        "  ip_groups:\n    - {name: g, proxy_set: p}\n"
        "  accounts:\n    - {row: 4, name: a, serving_ip_group: g, register: regular}\n");
    begin(false);
    const std::string before = write_yaml(*appliance_.running, catalogue_);
    for (const char* command : {"show running-config", "show running-config full"}) {
        const std::string script = type(command);
        EXPECT_TRUE(done_);
        appliance_.running = map_node({});
        std::string_view rest = script;
        while (!rest.empty()) {
            const std::size_t end = rest.find('\n');
            type(rest.substr(0, end));
            ASSERT_TRUE(done_) << rest.substr(0, end);
            rest.remove_prefix(end + 1);
        }
        EXPECT_EQ(write_yaml(*appliance_.running, catalogue_), before);
    }
    EXPECT_THAT(type("show running-config full"), HasSubstr("application-type sbc"));
    EXPECT_THAT(type("show running-config system"), IsEmpty());
    EXPECT_THAT(type("show running-config voip full"), Not(HasSubstr("configure network")));
    EXPECT_THAT(type("show running-config --json"), StartsWith("{"));
}

TEST_F(CliSessionTest, SecretsThatAreHiddenOrElsewhereComeBackAsTheyWere) {
    configure(
        "signaling_and_media:\n  accounts:\n"
        "    - {name: a, password: {file: a.secret}}\n    - {name: b, password: x}\n");
    begin(false);
    const std::string text = type("show running-config full");
    EXPECT_THAT(text, HasSubstr("password \"{file: a.secret}\""));
    EXPECT_THAT(text, HasSubstr("password \"{set: true}\""));
}

TEST_F(CliSessionTest, WhoMayNotHaveSecretsSeesTheConfigurationWithoutThem) {
    begin(false);
    appliance_.answers["configuration text"] = {
        {"ok", false}, {"denied", true}, {"error", "needs more"}};
    EXPECT_THAT(type("show running-config"), HasSubstr("needs more"));
    EXPECT_EQ(appliance_.requests.back().at("secrets"), "hidden");
}

TEST_F(CliSessionTest, CompletesWords) {
    begin(true);
    EXPECT_THAT(session_->completions("en"), ElementsAre("enable"));
    EXPECT_THAT(session_->completions("show system u"), ElementsAre("uptime", "utilization"));
    EXPECT_THAT(session_->completions("sh sys u"), ElementsAre("uptime", "utilization"));
    EXPECT_THAT(session_->completions("wri"), IsEmpty());
    EXPECT_THAT(session_->completions("show voip register account "), ElementsAre("gw", "sbc"));
    EXPECT_THAT(session_->completions("ping \"a"), IsEmpty());
    type_all({"enable", "Secret", "configure voip"});
    EXPECT_THAT(session_->completions("sip-definition acc"), ElementsAre("account"));
    EXPECT_THAT(session_->completions("do show net"), ElementsAre("network"));
    EXPECT_THAT(session_->completions("no proxy-s"), ElementsAre("proxy-set"));
    type_all({"proxy-set 0"});
    EXPECT_THAT(session_->completions("proxy-enable-keep-alive "), Contains("using-options"));
    EXPECT_THAT(session_->completions("is-proxy-hot-swap e"), ElementsAre("enable"));
}

TEST_F(CliSessionTest, HelpsAtEveryPlace) {
    begin(false);
    EXPECT_THAT(session_->help(""), HasSubstr("show        what the appliance has and does"));
    EXPECT_EQ(session_->help("show system u"),
              "  uptime       since its start\n"
              "  utilization  of processors and memory\n");
    EXPECT_EQ(session_->help("show system uptime "), "  <cr>  since its start\n");
    EXPECT_THAT(session_->help("ping "), HasSubstr("<host>"));
    EXPECT_EQ(session_->help("nothing "), "  nothing fits here\n");
    type_all({"configure voip"});
    EXPECT_THAT(session_->help("proxy-set "), HasSubstr("<index>  0.."));
    EXPECT_THAT(session_->help("exi"), HasSubstr("apply what was typed here and leave"));
    type_all({"sip-definition proxy-and-registration"});
    EXPECT_THAT(session_->help("registration-time "), HasSubstr("10..2000000 s"));
}

}  // namespace
}  // namespace trunkline::mgmt
