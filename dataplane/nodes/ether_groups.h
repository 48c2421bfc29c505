// The Ethernet groups of a worker as its nodes see them: which ports receive and send, which device
// a VLAN is, whose addresses are to be announced.
#pragma once

#include "board/group_ports.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace trunkline::dataplane::nodes {

struct EtherPort {
    uint16_t dpdk_port;
    uint16_t group;
    board::MemberSet member;  ///< its bit in the group
    bool receives = true;     ///< false: it stands by, and what it hears is dropped
};

struct EtherGroup {
    static constexpr uint16_t no_device = UINT16_MAX;

    /// no_device where nobody speaks that VLAN.
    uint16_t device_of_vlan(uint16_t vlan) const {
        return vlan < vlan_devices.size() ? vlan_devices[vlan] : no_device;
    }

    /// All frames are those of one device: no tag is looked for.
    bool untagged_only = false;
    uint16_t untagged_device = no_device;
    std::vector<uint16_t> vlan_devices;  ///< by VLAN; empty: no device is tagged
    /// DPDK ports of the members that send.
    std::array<uint16_t, board::PortGroup::most_members> senders{};
    uint16_t sender_count = 0;
    board::GroupRoles roles;
    uint8_t announcements = 0;       ///< yet to come
    uint64_t next_announcement = 0;  ///< while there are some
};

class EtherGroups {
public:
    /// `ports` outlive this.
    explicit EtherGroups(std::span<const board::GroupPorts> ports);

    /// The device at that position sends and receives frames with this tag; 0: without one.
    void add_device(uint16_t group, uint16_t device, uint16_t vlan_tag);

    /// Follows the roles that the board gives. A group whose senders are others than before is to
    /// be announced, three times with a second between: one may be lost, or come before the other
    /// side's port forwards (RFC 5227 2.3, RFC 4861 7.2.6).
    void take_roles(uint64_t now);
    bool announcing() const { return next_announcement_ != never; }
    /// Nanoseconds of the same clock; `never` when there is none.
    uint64_t next_announcement() const { return next_announcement_; }
    /// Calls `announce(group)` for each that is due.
    template <typename Announce>
    void announce_due(uint64_t now, Announce announce) {
        next_announcement_ = never;
        for (uint16_t i = 0; i < groups_.size(); ++i) {
            EtherGroup& group = groups_[i];
            if (group.announcements != 0 && group.next_announcement <= now) {
                announce(i);
                --group.announcements;
                group.next_announcement = now + between_announcements;
            }
            if (group.announcements != 0) {
                next_announcement_ = std::min(next_announcement_, group.next_announcement);
            }
        }
    }

    std::span<const EtherPort> ports() const { return ports_; }
    const EtherGroup& group(uint16_t index) const { return groups_[index]; }

    static constexpr uint64_t never = std::numeric_limits<uint64_t>::max();

private:
    static constexpr uint64_t between_announcements = 1'000'000'000;

    void set_roles(uint16_t group, board::GroupRoles roles);

    std::span<const board::GroupPorts> given_;
    std::vector<EtherPort> ports_;
    std::vector<EtherGroup> groups_;  ///< parallel to given_
    uint64_t next_announcement_ = never;
};

}  // namespace trunkline::dataplane::nodes
