#include "mgmt/cli/copy.h"

#include "mgmt/cli/session.h"
#include "mgmt/configuration/yaml_reader.h"
#include "tests/unit/mgmt/cli/played_appliance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class CopyTest : public testing::Test {
protected:
    CopyTest() {
        appliance_.answers["configuration load"] = {
            {"ok", true}, {"reset_needed", false}, {"notes", {"line 3 does nothing"}}};
        appliance_.answers["reload"] = {{"ok", true}, {"restarts", true}};
        ConfigFaults faults;
        appliance_.running = canonical(
            read_yaml("signaling_and_media: {accounts: [{name: office}]}", "f.yaml", faults),
            catalogue_);
    }
    std::string type(std::string_view line) {
        CliText text;
        done_ = session_.execute(line, text);
        return text.text;
    }
    std::vector<std::string> asked() const {
        std::vector<std::string> commands;
        for (const json& request : appliance_.requests) {
            commands.push_back(request.at("command"));
        }
        return commands;
    }

    const Catalogue catalogue_ = built_in_catalogue();
    PlayedAppliance appliance_{catalogue_};
    std::string fetched_;                ///< from where
    board::Expected<std::string> file_;  ///< what is there
    std::string sent_to_, sent_;
    board::Expected<void> sending_;
    CliSession session_{catalogue_,
                        {appliance_.ask(),
                         false,
                         {[this](const std::string& url) {
                              fetched_ = url;
                              return file_;
                          },
                          [this](const std::string& url, const std::string& content) {
                              sent_to_ = url;
                              sent_ = content;
                              return sending_;
                          }}}};
    bool done_ = false;
};

TEST_F(CopyTest, AnIniFileReplacesTheConfigurationAndIsSaved) {
    file_ = "[SIP Params]\r\n";
    EXPECT_EQ(type("copy ini-file from http://anna:secret@192.0.2.1/a.ini"),
              "Note: line 3 does nothing\nThe ini-file was loaded and saved\n");
    EXPECT_TRUE(done_);
    EXPECT_EQ(fetched_, "http://anna:secret@192.0.2.1/a.ini");
    EXPECT_THAT(asked(), ElementsAre("enable", "configuration load", "configuration save"));
    const json& load = appliance_.requests[1];
    EXPECT_EQ(load.at("mode"), "replace");
    EXPECT_EQ(load.at("format"), "ini");
    EXPECT_EQ(load.at("text"), *file_);
    EXPECT_EQ(load.at("origin"), "http://192.0.2.1/a.ini");
    EXPECT_FALSE(session_.ended());
}

TEST_F(CopyTest, TheSessionEndsWhenTheApplianceStartsAnewWithIt) {
    file_ = "configure voip\nexit\n";
    appliance_.answers["configuration load"]["reset_needed"] = true;
    EXPECT_THAT(type("copy startup-script from tftp://192.0.2.1/a.txt"),
                HasSubstr("The appliance starts anew"));
    EXPECT_EQ(appliance_.requests[1].at("format"), "cli");
    EXPECT_EQ(appliance_.requests.back().at("when"), "without-saving");
    EXPECT_TRUE(session_.ended());
}

TEST_F(CopyTest, AnIncrementalIniFileAddsAndIsNotSaved) {
    file_ = "[SIP Params]\n";
    EXPECT_THAT(type("copy incremental-ini-file from http://192.0.2.1/a.ini"),
                HasSubstr("'write' keeps it"));
    EXPECT_THAT(asked(), ElementsAre("enable", "configuration load"));
    EXPECT_EQ(appliance_.requests[1].at("mode"), "merge");
}

TEST_F(CopyTest, AScriptIsRunAllOrNothingAndTheLineThatFailedIsNamed) {
    file_ =
        "configure voip\nsip-definition account 4\naccount-name hotel\nexit\nexit\n"
        "show configuration status\n";
    appliance_.answers["configuration status"] = {{"ok", true}, {"revision", 7}};
    const std::string text = type("copy cli-script from http://192.0.2.1/a.txt");
    EXPECT_TRUE(done_) << text;
    EXPECT_THAT(text, HasSubstr("Revision: 7"));
    EXPECT_THAT(text, HasSubstr("The cli-script was loaded; 'write' keeps it\n"));
    EXPECT_NE(node_at(appliance_.running, config_path("signaling_and_media.accounts[1]")), nullptr);
    appliance_.requests.clear();
    file_ = *file_ + "nonsense\n";
    EXPECT_THAT(type("copy cli-script from http://anna:secret@192.0.2.1/a.txt"),
                HasSubstr("Error: http://192.0.2.1/a.txt:7: the cli-script failed"));
    EXPECT_FALSE(done_);
    EXPECT_THAT(asked(), Not(testing::Contains("configuration edit")));
}

TEST_F(CopyTest, WhatTheApplianceRefusesOfAScriptIsTold) {
    file_ = "configure voip\nsip-definition account 4\naccount-name hotel\nexit\nexit\n";
    appliance_.answers["configuration edit"] = {
        {"ok", false}, {"error", "1 fault"}, {"faults", {{{"message", "account 4: found x"}}}}};
    const std::string text = type("copy cli-script from http://192.0.2.1/a.txt");
    EXPECT_FALSE(done_);
    EXPECT_THAT(text, StartsWith("Error: 1 fault\n  account 4: found x\n"));
    EXPECT_EQ(appliance_.requests.back().at("words"), "cli");
}

TEST_F(CopyTest, FaultsOfAFileAreToldAndNothingIsSaved) {
    file_ = "x";
    appliance_.answers["configuration load"] = {{"ok", false},
                                                {"error", "1 fault"},
                                                {"faults", {{{"message", "a.ini:12:3: found x"}}}},
                                                {"notes", {"a.ini:7:1: Foo is not known here"}}};
    EXPECT_EQ(type("copy ini-file from http://192.0.2.1/a.ini"),
              "Error: 1 fault\n  a.ini:12:3: found x\n  a.ini:7:1: Foo is not known here\n");
    EXPECT_FALSE(done_);
    EXPECT_THAT(asked(), ElementsAre("enable", "configuration load"));
}

TEST_F(CopyTest, AFileThatDoesNotComeOrIsEmptyChangesNothing) {
    file_ = std::unexpected(board::Error{"http://192.0.2.1/a.ini: refused"});
    EXPECT_EQ(type("copy ini-file from http://192.0.2.1/a.ini"),
              "Error: http://192.0.2.1/a.ini: refused\n");
    file_ = "";
    EXPECT_EQ(type("copy cli-script from http://192.0.2.1/a.ini"),
              "Error: http://192.0.2.1/a.ini: the file is empty\n");
    EXPECT_FALSE(done_);
    EXPECT_THAT(asked(), ElementsAre("enable", "enable"));
}

TEST_F(CopyTest, SendsTheRunningConfigurationAndTheSavedOne) {
    EXPECT_THAT(type("copy cli-script to http://anna:secret@192.0.2.1/a.txt"),
                HasSubstr("bytes were copied to http://192.0.2.1/a.txt\n"));
    EXPECT_EQ(sent_to_, "http://anna:secret@192.0.2.1/a.txt");
    EXPECT_THAT(sent_, HasSubstr("account-name \"office\""));
    EXPECT_EQ(appliance_.requests.back().at("from"), "running");
    EXPECT_EQ(appliance_.requests.back().at("secrets"), "sealed");
    type("copy ini-file to ftp://192.0.2.1/a.ini");
    EXPECT_EQ(appliance_.requests.back().at("format"), "ini");
    type("copy startup-script to ftp://192.0.2.1/a.txt");
    EXPECT_EQ(appliance_.requests.back().at("from"), "startup");
    sending_ = std::unexpected(board::Error{"ftp://192.0.2.1/a.txt: no place"});
    EXPECT_EQ(type("copy startup-script to ftp://192.0.2.1/a.txt"),
              "Error: ftp://192.0.2.1/a.txt: no place\n");
    EXPECT_FALSE(done_);
}

TEST_F(CopyTest, WhoMayNotChangeAnythingHasNoConnectionsMade) {
    appliance_.level_allows_enable = false;
    file_ = "x";
    EXPECT_EQ(type("copy ini-file from http://192.0.2.1/a.ini"), "Error: needs Administrator\n");
    EXPECT_EQ(type("copy ini-file to http://192.0.2.1/a.ini"), "Error: needs Administrator\n");
    EXPECT_THAT(fetched_, IsEmpty());
    EXPECT_THAT(sent_to_, IsEmpty());
}

TEST_F(CopyTest, WhatIsNotCopiedSaysWhatThereIsInstead) {
    EXPECT_THAT(type("copy firmware from http://192.0.2.1/a.cmp"),
                HasSubstr("trunkline firmware install"));
    EXPECT_FALSE(done_);
    EXPECT_THAT(type("copy debug-file to http://192.0.2.1/a"), HasSubstr("files/debugFile"));
    EXPECT_THAT(type("copy incremental-ini-file to http://192.0.2.1/a"), HasSubstr("from"));
    EXPECT_THAT(fetched_ + sent_to_, IsEmpty());
    EXPECT_THAT(session_.completions("copy i"), ElementsAre("incremental-ini-file", "ini-file"));
}

}  // namespace
}  // namespace trunkline::mgmt
