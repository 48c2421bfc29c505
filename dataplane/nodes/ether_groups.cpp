#include "dataplane/nodes/ether_groups.h"

namespace trunkline::dataplane::nodes {

namespace {

constexpr std::size_t vlan_numbers = 4096;
constexpr uint8_t announcements_a_switch = 3;
/// Where nobody decides: the first member does all.
constexpr board::GroupRoles first_member{1, 1};

board::GroupRoles roles_of(const board::GroupPorts& group) {
    return group.roles == nullptr ? first_member : group.roles->load(std::memory_order_relaxed);
}

}  // namespace

EtherGroups::EtherGroups(std::span<const board::GroupPorts> ports)
    : given_(ports), groups_(ports.size()) {
    for (uint16_t group = 0; group < given_.size(); ++group) {
        const auto& members = given_[group].members;
        for (std::size_t i = 0; i < members.size(); ++i) {
            ports_.push_back({members[i].dpdk_port, group, board::member_bit(i)});
        }
        set_roles(group, roles_of(given_[group]));
    }
}

void EtherGroups::add_device(uint16_t group, uint16_t device, uint16_t vlan_tag) {
    EtherGroup& own = groups_[group];
    if (vlan_tag == 0) {
        own.untagged_device = device;
    } else {
        own.vlan_devices.resize(vlan_numbers, EtherGroup::no_device);
        own.vlan_devices[vlan_tag] = device;
    }
    own.untagged_only = own.vlan_devices.empty();
}

void EtherGroups::take_roles(uint64_t now) {
    for (uint16_t i = 0; i < groups_.size(); ++i) {
        const board::GroupRoles roles = roles_of(given_[i]);
        if (roles == groups_[i].roles) {
            continue;
        }
        if (roles.sending != groups_[i].roles.sending) {
            groups_[i].announcements = announcements_a_switch;
            groups_[i].next_announcement = now;
            next_announcement_ = now;
        }
        set_roles(i, roles);
    }
}

void EtherGroups::set_roles(uint16_t group, board::GroupRoles roles) {
    groups_[group].roles = roles;
    groups_[group].sender_count = 0;
    for (EtherPort& port : ports_) {
        if (port.group != group) {
            continue;
        }
        port.receives = (roles.receiving & port.member) != 0;
        if ((roles.sending & port.member) != 0) {
            groups_[group].senders[groups_[group].sender_count++] = port.dpdk_port;
        }
    }
}

}  // namespace trunkline::dataplane::nodes
