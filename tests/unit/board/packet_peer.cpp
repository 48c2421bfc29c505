#include "tests/unit/board/packet_peer.h"

#include "board/network_namespace.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace trunkline::test {

std::vector<uint8_t> test_frame(std::span<const uint8_t, 6> destination, uint8_t mark) {
    std::vector<uint8_t> frame(60, mark);
    std::ranges::copy(destination, frame.begin());
    frame[12] = test_ether_type >> 8;
    frame[13] = test_ether_type & 0xff;
    return frame;
}

PacketPeer::PacketPeer(const std::string& network_namespace, const std::string& interface) {
    const auto scope = board::NetworkNamespaceScope::enter(network_namespace);
    EXPECT_TRUE(scope);
    socket_ = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
}

PacketPeer::~PacketPeer() {
    close(socket_);
}

void PacketPeer::send(std::span<const uint8_t> frame) const {
    EXPECT_EQ(::send(socket_, frame.data(), frame.size(), 0), static_cast<ssize_t>(frame.size()));
}

std::optional<std::vector<uint8_t>> PacketPeer::receive(uint16_t ether_type) const {
    pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
    while (poll(&wait, 1, 10'000) == 1) {
        std::vector<uint8_t> frame(2048);
        sockaddr_ll from{};
        socklen_t length = sizeof from;
        const ssize_t size = recvfrom(socket_, frame.data(), frame.size(), 0,
                                      reinterpret_cast<sockaddr*>(&from), &length);
        if (size >= 14 && from.sll_pkttype != PACKET_OUTGOING &&
            (frame[12] << 8 | frame[13]) == ether_type) {
            frame.resize(static_cast<std::size_t>(size));
            return frame;
        }
    }
    return std::nullopt;
}

}  // namespace trunkline::test
