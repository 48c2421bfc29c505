// The kernel's view of an Ethernet device: a TAP with the same MAC and addresses (tun(4)).
//
// What the dataplane does not keep for itself (ARP, ND, ICMP, TCP, unknown UDP) is written to it;
// what the kernel wants to send is read from it and leaves through the port as it is.
#pragma once

#include "board/error.h"
#include "dataplane/config.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::dataplane {

class Twin {
public:
    /// Makes the TAP, sets MAC, MTU, addresses and gateway routes, and brings it up, all in
    /// `network_namespace` (empty = here). DAD is off: the twin shares its MAC with the port.
    /// Router advertisements are not listened to: the configuration decides. It announces its
    /// addresses once. The first of several default routes of a family wins where nothing else
    /// decides. The TAP's name is twin_name() of the first interface; an existing device of that
    /// name is an Error that says so.
    static board::Expected<std::unique_ptr<Twin>> create(const EthernetDevice& device,
                                                         const MacAddress& mac,
                                                         std::span<const IpInterface> interfaces,
                                                         const std::string& network_namespace);
    /// Closing the descriptor removes the device, its addresses and routes.
    ~Twin();
    Twin(const Twin&) = delete;
    Twin& operator=(const Twin&) = delete;

    /// Non-blocking; read(2) and write(2) move one Ethernet frame each. The worker's, after boot.
    int fd() const { return fd_; }
    const std::string& name() const { return name_; }
    /// Of the Ethernet device.
    const std::string& device() const { return device_; }
    int interface_index() const { return interface_index_; }
    /// The port's, which it is to have.
    const MacAddress& mac() const { return mac_; }
    /// Gives it its MAC and MTU again, which somebody changed.
    board::Expected<void> restore_link();

    /// Has the kernel know these routes through this device, and no more those of the call before.
    /// An Error for each that the kernel refuses, now or still: it is tried by each call and by
    /// restore(). The others are set. They win over the gateways of the interfaces.
    std::vector<board::Error> set_static_routes(std::vector<StaticRoute> routes);
    /// Sets addresses and routes again; the kernel drops some of them when the link went down. What
    /// it refuses is told, and keeps nothing else from being set.
    std::vector<board::Error> restore();

private:
    struct Addressing;
    Twin();
    board::Expected<void> open_tap();
    board::Expected<void> configure();
    board::Expected<void> set_link();
    board::Expected<void> set_addresses();
    board::Expected<void> set_gateways();
    std::vector<board::Error> set_missing_routes();
    board::Expected<void> set_route(const StaticRoute& route);

    int fd_ = -1;
    std::string name_, device_;
    int interface_index_ = 0;
    MacAddress mac_;
    uint16_t mtu_ = 0;
    std::unique_ptr<Addressing> addressing_;
};

/// The name of an IP interface in lower case, other characters than letters, digits, '-', '_' and
/// '.' as '_', cut to 15 characters; never one that the kernel uses for itself.
std::string twin_name(std::string_view ip_interface);

}  // namespace trunkline::dataplane
