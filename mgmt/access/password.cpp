#include "mgmt/access/password.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <vector>

namespace trunkline::mgmt {

namespace {

using Bytes = std::vector<unsigned char>;

constexpr std::size_t salt_bytes = 16;
constexpr std::size_t hash_bytes = 32;
constexpr uint64_t most_memory = uint64_t{64} << 20;
constexpr std::string_view prefix = "$scrypt$";

struct Stored {
    PasswordCost cost;
    Bytes salt, hash;
};

uint64_t memory_of(const PasswordCost& cost) {
    return (uint64_t{1} << cost.log2_n) * cost.block * 128;
}

bool is_bearable(const PasswordCost& cost) {
    return cost.log2_n >= 1 && cost.log2_n <= 20 && cost.block >= 1 && cost.block <= 64 &&
           cost.lanes >= 1 && cost.lanes <= 16 && memory_of(cost) <= most_memory;
}

std::optional<Bytes> derive(std::string_view password, const Bytes& salt, PasswordCost cost) {
    Bytes hash(hash_bytes);
    // What the library needs beside the blocks themselves is little.
    const uint64_t memory = 2 * memory_of(cost) + (uint64_t{1} << 20);
    if (EVP_PBE_scrypt(password.data(), password.size(), salt.data(), salt.size(),
                       uint64_t{1} << cost.log2_n, cost.block, cost.lanes, memory, hash.data(),
                       hash.size()) != 1) {
        return std::nullopt;
    }
    return hash;
}

std::string to_base64(std::span<const unsigned char> bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    text.erase(text.find_last_not_of('=') + 1);
    return text;
}

std::optional<Bytes> from_base64(std::string_view text, std::size_t size) {
    if (text.size() != (4 * size + 2) / 3) {
        return std::nullopt;
    }
    std::string padded(text);
    padded.resize((padded.size() + 3) / 4 * 4, '=');
    Bytes bytes(padded.size() / 4 * 3);
    if (EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(padded.data()),
                        static_cast<int>(padded.size())) < 0) {
        return std::nullopt;
    }
    bytes.resize(size);
    return bytes;
}

/// Takes "ln=14" and what ends it off the front of `text`.
std::optional<unsigned> take_number(std::string_view& text, std::string_view name, char end) {
    if (!text.starts_with(name)) {
        return std::nullopt;
    }
    text.remove_prefix(name.size());
    unsigned number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || stop == text.data() + text.size() || *stop != end) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()) + 1);
    return number;
}

std::optional<Stored> parse(std::string_view text) {
    if (!text.starts_with(prefix)) {
        return std::nullopt;
    }
    text.remove_prefix(prefix.size());
    const auto log2_n = take_number(text, "ln=", ',');
    const auto block = log2_n ? take_number(text, "r=", ',') : std::nullopt;
    const auto lanes = block ? take_number(text, "p=", '$') : std::nullopt;
    const std::size_t dollar = text.find('$');
    if (!lanes || dollar == std::string_view::npos) {
        return std::nullopt;
    }
    auto salt = from_base64(text.substr(0, dollar), salt_bytes);
    auto hash = from_base64(text.substr(dollar + 1), hash_bytes);
    const PasswordCost cost{*log2_n, *block, *lanes};
    if (!salt || !hash || !is_bearable(cost)) {
        return std::nullopt;
    }
    return Stored{cost, std::move(*salt), std::move(*hash)};
}

void fill_random(std::span<unsigned char> bytes) {
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        std::abort();
    }
}

bool same_text(std::string_view left, std::string_view right) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> a{}, b{};
    SHA256(reinterpret_cast<const unsigned char*>(left.data()), left.size(), a.data());
    SHA256(reinterpret_cast<const unsigned char*>(right.data()), right.size(), b.data());
    return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string hash_password(std::string_view password, PasswordCost cost) {
    Bytes salt(salt_bytes);
    fill_random(salt);
    const auto hash = derive(password, salt, cost);
    if (!hash) {
        std::abort();  // the cost is ours, and memory ends processes here, not allocations
    }
    return fmt::format("{}ln={},r={},p={}${}${}", prefix, cost.log2_n, cost.block, cost.lanes,
                       to_base64(salt), to_base64(*hash));
}

bool is_password_hash(std::string_view text) {
    return parse(text).has_value();
}

bool password_matches(std::string_view password, std::string_view stored) {
    if (!stored.starts_with(prefix)) {
        return !stored.empty() && same_text(password, stored);
    }
    const auto parsed = parse(stored);
    const auto hash = parsed ? derive(password, parsed->salt, parsed->cost) : std::nullopt;
    return hash && CRYPTO_memcmp(hash->data(), parsed->hash.data(), hash_bytes) == 0;
}

std::string random_password() {
    // Without 0, o, 1, l, i and the like; 30 of them.
    constexpr std::string_view alphabet = "abcdefghjkmnpqrstuvwxyz2346789";
    constexpr std::size_t length = 20, group = 5;
    std::string password;
    while (password.size() < length + length / group - 1) {
        if (password.size() % (group + 1) == group) {
            password += '-';
            continue;
        }
        std::array<unsigned char, 1> byte{};
        fill_random(byte);
        if (byte[0] < 256 / alphabet.size() * alphabet.size()) {  // each as likely as the other
            password += alphabet[byte[0] % alphabet.size()];
        }
    }
    return password;
}

}  // namespace trunkline::mgmt
