#include "tests/unit/dataplane/kernel_fake_lan.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace trunkline::test {

namespace {

using dataplane::IpAddress;
using dataplane::MacAddress;

constexpr std::size_t ethernet_size = 14;
constexpr std::size_t ip6_size = 40;
constexpr uint8_t solicitation_type = 135;
constexpr uint8_t advertisement_type = 136;

void append(Frame& frame, std::span<const uint8_t> bytes) {
    frame.insert(frame.end(), bytes.begin(), bytes.end());
}

Frame arp(uint8_t operation, const MacAddress& mac, const IpAddress& sender, const MacAddress& to,
          const IpAddress& target) {
    Frame frame;
    append(frame, to.bytes);
    append(frame, mac.bytes);
    append(frame, std::array<uint8_t, 10>{0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, operation});
    append(frame, mac.bytes);
    append(frame, std::span(sender.bytes).first(4));
    append(frame, to.bytes);
    append(frame, std::span(target.bytes).first(4));
    return frame;
}

/// RFC 4443 2.3: over the pseudo-header (addresses, length, 58) and the message.
uint16_t icmp6_checksum(std::span<const uint8_t> packet) {
    uint32_t sum = static_cast<uint32_t>(packet.size() - ip6_size) + 58;
    for (std::size_t i = 8; i < packet.size(); i += 2) {
        sum += static_cast<uint32_t>(packet[i] << 8 | packet[i + 1]);
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<uint16_t>(~sum);
}

Frame discovery(uint8_t type, uint8_t flags, const MacAddress& mac, const IpAddress& sender,
                const MacAddress& to, const IpAddress& destination, const IpAddress& target) {
    Frame frame;
    append(frame, to.bytes);
    append(frame, mac.bytes);
    append(frame, std::array<uint8_t, 10>{0x86, 0xdd, 0x60, 0, 0, 0, 0, 32, 58, 255});
    append(frame, sender.bytes);
    append(frame, destination.bytes);
    append(frame, std::array<uint8_t, 8>{type, 0, 0, 0, flags, 0, 0, 0});
    append(frame, target.bytes);
    const uint8_t option = type == solicitation_type ? 1 : 2;
    append(frame, std::array<uint8_t, 2>{option, 1});
    append(frame, mac.bytes);
    const uint16_t sum = icmp6_checksum(std::span(frame).subspan(ethernet_size));
    frame[ethernet_size + ip6_size + 2] = static_cast<uint8_t>(sum >> 8);
    frame[ethernet_size + ip6_size + 3] = static_cast<uint8_t>(sum);
    return frame;
}

MacAddress mac_at(std::span<const uint8_t> frame, std::size_t at) {
    MacAddress mac;
    std::ranges::copy(frame.subspan(at, 6), mac.bytes.begin());
    return mac;
}

}  // namespace

Frame arp_request(const MacAddress& mac, const IpAddress& sender, const IpAddress& target) {
    return arp(1, mac, sender, *MacAddress::parse("ff:ff:ff:ff:ff:ff"), target);
}

Frame arp_reply(const MacAddress& mac, const IpAddress& sender, const MacAddress& to,
                const IpAddress& target) {
    return arp(2, mac, sender, to, target);
}

Frame neighbour_solicitation(const MacAddress& mac, const IpAddress& sender,
                             const IpAddress& target) {
    IpAddress group = *IpAddress::parse("ff02::1:ff00:0");  // solicited node, RFC 4291 2.7.1
    std::copy_n(target.bytes.end() - 3, 3, group.bytes.end() - 3);
    MacAddress to = *MacAddress::parse("33:33:00:00:00:00");  // RFC 2464 7
    std::copy_n(group.bytes.end() - 4, 4, to.bytes.begin() + 2);
    return discovery(solicitation_type, 0, mac, sender, to, group, target);
}

Frame neighbour_advertisement(const MacAddress& mac, const IpAddress& sender, const MacAddress& to,
                              const IpAddress& target) {
    constexpr uint8_t solicited_override = 0x60;
    return discovery(advertisement_type, solicited_override, mac, sender, to, target, sender);
}

Announcement read_announcement(std::span<const uint8_t> frame) {
    using Kind = Announcement::Kind;
    Announcement result;
    if (frame.size() >= 42 && frame[12] == 0x08 && frame[13] == 0x06) {
        result.kind = frame[21] == 1 ? Kind::arp_request : Kind::arp_reply;
        result.mac = mac_at(frame, 22);
        result.sender = IpAddress::from_bytes(frame.subspan(28, 4));
        result.target = IpAddress::from_bytes(frame.subspan(38, 4));
    } else if (frame.size() >= 78 && frame[12] == 0x86 && frame[13] == 0xdd && frame[20] == 58 &&
               (frame[54] == solicitation_type || frame[54] == advertisement_type)) {
        result.kind = frame[54] == solicitation_type ? Kind::solicitation : Kind::advertisement;
        result.mac = mac_at(frame, 6);
        result.sender = IpAddress::from_bytes(frame.subspan(22, 16));
        result.target = IpAddress::from_bytes(frame.subspan(62, 16));
    }
    return result;
}

void FakeLan::send(const Frame& frame) const {
    EXPECT_EQ(write(fd_, frame.data(), frame.size()), static_cast<ssize_t>(frame.size()));
}

void FakeLan::answer(const Announcement& question) {
    using Kind = Announcement::Kind;
    if (question.kind != Kind::arp_request && question.kind != Kind::solicitation) {
        return;
    }
    ++questions_[question.target];
    const auto host = hosts_.find(question.target);
    if (host == hosts_.end()) {
        return;
    }
    send(question.kind == Kind::arp_request
             ? arp_reply(host->second, host->first, question.mac, question.sender)
             : neighbour_advertisement(host->second, host->first, question.mac, question.sender));
}

void FakeLan::pump() {
    Frame frame(2048);
    ssize_t size = 0;
    while ((size = read(fd_, frame.data(), frame.size())) > 0) {
        answer(read_announcement(std::span(frame).first(static_cast<std::size_t>(size))));
    }
}

bool FakeLan::wait_for(const std::function<bool(const Announcement&)>& fits) {
    Frame frame(2048);
    pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
    while (poll(&wait, 1, 10'000) == 1) {
        const ssize_t size = read(fd_, frame.data(), frame.size());
        if (size <= 0) {
            continue;
        }
        const auto said = read_announcement(std::span(frame).first(static_cast<std::size_t>(size)));
        if (fits(said)) {
            return true;
        }
        answer(said);
    }
    return false;
}

int FakeLan::questions(const IpAddress& address) const {
    const auto found = questions_.find(address);
    return found == questions_.end() ? 0 : found->second;
}

}  // namespace trunkline::test
