#include "board/port_group.h"

#include <gtest/gtest.h>

#include <ostream>

namespace trunkline::board {

std::ostream& operator<<(std::ostream& out, const GroupRoles& roles) {
    return out << "receiving=" << int{roles.receiving} << " sending=" << int{roles.sending};
}

namespace {

using std::chrono::milliseconds;
using Mode = EthernetGroupMode;

constexpr MemberSet nobody = 0, first = 1, second = 2, both = 3;

/// A group of two whose links and time are the test's.
struct Watched {
    Watched(Mode mode, MemberSet links) : group(mode, 2, links, now) {}

    bool after(milliseconds time, MemberSet links) {
        now += time;
        return group.look(links, now);
    }

    PortGroup::Time now{std::chrono::hours(1)};
    PortGroup group;
};

/// Modes with an active member, and what receives while it is the first one.
struct OfMode {
    Mode mode;
    MemberSet receiving_first, receiving_second;
};

class ActiveMember : public testing::TestWithParam<OfMode> {
protected:
    GroupRoles by_first() const { return {GetParam().receiving_first, first}; }
    GroupRoles by_second() const { return {GetParam().receiving_second, second}; }
};

TEST_P(ActiveMember, IsTheFirstOneWithALinkAtTheStartOrTheFirst) {
    EXPECT_EQ(Watched(GetParam().mode, both).group.roles(), by_first());
    EXPECT_EQ(Watched(GetParam().mode, first).group.roles(), by_first());
    EXPECT_EQ(Watched(GetParam().mode, second).group.roles(), by_second());
    EXPECT_EQ(Watched(GetParam().mode, nobody).group.roles(), by_first());
}

TEST_P(ActiveMember, GivesWayAtOnceWhenItsLinkIsLost) {
    Watched watched(GetParam().mode, both);
    EXPECT_FALSE(watched.after(milliseconds(0), both));
    EXPECT_TRUE(watched.after(milliseconds(1), second));
    EXPECT_EQ(watched.group.roles(), by_second());
    EXPECT_EQ(watched.group.active(), 1U);
}

TEST_P(ActiveMember, RemainsWhenTheFormerOneComesBack) {
    Watched watched(GetParam().mode, both);
    watched.after(milliseconds(1), second);
    EXPECT_FALSE(watched.after(milliseconds(1), both));
    EXPECT_FALSE(watched.after(std::chrono::hours(24), both));
    EXPECT_EQ(watched.group.roles(), by_second());
    EXPECT_TRUE(watched.after(milliseconds(1), first)) << "and gives way to it in its turn";
    EXPECT_EQ(watched.group.roles(), by_first());
}

TEST_P(ActiveMember, RemainsWhileNobodyHasALink) {
    Watched watched(GetParam().mode, both);
    EXPECT_FALSE(watched.after(milliseconds(1), nobody));
    EXPECT_FALSE(watched.after(milliseconds(1), first)) << "it is back before the other one";
    EXPECT_EQ(watched.group.roles(), by_first());
}

TEST_P(ActiveMember, IsWhoComesFirstWhenNobodyHadALink) {
    Watched watched(GetParam().mode, both);
    watched.after(milliseconds(1), nobody);
    EXPECT_TRUE(watched.after(milliseconds(1), second)) << "nothing is lost by not waiting";
    EXPECT_EQ(watched.group.roles(), by_second());
    EXPECT_FALSE(watched.after(milliseconds(1), both));
    EXPECT_EQ(watched.group.roles(), by_second());
}

INSTANTIATE_TEST_SUITE_P(Modes, ActiveMember,
                         testing::Values(OfMode{Mode::one_rx_one_tx, first, second},
                                         OfMode{Mode::two_rx_one_tx, both, both}),
                         [](const auto& one) {
                             return one.param.mode == Mode::one_rx_one_tx ? "OneRx" : "TwoRx";
                         });

TEST(PortGroup, SwitchesToALinkThatHasHeldRatherThanToAFreshOne) {
    PortGroup::Time now{std::chrono::hours(1)};
    constexpr MemberSet third = 4;
    PortGroup group(Mode::one_rx_one_tx, 3, both, now);
    group.look(first | third, now += milliseconds(10));
    group.look(first | second | third, now += PortGroup::up_delay - milliseconds(1));
    EXPECT_TRUE(group.look(second | third, now += milliseconds(1)));
    EXPECT_EQ(group.active(), 2U) << "the second came a millisecond ago";
}

TEST(PortGroup, WithTwoSendersAMemberJoinsWhenItsLinkHasHeld) {
    Watched watched(Mode::two_rx_two_tx, both);
    EXPECT_EQ(watched.group.roles(), (GroupRoles{both, both}));
    EXPECT_TRUE(watched.after(milliseconds(1), second));
    EXPECT_EQ(watched.group.roles(), (GroupRoles{both, second}));
    EXPECT_FALSE(watched.after(milliseconds(1), both));
    EXPECT_FALSE(watched.after(PortGroup::up_delay - milliseconds(1), both));
    EXPECT_TRUE(watched.after(milliseconds(1), both));
    EXPECT_EQ(watched.group.roles(), (GroupRoles{both, both}));
}

TEST(PortGroup, WithTwoSendersALinkThatFlapsDoesNotJoin) {
    Watched watched(Mode::two_rx_two_tx, second);
    for (int i = 0; i < 20; ++i) {
        EXPECT_FALSE(watched.after(PortGroup::up_delay / 2, both));
        EXPECT_FALSE(watched.after(PortGroup::up_delay / 2, second));
    }
    EXPECT_EQ(watched.group.roles(), (GroupRoles{both, second}));
}

TEST(PortGroup, WithTwoSendersSomebodyAlwaysSends) {
    Watched watched(Mode::two_rx_two_tx, both);
    EXPECT_TRUE(watched.after(milliseconds(1), nobody));
    EXPECT_EQ(watched.group.roles(), (GroupRoles{both, first}));
    EXPECT_TRUE(watched.after(milliseconds(1), second));
    EXPECT_EQ(watched.group.roles(), (GroupRoles{both, second}));
}

TEST(PortGroup, ASingleMemberDoesAllWhateverItsLink) {
    const PortGroup::Time now{std::chrono::hours(1)};
    for (const Mode mode :
         {Mode::single, Mode::one_rx_one_tx, Mode::two_rx_one_tx, Mode::two_rx_two_tx}) {
        PortGroup group(mode, 1, nobody, now);
        EXPECT_EQ(group.roles(), (GroupRoles{first, first}));
        EXPECT_FALSE(group.look(first, now + milliseconds(1)));
        EXPECT_FALSE(group.look(nobody, now + milliseconds(2)));
    }
}

TEST(PortGroup, WithoutMembersNobodyDoesAnything) {
    PortGroup group(Mode::none, 0, nobody, {});
    EXPECT_EQ(group.roles(), GroupRoles{});
}

}  // namespace
}  // namespace trunkline::board
