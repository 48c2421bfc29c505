#include "mgmt/configuration_commands.h"

#include "configuration/samples.h"
#include "mgmt/configuration/yaml_reader.h"
#include "mgmt/json_fields.h"
#include "mgmt/system_commands.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <future>
#include <iterator>
#include <map>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Caller anna{"anna (CLI)", AccessLevel::administrator};
const Caller bert{"bert (REST 192.0.2.7)", AccessLevel::administrator};
const Caller watcher{"watcher (CLI)", AccessLevel::monitor};
const Caller security{"security (CLI)", AccessLevel::security_administrator};
const Caller root{"root (CLI)", AccessLevel::master};

const std::string account = "signaling_and_media.accounts";

class Configuration : public ConfigFolder {
protected:
    Configuration() : file_(write("config.yaml", small_config)) {
        ConfigurationStore::Options options;
        options.startup_file = file_;
        options.folder = folder_.string();
        options.act = [this](const ApplianceConfig& config, const ConfigurationStore::Done& done) {
            acted_.push_back(config);
            done({.added = 1, .removed = 2, .kept = 3});
        };
        options.clock = [] { return std::chrono::system_clock::time_point{}; };
        options.activity = [this](const std::string& line) { activity_.push_back(line); };
        ConfigFaults faults;
        store_.emplace(catalogue_, read_yaml(small_config, file_, faults), std::move(options));
        commands_.emplace(*store_, catalogue_, sealing_, work_, reading_);
        commands_->add_to(table_);
    }

    json ask(const json& request, const Caller& caller = anna) {
        std::optional<json> answer;
        table_.answer(request, caller, [&](const json& reply) { answer = reply; });
        while (!answer) {
            loop_.run_once(std::chrono::milliseconds(100));
        }
        return *answer;
    }
    json edit(json edits, json more = json::object(), const Caller& caller = anna) {
        more["command"] = "configuration edit";
        more["edits"] = std::move(edits);
        return ask(more, caller);
    }
    static json user(const std::string& name) {
        return {{{"table", account}, {"rows", {0}}, {"set", {{"user_name", name}}}}};
    }
    std::string running_user() {
        return ask({{"command", "configuration get"}, {"path", account + "[0].user_name"}})
            .at("configuration");
    }

    const Catalogue catalogue_ = built_in_catalogue();
    const board::Expected<Sealing> sealing_ =
        Sealing::open_or_make((folder_ / "sealing.key").string());
    const std::string file_;
    std::vector<ApplianceConfig> acted_;
    std::vector<std::string> activity_;
    std::optional<ConfigurationStore> store_;
    std::optional<ConfigurationCommands> commands_;
    CommandTable table_;
    board::EventLoop loop_;
    WorkThread work_{loop_}, reading_{loop_};
};

TEST_F(Configuration, EditActsAndSaysWhatItChanged) {
    EXPECT_EQ(edit(user("other")),
              (json{{"ok", true},
                    {"preview", false},
                    {"revision", 2},
                    {"save_needed", true},
                    {"reset_needed", false},
                    {"added", 1},
                    {"removed", 2},
                    {"kept", 3},
                    {"notes", json::array()},
                    {"all_differences", 1},
                    {"differences",
                     {{{"path", account + "[0].user_name"},
                       {"before", "office"},
                       {"after", "other"},
                       {"is_row", false},
                       {"needs_reset", false},
                       {"text", "~ " + account + "[0].user_name: office -> other"}}}}}));
    EXPECT_EQ(acted_.back().sip.accounts[0].user_name, "other");
    EXPECT_THAT(activity_,
                ElementsAre("anna (CLI): ~ " + account + "[0].user_name: office -> other"));
}

TEST_F(Configuration, PreviewJudgesAndChangesNothing) {
    const json answer = edit(user("other"), {{"preview", true}});
    EXPECT_EQ(answer["all_differences"], 1);
    EXPECT_EQ(answer["revision"], 1);
    EXPECT_THAT(acted_, IsEmpty());
    EXPECT_THAT(activity_, IsEmpty());
    EXPECT_EQ(running_user(), "office");
    const json wrong = edit({{{"table", account}, {"rows", {0}}, {"set", {{"register", "x"}}}}},
                            {{"preview", true}});
    EXPECT_EQ(wrong["ok"], false);
    EXPECT_EQ(wrong["faults"][0]["path"], account + "[0].register");
}

TEST_F(Configuration, FaultsNameTheRowInTheWordsOfWhoeverEdits) {
    const json wrong = {
        {{"table", "signaling_and_media.proxy_sets"},
         {"rows", {9}},
         {"set", {{"name", "ITSP"}, {"sip_interface", "SIPInterface_0"}, {"keep_alive_time", 1}}}}};
    const json rest = edit(wrong);
    ASSERT_EQ(rest["faults"].size(), 2U);
    EXPECT_EQ(rest["faults"][0]["message"],
              "signaling_and_media.proxy_sets[9].name: found 'ITSP' a second time; allowed: each "
              "once; row 0 has it already");
    EXPECT_EQ(rest["faults"][1]["path"], "signaling_and_media.proxy_sets[9].keep_alive_time");
    const json cli = edit(wrong, {{"words", "cli"}});
    EXPECT_EQ(cli["faults"][1]["path"], "signaling_and_media.proxy_sets[9].keep_alive_time");
    EXPECT_EQ(cli["faults"][1]["message"],
              "proxy-set 9 > proxy-keep-alive-time: found 1; allowed: 5..2000000 s");
    const json no_group =
        edit({{{"table", account}, {"rows", {0}}, {"set", {{"serving_ip_group", "Elsewhere"}}}}},
             {{"words", "cli"}});
    EXPECT_THAT(no_group["faults"][0]["message"].get<std::string>(),
                testing::EndsWith("; add it to ip-group"));
    const json no_row = edit({{{"table", "signaling_and_media.proxy_sets.proxy_addresses"},
                               {"rows", {7, 0}},
                               {"set", {{"address", "192.0.2.1"}}}}},
                             {{"words", "cli"}});
    EXPECT_THAT(no_row["faults"][0]["message"].get<std::string>(),
                testing::StartsWith("proxy-set 7 > proxy-ip 0: found row 7 of "));
}

TEST_F(Configuration, WhatAPromptShowsIsASmallAnswer) {
    EXPECT_EQ(ask({{"command", "configuration prompt"}}, watcher),
              (json{{"ok", true}, {"revision", 1}, {"hostname", "sbc1"}, {"save_needed", false}}));
    ASSERT_EQ(edit(user("other"))["ok"], true);
    EXPECT_EQ(ask({{"command", "configuration prompt"}})["save_needed"], true);
    ASSERT_EQ(edit({{{"table", "appliance"}, {"left_out", {"hostname"}}}})["ok"], true);
    EXPECT_EQ(ask({{"command", "configuration prompt"}})["hostname"], "trunkline");
}

TEST_F(Configuration, SecondOfTwoEditorsIsToldWhoWasFirst) {
    ASSERT_EQ(edit(user("first"), {{"based_on", 1}}, anna)["ok"], true);
    const json refused = edit(user("second"), {{"based_on", 1}}, bert);
    EXPECT_EQ(refused["ok"], false);
    EXPECT_EQ(refused["conflict"], true);
    EXPECT_THAT(refused["error"], HasSubstr("anna (CLI) at 1970-01-01 00:00:00 UTC"));
    EXPECT_EQ(running_user(), "first");
    EXPECT_EQ(edit(user("second"), {{"based_on", 2}}, bert)["ok"], true);
}

TEST_F(Configuration, EditsAreAllOrNothing) {
    json edits = user("other");
    edits.push_back({{"table", account}, {"rows", {7}}, {"removes_row", true}});
    const json refused = edit(edits);
    EXPECT_EQ(refused["ok"], false);
    EXPECT_EQ(refused["faults"][0]["path"], account + "[7]");
    EXPECT_THAT(refused["faults"][0]["message"], HasSubstr("allowed: a row that exists"));
    EXPECT_EQ(running_user(), "office");
}

TEST_F(Configuration, EditThatIsNoneIsToldFieldByField) {
    const json refused = edit({{{"table", 3}, {"rows", {-1}}, {"sets", 1}},
                               7,
                               {{"table", "a"}, {"set", {{"x", {1.5}}}}}});
    EXPECT_EQ(refused["ok"], false);
    std::vector<std::string> paths;
    for (const json& fault : refused["faults"]) {
        paths.push_back(fault["path"]);
    }
    EXPECT_THAT(paths, ElementsAre("edits[0].rows", "edits[0].sets", "edits[0].table", "edits[1]",
                                   "edits[2].set.x.0"));
    EXPECT_EQ(ask({{"command", "configuration edit"}})["faults"][0]["path"], "edits");
}

TEST_F(Configuration, ARowThatIsUsedIsToldWithWhatUsesIt) {
    const std::string sets = "signaling_and_media.proxy_sets";
    const auto message = [](const json& answer) {
        return answer["faults"][0]["message"].get<std::string>();
    };
    const json removed =
        edit({{{"table", sets}, {"rows", {0}}, {"removes_row", true}}}, {{"words", "cli"}});
    EXPECT_EQ(message(removed),
              "proxy-set 0: found it in use by ip-group 0 > proxy-set-name; allowed: its removal "
              "once nothing uses it; change that first");
    EXPECT_EQ(removed["faults"][0]["path"], sets + "[0]");
    const json renamed = edit({{{"table", sets}, {"rows", {0}}, {"set", {{"name", "ITSP2"}}}}});
    EXPECT_EQ(message(renamed),
              sets +
                  "[0]: found its old name 'ITSP' in use by "
                  "signaling_and_media.ip_groups[0].proxy_set; allowed: a new name once nothing "
                  "uses the old one; change both together");
    const json unknown = edit({{{"table", "signaling_and_media.ip_groups"},
                                {"rows", {0}},
                                {"set", {{"proxy_set", "ITPS"}}}}});
    EXPECT_THAT(message(unknown), HasSubstr("found 'ITPS'; allowed: one of the proxy sets (ITSP)"));
}

TEST_F(Configuration, WhoeverTakesTheLastMasterAwayIsToldTheWayBack) {
    const std::string users = "administration.web_and_cli.local_users";
    const auto user = [&](int row, const char* name, const char* level) {
        return edit({{{"table", users},
                      {"rows", {row}},
                      {"set", {{"user_name", name}, {"password", "x"}, {"user_level", level}}}}},
                    json::object(), security);
    };
    EXPECT_EQ(user(0, "mia", "master")["notes"], json::array());
    EXPECT_EQ(user(1, "max", "master")["notes"], json::array());
    EXPECT_EQ(user(1, "max", "monitor")["notes"], json::array());
    const json last = user(0, "mia", "administrator");
    EXPECT_EQ(last["ok"], true) << last;
    EXPECT_THAT(last["notes"][0].get<std::string>(), HasSubstr("no user has the level Master"));
    EXPECT_EQ(user(0, "mia", "monitor")["notes"], json::array()) << "there was none before it";
}

TEST_F(Configuration, ANumberThatIsNoneIsToldOnceWithItsPlace) {
    const json answer = edit({{{"table", account}, {"rows", {0}}, {"set", {{"user_name", 1e20}}}}});
    EXPECT_EQ(answer["faults"][0]["message"],
              "edits[0].set.user_name: found 1e+20; allowed: an object, an array, a text, a whole "
              "number, a truth value");
}

TEST_F(Configuration, EditMakesAndRemovesRows) {
    const json row = {{"table", account},
                      {"rows", {4}},
                      {"set",
                       {{"name", "more"},
                        {"serving_ip_group", "ITSP"},
                        {"user_name", "m"},
                        {"password", "secret"},
                        {"contact_user", "m"}}}};
    EXPECT_EQ(edit(json::array({row}))["differences"][0]["text"], "+ " + account + "[4] more");
    EXPECT_EQ(acted_.back().sip.accounts.size(), 2U);
    const json removal = {{"table", account}, {"rows", {4}}, {"removes_row", true}};
    EXPECT_EQ(edit(json::array({removal}))["differences"][0]["text"], "- " + account + "[4] more");
    EXPECT_EQ(acted_.back().sip.accounts.size(), 1U);
}

TEST_F(Configuration, HiddenSecretGivenBackStays) {
    const json answer = edit({{{"table", account},
                               {"rows", {0}},
                               {"set", {{"password", {{"set", true}}}, {"user_name", "o"}}}}});
    EXPECT_EQ(answer["all_differences"], 1);
    EXPECT_EQ(acted_.back().sip.accounts[0].password.reveal(), "Sesam0effne");
}

TEST_F(Configuration, SealedSecretIsTakenAndAForeignOneRefused) {
    const auto set = [&](const std::string& secret) {
        return edit({{{"table", account}, {"rows", {0}}, {"set", {{"password", secret}}}}});
    };
    EXPECT_EQ(set(sealing_->seal("new"))["ok"], true);
    EXPECT_EQ(acted_.back().sip.accounts[0].password.reveal(), "new");
    const auto other = Sealing::open_or_make((folder_ / "other.key").string());
    const json refused = set(other->seal("x"));
    EXPECT_EQ(refused["faults"][0]["path"], account + "[0].password");
    EXPECT_THAT(refused["faults"][0]["message"], HasSubstr("another appliance sealed"));
    EXPECT_EQ(acted_.size(), 1U);
}

TEST_F(Configuration, GetShowsThePartThatIsAskedFor) {
    const auto get = [&](const std::string& path) {
        return ask({{"command", "configuration get"}, {"path", path}}, watcher);
    };
    EXPECT_EQ(get(account)["configuration"][0]["password"], (json{{"set", true}}));
    EXPECT_EQ(get(account + "[0]")["configuration"]["name"], "office");
    EXPECT_EQ(get(account + "[0].password")["configuration"], (json{{"set", true}}));
    EXPECT_EQ(get("signaling_and_media.proxy_sets[0].proxy_addresses[0].address")["configuration"],
              "192.0.2.1");
    EXPECT_EQ(get("appliance")["configuration"]["hostname"], "sbc1");
    EXPECT_EQ(get("")["configuration"]["appliance"]["hostname"], "sbc1");
    EXPECT_EQ(get("signaling_and_media.media_realms")["configuration"], json::array());
    EXPECT_EQ(get("administration")["configuration"], json::object());
    EXPECT_EQ(get("administration.log_level")["configuration"], nullptr);
    EXPECT_EQ(get("")["revision"], 1);
}

TEST_F(Configuration, GetOfWhatIsNotThereSaysWhatThereIs) {
    const std::map<std::string, std::string> cases = {
        {account + "[7]", "path: there is no row 7 in signaling_and_media.accounts"},
        {"signalling", "path: found 'signalling'; allowed: appliance, "},
        {account + ".name", "allowed: the number of a row, as signaling_and_media.accounts[0]"},
        {"appliance[0]", "path: found row 0 of appliance, which has no rows"},
        {"appliance.hostname.x", "allowed: nothing below a parameter"}};
    for (const auto& [path, error] : cases) {
        const json answer = ask({{"command", "configuration get"}, {"path", path}});
        EXPECT_EQ(answer["missing"], true) << path;
        EXPECT_THAT(answer["error"].get<std::string>(), HasSubstr(error));
    }
    EXPECT_THAT(ask({{"command", "configuration get"}, {"from", "factory"}})["error"],
                HasSubstr("from: found 'factory'; allowed: running, startup"));
}

TEST_F(Configuration, TextComesInEveryFormatWithoutSecrets) {
    for (const char* format : {"yaml", "ini", "cli"}) {
        const json answer = ask({{"command", "configuration text"}, {"format", format}}, watcher);
        EXPECT_THAT(answer["text"], HasSubstr("office"));
        EXPECT_THAT(answer["text"], Not(HasSubstr("Sesam0effne"))) << format;
    }
    const json area =
        ask({{"command", "configuration text"}, {"format", "cli"}, {"area", "network"}});
    EXPECT_THAT(area["text"], AllOf(HasSubstr("192.0.2.10"), Not(HasSubstr("office"))));
    EXPECT_THAT(
        ask({{"command", "configuration text"}, {"format", "ini"}, {"area", "voip"}})["error"],
        HasSubstr("area: found 'voip'"));
}

TEST_F(Configuration, SealedSecretsNeedTheLevelForThem) {
    const json request = {{"command", "configuration text"}, {"secrets", "sealed"}};
    const json refused = ask(request, anna);
    EXPECT_EQ(refused["denied"], true);
    EXPECT_THAT(refused["error"], HasSubstr("a sealed secret needs the level Security"));
    EXPECT_THAT(ask(request, security)["text"], HasSubstr("$sealed$"));
}

TEST_F(Configuration, UsersAndCertificatesNeedTheLevelForThem) {
    for (const std::string table :
         {"administration.web_and_cli.local_users", "ip_network.tls_contexts"}) {
        ASSERT_NE(catalogue_.table(table), nullptr);
    }
    const json edits = {{{"table", "administration.web_and_cli.local_users"},
                         {"rows", {0}},
                         {"set", {{"user_name", "mallory"}, {"user_level", "master"}}}}};
    const json refused = edit(edits, json::object(), anna);
    EXPECT_EQ(refused["denied"], true);
    EXPECT_THAT(acted_, IsEmpty());
    EXPECT_EQ(edit(edits, json::object(), security)["ok"], true);
}

TEST_F(Configuration, WhatWaitsForAResetSaysSo) {
    const json edits = {{{"table", "signaling_and_media.sip_interfaces"},
                         {"rows", {1}},
                         {"set",
                          {{"name", "Other"},
                           {"network_interface", "Voice"},
                           {"udp_port", 5070},
                           {"tcp_port", 0},
                           {"tls_port", 0}}}},
                        {{"table", "signaling_and_media.proxy_sets"},
                         {"rows", {0}},
                         {"set", {{"sip_interface", "Other"}}}}};
    const json answer = edit(edits);
    EXPECT_EQ(answer["ok"], true);
    EXPECT_THAT(answer["waits"], HasSubstr("nothing of it acts before a reset"));
    EXPECT_EQ(answer["reset_needed"], true);
    EXPECT_THAT(acted_, IsEmpty());
}

TEST_F(Configuration, SaveWritesTheStartupFileAndStatusTellsAll) {
    ASSERT_EQ(edit(user("other"))["save_needed"], true);
    EXPECT_EQ(ask({{"command", "configuration save"}}), (json{{"ok", true},
                                                              {"revision", 2},
                                                              {"startup_file", file_},
                                                              {"save_needed", false},
                                                              {"reset_needed", false}}));
    EXPECT_EQ(load_config_file(file_)->sip.accounts[0].user_name, "other");
    const json status = ask({{"command", "configuration status"}}, watcher);
    EXPECT_EQ(status["versions"][0]["number"], 1);
    EXPECT_EQ(status["last_changes"],
              (json{{{"revision", 2},
                     {"who", "anna (CLI)"},
                     {"when", "1970-01-01T00:00:00Z"},
                     {"all_differences", 1},
                     {"differences", {"~ " + account + "[0].user_name: office -> other"}}}}));
    EXPECT_EQ(ask({{"command", "configuration save"}}, watcher)["denied"], true);
}

TEST_F(Configuration, ApplyTakesAFileWithItsNotesAndFaults) {
    const std::string changed =
        write("new.yaml", replaced(small_config, "user_name: office", "user_name: other"));
    const json applied = ask({{"command", "apply"}, {"config", changed}}, root);
    EXPECT_EQ(applied.value("all_differences", 0), 1) << applied;
    EXPECT_EQ(running_user(), "other");
    const std::string ini = write("device.ini", "[ SYSTEM Params ]\r\nUnheardOf = 1\r\n");
    const json noted = ask({{"command", "apply"}, {"config", ini}, {"preview", true}}, root);
    EXPECT_THAT(noted["notes"][0], HasSubstr("device.ini:2:1: "));
    const std::string bad = write("bad.yaml", "appliance: {hostnam: x}\n");
    const json wrong = ask({{"command", "apply"}, {"config", bad}}, root);
    EXPECT_THAT(wrong["faults"][0]["message"], HasSubstr("did you mean 'hostname'?"));
    EXPECT_EQ(wrong["faults"][0]["line"], 1);
    const json missing = ask({{"command", "apply"}, {"config", file_ + "x"}}, root);
    EXPECT_THAT(missing["faults"][0]["message"], HasSubstr("no readable file"));
    EXPECT_EQ(ask({{"command", "apply"}, {"config", changed}}, security)["denied"], true);
}

TEST_F(Configuration, LoadReplacesOrMergesInEveryFormat) {
    const auto load = [&](const char* format, const json& what, const char* mode) {
        const char* const field = format == std::string("json") ? "configuration" : "text";
        return ask({{"command", "configuration load"},
                    {"format", format},
                    {field, what},
                    {"mode", mode},
                    {"origin", "sent"}});
    };
    const std::string changed = replaced(small_config, "user_name: office", "user_name: y");
    EXPECT_EQ(load("yaml", changed, "replace")["all_differences"], 1);
    EXPECT_EQ(running_user(), "y");
    json tree = ask({{"command", "configuration get"}})["configuration"];
    tree["signaling_and_media"]["accounts"][0]["user_name"] = "j";
    EXPECT_EQ(load("json", tree, "replace")["all_differences"], 1);
    EXPECT_EQ(acted_.back().sip.accounts[0].password.reveal(), "Sesam0effne");
    const std::string merged =
        "signaling_and_media: {accounts: [{user_name: m}, {row: 5, name: more, user_name: n, "
        "serving_ip_group: ITSP, contact_user: n}]}\n";
    const json answer = load("yaml", merged, "merge");
    EXPECT_EQ(answer["all_differences"], 2) << answer;
    EXPECT_EQ(acted_.back().sip.accounts.size(), 2U);
    EXPECT_EQ(acted_.back().sip.accounts[0].contact_user, "100");
    const json script =
        load("cli", "configure voip\n sip-definition account 0\n  user-name \"c\"\n  activate\n",
             "merge");
    EXPECT_EQ(script["ok"], true) << script;
    EXPECT_EQ(running_user(), "c");
}

TEST_F(Configuration, PortsOfADevicesFileKeepTheDevicesOfThisMachine) {
    const std::string own =
        text_in(ask({{"command", "configuration text"}, {"format", "ini"}}), "text");
    const std::string of_a_device =
        replaced(replaced(own, ", DeviceVdev, DeviceInterface", ""), ", 1, \"sbc0\";", ";");
    const auto load = [&](const std::string& ini) {
        return ask({{"command", "configuration load"},
                    {"format", "ini"},
                    {"text", ini},
                    {"mode", "replace"},
                    {"origin", "sent.ini"},
                    {"preview", true}});
    };
    const json same = load(of_a_device);
    ASSERT_EQ(same["ok"], true) << same;
    EXPECT_EQ(same["all_differences"], 0) << same;
    EXPECT_EQ(same["notes"], json::array());
    const std::string with_another_port =
        replaced(replaced(of_a_device, "\"GE_1\"", "\"GE_2\""), "\"GE_1\"", "\"GE_2\"");
    const json other = load(with_another_port);
    ASSERT_EQ(other["ok"], true) << other;
    EXPECT_THAT(other["notes"][0].get<std::string>(), HasSubstr("for port GE_2")) << other;
}

TEST_F(Configuration, LoadOfWhatIsWrongSaysWhereAndChangesNothing) {
    const json yaml = ask({{"command", "configuration load"},
                           {"format", "yaml"},
                           {"text", "appliance: {hostnam: x}\n"},
                           {"origin", "sent.yaml"}});
    EXPECT_THAT(yaml["faults"][0]["message"], HasSubstr("sent.yaml:1:13: appliance.hostnam"));
    for (const char* const fault : {"RegistrationTime = 1\n", "[ Account ]\nFORMAT Index\n"}) {
        const json ini = ask({{"command", "configuration load"},
                              {"format", "ini"},
                              {"text", std::string("UnheardOf = 7\n") + fault},
                              {"origin", "sent.ini"}});
        EXPECT_FALSE(ini["faults"].empty()) << ini;
        EXPECT_EQ(ini["notes"],
                  json::array({"sent.ini:1:1: UnheardOf is not known here; it is kept aside"}));
    }
    EXPECT_FALSE(yaml.contains("notes"));
    const json script = ask({{"command", "configuration load"},
                             {"format", "cli"},
                             {"text", "configure voip\n nonsense 7\n"},
                             {"origin", "script"}});
    EXPECT_EQ(script["faults"][0]["line"], 2) << script;
    const json json_text = ask({{"command", "configuration load"},
                                {"format", "json"},
                                {"configuration", {{"appliance", {1.5}}}}});
    EXPECT_THAT(json_text["faults"][0]["message"], HasSubstr("/appliance/0: found 1.5"));
    EXPECT_EQ(ask({{"command", "configuration load"}})["error"],
              "the request lacks a value, or one has a wrong type");
    EXPECT_THAT(acted_, IsEmpty());
}

TEST_F(Configuration, UnsavedIsWhatTheStartupFileHasNot) {
    EXPECT_EQ(ask({{"command", "configuration unsaved"}})["all_differences"], 0);
    ASSERT_EQ(edit(user("other"))["ok"], true);
    const json waits = ask({{"command", "configuration unsaved"}}, watcher);
    EXPECT_EQ(waits["all_differences"], 1) << waits;
    EXPECT_EQ(waits["differences"][0]["text"], "~ " + account + "[0].user_name: office -> other");
    ASSERT_EQ(ask({{"command", "configuration save"}})["ok"], true);
    EXPECT_EQ(ask({{"command", "configuration unsaved"}})["all_differences"], 0);
}

TEST_F(Configuration, RollbackGoesBackAndSaysWhatIsNoVersion) {
    ASSERT_EQ(edit(user("other"))["ok"], true);
    ASSERT_EQ(ask({{"command", "configuration save"}})["ok"], true);
    const json back = ask({{"command", "configuration rollback"}, {"version", 1}});
    EXPECT_EQ(back["all_differences"], 1);
    EXPECT_EQ(back["save_needed"], true);
    EXPECT_EQ(running_user(), "office");
    EXPECT_THAT(activity_.back(), HasSubstr("anna (CLI), rollback 1: ~ "));
    EXPECT_THAT(ask({{"command", "configuration rollback"}, {"version", 0}})["error"],
                HasSubstr("version: found 0; allowed: 1 (the latest) to 9"));
    EXPECT_THAT(ask({{"command", "configuration rollback"}, {"version", 2}})["error"],
                testing::StrEq("version: found 2; allowed: 1"));
}

TEST_F(Configuration, FactoryDefaultsKeepTheWayIn) {
    EXPECT_EQ(ask({{"command", "configuration factory"}})["denied"], true);
    const json answer = ask({{"command", "configuration factory"}}, security);
    EXPECT_EQ(answer["reset_needed"], true) << answer;
    const json left = ask({{"command", "configuration get"}})["configuration"];
    EXPECT_FALSE(left.contains("signaling_and_media"));
    EXPECT_EQ(left["ip_network"]["ip_interfaces"][0]["name"], "Voice");
    EXPECT_EQ(left["appliance"]["hostname"], "sbc1");
}

TEST_F(Configuration, FilesNamedInAnotherFolderAreFoundFromThere) {
    std::filesystem::create_directories(folder_ / "elsewhere");
    std::ofstream(folder_ / "elsewhere" / "office.secret") << "found\n";
    const std::string path = (folder_ / "elsewhere" / "new.yaml").string();
    std::ofstream(path) << replaced(small_config, "password: Sesam0effne",
                                    "password: {file: office.secret}");
    EXPECT_EQ(ask({{"command", "apply"}, {"config", path}}, root)["ok"], true);
    EXPECT_EQ(acted_.back().sip.accounts[0].password.reveal(), "found");
    EXPECT_EQ(ask({{"command", "configuration get"}, {"path", account + "[0].password"}})
                  .at("configuration"),
              (json{{"file", (folder_ / "elsewhere" / "office.secret").string()}}));
}

/// What was asked in one turn of the control thread, by the order of the answers.
class ConfigurationInTurns : public Configuration {
protected:
    void ask_later(const std::string& name, const json& request, const Caller& caller = anna) {
        table_.answer(request, caller, [this, name](const json& reply) {
            order_.push_back(name);
            answers_[name] = reply;
        });
    }
    void run_until(std::size_t answered) {
        while (order_.size() < answered) {
            loop_.run_once(std::chrono::milliseconds(100));
        }
    }
    static json load_of(const std::string& text, const std::string& origin) {
        return {{"command", "configuration load"},
                {"format", "yaml"},
                {"text", text},
                {"mode", "replace"},
                {"origin", origin}};
    }
    std::vector<std::string> order_;
    std::map<std::string, json> answers_;
};

TEST_F(ConfigurationInTurns, StatusIsAnsweredWhileALoadIsJudgedAndItsPasswordsAreHashed) {
    const std::string with_user =
        std::string(small_config) +
        "administration:\n  web_and_cli:\n    local_users:\n"
        "      - {user_name: carol, password: in the clear, user_level: monitor}\n";
    ask_later("load", load_of(with_user, "large.yaml"), security);
    ask_later("status", {{"command", "configuration status"}}, watcher);
    ask_later("save", {{"command", "configuration save"}});
    ask_later("status again", {{"command", "configuration status"}}, watcher);
    EXPECT_THAT(order_, ElementsAre("status", "status again"));
    run_until(4);
    EXPECT_THAT(order_, ElementsAre("status", "status again", "load", "save"));
    EXPECT_EQ(answers_["load"]["ok"], true) << answers_["load"];
    EXPECT_EQ(answers_["save"]["save_needed"], false) << answers_["save"];
    std::ifstream saved(file_);
    const std::string text(std::istreambuf_iterator<char>(saved), {});
    EXPECT_THAT(text, AllOf(HasSubstr("$scrypt$"), Not(HasSubstr("in the clear"))));
}

TEST_F(ConfigurationInTurns, WhatIsLookedAtIsWrittenOutElsewhereAndHoldsUpNobody) {
    std::promise<void> gate;
    reading_.add({"", "", false, {}, [opened = gate.get_future().share()] { opened.wait(); }, {}});
    for (const char* const format : {"yaml", "ini", "cli"}) {
        ask_later(format, {{"command", "configuration text"}, {"format", format}});
    }
    ask_later("get", {{"command", "configuration get"}, {"path", account + "[0].user_name"}});
    ask_later("edit", {{"command", "configuration edit"}, {"edits", user("other")}});
    ask_later("status", {{"command", "configuration status"}}, watcher);
    run_until(2);
    EXPECT_THAT(order_, ElementsAre("status", "edit"));
    gate.set_value();
    run_until(6);
    // As it was when it was asked for.
    EXPECT_EQ(answers_["get"], (json{{"ok", true}, {"revision", 1}, {"configuration", "office"}}));
    EXPECT_THAT(answers_["ini"]["text"].get<std::string>(), HasSubstr("\"office\""));
    EXPECT_EQ(running_user(), "other");
}

TEST_F(ConfigurationInTurns, WhoLooksDoesNotWaitForALoad) {
    std::promise<void> gate;
    work_.add({"", "", false, {}, [opened = gate.get_future().share()] { opened.wait(); }, {}});
    ask_later("load", load_of(small_config, "large.yaml"));
    ask_later("text", {{"command", "configuration text"}});
    run_until(1);
    EXPECT_THAT(order_, ElementsAre("text"));
    gate.set_value();
    run_until(2);
}

TEST_F(ConfigurationInTurns, ThoseWhoLookAreBoundedToo) {
    for (std::size_t i = 0; i < WorkThread::most_waiting + 1; ++i) {
        ask_later("waits", {{"command", "configuration get"}});
    }
    ask_later("too many", {{"command", "configuration text"}});
    EXPECT_THAT(order_, ElementsAre("too many"));
    EXPECT_EQ(answers_["too many"]["unavailable"], true);
}

TEST_F(ConfigurationInTurns, ALoadWhileAnotherOneIsUnderWayIsAConflictThatSaysWhoDoesWhat) {
    const std::string first = replaced(small_config, "user_name: office", "user_name: first");
    ask_later("first", load_of(first, "first.yaml"), anna);
    ask_later("second", load_of(small_config, "second.yaml"), bert);
    ask_later("rollback", {{"command", "configuration rollback"}, {"version", 1}}, bert);
    EXPECT_THAT(order_, ElementsAre("second", "rollback"));
    for (const char* const name : {"second", "rollback"}) {
        EXPECT_EQ(answers_[name]["conflict"], true);
        EXPECT_THAT(answers_[name]["error"], HasSubstr("anna (CLI) loads first.yaml"));
    }
    run_until(3);
    EXPECT_EQ(answers_["first"]["ok"], true) << answers_["first"];
    EXPECT_EQ(running_user(), "first");
    EXPECT_EQ(ask(load_of(small_config, "second.yaml"), bert)["ok"], true);
}

TEST_F(ConfigurationInTurns, AnEditBehindALoadIsJudgedAgainstWhatTheLoadMade) {
    const std::string first = replaced(small_config, "user_name: office", "user_name: first");
    ask_later("load", load_of(first, "first.yaml"));
    ask_later("late", {{"command", "configuration edit"}, {"edits", user("late")}, {"based_on", 1}},
              bert);
    ask_later("edit", {{"command", "configuration edit"}, {"edits", user("last")}}, bert);
    run_until(3);
    EXPECT_THAT(order_, ElementsAre("load", "late", "edit"));
    EXPECT_EQ(answers_["late"]["conflict"], true);
    EXPECT_EQ(answers_["edit"]["differences"][0]["before"], "first");
    EXPECT_EQ(running_user(), "last");
}

TEST_F(ConfigurationInTurns, ARestartSavesWhatTheLoadBeforeItMade) {
    int restarts = 0;
    SystemCommands system(*store_, *commands_, work_, {{}, {}, "", [&] { ++restarts; }});
    system.add_to(table_);
    const std::string first = replaced(small_config, "user_name: office", "user_name: first");
    ask_later("load", load_of(first, "first.yaml"));
    ask_later("reload", {{"command", "reload"}});
    run_until(2);
    EXPECT_EQ(answers_["reload"], (json{{"ok", true}, {"restarts", true}}));
    EXPECT_EQ(restarts, 1);
    std::ifstream saved(file_);
    EXPECT_THAT(std::string(std::istreambuf_iterator<char>(saved), {}), HasSubstr("first"));
}

TEST_F(ConfigurationInTurns, ChangesThatWaitAreBoundedAndNoneIsDoneOnceItEnds) {
    const json preview = {
        {"command", "configuration edit"}, {"edits", user("x")}, {"preview", true}};
    for (std::size_t i = 0; i < WorkThread::most_waiting + 1; ++i) {
        ask_later("waits", preview);
    }
    EXPECT_THAT(order_, IsEmpty());
    ask_later("too many", preview);
    ask_later("save", {{"command", "configuration save"}});
    EXPECT_THAT(order_, ElementsAre("too many", "save"));
    EXPECT_EQ(answers_["too many"]["unavailable"], true);
    EXPECT_EQ(answers_["save"]["unavailable"], true);
}

}  // namespace
}  // namespace trunkline::mgmt
