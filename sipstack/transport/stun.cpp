#include "sipstack/transport/stun.h"

#include <zlib.h>

#include <algorithm>
#include <iterator>
#include <span>

namespace trunkline::sipstack {
namespace {

constexpr uint32_t magic_cookie = 0x2112a442;
constexpr uint32_t fingerprint_mask = 0x5354554e;
constexpr uint16_t binding_request = 0x0001, binding_success = 0x0101, binding_error = 0x0111;
constexpr uint16_t mapped_address = 0x0001, error_code = 0x0009, xor_mapped_address = 0x0020,
                   fingerprint = 0x8028;
constexpr std::size_t attribute_header_size = 4;

uint8_t byte_at(std::string_view bytes, std::size_t offset) {
    return static_cast<uint8_t>(bytes[offset]);
}

uint16_t number16(std::string_view bytes, std::size_t offset) {
    return static_cast<uint16_t>(byte_at(bytes, offset) << 8 | byte_at(bytes, offset + 1));
}

uint32_t number32(std::string_view bytes, std::size_t offset) {
    return static_cast<uint32_t>(number16(bytes, offset)) << 16 | number16(bytes, offset + 2);
}

/// Of the range that must be understood (RFC 5389 18.2), the names of RFC 3489 included.
bool is_known(uint16_t attribute) {
    constexpr uint16_t known[] = {0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x0007,
                                  0x0008, 0x0009, 0x000a, 0x000b, 0x0014, 0x0015, 0x0020};
    return std::ranges::find(known, attribute) != std::end(known);
}

/// `mask`: what the bytes of port and address were combined with: cookie and transaction id, or
/// zeros.
std::optional<dataplane::Endpoint> read_address(std::string_view value, std::string_view mask) {
    constexpr std::size_t address_offset = 4;
    constexpr uint8_t ipv4 = 1, ipv6 = 2;
    const std::size_t length = value.size() - std::min(value.size(), address_offset);
    const bool is_v4 = length == 4 && byte_at(value, 1) == ipv4;
    const bool is_v6 = length == 16 && byte_at(value, 1) == ipv6;
    if (!is_v4 && !is_v6) {
        return std::nullopt;
    }
    const auto port = static_cast<uint16_t>(number16(value, 2) ^ number16(mask, 0));
    std::array<uint8_t, 16> octets{};
    for (std::size_t i = 0; i < length; ++i) {
        octets.at(i) = byte_at(value, address_offset + i) ^ byte_at(mask, i);
    }
    return dataplane::Endpoint{dataplane::IpAddress::from_bytes(std::span(octets.data(), length)),
                               port};
}

/// Over all in front of the attribute (15.5); `offset` is that of its header.
bool fits(std::string_view bytes, std::size_t offset) {
    const auto sum =
        crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(offset));
    return number32(bytes, offset + attribute_header_size) ==
           (static_cast<uint32_t>(sum) ^ fingerprint_mask);
}

class AnswerReader {
public:
    explicit AnswerReader(std::string_view bytes) : bytes_(bytes) {}

    std::optional<StunAnswer> read() {
        const uint16_t type = number16(bytes_, 0);
        const bool is_error = type == binding_error;
        if ((type != binding_success && !is_error) ||
            number16(bytes_, 2) != bytes_.size() - stun_header_size) {
            return std::nullopt;
        }
        answer_.id = stun_transaction_id(bytes_);
        std::size_t offset = stun_header_size;
        while (offset < bytes_.size()) {
            const auto size = read_attribute(offset);
            if (!size) {
                return std::nullopt;
            }
            offset += *size;
        }
        const bool has_code = answer_.error_code != 0;
        return has_code == is_error ? std::optional(answer_) : std::nullopt;
    }

private:
    /// Its size with header and padding; nullopt: it spoils the message.
    std::optional<std::size_t> read_attribute(std::size_t offset) {
        const std::size_t room = bytes_.size() - offset;
        if (room < attribute_header_size) {
            return std::nullopt;
        }
        const uint16_t type = number16(bytes_, offset);
        const std::size_t length = number16(bytes_, offset + 2);
        const std::size_t size = attribute_header_size + (length + 3) / 4 * 4;
        if (size > room) {
            return std::nullopt;
        }
        const std::string_view value = bytes_.substr(offset + attribute_header_size, length);
        const bool is_readable = take(type, value, offset);
        return is_readable ? std::optional(size) : std::nullopt;
    }

    bool take(uint16_t type, std::string_view value, std::size_t offset) {
        constexpr std::string_view no_mask("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
        switch (type) {
            case xor_mapped_address:
                answer_.mapped = read_address(value, bytes_.substr(4, 16));
                return answer_.mapped.has_value();
            case mapped_address: {
                const auto plain = read_address(value, no_mask);
                if (!answer_.mapped) {
                    answer_.mapped = plain;
                }
                return plain.has_value();
            }
            case error_code:
                if (value.size() < 4) {
                    return false;
                }
                answer_.error_code = (byte_at(value, 2) & 7) * 100 + byte_at(value, 3);
                return answer_.error_code >= 300 && byte_at(value, 3) < 100;
            case fingerprint:
                return value.size() == 4 && fits(bytes_, offset);
            default:
                return (type & 0x8000) != 0 || is_known(type);
        }
    }

    std::string_view bytes_;
    StunAnswer answer_;
};

}  // namespace

bool is_stun(std::string_view bytes) {
    return bytes.size() >= stun_header_size && (byte_at(bytes, 0) & 0xc0) == 0 &&
           number32(bytes, 4) == magic_cookie;
}

StunTransactionId stun_transaction_id(std::string_view bytes) {
    StunTransactionId id{};
    std::copy_n(bytes.begin() + 8, id.size(), id.begin());
    return id;
}

std::string stun_binding_request(const StunTransactionId& id) {
    std::string bytes;
    bytes.reserve(stun_header_size);
    for (const uint32_t word : {uint32_t{binding_request} << 16, magic_cookie}) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes += static_cast<char>(word >> shift & 0xff);
        }
    }
    bytes.append(id.begin(), id.end());
    return bytes;
}

std::optional<StunAnswer> read_stun_answer(std::string_view bytes) {
    return is_stun(bytes) ? AnswerReader(bytes).read() : std::nullopt;
}

}  // namespace trunkline::sipstack
