// Writes DNS responses byte by byte (RFC 1035 4.1), as a server would send them.
#pragma once

#include "sipstack/transport/dns_answer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack::test {

using Bytes = std::vector<uint8_t>;

inline void put16(Bytes& bytes, unsigned number) {
    bytes.push_back(static_cast<uint8_t>(number >> 8));
    bytes.push_back(static_cast<uint8_t>(number));
}

inline void put32(Bytes& bytes, uint32_t number) {
    put16(bytes, number >> 16);
    put16(bytes, number & 0xffff);
}

inline void put(Bytes& bytes, const Bytes& more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}

/// Without compression; "" is the root.
inline Bytes name_data(std::string_view name) {
    Bytes bytes;
    while (!name.empty()) {
        const auto label = name.substr(0, name.find('.'));
        bytes.push_back(static_cast<uint8_t>(label.size()));
        bytes.insert(bytes.end(), label.begin(), label.end());
        name.remove_prefix(std::min(name.size(), label.size() + 1));
    }
    bytes.push_back(0);
    return bytes;
}

inline Bytes address_data(std::string_view text) {
    const auto address = *dataplane::IpAddress::parse(text);
    return {address.bytes.begin(), address.bytes.begin() + (address.is_v6() ? 16 : 4)};
}

inline Bytes srv_data(unsigned priority, unsigned weight, unsigned port, std::string_view target) {
    Bytes bytes;
    put16(bytes, priority);
    put16(bytes, weight);
    put16(bytes, port);
    put(bytes, name_data(target));
    return bytes;
}

inline Bytes naptr_data(unsigned order, unsigned preference, std::string_view flags,
                        std::string_view services, std::string_view replacement) {
    Bytes bytes;
    put16(bytes, order);
    put16(bytes, preference);
    for (const auto text : {flags, services, std::string_view()}) {
        bytes.push_back(static_cast<uint8_t>(text.size()));
        bytes.insert(bytes.end(), text.begin(), text.end());
    }
    put(bytes, name_data(replacement));
    return bytes;
}

/// MNAME and RNAME are the root, all times but MINIMUM a day.
inline Bytes soa_data(uint32_t minimum) {
    Bytes bytes{0, 0};
    for (int i = 0; i < 4; ++i) {
        put32(bytes, 86'400);
    }
    put32(bytes, minimum);
    return bytes;
}

inline constexpr unsigned cname_type = 5;
inline constexpr unsigned soa_type = 6;

inline Bytes record(std::string_view name, unsigned type, uint32_t time_to_live,
                    const Bytes& data) {
    Bytes bytes = name_data(name);
    put16(bytes, type);
    put16(bytes, 1);  // IN
    put32(bytes, time_to_live);
    put16(bytes, static_cast<unsigned>(data.size()));
    put(bytes, data);
    return bytes;
}

inline Bytes record(std::string_view name, DnsType type, uint32_t time_to_live, const Bytes& data) {
    return record(name, static_cast<unsigned>(type), time_to_live, data);
}

inline constexpr unsigned success = 0, server_failure = 2, name_error = 3;

/// A response to `question` with those records in the answer and the authority section.
inline Bytes response(const DnsQuestion& question, unsigned code, const std::vector<Bytes>& answers,
                      const std::vector<Bytes>& authority = {}) {
    Bytes bytes;
    put16(bytes, 0x1234);  // id
    put16(bytes, 0x8180 | code);
    put16(bytes, 1);
    put16(bytes, static_cast<unsigned>(answers.size()));
    put16(bytes, static_cast<unsigned>(authority.size()));
    put16(bytes, 0);
    put(bytes, name_data(question.name));
    put16(bytes, static_cast<unsigned>(question.type));
    put16(bytes, 1);
    for (const auto* section : {&answers, &authority}) {
        for (const auto& entry : *section) {
            put(bytes, entry);
        }
    }
    return bytes;
}

}  // namespace trunkline::sipstack::test
