#include "dataplane/kernel/rtnetlink.h"

#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace trunkline::dataplane {

namespace {

/// linux/neighbour.h has NUD_VALID for the kernel alone: "has a link-layer address to send to".
constexpr uint16_t usable_states =
    NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY;

board::Expected<mnl_socket*> open_socket(int flags, std::span<const int> groups) {
    mnl_socket* socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | flags);
    if (socket != nullptr && mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0) {
        bool joined = true;
        for (int group : groups) {
            joined = joined && mnl_socket_setsockopt(socket, NETLINK_ADD_MEMBERSHIP, &group,
                                                     sizeof group) == 0;
        }
        if (joined) {
            return socket;
        }
    }
    const int error = errno;
    if (socket != nullptr) {
        mnl_socket_close(socket);
    }
    return std::unexpected(board::Error{
        fmt::format("cannot open a netlink socket to the kernel's routing: {}; is another limit "
                    "than 'ulimit -n' in the way?",
                    strerror(error))});
}

uint8_t family_of(const IpAddress& address) {
    return address.is_v4() ? AF_INET : AF_INET6;
}

uint16_t size_of(const IpAddress& address) {
    return address.is_v4() ? 4 : 16;
}

uint8_t bits_of(const IpAddress& address) {
    return static_cast<uint8_t>(size_of(address) * 8);
}

/// A request under construction.
class Message {
public:
    Message(uint16_t type, uint16_t flags) : header_(mnl_nlmsg_put_header(buffer_.data())) {
        header_->nlmsg_type = type;
        header_->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
    }
    template <typename Body>
    Body* body() {
        return static_cast<Body*>(mnl_nlmsg_put_extra_header(header_, sizeof(Body)));
    }
    void put(uint16_t type, const IpAddress& address) {
        mnl_attr_put(header_, type, size_of(address), address.bytes.data());
    }
    void put(uint16_t type, uint32_t value) { mnl_attr_put_u32(header_, type, value); }
    void put(uint16_t type, const MacAddress& mac) {
        mnl_attr_put(header_, type, mac.bytes.size(), mac.bytes.data());
    }
    nlmsghdr* header() { return header_; }

private:
    alignas(nlmsghdr) std::array<char, 256> buffer_;
    nlmsghdr* header_;
};

std::span<const uint8_t> payload(const nlattr* attribute) {
    return {static_cast<const uint8_t*>(mnl_attr_get_payload(attribute)),
            mnl_attr_get_payload_len(attribute)};
}

std::optional<IpAddress> address_in(const nlattr* attribute) {
    const auto bytes = payload(attribute);
    if (bytes.size() != 4 && bytes.size() != 16) {
        return std::nullopt;
    }
    return IpAddress::from_bytes(bytes);
}

/// Calls `take(type, attribute)` for each whole attribute behind the message's `header_size`.
template <typename Take>
void for_each_attribute(const nlmsghdr* message, std::size_t header_size, Take take) {
    // mnl_attr_for_each() is C: it needs a conversion that C++ does not have.
    const char* const end = static_cast<const char*>(mnl_nlmsg_get_payload_tail(message));
    const auto* attribute =
        static_cast<const nlattr*>(mnl_nlmsg_get_payload_offset(message, header_size));
    while (
        mnl_attr_ok(attribute, static_cast<int>(end - reinterpret_cast<const char*>(attribute)))) {
        take(mnl_attr_get_type(attribute), attribute);
        attribute = mnl_attr_next(attribute);
    }
}

template <typename Body>
const Body* body_of(const nlmsghdr* message) {
    return mnl_nlmsg_get_payload_len(message) < sizeof(Body)
               ? nullptr
               : static_cast<const Body*>(mnl_nlmsg_get_payload(message));
}

std::optional<MacAddress> mac_in(const nlattr* attribute) {
    if (payload(attribute).size() != 6) {
        return std::nullopt;
    }
    MacAddress mac;
    std::memcpy(mac.bytes.data(), payload(attribute).data(), 6);
    return mac;
}

std::optional<Link> link_in(const nlmsghdr* message) {
    const auto* body = body_of<ifinfomsg>(message);
    if (body == nullptr) {
        return std::nullopt;
    }
    Link result{.interface_index = body->ifi_index, .up = false, .mac = std::nullopt};
    if (message->nlmsg_type == RTM_DELLINK) {
        return result;
    }
    result.up = (body->ifi_flags & IFF_UP) != 0;
    for_each_attribute(message, sizeof *body, [&](uint16_t type, const nlattr* attribute) {
        if (type == IFLA_ADDRESS) {
            result.mac = mac_in(attribute);
        }
    });
    return result;
}

std::optional<Neighbour> neighbour_in(const nlmsghdr* message) {
    const auto* body = body_of<ndmsg>(message);
    if (body == nullptr) {
        return std::nullopt;
    }
    Neighbour result;
    result.interface_index = body->ndm_ifindex;
    result.state = body->ndm_state;
    for_each_attribute(message, sizeof *body, [&](uint16_t type, const nlattr* attribute) {
        if (type == NDA_DST) {
            result.address = address_in(attribute).value_or(IpAddress{});
        } else if (type == NDA_LLADDR) {
            result.mac = mac_in(attribute);
        } else if (type == NDA_FLAGS_EXT && payload(attribute).size() == 4) {
            result.managed = (mnl_attr_get_u32(attribute) & NTF_EXT_MANAGED) != 0;
        }
    });
    return result.address.is_set() ? std::optional(result) : std::nullopt;
}

Route route_in(const nlmsghdr* message) {
    Route result;
    const auto* body = body_of<rtmsg>(message);
    if (body == nullptr) {
        return result;
    }
    result.unicast = body->rtm_type == RTN_UNICAST;
    for_each_attribute(message, sizeof *body, [&](uint16_t type, const nlattr* attribute) {
        const auto bytes = payload(attribute);
        if (type == RTA_GATEWAY) {
            result.gateway = address_in(attribute);
        } else if (type == RTA_VIA && bytes.size() > sizeof(rtvia)) {
            // An IPv6 next hop of an IPv4 route (RFC 5549).
            const auto address = bytes.subspan(sizeof(rtvia));
            if (address.size() == 4 || address.size() == 16) {
                result.gateway = IpAddress::from_bytes(address);
            }
        } else if (type == RTA_OIF && bytes.size() == 4) {
            result.interface_index = static_cast<int>(mnl_attr_get_u32(attribute));
        }
    });
    return result;
}

void read_event(const nlmsghdr* message, const RtnetlinkEvents::Receiver& receiver) {
    switch (message->nlmsg_type) {
        case RTM_NEWNEIGH:
            if (const auto neighbour = neighbour_in(message)) {
                receiver.neighbour_changed(*neighbour);
            }
            break;
        case RTM_DELNEIGH:
            if (const auto neighbour = neighbour_in(message)) {
                receiver.neighbour_deleted(*neighbour);
            }
            break;
        case RTM_NEWLINK:
        case RTM_DELLINK:
            if (const auto link = link_in(message)) {
                receiver.link_changed(*link);
            }
            break;
        case RTM_NEWROUTE:
        case RTM_DELROUTE:
            // Clones are caches of a route, not routes.
            if (const auto* route = body_of<rtmsg>(message);
                route != nullptr && (route->rtm_flags & RTM_F_CLONED) == 0) {
                receiver.routing_changed();
            }
            break;
        case RTM_NEWRULE:
        case RTM_DELRULE:
            receiver.routing_changed();
            break;
        default:
            break;
    }
}

}  // namespace

bool Neighbour::is_usable() const {
    return (state & usable_states) != 0 && mac && !mac->is_zero();
}

bool Neighbour::is_failed() const {
    return (state & NUD_FAILED) != 0;
}

bool Neighbour::is_fixed() const {
    return (state & (NUD_PERMANENT | NUD_NOARP)) != 0;
}

board::Expected<Rtnetlink> Rtnetlink::open() {
    const auto socket = open_socket(0, {});
    if (!socket) {
        return std::unexpected(socket.error());
    }
    return Rtnetlink(*socket);
}

Rtnetlink::~Rtnetlink() {
    if (socket_ != nullptr) {
        mnl_socket_close(socket_);
    }
}

Rtnetlink::Rtnetlink(Rtnetlink&& other) noexcept
    : socket_(std::exchange(other.socket_, nullptr)), sequence_(other.sequence_) {}

KernelResult<void> Rtnetlink::transact(nlmsghdr* request,
                                       const std::function<void(const nlmsghdr*)>& on_reply) {
    request->nlmsg_seq = ++sequence_;
    if (mnl_socket_sendto(socket_, request, request->nlmsg_len) < 0) {
        return std::unexpected(errno);
    }
    alignas(nlmsghdr) std::array<char, 8192> buffer;
    for (;;) {
        const ssize_t size = mnl_socket_recvfrom(socket_, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0) {
            return std::unexpected(errno);
        }
        int rest = static_cast<int>(size);
        for (const auto* message = reinterpret_cast<const nlmsghdr*>(buffer.data());
             mnl_nlmsg_ok(message, rest); message = mnl_nlmsg_next(message, &rest)) {
            if (message->nlmsg_seq != sequence_) {
                continue;  // left over from a request that failed half-way
            }
            if (message->nlmsg_type != NLMSG_ERROR) {
                if (on_reply) {
                    on_reply(message);
                }
            } else if (const auto* error = body_of<nlmsgerr>(message); error != nullptr) {
                return error->error == 0 ? KernelResult<void>{} : std::unexpected(-error->error);
            }
        }
    }
}

KernelResult<void> Rtnetlink::set_link(int interface_index, const MacAddress& mac, uint16_t mtu) {
    Message message(RTM_NEWLINK, 0);
    message.body<ifinfomsg>()->ifi_index = interface_index;
    message.put(IFLA_ADDRESS, mac);
    message.put(IFLA_MTU, uint32_t{mtu});
    return transact(message.header());
}

KernelResult<void> Rtnetlink::bring_up(int interface_index) {
    Message message(RTM_NEWLINK, 0);
    auto* body = message.body<ifinfomsg>();
    body->ifi_index = interface_index;
    body->ifi_flags = IFF_UP;
    body->ifi_change = IFF_UP;
    return transact(message.header());
}

KernelResult<Link> Rtnetlink::link(int interface_index) {
    Message message(RTM_GETLINK, 0);
    message.body<ifinfomsg>()->ifi_index = interface_index;
    std::optional<Link> link;
    const auto result =
        transact(message.header(), [&](const nlmsghdr* reply) { link = link_in(reply); });
    if (!result) {
        return std::unexpected(result.error());
    }
    if (!link) {
        return std::unexpected(ENOENT);
    }
    return *link;
}

KernelResult<void> Rtnetlink::set_address(int interface_index, const IpPrefix& address) {
    Message message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
    auto* body = message.body<ifaddrmsg>();
    body->ifa_family = family_of(address.address);
    body->ifa_prefixlen = address.length;
    body->ifa_index = static_cast<uint32_t>(interface_index);
    body->ifa_flags = address.address.is_v6() ? IFA_F_NODAD : 0;
    message.put(IFA_LOCAL, address.address);
    message.put(IFA_ADDRESS, address.address);
    return transact(message.header());
}

KernelResult<void> Rtnetlink::set_route(int interface_index, const IpPrefix& destination,
                                        const IpAddress& gateway, uint32_t metric) {
    return change_route(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, interface_index, destination,
                        gateway, metric);
}

KernelResult<void> Rtnetlink::delete_route(int interface_index, const IpPrefix& destination,
                                           const IpAddress& gateway, uint32_t metric) {
    return change_route(RTM_DELROUTE, 0, interface_index, destination, gateway, metric);
}

KernelResult<void> Rtnetlink::change_route(uint16_t request, uint16_t flags, int interface_index,
                                           const IpPrefix& destination, const IpAddress& gateway,
                                           uint32_t metric) {
    Message message(request, flags);
    auto* body = message.body<rtmsg>();
    body->rtm_family = family_of(gateway);
    body->rtm_dst_len = destination.length;
    body->rtm_table = RT_TABLE_MAIN;
    body->rtm_protocol = RTPROT_STATIC;
    body->rtm_scope = RT_SCOPE_UNIVERSE;
    body->rtm_type = RTN_UNICAST;
    if (destination.length != 0) {
        message.put(RTA_DST, destination.address);
    }
    message.put(RTA_GATEWAY, gateway);
    message.put(RTA_OIF, static_cast<uint32_t>(interface_index));
    message.put(RTA_PRIORITY, metric);
    return transact(message.header());
}

KernelResult<Route> Rtnetlink::route(const IpAddress& destination, const IpAddress& source,
                                     int interface_index) {
    const auto ask = [&](uint32_t flags) -> KernelResult<Route> {
        Message message(RTM_GETROUTE, 0);
        auto* body = message.body<rtmsg>();
        body->rtm_family = family_of(destination);
        body->rtm_dst_len = bits_of(destination);
        body->rtm_flags = flags;
        message.put(RTA_DST, destination);
        if (source.family == destination.family) {
            body->rtm_src_len = bits_of(source);
            message.put(RTA_SRC, source);
        }
        message.put(RTA_OIF, static_cast<uint32_t>(interface_index));
        Route answer;
        const auto result =
            transact(message.header(), [&](const nlmsghdr* reply) { answer = route_in(reply); });
        return result ? KernelResult<Route>(answer) : std::unexpected(result.error());
    };
    const auto route = ask(0);
    if (route && route->unicast && !route->gateway && destination.is_v4()) {
        // With an interface given, IPv4 takes what no route leads to for a neighbour. The tables
        // themselves know better.
        if (const auto entry = ask(RTM_F_FIB_MATCH); !entry) {
            return std::unexpected(entry.error());
        }
    }
    return route;
}

KernelResult<Neighbour> Rtnetlink::neighbour(int interface_index, const IpAddress& address) {
    Message message(RTM_GETNEIGH, 0);
    auto* body = message.body<ndmsg>();
    body->ndm_family = family_of(address);
    body->ndm_ifindex = interface_index;
    message.put(NDA_DST, address);
    std::optional<Neighbour> neighbour;
    const auto result =
        transact(message.header(), [&](const nlmsghdr* reply) { neighbour = neighbour_in(reply); });
    if (!result) {
        return std::unexpected(result.error());
    }
    if (!neighbour) {
        return std::unexpected(ENOENT);
    }
    return *neighbour;
}

KernelResult<void> Rtnetlink::resolve_neighbour(int interface_index, const IpAddress& address) {
    Message message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
    auto* body = message.body<ndmsg>();
    body->ndm_family = family_of(address);
    body->ndm_ifindex = interface_index;
    body->ndm_flags = NTF_USE;  // what an old kernel understands of it
    message.put(NDA_DST, address);
    message.put(NDA_FLAGS_EXT, uint32_t{NTF_EXT_MANAGED});
    return transact(message.header());
}

KernelResult<void> Rtnetlink::delete_neighbour(int interface_index, const IpAddress& address) {
    Message message(RTM_DELNEIGH, 0);
    auto* body = message.body<ndmsg>();
    body->ndm_family = family_of(address);
    body->ndm_ifindex = interface_index;
    message.put(NDA_DST, address);
    return transact(message.header());
}

board::Expected<RtnetlinkEvents> RtnetlinkEvents::open() {
    constexpr std::array<int, 6> groups{RTNLGRP_NEIGH,      RTNLGRP_LINK,      RTNLGRP_IPV4_ROUTE,
                                        RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE};
    const auto socket = open_socket(SOCK_NONBLOCK, groups);
    if (!socket) {
        return std::unexpected(socket.error());
    }
    return RtnetlinkEvents(*socket);
}

RtnetlinkEvents::~RtnetlinkEvents() {
    if (socket_ != nullptr) {
        mnl_socket_close(socket_);
    }
}

RtnetlinkEvents::RtnetlinkEvents(RtnetlinkEvents&& other) noexcept
    : socket_(std::exchange(other.socket_, nullptr)) {}

int RtnetlinkEvents::fd() const {
    return mnl_socket_get_fd(socket_);
}

KernelResult<void> RtnetlinkEvents::receive(const Receiver& receiver) {
    alignas(nlmsghdr) std::array<uint8_t, 32768> buffer;
    for (;;) {
        const ssize_t size = mnl_socket_recvfrom(socket_, buffer.data(), buffer.size());
        if (size >= 0) {
            read_events({buffer.data(), static_cast<std::size_t>(size)}, receiver);
        } else if (errno == EAGAIN) {
            return {};
        } else if (errno != EINTR) {
            return std::unexpected(errno);
        }
    }
}

void read_events(std::span<const uint8_t> datagram, const RtnetlinkEvents::Receiver& receiver) {
    // mnl_nlmsg_ok() takes lengths above 2 GiB for negative ones.
    while (datagram.size() >= sizeof(nlmsghdr)) {
        const auto* message = reinterpret_cast<const nlmsghdr*>(datagram.data());
        if (message->nlmsg_len < sizeof(nlmsghdr) || message->nlmsg_len > datagram.size()) {
            return;
        }
        read_event(message, receiver);
        datagram =
            datagram.subspan(std::min<std::size_t>(MNL_ALIGN(message->nlmsg_len), datagram.size()));
    }
}

}  // namespace trunkline::dataplane
