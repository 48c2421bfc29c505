#include "mgmt/access/local_peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace trunkline::mgmt {
namespace {

using testing::HasSubstr;

constexpr uid_t own = 4242;  // nobody has it
constexpr uid_t nobody = 65534;

std::optional<AccessLevel> no_users(const std::string& /*name*/) {
    return std::nullopt;
}

TEST(LocalPeer, RootAndTheAppliancesOwnUserAreMaster) {
    const auto root = caller_of(0, own, no_users);
    ASSERT_TRUE(root.has_value());
    EXPECT_EQ(root->who, "root (CLI)");
    EXPECT_EQ(root->level, AccessLevel::master);
    const auto self = caller_of(own, own, no_users);
    ASSERT_TRUE(self.has_value());
    EXPECT_EQ(self->who, "user 4242 (CLI)");
    EXPECT_EQ(self->level, AccessLevel::master);
}

TEST(LocalPeer, AnotherUserHasTheLevelOfTheAppliancesUserOfHisName) {
    const std::string name = ::getpwuid(nobody)->pw_name;
    const auto caller = caller_of(nobody, own, [&](const std::string& asked) {
        EXPECT_EQ(asked, name);
        return AccessLevel::monitor;
    });
    ASSERT_TRUE(caller.has_value());
    EXPECT_EQ(caller->who, name + " (CLI)");
    EXPECT_EQ(caller->level, AccessLevel::monitor);
}

TEST(LocalPeer, WhoIsNoUserOfTheApplianceIsToldHowToBecomeOne) {
    const auto stranger = caller_of(nobody, own, no_users);
    ASSERT_FALSE(stranger.has_value());
    EXPECT_THAT(stranger.error(), HasSubstr("is no user of this appliance; give it a row in "
                                            "administration.web_and_cli.local_users"));
    const auto nameless =
        caller_of(own, nobody, [](const std::string&) { return AccessLevel::master; });
    ASSERT_FALSE(nameless.has_value());
    EXPECT_THAT(nameless.error(), HasSubstr("Unix user 4242 has no name on this system"));
}

TEST(LocalPeer, IsTheUserOfTheOtherEnd) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
    EXPECT_EQ(peer_user(ends[0]), ::geteuid());
    ::close(ends[0]);
    ::close(ends[1]);
    EXPECT_EQ(peer_user(ends[0]), std::nullopt);
}

}  // namespace
}  // namespace trunkline::mgmt
