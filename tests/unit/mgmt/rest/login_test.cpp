// Passwords, blocked accounts and tokens.
#include "mgmt/access/first_administrator.h"
#include "mgmt/access/local_users.h"
#include "mgmt/access/login_guard.h"
#include "mgmt/access/password.h"
#include "mgmt/access/password_edits.h"
#include "mgmt/access/tokens.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace trunkline::mgmt {
namespace {

using std::chrono::seconds;
using Time = LoginGuard::Time;

constexpr PasswordCost cheap{.log2_n = 4, .block = 1, .lanes = 1};
const Time start{seconds(1000)};

TEST(Password, IsSaltedAndMatchesItselfAlone) {
    const std::string hash = hash_password("secret", cheap);
    EXPECT_TRUE(hash.starts_with("$scrypt$ln=4,r=1,p=1$")) << hash;
    EXPECT_TRUE(is_password_hash(hash));
    EXPECT_NE(hash, hash_password("secret", cheap));
    EXPECT_TRUE(password_matches("secret", hash));
    EXPECT_FALSE(password_matches("Secret", hash));
    EXPECT_FALSE(password_matches("", hash));
    EXPECT_EQ(hash.find("secret"), std::string::npos);
}

TEST(Password, HashOfTheStandardIsTheSame) {
    // RFC 7914 12: scrypt("", "", N=16, r=1, p=1) needs an empty salt, which is never stored; what
    // the text form says is what is computed: a changed parameter matches no more.
    const std::string hash = hash_password("secret", cheap);
    std::string other = hash;
    other.replace(other.find("p=1"), 3, "p=2");
    EXPECT_TRUE(is_password_hash(other));
    EXPECT_FALSE(password_matches("secret", other));
}

TEST(Password, BrokenAndGreedyHashesMatchNothing) {
    const std::string hash = hash_password("secret", cheap);
    for (std::string text :
         {std::string("$scrypt$"), hash.substr(0, hash.size() - 1), hash + "A",
          std::string("$scrypt$ln=20,r=64,p=16$") + hash.substr(hash.size() - 66),
          std::string("$scrypt$ln=x,r=1,p=1$a$b")}) {
        EXPECT_FALSE(is_password_hash(text)) << text;
        EXPECT_FALSE(password_matches("secret", text)) << text;
    }
}

TEST(Password, AsItStandsMatchesItselfAndNothingIsNoPassword) {
    EXPECT_TRUE(password_matches("secret", "secret"));
    EXPECT_FALSE(password_matches("secret2", "secret"));
    EXPECT_FALSE(password_matches("", ""));
}

TEST(Password, RandomOnesDifferAndAreEasilyRead) {
    const std::string one = random_password();
    EXPECT_EQ(one.size(), 23U);
    EXPECT_EQ(std::ranges::count(one, '-'), 3);
    EXPECT_NE(one, random_password());
}

TEST(PasswordEdits, HashWhatStandsInTheClearOfUsersAlone) {
    const std::string hash = hash_password("known", cheap);
    const auto edit = [](const std::string& table, const nlohmann::json& password) {
        return nlohmann::json{{"table", table}, {"set", {{"password", password}}}};
    };
    const std::string users(local_users_table);
    nlohmann::json edits = {edit(users, "secret"),
                            edit(users, hash),
                            edit(users, "$sealed$AAAA"),
                            edit(users, {{"file", "x"}}),
                            edit("signaling_and_media.accounts", "a"),
                            {{"table", users}, {"removes_row", true}}};
    const nlohmann::json before = edits;
    hash_passwords(edits);
    EXPECT_TRUE(password_matches("secret", edits[0]["set"]["password"].get<std::string>()));
    EXPECT_TRUE(is_password_hash(edits[0]["set"]["password"].get<std::string>()));
    for (std::size_t i = 1; i < edits.size(); ++i) {
        EXPECT_EQ(edits[i], before[i]);
    }
}

ConfigNodePtr configured_users(const std::vector<std::string>& passwords) {
    std::vector<ConfigNodePtr> rows;
    for (const std::string& password : passwords) {
        rows.push_back(map_node({{"password", 0, 0, scalar_node(password)}}));
    }
    return with_node(map_node({}), config_path(local_users_table), sequence_node(rows));
}

std::string password_at(const ConfigNodePtr& root, std::size_t row) {
    return node_at(root, config_path(local_users_table))->items[row]->find("password")->text;
}

TEST(PasswordEdits, HashWhatIsNewInAConfiguration) {
    const ConfigNodePtr before = configured_users({"known", "other"});
    const ConfigNodePtr after =
        with_hashed_passwords(configured_users({"known", "new", "$sealed$AA"}), before);
    EXPECT_EQ(password_at(after, 0), "known");
    EXPECT_TRUE(password_matches("new", password_at(after, 1)));
    EXPECT_TRUE(is_password_hash(password_at(after, 1)));
    EXPECT_EQ(password_at(after, 2), "$sealed$AA");
    const ConfigNodePtr again = with_hashed_passwords(configured_users({"known", "new"}), after);
    EXPECT_EQ(password_at(again, 1), password_at(after, 1));
    EXPECT_TRUE(is_password_hash(password_at(with_hashed_passwords(after, nullptr), 0)));
    EXPECT_EQ(with_hashed_passwords(map_node({}), nullptr)->entries.size(), 0U);
}

TEST(LoginGuard, BlocksAnAccountAfterThreeFailuresForItsTime) {
    LoginGuard guard;
    guard.failed("ann", "192.0.2.1", seconds(60), start);
    guard.failed("ann", "192.0.2.2", seconds(60), start);
    EXPECT_FALSE(guard.wait("ann", "192.0.2.3", start));
    guard.failed("ann", "192.0.2.3", seconds(60), start);
    EXPECT_EQ(guard.wait("ann", "192.0.2.4", start), seconds(60));
    EXPECT_FALSE(guard.wait("bob", "192.0.2.4", start));
    EXPECT_FALSE(guard.wait("ann", "192.0.2.4", start + seconds(60)));
}

TEST(LoginGuard, StrangersDoNotBlockAnAddressThatTheUserCameFrom) {
    LoginGuard guard;
    guard.succeeded("ann", "192.0.2.1");
    for (int i = 0; i < 3; ++i) {
        guard.failed("ann", "198.51.100.7", seconds(60), start);
    }
    EXPECT_TRUE(guard.wait("ann", "198.51.100.8", start));
    EXPECT_FALSE(guard.wait("ann", "192.0.2.1", start));
}

TEST(LoginGuard, SlowsAnAddressDownThatFailsForManyUsers) {
    LoginGuard guard;
    for (unsigned i = 0; i < LoginGuard::address_burst; ++i) {
        EXPECT_FALSE(guard.wait("user" + std::to_string(i), "192.0.2.1", start));
        guard.failed("user" + std::to_string(i), "192.0.2.1", seconds(60), start);
    }
    EXPECT_EQ(guard.wait("another", "192.0.2.1", start), LoginGuard::address_period);
    EXPECT_FALSE(guard.wait("another", "192.0.2.2", start));
    EXPECT_FALSE(guard.wait("another", "192.0.2.1", start + LoginGuard::address_period));
}

TEST(LoginGuard, ForgetsFailuresInTimeAndAfterASuccess) {
    LoginGuard guard;
    for (int i = 0; i < 2; ++i) {
        guard.failed("ann", "192.0.2.1", seconds(60), start);
    }
    guard.failed("ann", "192.0.2.1", seconds(60), start + LoginGuard::memory + seconds(1));
    EXPECT_FALSE(guard.wait("ann", "192.0.2.1", start + LoginGuard::memory + seconds(1)));
}

TEST(Tokens, StandForTheirHolderUntilTheyEnd) {
    Tokens tokens;
    const std::string token =
        tokens.issue({"ann", AccessLevel::monitor}, start + seconds(10), start);
    EXPECT_EQ(token.size(), 64U);
    ASSERT_TRUE(tokens.holder(token, start));
    EXPECT_EQ(tokens.holder(token, start)->user, "ann");
    EXPECT_FALSE(tokens.holder(token, start + seconds(10)));
    EXPECT_FALSE(tokens.holder("", start));
    tokens.revoke("ann");
    EXPECT_FALSE(tokens.holder(token, start));
}

TEST(Tokens, TheOneThatEndsFirstMakesRoom) {
    Tokens tokens;
    const std::string first = tokens.issue({"ann", {}}, start + seconds(1), start);
    for (std::size_t i = 0; i < Tokens::most; ++i) {
        tokens.issue({"bob", {}}, start + seconds(100), start);
    }
    EXPECT_FALSE(tokens.holder(first, start));
}

std::vector<LocalUser> two_users() {
    return {{"ann", sipstack::Secret(hash_password("right", cheap)), AccessLevel::administrator,
             seconds(60)},
            {"bob", sipstack::Secret("plain"), AccessLevel::monitor, seconds(0)}};
}

TEST(LocalUsers, SignInWithTheirPasswordAndHaveTheirLevel) {
    LocalUsers users;
    users.set(two_users());
    const SignIn ann = users.sign_in("ann", "right", "192.0.2.1", start);
    EXPECT_EQ(ann.outcome, SignIn::Outcome::signed_in);
    EXPECT_EQ(ann.level, AccessLevel::administrator);
    EXPECT_EQ(users.sign_in("bob", "plain", "192.0.2.1", start).outcome,
              SignIn::Outcome::signed_in);
    for (const auto& [user, password] :
         {std::pair("ann", "wrong"), std::pair("bob", ""), std::pair("eve", "right")}) {
        EXPECT_EQ(users.sign_in(user, password, "192.0.2.9", start).outcome,
                  SignIn::Outcome::wrong);
    }
}

TEST(LocalUsers, ABlockedAccountTakesNoRightPasswordFromStrangers) {
    LocalUsers users;
    users.set(two_users());
    for (unsigned i = 0; i < LoginGuard::most_failures; ++i) {
        users.sign_in("ann", "wrong", "192.0.2.9", start);
    }
    const SignIn blocked = users.sign_in("ann", "right", "192.0.2.1", start);
    EXPECT_EQ(blocked.outcome, SignIn::Outcome::blocked);
    EXPECT_EQ(blocked.wait, seconds(60));
    EXPECT_EQ(users.sign_in("ann", "right", "192.0.2.1", start + seconds(60)).outcome,
              SignIn::Outcome::signed_in);
}

TEST(LocalUsers, AChangedUserHoldsNothingOfBefore) {
    LocalUsers users;
    users.set(two_users());
    users.sign_in("ann", "right", "192.0.2.1", start);
    const auto token = users.issue_token("ann", AccessLevel::master, seconds(60), start);
    ASSERT_TRUE(token);
    EXPECT_EQ(users.token_holder(*token, start)->level, AccessLevel::administrator);
    EXPECT_FALSE(users.issue_token("eve", AccessLevel::monitor, seconds(60), start));
    auto changed = two_users();
    changed[0].password = sipstack::Secret(hash_password("new", cheap));
    users.set(changed);
    EXPECT_FALSE(users.token_holder(*token, start));
    EXPECT_EQ(users.sign_in("ann", "right", "192.0.2.1", start).outcome, SignIn::Outcome::wrong);
    users.set({});
    EXPECT_FALSE(users.level_of("ann"));
}

class FirstAdministrator : public ::testing::Test {
protected:
    FirstAdministrator() { std::filesystem::remove_all(folder); }
    ~FirstAdministrator() override { std::filesystem::remove_all(folder); }
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("first-admin-" + std::to_string(::getpid()));
    const std::string path = folder / "admin.password";
};

TEST_F(FirstAdministrator, GetsAPasswordThatIsToldOnce) {
    std::vector<std::string> told;
    const auto tell = [&](const std::string& password) { told.push_back(password); };
    const auto made = first_administrator(path, tell);
    ASSERT_TRUE(made);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(made->user_level, AccessLevel::master);
    EXPECT_TRUE(password_matches(told[0], made->password.reveal()));
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    const auto again = first_administrator(path, tell);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->password, made->password);
    EXPECT_EQ(told.size(), 1U);
}

TEST_F(FirstAdministrator, FileWithoutAHashIsAnErrorAndNotAnOpenDoor) {
    std::filesystem::create_directories(folder);
    for (const char* const text : {"", "secret\n"}) {
        std::ofstream(path) << text;
        const auto made = first_administrator(path, [](const std::string&) { FAIL(); });
        ASSERT_FALSE(made);
        EXPECT_NE(made.error().message.find("it holds no password hash"), std::string::npos);
    }
}

}  // namespace
}  // namespace trunkline::mgmt
