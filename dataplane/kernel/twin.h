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

namespace trunkline::dataplane {

class Twin {
public:
    /// Makes the TAP, sets MAC, MTU, addresses and gateway routes, and brings it up, all in
    /// `network_namespace` (empty = here). DAD is off: the twin shares its MAC with the port.
    /// The TAP's name is the IP interface's in lower case, cut to what the kernel allows; an
    /// existing device of that name is an Error that says so.
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
    int interface_index() const { return interface_index_; }

    /// Sets addresses and routes again; the kernel drops some of them when the link went down.
    board::Expected<void> restore();

private:
    Twin() = default;
    int fd_ = -1;
    std::string name_;
    int interface_index_ = 0;
    struct Addressing;
    std::unique_ptr<Addressing> addressing_;
};

}  // namespace trunkline::dataplane
