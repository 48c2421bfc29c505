#include "board/port_group.h"

#include <bit>

namespace trunkline::board {

namespace {

bool has(MemberSet set, std::size_t member) {
    return (set & member_bit(member)) != 0;
}

}  // namespace

PortGroup::PortGroup(EthernetGroupMode mode, std::size_t members, MemberSet links, Time now)
    : mode_(mode), all_(static_cast<MemberSet>(member_bit(members) - 1)) {
    up_since_.fill(now - up_delay);
    links_ = links;
    look(links, now);
}

bool PortGroup::look(MemberSet links, Time now) {
    for (std::size_t member = 0; member < most_members; ++member) {
        if (has(links, member) && !has(links_, member)) {
            up_since_[member] = now;
        }
    }
    links_ = links;
    const MemberSet ready = settled(now);
    if (!has(links_, active_) && links_ != 0) {
        active_ = static_cast<std::size_t>(std::countr_zero(ready != 0 ? ready : links_));
    }
    const GroupRoles roles = roles_for(ready);
    if (roles == roles_) {
        return false;
    }
    roles_ = roles;
    return true;
}

MemberSet PortGroup::settled(Time now) const {
    MemberSet set = 0;
    for (std::size_t member = 0; member < most_members; ++member) {
        if (has(links_, member) && now - up_since_[member] >= up_delay) {
            set |= member_bit(member);
        }
    }
    return set;
}

GroupRoles PortGroup::roles_for(MemberSet ready) const {
    const MemberSet active = member_bit(active_);
    switch (mode_) {
        case EthernetGroupMode::none:
            return {};
        case EthernetGroupMode::single:
        case EthernetGroupMode::one_rx_one_tx:
            return {active, active};
        case EthernetGroupMode::two_rx_one_tx:
            return {all_, active};
        case EthernetGroupMode::two_rx_two_tx:
            return {all_, static_cast<MemberSet>(ready | active)};
    }
    return {};
}

}  // namespace trunkline::board
