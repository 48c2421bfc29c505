// Which members of an Ethernet group receive and which send: the decision alone, of links and time.
//
//   single    the one member does both
//   1RX/1TX   the active member does both, the other one stands by
//   2RX/1TX   all receive, the active one sends
//   2RX/2TX   all receive, and all that have a link send
//
// The active member is the first one with a link at the start, or the first one. When it loses its
// link, another one that has a link becomes active at once, and remains so when the first one comes
// back: each switch-over costs frames. A link that comes counts when it has held for `up_delay`, so
// that nobody switches to one that flaps, unless it is all there is.
#pragma once

#include "board/config.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace trunkline::board {

/// Some members of a group: bit n stands for the one at position n.
using MemberSet = uint8_t;

constexpr MemberSet member_bit(std::size_t member) {
    return static_cast<MemberSet>(1U << member);
}

struct GroupRoles {
    MemberSet receiving = 0;
    MemberSet sending = 0;

    bool operator==(const GroupRoles&) const = default;
};

class PortGroup {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::milliseconds up_delay{1000};
    static constexpr std::size_t most_members = 8;

    /// `links`: the members that have one now; none of them waits for `up_delay`. `members` is 0 in
    /// mode `none` alone.
    PortGroup(EthernetGroupMode mode, std::size_t members, MemberSet links, Time now);

    /// Takes what links there are. True: the roles are others than before.
    bool look(MemberSet links, Time now);

    const GroupRoles& roles() const { return roles_; }
    /// The member that is preferred: of those that send it is one.
    std::size_t active() const { return active_; }

private:
    MemberSet settled(Time now) const;
    GroupRoles roles_for(MemberSet ready) const;

    EthernetGroupMode mode_;
    MemberSet all_;
    std::array<Time, most_members> up_since_{};
    MemberSet links_ = 0;
    std::size_t active_ = 0;
    GroupRoles roles_;
};

}  // namespace trunkline::board
