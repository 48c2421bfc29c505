// A user changes his own password.
#include "mgmt/access/password.h"
#include "played_control.h"

#include <gmock/gmock.h>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;

class OwnPassword : public PlayedControl {
protected:
    json reply_to(const json& request) override {
        if (request["command"] == "configuration get") {
            return {
                {"ok", true},
                {"revision", 7},
                {"configuration", {{{"user_name", "bob"}}, {{"row", 5}, {"user_name", named}}}}};
        }
        return {{"ok", true}};
    }
    HttpResponse change(const std::string& current, const std::string& wanted) {
        users_.set({{"ann", sipstack::Secret("old"), AccessLevel::monitor}});
        HttpRequest request;
        request.method = "POST";
        request.path = "/api/v1/actions/changePassword";
        request.body = json{{"currentPassword", current}, {"newPassword", wanted}}.dump();
        return answer(request);
    }
    std::string named = "ann";
};

TEST_F(OwnPassword, IsChangedInItsOwnRowAsAHash) {
    EXPECT_EQ(change("old", "new").status, 200);
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[1]["command"], "configuration edit");
    EXPECT_EQ(requests[1]["based_on"], 7);
    const json edit = requests[1]["edits"][0];
    EXPECT_EQ(edit["table"], "administration.web_and_cli.local_users");
    EXPECT_EQ(edit["rows"], json::array({5}));
    EXPECT_EQ(edit["set"].size(), 1U) << "nothing else of the row";
    EXPECT_TRUE(password_matches("new", edit["set"]["password"].get<std::string>()));
}

TEST_F(OwnPassword, StaysWhereTheCurrentOneIsAnotherOrTheNewOneIsEmpty) {
    EXPECT_EQ(change("guess", "new").status, 403);
    EXPECT_EQ(change("old", "").status, 400);
    EXPECT_TRUE(requests.empty());
}

TEST_F(OwnPassword, IsNotInTheConfigurationOfEachUser) {
    named = "carol";
    EXPECT_EQ(change("old", "new").status, 409);
    EXPECT_EQ(requests.size(), 1U);
}

}  // namespace
}  // namespace trunkline::mgmt
