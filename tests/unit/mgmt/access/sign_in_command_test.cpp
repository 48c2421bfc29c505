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
    std::ostringstream none, some, told;
    print_sign_in_names(config_, none, told);
    EXPECT_EQ(none.str(), "Admin\n");
    for (const char* name : {"carol", "root", "a:b", "with space", "x\ny", "Dave-2", "j.smith"}) {
        add_user(name, "x");
    }
    print_sign_in_names(config_, some, told);
    EXPECT_EQ(some.str(), "carol\nDave-2\nj.smith\n");
    EXPECT_NE(told.str().find("user 'with space' signs in on the page and over REST alone"),
              std::string::npos);
}

TEST(ClosedAddresses, AreThoseWithoutOamp) {
    dataplane::NetworkConfig network;
    const auto add = [&](const char* address, dataplane::ApplicationType type) {
        dataplane::IpInterface interface;
        interface.address = *dataplane::IpPrefix::parse(address);
        interface.application_types = static_cast<uint8_t>(type);
        network.ip_interfaces.push_back(interface);
    };
    add("192.0.2.10/24", dataplane::ApplicationType::control);
    add("198.51.100.10/24", dataplane::ApplicationType::oamp);
    add("2001:db8::10/64", dataplane::ApplicationType::media);
    std::ostringstream out;
    EXPECT_EQ(print_closed_addresses(network, out), 0);
    EXPECT_EQ(out.str(), "192.0.2.10\n2001:db8::10\n");
}

}  // namespace
}  // namespace trunkline::mgmt
