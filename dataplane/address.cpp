#include "dataplane/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <utility>

namespace trunkline::dataplane {

namespace {

/// Splits "text/length" and reads the decimal length; nullopt when there is none or it is no
/// number.
std::optional<unsigned> parse_decimal(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

/// FNV-1a: short keys, no allocation, good enough spread for hash tables.
std::size_t hash_bytes(std::span<const uint8_t> bytes, std::size_t seed) {
    std::size_t hash = seed ^ 0xcbf29ce484222325ULL;
    for (const uint8_t byte : bytes) {
        hash = (hash ^ byte) * 0x100000001b3ULL;
    }
    return hash;
}

/// Written into every message that leaves, where inet_ntop's printf would cost more than the rest
/// of its row.
std::string v4_text(std::span<const uint8_t> bytes) {
    std::array<char, 16> text{};
    char* at = text.data();
    for (std::size_t i = 0; i < 4; ++i) {
        at = std::to_chars(at, text.data() + text.size(), bytes[i]).ptr;
        *at++ = '.';
    }
    return {text.data(), at - 1};
}

/// Four numbers up to 255 without leading zeros, dots between; in host byte order. Every answer's
/// Via is asked for it, where inet_pton and its C string cost ten times as much.
std::optional<uint32_t> parse_v4(std::string_view text) {
    uint32_t address = 0;
    std::size_t at = 0;
    for (unsigned number = 0; number < 4; ++number) {
        if (number > 0 && (at == text.size() || text[at++] != '.')) {
            return std::nullopt;
        }
        const std::size_t begin = at;
        uint32_t value = 0;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9' && at - begin < 4) {
            value = value * 10 + static_cast<uint32_t>(text[at++] - '0');
        }
        const bool has_leading_zero = at - begin > 1 && text[begin] == '0';
        if (at == begin || value > 255 || has_leading_zero) {
            return std::nullopt;
        }
        address = address << 8 | value;
    }
    return at == text.size() ? std::optional(address) : std::nullopt;
}

}  // namespace

bool MacAddress::is_zero() const {
    return *this == MacAddress{};
}

std::string MacAddress::to_string() const {
    return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", bytes[0], bytes[1], bytes[2],
                       bytes[3], bytes[4], bytes[5]);
}

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
    constexpr std::size_t text_length = 17;  // six groups of two digits, five separators
    if (text.size() != text_length) {
        return std::nullopt;
    }
    MacAddress mac;
    for (std::size_t i = 0; i < mac.bytes.size(); ++i) {
        const char* group = text.data() + i * 3;
        const auto [end, error] = std::from_chars(group, group + 2, mac.bytes[i], 16);
        const bool separated = i == 5 || group[2] == ':' || group[2] == '-';
        if (error != std::errc{} || end != group + 2 || !separated) {
            return std::nullopt;
        }
    }
    return mac;
}

bool IpAddress::is_multicast() const {
    return is_v4() ? (bytes[0] & 0xf0) == 0xe0 : is_v6() && bytes[0] == 0xff;
}

bool IpAddress::is_link_local() const {
    return is_v6() && bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

IpAddress IpAddress::v4(uint32_t host_order) {
    IpAddress address;
    address.family = Family::v4;
    const uint32_t network_order = htonl(host_order);
    std::memcpy(address.bytes.data(), &network_order, sizeof(network_order));
    return address;
}

IpAddress IpAddress::from_bytes(std::span<const uint8_t> network_order) {
    IpAddress address;
    if (network_order.size() != 4 && network_order.size() != 16) {
        return address;
    }
    address.family = network_order.size() == 4 ? Family::v4 : Family::v6;
    std::memcpy(address.bytes.data(), network_order.data(), network_order.size());
    return address;
}

uint32_t IpAddress::v4_host_order() const {
    uint32_t network_order = 0;
    std::memcpy(&network_order, bytes.data(), sizeof(network_order));
    return ntohl(network_order);
}

std::string IpAddress::to_string() const {
    if (!is_set()) {
        return {};
    }
    if (is_v4()) {
        return v4_text(bytes);
    }
    char text[INET6_ADDRSTRLEN] = {};
    // Cannot fail: the buffer holds the longest text.
    inet_ntop(AF_INET6, bytes.data(), text, sizeof(text));
    return text;
}

std::string IpAddress::to_uri_host() const {
    return is_v6() ? "[" + to_string() + "]" : to_string();
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.size() >= INET6_ADDRSTRLEN) {
        return std::nullopt;
    }
    if (const auto host_order = parse_v4(text)) {
        return v4(*host_order);
    }
    const std::string terminated(text);
    IpAddress address;
    if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) {
        address.family = Family::v6;
        return address;
    }
    return std::nullopt;
}

bool IpPrefix::contains(const IpAddress& other) const {
    if (other.family != address.family) {
        return false;
    }
    const std::size_t whole_bytes = length / 8;
    if (std::memcmp(address.bytes.data(), other.bytes.data(), whole_bytes) != 0) {
        return false;
    }
    const unsigned rest = length % 8;
    if (rest == 0) {
        return true;
    }
    const auto mask = static_cast<uint8_t>(0xff << (8 - rest));
    return ((address.bytes[whole_bytes] ^ other.bytes[whole_bytes]) & mask) == 0;
}

std::string IpPrefix::to_string() const {
    return fmt::format("{}/{}", address.to_string(), length);
}

std::optional<IpPrefix> IpPrefix::parse(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    const auto address = IpAddress::parse(text.substr(0, slash));
    const auto length = parse_decimal(text.substr(slash + 1));
    if (!address || !length || *length > (address->is_v4() ? 32U : 128U)) {
        return std::nullopt;
    }
    return IpPrefix{*address, static_cast<uint8_t>(*length)};
}

std::string Endpoint::to_string() const {
    std::string text = address.to_uri_host();
    const fmt::format_int number(port);
    text += ':';
    text.append(number.data(), number.size());
    return text;
}

}  // namespace trunkline::dataplane

std::size_t std::hash<trunkline::dataplane::IpAddress>::operator()(
    const trunkline::dataplane::IpAddress& address) const noexcept {
    return trunkline::dataplane::hash_bytes(address.bytes, std::to_underlying(address.family));
}

std::size_t std::hash<trunkline::dataplane::Endpoint>::operator()(
    const trunkline::dataplane::Endpoint& endpoint) const noexcept {
    return std::hash<trunkline::dataplane::IpAddress>{}(endpoint.address) ^
           (endpoint.port * 0x9e3779b97f4a7c15ULL);
}
