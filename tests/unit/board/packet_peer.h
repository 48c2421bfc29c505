// The far end of a port in a test: a packet(7) socket on a kernel interface.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trunkline::test {

/// An Ethernet frame of 60 bytes with a recognisable payload.
std::vector<uint8_t> test_frame(std::span<const uint8_t, 6> destination, uint8_t mark);

class PacketPeer {
public:
    /// Opens in the network namespace of that name, on an interface of it.
    PacketPeer(const std::string& network_namespace, const std::string& interface);
    ~PacketPeer();
    PacketPeer(const PacketPeer&) = delete;
    PacketPeer& operator=(const PacketPeer&) = delete;

    void send(std::span<const uint8_t> frame) const;
    /// The next frame that came from the wire and has this Ethernet type, waiting for it;
    /// nullopt after ten seconds.
    std::optional<std::vector<uint8_t>> receive(uint16_t ether_type) const;

private:
    int socket_ = -1;
};

/// Ethernet type of test_frame(): IEEE 802 local experimental.
constexpr uint16_t test_ether_type = 0x88b5;

}  // namespace trunkline::test
