#include "sipstack/digest/aka.h"

#include "sipstack/digest/base64.h"
#include "sipstack/digest/hash.h"
#include "sipstack/message/lexical.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <span>
#include <vector>

namespace trunkline::sipstack {

namespace {

/// The parts of RAND and AUTN (3GPP TS 33.102 6.3.2).
struct AkaNonce {
    AkaBlock random{};
    AkaSequenceNumber concealed_number{};  ///< SQN xor AK
    AkaManagementField management_field{};
    AkaMac mac{};
};

constexpr std::size_t nonce_size = 32;

std::optional<AkaNonce> read_nonce(std::string_view text) {
    const auto bytes = decode_base64(text);
    if (!bytes || bytes->size() < nonce_size) {
        return std::nullopt;
    }
    AkaNonce nonce;
    auto from = bytes->begin();
    const auto take = [&](auto& part) {
        std::copy_n(from, part.size(), part.begin());
        from += static_cast<std::ptrdiff_t>(part.size());
    };
    take(nonce.random);
    take(nonce.concealed_number);
    take(nonce.management_field);
    take(nonce.mac);
    return nonce;
}

AkaSequenceNumber conceal(AkaSequenceNumber number, const AkaSequenceNumber& key) {
    for (std::size_t i = 0; i < number.size(); ++i) {
        number[i] ^= key[i];
    }
    return number;
}

uint64_t to_number(const AkaSequenceNumber& bytes) {
    uint64_t number = 0;
    for (const uint8_t byte : bytes) {
        number = number << 8 | byte;
    }
    return number;
}

AkaSequenceNumber to_bytes(uint64_t number) {
    AkaSequenceNumber bytes{};
    for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
        *byte = static_cast<uint8_t>(number);
        number >>= 8;
    }
    return bytes;
}

/// SQN of ours, concealed, and MAC-S with a management field of zeros (TS 33.102 6.3.3).
std::string make_auts(const AkaKeys& keys, const AkaBlock& random, const MilenageVector& vector,
                      uint64_t last) {
    const AkaSequenceNumber number = to_bytes(last);
    const AkaMac mac = milenage_macs(keys, random, number, {}).resynchronisation;
    const AkaSequenceNumber concealed = conceal(number, vector.resynchronisation);
    std::vector<uint8_t> auts(concealed.begin(), concealed.end());
    auts.insert(auts.end(), mac.begin(), mac.end());
    return encode_base64(auts);
}

std::optional<AkaBlock> block_from_hex(std::string_view digits) {
    AkaBlock block{};
    if (digits.size() != 2 * block.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < block.size(); ++i) {
        const int high = hex_value(digits[2 * i]);
        const int low = hex_value(digits[2 * i + 1]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        block[i] = static_cast<uint8_t>(high << 4 | low);
    }
    return block;
}

}  // namespace

std::optional<AkaKeys> aka_keys(std::string_view key, std::string_view operator_key) {
    const auto k = block_from_hex(key);
    const auto opc = block_from_hex(operator_key);
    return k && opc ? std::optional(AkaKeys{*k, *opc}) : std::nullopt;
}

AkaNonceText describe_aka_nonce(std::string_view nonce) {
    const auto bytes = decode_base64(nonce);
    if (!bytes || bytes->size() < nonce_size) {
        return {};
    }
    const std::span all(*bytes);
    return {to_hex(all.subspan(0, 16)), to_hex(all.subspan(16, 16))};
}

bool is_aka_nonce(std::string_view nonce) {
    return read_nonce(nonce).has_value();
}

AkaCheck check_aka(std::string_view nonce, const AkaKeys& keys, uint64_t last) {
    const auto parts = read_nonce(nonce);
    if (!parts) {
        return {};
    }
    const MilenageVector vector = milenage(keys, parts->random);
    const AkaSequenceNumber number = conceal(parts->concealed_number, vector.anonymity_key);
    const AkaMac expected =
        milenage_macs(keys, parts->random, number, parts->management_field).network;
    if (CRYPTO_memcmp(expected.data(), parts->mac.data(), expected.size()) != 0) {
        return {};
    }
    AkaCheck check{
        .verdict = AkaVerdict::genuine, .sequence_number = to_number(number), .auts = {}};
    if (check.sequence_number <= last) {
        check.verdict = AkaVerdict::out_of_sequence;
        check.auts = make_auts(keys, parts->random, vector, last);
    }
    return check;
}

std::string aka_response(std::string_view nonce, const AkaKeys& keys) {
    const auto parts = read_nonce(nonce);
    if (!parts) {
        return {};
    }
    const AkaMac response = milenage(keys, parts->random).response;
    return {response.begin(), response.end()};
}

}  // namespace trunkline::sipstack
