// Lock and unlock, as they are asked of the control thread and told to the client.
#include "played_control.h"

#include <gmock/gmock.h>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;

class AdminState : public PlayedControl {
protected:
    json reply_to(const json& request) override {
        const std::string command = request["command"];
        if (refusal_of_changes.is_object()) {
            return refusal_of_changes;
        }
        if (command == "lock" || command == "unlock") {
            const bool changed = is_locked != (command == "lock");
            is_locked = command == "lock";
            return {{"ok", true}, {"changed", changed}};
        }
        if (command == "register") {
            return {{"ok", false}, {"conflict", true}, {"error", "unlock it first"}};
        }
        return {{"ok", true}, {"locked", is_locked}};
    }
    HttpResponse post(const std::string& action, const std::string& body = "") {
        HttpRequest request;
        request.method = "POST";
        request.path = "/api/v1/actions/" + action;
        request.body = body;
        return answer(request);
    }
    std::string state() { return json::parse(get("/api/v1/status").body)["operationalState"]; }
    static std::string told(const HttpResponse& response) {
        return json::parse(response.body)["description"];
    }
    bool is_locked = false;
    json refusal_of_changes;  ///< null: all is done
};

TEST_F(AdminState, IsChangedAndShown) {
    EXPECT_EQ(state(), "UNLOCKED");
    const HttpResponse locked = post("lock");
    EXPECT_EQ(locked.status, 200);
    EXPECT_EQ(told(locked), "The appliance is locked");
    EXPECT_EQ(state(), "LOCKED");
    EXPECT_EQ(told(post("lock")), "The appliance is locked already");
    EXPECT_EQ(told(post("unlock", "{}")), "The appliance is unlocked");
    EXPECT_EQ(state(), "UNLOCKED");
    EXPECT_EQ(told(post("unlock")), "The appliance is unlocked already");
}

TEST_F(AdminState, TakesATimeForCallsThatThereAreNot) {
    EXPECT_EQ(post("lock", R"({"gracefulTimeout": 60})").status, 200);
    EXPECT_TRUE(is_locked);
}

TEST_F(AdminState, IsNotChangedByABodyThatSaysNothing) {
    for (const char* const body :
         {"[]", "7", "{", R"({"gracefulTimeout": "60"})", R"({"gracefulTimeout": -1})",
          R"({"gracefulTimeout": 86401})", R"({"gracefulTimeout": 1.5})"}) {
        EXPECT_EQ(post("lock", body).status, 400) << body;
        EXPECT_EQ(post("unlock", body).status, 400) << body;
    }
    EXPECT_TRUE(requests.empty());
}

TEST_F(AdminState, TellsWhyTheApplianceDidNot) {
    refusal_of_changes = {{"ok", false}, {"denied", true}, {"error", "needs Administrator"}};
    for (const char* const action : {"lock", "unlock"}) {
        const HttpResponse refused = post(action);
        EXPECT_EQ(refused.status, 403) << action;
        EXPECT_EQ(told(refused), "needs Administrator");
    }
}

TEST_F(AdminState, RegistersNothingWhileItIsLocked) {
    const HttpResponse refused = post("register", R"({"target": "all"})");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(told(refused), "unlock it first");
}

}  // namespace
}  // namespace trunkline::mgmt
