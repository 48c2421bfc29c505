// Addresses as every floor above the wire speaks of them: MAC, IP, prefix, endpoint.
// Plain values without DPDK, so that the signaling core can use them too.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace trunkline::dataplane {

/// An Ethernet address in transmission order.
struct MacAddress {
    std::array<uint8_t, 6> bytes{};

    auto operator<=>(const MacAddress&) const = default;
    bool is_zero() const;
    bool is_group() const { return (bytes[0] & 1) != 0; }
    /// "00:90:8f:01:02:03"; parse() accepts ':' or '-' between two-digit groups.
    std::string to_string() const;
    static std::optional<MacAddress> parse(std::string_view text);
};

/// An IPv4 or IPv6 address in network byte order. An IPv4 address lives in the first four bytes;
/// the rest stay zero, so that comparison and hashing may use all sixteen.
struct IpAddress {
    enum class Family : uint8_t { none = 0, v4 = 4, v6 = 6 };

    std::array<uint8_t, 16> bytes{};
    Family family = Family::none;

    auto operator<=>(const IpAddress&) const = default;
    bool is_v4() const { return family == Family::v4; }
    bool is_v6() const { return family == Family::v6; }
    bool is_set() const { return family != Family::none; }
    bool is_multicast() const;
    /// fe80::/10 (RFC 4291 2.5.6).
    bool is_link_local() const;

    /// `host_order` as in 0xc0000201 for 192.0.2.1.
    static IpAddress v4(uint32_t host_order);
    /// Network byte order, the size decides the family: 4 or 16 bytes.
    static IpAddress from_bytes(std::span<const uint8_t> network_order);
    uint32_t v4_host_order() const;

    /// RFC 5952 text. parse() takes that and the other legal forms; brackets are not part of it.
    std::string to_string() const;
    /// As it stands in a SIP URI or Via sent-by: IPv6 in brackets (RFC 3261 25.1).
    std::string to_uri_host() const;
    static std::optional<IpAddress> parse(std::string_view text);
};

/// An address with the length of its on-link prefix, "192.0.2.10/24".
struct IpPrefix {
    IpAddress address;
    uint8_t length = 0;  ///< bits: 0..32 or 0..128

    auto operator<=>(const IpPrefix&) const = default;
    /// Whether `other` shares the first `length` bits; false across families.
    bool contains(const IpAddress& other) const;
    std::string to_string() const;
    static std::optional<IpPrefix> parse(std::string_view text);
};

/// One side of a UDP or TCP exchange.
struct Endpoint {
    IpAddress address;
    uint16_t port = 0;  ///< host byte order

    auto operator<=>(const Endpoint&) const = default;
    /// "192.0.2.1:5060", "[2001:db8::1]:5060".
    std::string to_string() const;
};

}  // namespace trunkline::dataplane

template <>
struct std::hash<trunkline::dataplane::IpAddress> {
    std::size_t operator()(const trunkline::dataplane::IpAddress& address) const noexcept;
};

template <>
struct std::hash<trunkline::dataplane::Endpoint> {
    std::size_t operator()(const trunkline::dataplane::Endpoint& endpoint) const noexcept;
};
