#include "board/port_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace trunkline::board {

namespace {

constexpr std::chrono::milliseconds link_period{500};
/// Where somebody waits for it: to switch over within 100 ms.
constexpr std::chrono::milliseconds member_link_period{50};

const char* word_of(const LinkState& link) {
    return link.up ? "up" : link.source == Source::injected ? "down (injected)" : "down";
}

PortGroup::Time now() {
    return std::chrono::steady_clock::now();
}

}  // namespace

PortSet::Group::Group(const EthernetGroup& config_in, std::vector<std::size_t> members_in,
                      MemberSet links)
    : config(config_in),
      members(std::move(members_in)),
      decision(config.mode, members.size(), links, now()),
      roles(decision.roles()),
      has_link(links != 0) {}

PortSet::PortSet(EventLoop& loop, std::shared_ptr<spdlog::logger> log)
    : loop_(loop), log_(std::move(log)) {}

PortSet::~PortSet() {
    loop_.cancel(timer_);
}

Expected<std::unique_ptr<PortSet>> PortSet::open(const BoardConfig& config, rte_mempool* rx_pool,
                                                 EventLoop& loop,
                                                 std::shared_ptr<spdlog::logger> log) {
    std::unique_ptr<PortSet> set(new PortSet(loop, std::move(log)));
    if (auto opened = set->open_ports(config, rx_pool); !opened) {
        return std::unexpected(opened.error());
    }
    if (auto made = set->make_groups(config); !made) {
        return std::unexpected(made.error());
    }
    const bool can_switch = std::ranges::any_of(
        set->groups_, [](const auto& group) { return group->members.size() > 1; });
    set->timer_ = loop.every(can_switch ? member_link_period : link_period,
                             [own = set.get()] { own->look_at_links(); });
    return set;
}

Expected<void> PortSet::open_ports(const BoardConfig& config, rte_mempool* rx_pool) {
    for (const PhysicalPort& row : config.physical_ports) {
        auto port = Port::open(row, rx_pool);
        if (!port) {
            return std::unexpected(port.error());
        }
        links_.push_back((*port)->link());
        log_->info("board  port {} driver={} mac={:02x} link={}", row.name, (*port)->driver(),
                   fmt::join((*port)->traits().mac, ":"), word_of(links_.back()));
        for (const auto& warning : (*port)->warnings()) {
            log_->warn("board  {}", warning);
        }
        if (!(*port)->setting_in_effect()) {
            log_->warn("board  port {} has a link of {} Mbit/s configured, which {} does not set",
                       row.name, row.link.speed_mbps, (*port)->driver());
        }
        ports_.push_back(std::move(*port));
    }
    switch_ports(config.physical_ports);
    std::ranges::transform(ports_, links_.begin(), [](const auto& port) { return port->link(); });
    return {};
}

void PortSet::switch_ports(std::span<const PhysicalPort> config) {
    for (const PhysicalPort& row : config) {
        const auto found =
            std::ranges::find_if(ports_, [&](const auto& one) { return one->name() == row.name; });
        if (found == ports_.end() || (*found)->is_enabled() == row.enabled) {
            continue;
        }
        (*found)->set_enabled(row.enabled);
        log_->info("board  port {} is {}{}", row.name, row.enabled ? "enabled" : "disabled",
                   (*found)->switching_in_effect()
                       ? ""
                       : ", of which its driver tells the far side nothing");
    }
}

Expected<void> PortSet::make_groups(const BoardConfig& config) {
    for (const EthernetGroup& row : config.ethernet_groups) {
        std::vector<std::size_t> members;
        for (const std::string& member : row.members) {
            const auto port = std::ranges::find_if(
                ports_, [&](const auto& one) { return one->name() == member; });
            members.push_back(static_cast<std::size_t>(port - ports_.begin()));
        }
        for (const std::size_t member : members) {
            if (auto taken = ports_[member]->take_mac(ports_[members.front()]->traits().mac);
                !taken) {
                return taken;
            }
        }
        const MemberSet links = links_of(members);
        groups_.push_back(std::make_unique<Group>(row, std::move(members), links));
        Group& group = *groups_.back();
        group.roles = passing_roles(group);
        if (group.members.size() > 1) {
            log_->info("board  group {} active={}", row.name, row.members[group.decision.active()]);
        }
    }
    return {};
}

std::vector<GroupPorts> PortSet::group_ports() const {
    std::vector<GroupPorts> groups;
    for (const auto& group : groups_) {
        GroupPorts& ports = groups.emplace_back(group->config.name);
        ports.roles = &group->roles;
        std::ranges::transform(group->members, std::back_inserter(ports.members),
                               [this](std::size_t port) { return ports_[port]->traits(); });
    }
    return groups;
}

std::vector<GroupSight> PortSet::group_sights() const {
    std::vector<GroupSight> sights;
    for (const auto& group : groups_) {
        GroupSight& sight = sights.emplace_back(group->config.name, group->config.mode);
        sight.switch_overs = group->switch_overs;
        const GroupRoles roles = passing_roles(*group);
        for (std::size_t i = 0; i < group->members.size(); ++i) {
            const MemberSet bit = member_bit(i);
            sight.members.push_back({group->config.members[i], links_[group->members[i]],
                                     (roles.receiving & bit) != 0, (roles.sending & bit) != 0});
        }
    }
    return sights;
}

MemberSet PortSet::links_of(std::span<const std::size_t> members) const {
    MemberSet links = 0;
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (links_[members[i]].up) {
            links |= member_bit(i);
        }
    }
    return links;
}

/// What was decided, without the members that no frame is to pass.
GroupRoles PortSet::passing_roles(const Group& group) const {
    MemberSet passing = 0;
    for (std::size_t i = 0; i < group.members.size(); ++i) {
        if (ports_[group.members[i]]->passes_frames()) {
            passing |= member_bit(i);
        }
    }
    const GroupRoles decided = group.decision.roles();
    return {static_cast<MemberSet>(decided.receiving & passing),
            static_cast<MemberSet>(decided.sending & passing)};
}

void PortSet::look_at_links() {
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        const LinkState link = ports_[i]->link();
        if (link.up != links_[i].up || link.source != links_[i].source) {
            log_->warn("board  port {} link {}", ports_[i]->name(), word_of(link));
        }
        links_[i] = link;
    }
    bool changed = false;
    for (const auto& group : groups_) {
        changed = look_at(*group) || changed;
    }
    if (changed && on_switch_over_) {
        on_switch_over_();
    }
    for (const auto& group : groups_) {
        if (has_link_again(*group)) {
            on_link_up_(group->config.name);
        }
    }
}

/// True once for each time that it had none.
bool PortSet::has_link_again(Group& group) const {
    const bool has_link = links_of(group.members) != 0;
    return !std::exchange(group.has_link, has_link) && has_link;
}

/// True: its roles are others now.
bool PortSet::look_at(Group& group) {
    const std::size_t former = group.decision.active();
    const MemberSet senders = group.decision.roles().sending;
    group.decision.look(links_of(group.members), now());
    group.switch_overs += group.decision.roles().sending != senders ? 1 : 0;
    if (group.decision.active() != former) {
        log_->warn("board  group {} switches from {} to {}", group.config.name,
                   group.config.members[former], group.config.members[group.decision.active()]);
    }
    const GroupRoles roles = passing_roles(group);
    return group.roles.exchange(roles, std::memory_order_relaxed) != roles;
}

}  // namespace trunkline::board
