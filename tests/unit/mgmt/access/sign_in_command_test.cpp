#include "mgmt/access/sign_in_command.h"

#include "mgmt/access/password.h"
#include "tests/temporary_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace trunkline::mgmt {
namespace {

constexpr PasswordCost cheap{4, 8, 1};

class SignInCommand : public testing::Test {
protected:
    SignInCommand() { config_.folder = temporary_.path(); }

    void add_user(const std::string& name, const std::string& password) {
        LocalUser user;
        user.user_name = name;
        user.password = sipstack::Secret(password);
        config_.local_users.push_back(user);
    }
    int check(const std::string& user, const std::string& password) const {
        std::istringstream input(password);
        return check_sign_in(config_, user, input);
    }

    const tests::TemporaryFolder temporary_;
    AdministrationConfig config_;
};

TEST_F(SignInCommand, ARightPasswordSignsInWhetherItIsHashedOrNot) {
    add_user("carol", hash_password("secret", cheap));
    add_user("dave", "plain");
    EXPECT_EQ(check("carol", "secret"), 0);
    EXPECT_EQ(check("carol", std::string("secret\0", 7)), 0) << "as pam_exec gives it";
    EXPECT_EQ(check("dave", "plain"), 0);
}

TEST_F(SignInCommand, NobodyElseSignsIn) {
    add_user("carol", hash_password("secret", cheap));
    add_user("erin", "");
    EXPECT_EQ(check("carol", "wrong"), 1);
    EXPECT_EQ(check("carol", ""), 1);
    EXPECT_EQ(check("mallory", "secret"), 1);
    EXPECT_EQ(check("", "secret"), 1);
    EXPECT_EQ(check("erin", ""), 1) << "who has no password cannot sign in";
    EXPECT_EQ(check("Admin", "secret"), 1) << "there are users";
}

TEST_F(SignInCommand, AUserIsNeverTheSystemsRoot) {
    add_user("root", hash_password("secret", cheap));
    EXPECT_EQ(check("root", "secret"), 1);
}

TEST_F(SignInCommand, WithoutUsersAdminHasThePasswordOfTheFirstStart) {
    EXPECT_EQ(check("Admin", "first"), 1) << "before there is one";
    std::ofstream(config_.folder + "/admin.password") << hash_password("first", cheap) << '\n';
    EXPECT_EQ(check("Admin", "first"), 0);
    EXPECT_EQ(check("Admin", "second"), 1);
    EXPECT_EQ(check("carol", "first"), 1);
}

TEST_F(SignInCommand, NamesAreThoseThatAUnixUserMayHave) {
    std::ostringstream none, some;
    print_sign_in_names(config_, none);
    EXPECT_EQ(none.str(), "Admin\n");
    for (const char* name : {"carol", "root", "a:b", "with space", "x\ny", "Dave-2"}) {
        add_user(name, "x");
    }
    print_sign_in_names(config_, some);
    EXPECT_EQ(some.str(), "carol\nDave-2\n");
}

}  // namespace
}  // namespace trunkline::mgmt
