#include "board/network_namespace.h"

#include "tests/unit/board/network_lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

#include <thread>

namespace trunkline::board {
namespace {

using test::TestNamespace;
using testing::HasSubstr;

TEST(NetworkNamespaceScope, IsThereWhileItLivesAndBackAfter) {
    const TestNamespace space("scope");
    space.ip("link add marker type veth peer name far");
    EXPECT_EQ(if_nametoindex("marker"), 0u);
    {
        const auto scope = NetworkNamespaceScope::enter(space.name());
        ASSERT_TRUE(scope) << scope.error().message;
        EXPECT_NE(if_nametoindex("marker"), 0u);
        unsigned elsewhere = 1;
        std::thread([&] { elsewhere = if_nametoindex("marker"); }).join();
        EXPECT_NE(elsewhere, 0u) << "a thread made inside belongs inside";
    }
    EXPECT_EQ(if_nametoindex("marker"), 0u);
}

TEST(NetworkNamespaceScope, ScopesNestAndGoBackByDescriptor) {
    const TestNamespace outer("outer");
    outer.ip("link add outer_mark type veth peer name far");
    int descriptor = -1;
    {
        const auto scope = NetworkNamespaceScope::enter(outer.name());
        ASSERT_TRUE(scope);
        const auto again = NetworkNamespaceScope::enter(outer.name());
        ASSERT_TRUE(again) << "entering the namespace that one is in is fine";
        descriptor = NetworkNamespaceScope::open_current();
    }
    EXPECT_EQ(if_nametoindex("outer_mark"), 0u);
    {
        const auto scope = NetworkNamespaceScope::enter(descriptor);
        ASSERT_TRUE(scope);
        EXPECT_NE(if_nametoindex("outer_mark"), 0u);
    }
    EXPECT_EQ(if_nametoindex("outer_mark"), 0u);
    close(descriptor);
}

TEST(NetworkNamespaceScope, AnEmptyNameChangesNothing) {
    EXPECT_TRUE(NetworkNamespaceScope::enter(std::string()));
}

TEST(NetworkNamespaceScope, SaysHowToMakeOneThatDoesNotExist) {
    const auto scope = NetworkNamespaceScope::enter("trunkline-nowhere");
    ASSERT_FALSE(scope);
    EXPECT_EQ(scope.error().message,
              "cannot open network namespace trunkline-nowhere: No such file or directory; make it "
              "with 'ip netns add trunkline-nowhere'");
}

TEST(NetworkNamespaceScope, RefusesNamesThatArePaths) {
    for (const char* name : {"../../etc", "..", "a/b"}) {
        const auto scope = NetworkNamespaceScope::enter(name);
        ASSERT_FALSE(scope);
        EXPECT_THAT(scope.error().message, HasSubstr("is no name of a network namespace"));
    }
}

}  // namespace
}  // namespace trunkline::board
