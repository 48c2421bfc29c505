#include "mgmt/cli/session.h"

#include "mgmt/configuration/yaml_reader.h"
#include "mgmt/configuration/yaml_writer.h"
#include "tests/unit/mgmt/cli/played_appliance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
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

TEST_F(CliSessionTest, WhoActivatesOverAnothersChangeIsToldAndMayGoOn) {
    begin(true);
    const auto at_revision = [&](int revision) {
        appliance_.answers["configuration prompt"] = {
            {"ok", true}, {"hostname", "LAB"}, {"save_needed", false}, {"revision", revision}};
        session_->prompt();
    };
    type_all({"enable", "", "configure voip"});
    at_revision(7);
    type_all({"sip-definition account 0"});
    at_revision(8);
    type_all({"contact-user AAA"});
    appliance_.answers["configuration edit"] = {
        {"ok", false}, {"conflict", true}, {"error", "bert changed contact_user to BBB"}};
    EXPECT_EQ(type("activate"),
              "Error: bert changed contact_user to BBB\n"
              "  What was typed waits: 'activate' applies it to that, 'abort' forgets it\n");
    EXPECT_EQ(appliance_.requests.back()["based_on"], 7);
    appliance_.answers["configuration edit"] = {{"ok", true}, {"revision", 9}};
    type_all({"activate"});
    EXPECT_FALSE(appliance_.requests.back().contains("based_on"));
    at_revision(9);
    type_all({"exit", "sip-definition account 1", "contact-user C", "activate"});
    EXPECT_EQ(appliance_.requests.back()["based_on"], 9);
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

TEST_F(CliSessionTest, TellsWhatAChangeOfTheWholeConfigurationChanges) {
    begin(false);
    const json one = {{{"text", "~ appliance.hostname: a -> b"}}};
    for (const char* const command : {"configuration rollback", "configuration factory"}) {
        appliance_.answers[command] = {{"ok", true}, {"differences", one}, {"all_differences", 3}};
    }
    EXPECT_EQ(type("rollback 2 preview"),
              "~ appliance.hostname: a -> b\nand 2 more\n"
              "Nothing was changed: this is what would be\n");
    EXPECT_EQ(appliance_.requests.back(),
              (json{{"command", "configuration rollback"}, {"version", 2}, {"preview", true}}));
    EXPECT_THAT(type("rollback 2"), HasSubstr("Version 2 is the running configuration"));
    EXPECT_EQ(appliance_.requests.back()["preview"], false);
    EXPECT_THAT(type("write factory preview"), HasSubstr("Nothing was changed"));
    EXPECT_THAT(type("write factory"), StartsWith("~ appliance.hostname: a -> b\nand 2 more\n"));
    appliance_.answers["configuration unsaved"] = {
        {"ok", true}, {"differences", one}, {"all_differences", 1}};
    EXPECT_EQ(type("show configuration diff"), "~ appliance.hostname: a -> b\n");
    appliance_.answers["configuration unsaved"] = {
        {"ok", true}, {"differences", json::array()}, {"all_differences", 0}};
    EXPECT_EQ(type("show configuration diff"), "The running configuration is the saved one\n");
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

TEST_F(CliSessionTest, CompletesNamesOfRowsThatThereAre) {
    begin(false);
    configure(
        "signaling_and_media: {ip_groups: [{name: ITSP}, {name: My ITSP}, {name: My PBX}], "
        "sip_interfaces: [{name: SIP}]}");
    type_all({"configure voip", "sip-definition account 0"});
    EXPECT_THAT(session_->completions("serving-ip-group-name "),
                ElementsAre("\"My ITSP\"", "\"My PBX\"", "ITSP"));
    EXPECT_THAT(session_->completions("serving-ip-group-name I"), ElementsAre("ITSP"));
    EXPECT_THAT(session_->completions("serving-ip-group-name \"I"), ElementsAre("\"ITSP\""));
    EXPECT_THAT(session_->completions("serving-ip-group-name My"),
                ElementsAre("\"My ITSP\"", "\"My PBX\""));
    EXPECT_THAT(session_->completions("serving-ip-group-name \"My P"), ElementsAre("\"My PBX\""));
    EXPECT_THAT(session_->completions("serving-ip-group-name X"), IsEmpty());
    const std::string help = session_->help("serving-ip-group-name I");
    EXPECT_THAT(help, HasSubstr("\n  ITSP\n"));
    EXPECT_THAT(help, Not(HasSubstr("My")));
    type_all({"exit", "proxy-set 0"});
    EXPECT_THAT(session_->completions("sbcipv4-sip-int-name "), ElementsAre("SIP"));
    appliance_.is_gone = true;
    EXPECT_THAT(session_->completions("sbcipv4-sip-int-name "), IsEmpty());
}

TEST_F(CliSessionTest, SaysThatThereIsNoDebuggingYetAndWhatThereIs) {
    begin(false);
    EXPECT_THAT(type("debug log"), HasSubstr("is not available yet; "));
    EXPECT_FALSE(done_);
    EXPECT_TRUE(appliance_.requests.empty());
}

TEST_F(CliSessionTest, SendsSipMessagesToSyslogAsLongAsTheyAreWanted) {
    begin(false);
    const auto level = [this] {
        const auto node =
            node_at(appliance_.running, config_path("troubleshoot.syslog.voip_debug_level"));
        return node ? node->text : "";
    };
    for (const auto& [line, wanted] : {std::pair{"debug sip 1", "basic"},
                                       {"debug sip 5", "detailed"},
                                       {"debug sip 0", ""},
                                       {"debug sip 7", "detailed"},
                                       {"no debug sip", ""}}) {
        type(line);
        EXPECT_TRUE(done_) << line;
        EXPECT_EQ(level(), wanted) << line;
    }
    for (const char* line : {"debug sip 8", "debug sip 10", "debug sip x"}) {
        EXPECT_THAT(type(line), HasSubstr("allowed: 0 (none) to 7")) << line;
        EXPECT_FALSE(done_) << line;
    }
}

TEST_F(CliSessionTest, CapturesWhatTheFilterSays) {
    begin(false);
    const json state{{"ok", true},        {"running", true}, {"filter", "host 192.0.2.1"},
                     {"started_at", "x"}, {"messages", 7},   {"trouble", ""},
                     {"files", 1},        {"bytes", 4711},   {"dropped", 2}};
    appliance_.answers = {{"capture start", state},
                          {"capture status", state},
                          {"capture stop", {{"ok", false}, {"error", "no capture is running"}}}};
    EXPECT_THAT(type("debug capture voip physical start"), HasSubstr("host 192.0.2.1"));
    EXPECT_EQ(appliance_.requests.back(), (json{{"command", "capture start"}}));
    type_all({"debug capture voip physical start call-id one@two host 192.0.2.1"});
    EXPECT_EQ(appliance_.requests.back(),
              (json{{"command", "capture start"}, {"call_id", "one@two"}, {"host", "192.0.2.1"}}));
    EXPECT_THAT(
        type("debug capture voip physical show"),
        HasSubstr("runs\nFilter:    host 192.0.2.1\nStarted:   x\nMessages:  7\nFiles:     1 "
                  "with 4711 bytes\nDropped:   2\n"));
    EXPECT_THAT(type("debug capture voip physical stop"), HasSubstr("no capture is running"));
    EXPECT_FALSE(done_);
    const std::size_t asked = appliance_.requests.size();
    EXPECT_THAT(type("debug capture voip physical start vlan 1"), HasSubstr("found 'vlan'"));
    EXPECT_THAT(type("debug capture voip physical start host"), HasSubstr("'host' lacks"));
    EXPECT_FALSE(done_);
    EXPECT_EQ(appliance_.requests.size(), asked);
}

TEST_F(CliSessionTest, BreaksAndMendsTheBox) {
    begin(false);
    appliance_.answers = {{"board fault", {{"ok", true}}}, {"board fault clear", {{"ok", true}}}};
    EXPECT_THAT(type("debug board fault fan 1"), HasSubstr("injected"));
    EXPECT_EQ(
        appliance_.requests.back(),
        (json{
            {"command", "board fault"}, {"what", "fan_tray"}, {"number", 1}, {"state", "faulty"}}));
    type_all({"debug board fault power-supply 2 missing"});
    EXPECT_EQ(appliance_.requests.back(), (json{{"command", "board fault"},
                                                {"what", "power_supply"},
                                                {"number", 2},
                                                {"state", "missing"}}));
    type_all({"debug board fault temperature 71.5"});
    EXPECT_EQ(appliance_.requests.back(),
              (json{{"command", "board fault"}, {"what", "temperature"}, {"celsius", 71.5}}));
    type_all({"no debug board fault module 3"});
    EXPECT_EQ(appliance_.requests.back(),
              (json{{"command", "board fault clear"}, {"what", "module"}, {"number", 3}}));
    type_all({"no debug board fault temperature"});
    EXPECT_EQ(appliance_.requests.back(),
              (json{{"command", "board fault clear"}, {"what", "temperature"}}));
    EXPECT_THAT(type("debug board fault port GE_1 down"), HasSubstr("injected"));
    EXPECT_EQ(
        appliance_.requests.back(),
        (json{{"command", "board fault"}, {"what", "port"}, {"name", "GE_1"}, {"state", "down"}}));
    EXPECT_THAT(type("no debug board fault port GE_1"), HasSubstr("as its device reports"));
    EXPECT_EQ(appliance_.requests.back(),
              (json{{"command", "board fault clear"}, {"what", "port"}, {"name", "GE_1"}}));
    EXPECT_THAT(type("no debug board fault"), HasSubstr("Everything is as it was again"));
    EXPECT_EQ(appliance_.requests.back(), (json{{"command", "board fault clear"}}));
    const std::size_t asked = appliance_.requests.size();
    EXPECT_THAT(type("debug board fault fan one"), HasSubstr("found 'one'"));
    EXPECT_THAT(type("debug board fault temperature hot"), HasSubstr("found 'hot'"));
    EXPECT_FALSE(done_);
    EXPECT_EQ(appliance_.requests.size(), asked);
}

TEST_F(CliSessionTest, ShowsTheBoxWithWhereEachStateComesFrom) {
    begin(false);
    const json light{{"name", "status"}, {"colour", "red"}};
    appliance_.answers["show hardware"] = {
        {"ok", true},
        {"title", "Box"},
        {"model", "box"},
        {"chassis", "1U"},
        {"ports",
         {{{"label", "GE_1"},
           {"in_use", true},
           {"link_up", true},
           {"speed_mbps", 1000},
           {"group", "GROUP_1"},
           {"driver", "net_null"}},
          {{"label", "GE_2"}, {"in_use", false}},
          {{"label", "GE_3"}, {"in_use", true}, {"link_up", false}, {"source", "injected"}}}},
        {"modules",
         {{{"slot", 3},
           {"width", 2},
           {"name", "CPU"},
           {"fitted", true},
           {"state", "ok"},
           {"source", "modelled"}},
          {{"slot", 5}, {"width", 1}, {"name", "MPM"}, {"fitted", false}}}},
        {"fan_trays",
         {{{"name", "Fan tray 1"},
           {"state", "faulty"},
           {"source", "injected"},
           {"lights", {light}}}}},
        {"temperatures",
         {{{"sensor", "board"},
           {"celsius", 71.5},
           {"critical", 70},
           {"too_high", true},
           {"source", "injected"}}}}};
    const std::string shown = type("show system hardware");
    EXPECT_THAT(shown, HasSubstr("Box (box): 1U\n"));
    EXPECT_THAT(shown, MatchesRegex("(.|\n)*GE_1 +up +1000 Mbit/s +GROUP_1 +net_null +-(.|\n)*"));
    EXPECT_THAT(shown, MatchesRegex("(.|\n)*GE_2 +not in use +-(.|\n)*"));
    EXPECT_THAT(shown, MatchesRegex("(.|\n)*GE_3 +down \\(injected\\) +-(.|\n)*"));
    EXPECT_THAT(shown, MatchesRegex("(.|\n)*Slot 3-4 +CPU +ok +modelled(.|\n)*"));
    EXPECT_THAT(shown, MatchesRegex("(.|\n)*Slot 5 +MPM +empty(.|\n)*"));
    EXPECT_THAT(shown, MatchesRegex("(.|\n)*Fan tray 1 +faulty +injected +status red(.|\n)*"));
    EXPECT_THAT(shown, MatchesRegex("(.|\n)*board +71.5 +70 +too high +injected(.|\n)*"));
    EXPECT_FALSE(json::parse(type("show system hardware --json")).contains("ok"));
}

TEST_F(CliSessionTest, ShowsWhatPortsAreSetToAndWhereADriverDoesNotDoIt) {
    begin(false);
    const json set{{"name", "GE_1"},  {"set_speed_mbps", 100},     {"set_full_duplex", true},
                   {"link_up", true}, {"setting_in_effect", true}, {"driver", "net_igc"}};
    json ignored = set;
    ignored.update({{"name", "GE_2"}, {"setting_in_effect", false}, {"set_full_duplex", false}});
    appliance_.answers["show counters"] = {
        {"ok", true},
        {"ports",
         {set,
          ignored,
          {{"name", "GE_3"}, {"disabled", true}, {"switching_in_effect", true}},
          {{"name", "GE_4"}, {"disabled", true}, {"switching_in_effect", false}},
          {{"name", "GE_5"}, {"link_up", false}, {"source", "injected"}}}}};
    const std::string shown = type("show network physical-port");
    EXPECT_THAT(shown, MatchesRegex("(.|\n)*GE_1 +UP +- +- +100 FULL +net_igc(.|\n)*"));
    EXPECT_THAT(shown, MatchesRegex("(.|\n)*GE_2 +UP +- +- +100 HALF \\(not in effect on this "
                                    "driver\\) +net_igc(.|\n)*"));
    EXPECT_THAT(shown, MatchesRegex("(.|\n)*GE_3 +DISABLED +- +- +AUTO(.|\n)*"));
    EXPECT_THAT(shown,
                MatchesRegex("(.|\n)*GE_4 +DISABLED \\(the far side has a link\\) +-(.|\n)*"));
    EXPECT_THAT(shown, MatchesRegex("(.|\n)*GE_5 +DOWN \\(injected\\) +-(.|\n)*"));
}

TEST_F(CliSessionTest, AWordThatIsNoValueIsRefusedAsItIsTyped) {
    begin(false);
    type_all({"configure voip", "proxy-set 0"});
    EXPECT_THAT(type("proxy-redundancy-mode not-configured"),
                HasSubstr("found 'not-configured'; allowed: parking, homing"));
    EXPECT_FALSE(done_);
}

TEST_F(CliSessionTest, WhatAModeShowsGoesThroughFilters) {
    begin(false);
    type_all({"configure voip", "proxy-set 0", "proxy-keep-alive-time 80"});
    const std::string shown = type("display | include keep-alive-time");
    EXPECT_TRUE(done_) << shown;
    EXPECT_EQ(shown, "  proxy-keep-alive-time 80  (not applied)\n");
    EXPECT_THAT(type("display | nonsense x"), HasSubstr("'nonsense'"));
    EXPECT_FALSE(done_);
}

TEST_F(CliSessionTest, AModeOfSettingsIsNotTakenAwayAndSaysWhatIs) {
    begin(false);
    type_all({"configure voip"});
    EXPECT_THAT(type("no sip-definition proxy-and-registration"),
                HasSubstr("'sip-definition proxy-and-registration' is a mode of settings; allowed: "
                          "'no' of each parameter in it"));
}

TEST_F(CliSessionTest, EveryWordOfAnAreaHasHelp) {
    begin(false);
    for (const char* const area :
         {"configure voip", "configure network", "configure system", "configure troubleshoot"}) {
        type_all({area});
        EXPECT_THAT(session_->help(""), Not(testing::ContainsRegex("\n  [^ ]+\n"))) << area;
        type_all({"exit"});
    }
}

TEST_F(CliSessionTest, StatusIsForPeopleToRead) {
    begin(false);
    appliance_.answers["system status"] = {{"ok", true},
                                           {"memory_percent", 11.32375015414791},
                                           {"serial", nullptr},
                                           {"capacity", {{"media_sessions", 100}}}};
    EXPECT_EQ(type("show system status"),
              "capacity_media_sessions: 100\nmemory_percent: 11.3\nserial: -\n");
}

TEST_F(CliSessionTest, AsksOnceForAPrompt) {
    begin(false);
    appliance_.requests.clear();
    EXPECT_EQ(session_->prompt(), "LAB 1# ");
    ASSERT_EQ(appliance_.requests.size(), 1U);
    EXPECT_EQ(appliance_.requests[0], (json{{"command", "configuration prompt"}}));
}

// The pattern that a client of the appliance family reads this table with.
TEST_F(CliSessionTest, NamesWithBlanksLeaveTheColumnsOfProxySetsWhereParsersLook) {
    begin(false);
    configure("signaling_and_media: {proxy_sets: [{row: 3, name: My big ITSP}]}");
    appliance_.answers["show proxy-sets"] = {
        {"ok", true},
        {"proxy_sets",
         {{{"name", "My big ITSP"},
           {"online", true},
           {"redundancy_mode", "homing"},
           {"load_balancing", "disable"},
           {"keep_alive", "using_options"},
           {"servers", {{{"address", "192.0.2.1:5060"}, {"online", true}, {"active", true}}}}}}}};
    const std::string text = type("show voip proxy sets status");
    const std::regex parent(
        R"(\n\s+(\d+)\s+(\S+)\s+(Load Balancing|\S+)\s+(\S+)\s+(\S+|\S+\s\S+).*)");
    std::smatch columns;
    ASSERT_TRUE(std::regex_search(text, columns, parent)) << text;
    EXPECT_EQ(columns[1], "3");
    EXPECT_EQ(columns[2], "My_big_ITSP");
    EXPECT_EQ(columns[3], "Homing");
    EXPECT_EQ(columns[4], "Enabled");
    EXPECT_EQ(columns[5], "ONLINE");
    const std::regex child(
        R"(\n\s+192.0.2.1:5060\s+(\S+)\s+(\S+)\s+(\d+)\s+(\d+)\s+ONLINE \(\*\))");
    EXPECT_TRUE(std::regex_search(text, child)) << text;
    const json shown = json::parse(type("show voip proxy sets status --json"));
    EXPECT_EQ(shown[0]["name"], "My big ITSP");
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
