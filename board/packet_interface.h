// The kernel interface behind an af_packet port: made ready for it, and put back after.
//
// af_packet gives a copy of each frame to the port and goes on handling it itself; it also joins
// and cuts frames in ways that the driver does not tell. What is set here keeps both away.
#pragma once

#include "board/error.h"
#include "board/port.h"

#include <cstdint>
#include <string>
#include <vector>

namespace trunkline::board {

/// Lives in one network namespace: create it there, and destroy it there.
class PacketInterface {
public:
    /// Before the driver opens the interface: GRO and LRO off (frames that they join would be cut);
    /// IPv6 off when the interface has no address of its own (its own discovery would look like
    /// received frames); then up. Errors: no such interface, another port reads it, no privileges.
    static Expected<std::unique_ptr<PacketInterface>> prepare(const std::string& name);
    /// Puts back what prepare() changed; an interface that has gone needs nothing.
    ~PacketInterface();
    PacketInterface(const PacketInterface&) = delete;
    PacketInterface& operator=(const PacketInterface&) = delete;

    /// After the driver opened it: finds its socket, makes it deaf to frames that leave the
    /// interface and open to all multicast (neighbour discovery).
    Expected<void> adopt_socket();
    /// The driver's socket, for poll(2); -1 before adopt_socket().
    int socket() const { return socket_; }

    uint16_t mtu() const;
    LinkState link() const;
    /// Frames that found the receive ring full, since the last call (packet(7),
    /// PACKET_STATISTICS). The driver's own statistics do not have them.
    uint64_t take_drops();
    /// What works less well than it should, for the boot log.
    const std::vector<std::string>& warnings() const { return warnings_; }

private:
    explicit PacketInterface(std::string name) : name_(std::move(name)) {}
    Expected<void> claim();
    void silence_ipv6();
    void disable_joining();
    Expected<void> bring_up();

    std::string name_;
    int index_ = 0;
    int control_ = -1;  ///< any socket of the namespace, for ioctl(2)
    int socket_ = -1;
    bool silenced_ipv6_ = false, disabled_gro_ = false, disabled_lro_ = false, brought_up_ = false;
    std::vector<std::string> warnings_;
};

}  // namespace trunkline::board
