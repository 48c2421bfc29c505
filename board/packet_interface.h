// The kernel interface behind an af_packet or af_xdp port: made ready for it, and put back after.
//
// With af_packet the kernel gives a copy of each frame to the port and goes on handling it itself;
// it also joins and cuts frames in ways that the driver does not tell. With af_xdp the kernel sees
// none of the frames that the interface receives, but the port those of one queue alone, and not
// the VLAN tags that the interface takes off. What is set here keeps all of that away.
#pragma once

#include "board/error.h"
#include "board/port.h"

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trunkline::board {

/// How the port reads the interface.
enum class FrameReader : uint8_t { af_packet, af_xdp };

/// Lives in one network namespace: create it there, and destroy it there.
class PacketInterface {
public:
    /// Before the driver opens the interface: GRO and LRO off (frames that they join would be cut);
    /// IPv6 off when the interface has no address of its own (its own discovery would look like
    /// received frames, or be sent by the port); for af_xdp one queue for all frames, and VLAN tags
    /// left in them; then up. Errors: no such interface, another port reads it, no privileges, a
    /// kernel without AF_XDP.
    static Expected<std::unique_ptr<PacketInterface>> prepare(const std::string& name,
                                                              FrameReader reader);
    /// After the driver closed the port: puts back what prepare() changed (an interface that has
    /// gone needs nothing), and closes a socket that the driver left.
    ~PacketInterface();
    PacketInterface(const PacketInterface&) = delete;
    PacketInterface& operator=(const PacketInterface&) = delete;

    /// After the driver opened it: finds its socket, has it deaf to frames that leave the interface
    /// (those that af_packet shows), and the interface open to all multicast (neighbour discovery).
    Expected<void> adopt_socket();
    /// The driver's socket, for poll(2); -1 before adopt_socket().
    int socket() const { return socket_; }

    /// Up or down, as an administrator sets it: the far side loses its link; false: it cannot.
    bool set_up(bool up);
    /// Another MAC while this lives; false: it cannot have it.
    bool set_mac(const std::array<uint8_t, 6>& mac);
    /// From here on it hears frames to all MACs; false with errno when it cannot.
    bool receive_all_frames();

    uint16_t mtu() const;
    LinkState link() const;
    /// Frames that found the receive ring full, since the last call (packet(7),
    /// PACKET_STATISTICS). The driver's own statistics do not have them; af_xdp's do.
    uint64_t take_drops();
    /// What works less well than it should, for the boot log.
    const std::vector<std::string>& warnings() const { return warnings_; }

private:
    PacketInterface(std::string name, FrameReader reader)
        : name_(std::move(name)), reader_(reader) {}
    void close_left_socket();
    Expected<void> claim();
    Expected<void> check_xdp();
    void silence_ipv6();
    void disable_joining();
    void disable_flag(uint32_t flag, const char* word, const char* consequence);
    void use_one_queue();
    Expected<void> ignore_outgoing();
    bool join(int membership) const;
    Expected<void> bring_up();

    std::string name_;
    FrameReader reader_;
    std::vector<int> other_sockets_;  ///< of AF_XDP, which other ports have
    std::optional<std::array<uint8_t, 6>> own_mac_;
    std::optional<uint32_t> own_queues_;
    std::optional<ino_t> socket_inode_;  ///< of an af_xdp port's
    int index_ = 0;
    int control_ = -1;  ///< any socket of the namespace, for ioctl(2)
    int socket_ = -1;
    bool silenced_ipv6_ = false, disabled_gro_ = false, brought_up_ = false;
    bool put_down_ = false;        ///< by set_up()
    uint32_t disabled_flags_ = 0;  ///< of ETHTOOL_GFLAGS
    std::vector<std::string> warnings_;
};

}  // namespace trunkline::board
