// What the dataplane asks of the kernel's routing (rtnetlink(7), through libmnl): links, addresses,
// routes, neighbours, and the events of their changes. Sockets belong to the network namespace that
// they were opened in.
#pragma once

#include "board/error.h"
#include "dataplane/address.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>

struct mnl_socket;
struct nlmsghdr;

namespace trunkline::dataplane {

/// The error is an errno value.
template <typename Value>
using KernelResult = std::expected<Value, int>;

/// The way to a destination.
struct Route {
    bool unicast = false;  ///< false: local, broadcast, multicast, blackhole, unreachable
    std::optional<IpAddress> gateway;
    int interface_index = 0;
};

/// A network interface, as the kernel has it now.
struct Link {
    int interface_index = 0;
    bool up = false;
    std::optional<MacAddress> mac;  ///< unset where it has none, or has gone
};

/// An entry of the ARP or neighbour cache.
struct Neighbour {
    int interface_index = 0;
    IpAddress address;
    std::optional<MacAddress> mac;
    uint16_t state = 0;    ///< NUD_* of linux/neighbour.h
    bool managed = false;  ///< the kernel keeps it fresh by itself

    /// Has a MAC that may be used: reachable, stale, being probed, or set by hand.
    bool is_usable() const;
    bool is_failed() const;
    /// Set by hand, or of an interface without ARP: the kernel does not resolve it.
    bool is_fixed() const;
};

/// Asks and waits for the answer, which the kernel has at once. One thread at a time.
class Rtnetlink {
public:
    static board::Expected<Rtnetlink> open();
    ~Rtnetlink();
    Rtnetlink(Rtnetlink&& other) noexcept;
    Rtnetlink(const Rtnetlink&) = delete;
    Rtnetlink& operator=(const Rtnetlink&) = delete;
    Rtnetlink& operator=(Rtnetlink&&) = delete;

    KernelResult<void> set_link(int interface_index, const MacAddress& mac, uint16_t mtu);
    KernelResult<void> bring_up(int interface_index);
    KernelResult<Link> link(int interface_index);
    /// What is there already is replaced. IPv6 addresses are usable at once (no DAD).
    KernelResult<void> set_address(int interface_index, const IpPrefix& address);
    /// A route of that destination and metric that is there already is replaced.
    KernelResult<void> set_route(int interface_index, const IpPrefix& destination,
                                 const IpAddress& gateway, uint32_t metric);
    KernelResult<void> delete_route(int interface_index, const IpPrefix& destination,
                                    const IpAddress& gateway, uint32_t metric);
    /// What the kernel would do with a packet that leaves `interface_index` with this source.
    KernelResult<Route> route(const IpAddress& destination, const IpAddress& source,
                              int interface_index);
    /// ENOENT when there is no entry.
    KernelResult<Neighbour> neighbour(int interface_index, const IpAddress& address);
    /// Has the kernel resolve an address and keep it resolved (NTF_EXT_MANAGED). A kernel before
    /// 5.16 resolves it once: Neighbour::managed stays false, and the request must be repeated.
    KernelResult<void> resolve_neighbour(int interface_index, const IpAddress& address);
    KernelResult<void> delete_neighbour(int interface_index, const IpAddress& address);

private:
    explicit Rtnetlink(mnl_socket* socket) : socket_(socket) {}
    KernelResult<void> change_route(uint16_t request, uint16_t flags, int interface_index,
                                    const IpPrefix& destination, const IpAddress& gateway,
                                    uint32_t metric);
    KernelResult<void> transact(nlmsghdr* request,
                                const std::function<void(const nlmsghdr*)>& on_reply = {});
    mnl_socket* socket_;
    uint32_t sequence_ = 0;
};

/// Receives what changed in the namespace.
class RtnetlinkEvents {
public:
    struct Receiver {
        std::function<void(const Neighbour&)> neighbour_changed;
        std::function<void(const Neighbour&)> neighbour_deleted;
        std::function<void(const Link&)> link_changed;
        std::function<void()> routing_changed;  ///< a route or a rule
    };

    static board::Expected<RtnetlinkEvents> open();
    ~RtnetlinkEvents();
    RtnetlinkEvents(RtnetlinkEvents&& other) noexcept;
    RtnetlinkEvents(const RtnetlinkEvents&) = delete;
    RtnetlinkEvents& operator=(const RtnetlinkEvents&) = delete;
    RtnetlinkEvents& operator=(RtnetlinkEvents&&) = delete;

    int fd() const;
    /// Reads all there is. ENOBUFS: the kernel had more than the socket holds, some are lost.
    KernelResult<void> receive(const Receiver& receiver);

private:
    explicit RtnetlinkEvents(mnl_socket* socket) : socket_(socket) {}
    mnl_socket* socket_;
};

/// Hands each message of a datagram to `receiver`; broken or unknown ones are passed over.
void read_events(std::span<const uint8_t> datagram, const RtnetlinkEvents::Receiver& receiver);

}  // namespace trunkline::dataplane
