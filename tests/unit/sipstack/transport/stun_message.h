// Answers of a STUN server that a test plays (RFC 5389), written apart from what reads them.
#pragma once

#include "dataplane/address.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::sipstack::testing {

inline std::string stun_number(uint32_t value, int bytes) {
    std::string text;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
        text += static_cast<char>(value >> shift & 0xff);
    }
    return text;
}

inline std::string stun_attribute(uint16_t type, const std::string& value) {
    return stun_number(type, 2) + stun_number(static_cast<uint32_t>(value.size()), 2) + value +
           std::string((4 - value.size() % 4) % 4, '\0');
}

/// Of the transaction whose request is given.
inline std::string stun_message(uint16_t type, std::string_view request,
                                const std::string& attributes) {
    return stun_number(type, 2) + stun_number(static_cast<uint32_t>(attributes.size()), 2) +
           std::string(request.substr(4, 16)) + attributes;
}

/// An IPv4 address as XOR-MAPPED-ADDRESS has it.
inline std::string xor_mapped(const dataplane::Endpoint& endpoint) {
    constexpr uint32_t cookie = 0x2112a442;
    return stun_attribute(
        0x0020, std::string("\0\1", 2) +
                    stun_number(static_cast<uint32_t>(endpoint.port) ^ (cookie >> 16), 2) +
                    stun_number(endpoint.address.v4_host_order() ^ cookie, 4));
}

inline std::string stun_success(std::string_view request, const dataplane::Endpoint& mapped) {
    return stun_message(0x0101, request, xor_mapped(mapped));
}

}  // namespace trunkline::sipstack::testing
