#include "mgmt/rest/users_file.h"

#include "played_control.h"

#include <gmock/gmock.h>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const json ip_groups = {{{"name", "PBX"}}, {{"row", 4}, {"name", "ITSP"}}};

class UsersFile : public ::testing::Test {
protected:
    std::vector<UsersSection> read(std::string_view text) const {
        auto sections = read_users_file(text, ip_groups, catalogue);
        EXPECT_TRUE(sections) << sections.error().line << ": " << sections.error().message;
        return sections ? *std::move(sections) : std::vector<UsersSection>{};
    }
    const Catalogue catalogue = built_in_catalogue();
};

TEST_F(UsersFile, HasSectionsWhoseFormatNamesTheColumns) {
    const auto sections = read(
        "; users\r\n[ GW ]\r\nFORMAT "
        "PBXExtensionNum,GlobalPhoneNum,DisplayName,UserName,Password\r\n"
        "401 , 638002,\"Mike, \"\"M\"\"\",mikep,\r\n\r\n[ \\GW ]\r\n"
        "[sbc]\nformat password,LOCALUSER,IPGroupID\nsecret,alice,4\n{file: "
        "a.secret},bob,0\n[\\sbc]");
    ASSERT_EQ(sections.size(), 2U);
    EXPECT_EQ(sections[0].table->path, "signaling_and_media.gateway.user_information");
    EXPECT_EQ(sections[0].rows, (json{{{"pbx_extension", "401"},
                                       {"global_phone_number", "638002"},
                                       {"display_name", "Mike, \"M\""},
                                       {"user_name", "mikep"}}}));
    EXPECT_EQ(sections[0].lines, (std::vector<std::size_t>{4}));
    EXPECT_EQ(sections[1].table->path, "signaling_and_media.sbc.user_information");
    EXPECT_EQ(
        sections[1].rows,
        (json{{{"local_user", "alice"}, {"password", "secret"}, {"ip_group", "ITSP"}},
              {{"local_user", "bob"}, {"password", {{"file", "a.secret"}}}, {"ip_group", "PBX"}}}));
    EXPECT_EQ(sections[1].lines, (std::vector<std::size_t>{9, 10}));
}

TEST_F(UsersFile, MayBeOneTableAsPlainCommaSeparatedValues) {
    const auto sections = read("LocalUser,UserName,Password,IPGroupName\nalice,,x,ITSP\n");
    ASSERT_EQ(sections.size(), 1U);
    EXPECT_EQ(sections[0].name, "SBC");
    EXPECT_EQ(sections[0].rows,
              (json{{{"local_user", "alice"}, {"password", "x"}, {"ip_group", "ITSP"}}}));
}

TEST_F(UsersFile, ThatIsWrongIsToldWithItsLine) {
    struct Wrong {
        const char* text;
        std::size_t line;
        const char* message;
    };
    const std::string sbc = "[ SBC ]\nFORMAT LocalUser,Password\n";
    for (const auto& [text, line, message] :
         {Wrong{"", 0, "no users in it"}, Wrong{"alice,x\n", 1, "outside of all sections"},
          Wrong{"[ XY ]\n", 1, "found section 'XY'; allowed: GW, SBC"},
          Wrong{"[ SBC\n", 1, "without ']'"}, Wrong{"[ \\SBC ]\n", 1, "out of place"},
          Wrong{"[ SBC ]\nalice,x\n", 2, "found no FORMAT line; wanted: FORMAT LocalUser"},
          Wrong{"[ SBC ]\nFORMAT LocalUser,Colour\n", 2, "found column 'Colour'"},
          Wrong{"[ SBC ]\nFORMAT LocalUser,Password\na,b,c\n", 3,
                "found 3 values; the FORMAT line has 2"},
          Wrong{"[ SBC ]\nFORMAT LocalUser,Password\na,\"b\n", 3, "a quote does not end"},
          Wrong{"[ SBC ]\nFORMAT LocalUser,Password\na,\"b\"c\n", 3, "something stands behind it"},
          Wrong{"[ SBC ]\nFORMAT LocalUser,IPGroupID\na,7\n", 3, "there is no IP group 7"},
          Wrong{"[ SBC ]\nFORMAT LocalUser\na\n", 3,
                "the end of the section is missing: [ \\SBC ]"},
          Wrong{"[ SBC ]\nFORMAT LocalUser\n[ GW ]\n", 3, "[ GW ] is out of place"},
          Wrong{"[ SBC ]\nFORMAT LocalUser\n[ \\SBC ]\n[ SBC ]\n", 4, "a second time"},
          Wrong{"LocalUser,Password\na,b\n[ SBC ]\n", 3, "out of place"},
          Wrong{"LocalUser,Password\na\xff,b\n", 2, "byte 0xff"}}) {
        const auto read = read_users_file(text, ip_groups, catalogue);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().line, line) << text;
        EXPECT_THAT(read.error().message, HasSubstr(message)) << text;
    }
}

TEST_F(UsersFile, IsReadAsItWasWritten) {
    const json users = {
        {{"local_user", "a,b"},
         {"user_name", " \"x\""},
         {"password", "$sealed$abc"},
         {"ip_group", "PBX"}},
        {{"local_user", ";c"}, {"password", {{"env", "SECRET"}}}, {"ip_group", "ITSP"}},
        {{"local_user", "[d"}, {"ip_group", "ITSP"}}};
    const std::string text = write_users_file(
        {{"signaling_and_media", {{"sbc", {{"user_information", users}}}}}}, catalogue);
    EXPECT_THAT(
        text, HasSubstr("FORMAT PBXExtensionNum,GlobalPhoneNum,DisplayName,UserName,Password\r\n"));
    const auto sections = read(text);
    ASSERT_EQ(sections.size(), 2U);
    EXPECT_EQ(sections[0].rows, json::array());
    EXPECT_EQ(sections[1].rows, users);
}

class UsersInfo : public PlayedControl {
protected:
    json reply_to(const json& request) override {
        if (request.at("command") == "configuration get") {
            return {{"ok", true}, {"revision", 7}, {"configuration", configuration}};
        }
        return edited;
    }
    HttpResponse put(const std::string& text) {
        HttpRequest request;
        request.method = "PUT";
        request.path = "/api/v1/files/usersInfo";
        request.body = text;
        return answer(request);
    }
    const std::string path = "signaling_and_media.sbc.user_information";
    json configuration = {
        {"signaling_and_media",
         {{"ip_groups", ip_groups},
          {"sbc", {{"user_information", {{{"local_user", "old"}}, {{"local_user", "older"}}}}}}}}};
    json edited = {{"ok", true}};
};

TEST_F(UsersInfo, ReplaceTheTableThatTheFileHas) {
    const HttpResponse done = put("LocalUser,IPGroupName\nalice,ITSP\n");
    EXPECT_EQ(done.status, 200) << done.body;
    EXPECT_THAT(done.body, HasSubstr("1 user."));
    const json& edit = requests.back();
    EXPECT_EQ(edit["based_on"], 7);
    ASSERT_EQ(edit["edits"].size(), 2U);
    EXPECT_EQ(edit["edits"][0], (json{{"table", path}, {"rows", {1}}, {"removes_row", true}}));
    EXPECT_EQ(edit["edits"][1]["rows"], json({0}));
    EXPECT_EQ(edit["edits"][1]["set"]["local_user"], "alice");
}

TEST_F(UsersInfo, WhatIsWrongIsToldWithTheLineOfTheFile) {
    const HttpResponse unread = put("LocalUser,IPGroupName\nalice\n");
    EXPECT_EQ(unread.status, 400);
    EXPECT_EQ(json::parse(unread.body)["line"], 2);
    EXPECT_EQ(requests.back()["command"], "configuration get");
    edited = {{"ok", false},
              {"error", "1 fault"},
              {"faults", {{{"path", path + "[1].ip_group"}, {"message", "found 'X'"}}}},
              {"notes", {"Y is not known here"}}};
    const HttpResponse refused = put("; two\nLocalUser,IPGroupName\nalice,ITSP\nbob,X\n");
    EXPECT_EQ(refused.status, 400);
    const json fault = json::parse(refused.body)["faults"][0];
    EXPECT_EQ(fault["line"], 4);
    EXPECT_EQ(fault["message"], "usersInfo:4: found 'X'");
    EXPECT_EQ(json::parse(refused.body)["notes"], json::array({"Y is not known here"}));
}

TEST_F(UsersInfo, AreGivenWithSealedPasswords) {
    const HttpResponse file = get("/api/v1/files/usersInfo");
    EXPECT_EQ(file.status, 200);
    EXPECT_THAT(file.body, HasSubstr("[ SBC ]\r\nFORMAT LocalUser,UserName,Password,IPGroupName\r\n"
                                     "old,,,\r\nolder,,,\r\n[ \\SBC ]\r\n"));
    EXPECT_EQ(requests.back()["secrets"], "sealed");
}

}  // namespace
}  // namespace trunkline::mgmt
