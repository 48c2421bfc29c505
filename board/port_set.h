// The ports of the appliance: opened at power-on in the order of the configuration, put together to
// Ethernet groups, their links looked at from then on.
#pragma once

#include "board/config.h"
#include "board/error.h"
#include "board/event_loop.h"
#include "board/group_ports.h"
#include "board/port.h"
#include "board/port_group.h"

#include <spdlog/logger.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::board {

/// An Ethernet group at the moment, for whoever looks at it.
struct GroupSight {
    struct Member {
        std::string port;
        LinkState link;
        bool receives = false, sends = false;
    };
    std::string name;
    EthernetGroupMode mode = EthernetGroupMode::none;
    std::vector<Member> members;
    uint64_t switch_overs = 0;  ///< times that the senders became others
};

/// The control thread's.
class PortSet {
public:
    /// Opens what `config` has, as Port::open() says, with a line of the log for each port, each of
    /// its warnings and, from then on, each change of its link. The members of a group take the MAC
    /// of the first one. Pool and loop outlive this.
    static Expected<std::unique_ptr<PortSet>> open(const BoardConfig& config, rte_mempool* rx_pool,
                                                   EventLoop& loop,
                                                   std::shared_ptr<spdlog::logger> log);
    ~PortSet();
    PortSet(const PortSet&) = delete;
    PortSet& operator=(const PortSet&) = delete;

    /// In the order of the configuration.
    std::span<const std::unique_ptr<Port>> ports() const { return ports_; }
    /// In the order of the configuration. Their roles follow the links: within 100 ms where there
    /// is another member to switch to. A member that is disabled, or whose link has an injected
    /// fault, neither receives nor sends. They live as long as this.
    std::vector<GroupPorts> group_ports() const;
    std::vector<GroupSight> group_sights() const;
    /// Switches ports on and off as `config` has them, by their names.
    void switch_ports(std::span<const PhysicalPort> config);
    /// Called after the roles of a group changed.
    void on_switch_over(std::function<void()> listener) { on_switch_over_ = std::move(listener); }
    /// Called with a group that has a link again after it had none, when its roles are those for
    /// it.
    using LinkListener = std::function<void(const std::string& group)>;
    void on_link_up(LinkListener listener) { on_link_up_ = std::move(listener); }

private:
    struct Group {
        Group(const EthernetGroup& config, std::vector<std::size_t> members, MemberSet links);
        EthernetGroup config;
        std::vector<std::size_t> members;  ///< positions in ports_
        PortGroup decision;
        std::atomic<GroupRoles> roles;
        uint64_t switch_overs = 0;
        bool has_link = false;  ///< by any member, when it was looked at last
    };

    PortSet(EventLoop& loop, std::shared_ptr<spdlog::logger> log);
    Expected<void> open_ports(const BoardConfig& config, rte_mempool* rx_pool);
    Expected<void> make_groups(const BoardConfig& config);
    MemberSet links_of(std::span<const std::size_t> members) const;
    GroupRoles passing_roles(const Group& group) const;
    void look_at_links();
    bool look_at(Group& group);
    bool has_link_again(Group& group) const;

    EventLoop& loop_;
    const std::shared_ptr<spdlog::logger> log_;
    std::vector<std::unique_ptr<Port>> ports_;
    std::vector<LinkState> links_;  ///< parallel to the ports
    std::vector<std::unique_ptr<Group>> groups_;
    std::function<void()> on_switch_over_;
    LinkListener on_link_up_ = [](const std::string&) {};
    EventLoop::TimerId timer_ = 0;
};

}  // namespace trunkline::board
