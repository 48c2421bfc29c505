// A new algorithm is one row of `methods`. OpenSSL's look-up by name costs as much as a short hash,
// so each method is fetched once. EVP itself costs more than MD5 of a digest's parts does: that one
// goes past it, by the functions that OpenSSL 3 calls deprecated for their lack of providers.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "sipstack/digest/hash.h"

#include "sipstack/message/lexical.h"

#include <endian.h>
#include <openssl/evp.h>
#include <openssl/md5.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace trunkline::sipstack {

namespace {

struct Method {
    std::string_view token;
    const EVP_MD* digest;  ///< nullptr: this OpenSSL does not provide it
};

/// In the order of DigestAlgorithm. Never freed: it serves until the process ends.
const std::array<Method, 3>& methods() {
    static const std::array<Method, 3> all{{
        {"MD5", EVP_MD_fetch(nullptr, "MD5", nullptr)},
        {"SHA-256", EVP_MD_fetch(nullptr, "SHA2-256", nullptr)},
        {"SHA-512-256", EVP_MD_fetch(nullptr, "SHA2-512/256", nullptr)},
    }};
    return all;
}

const Method& method_of(DigestAlgorithm algorithm) {
    return methods().at(static_cast<std::size_t>(algorithm));
}

struct ContextDeleter {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// Of every byte.
constexpr auto hex_pairs = [] {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<std::array<char, 2>, 256> pairs{};
    for (std::size_t byte = 0; byte < pairs.size(); ++byte) {
        pairs[byte] = {digits[byte >> 4], digits[byte & 15]};
    }
    return pairs;
}();

void write_hex(std::span<const std::byte> bytes, char* text) {
    for (const std::byte byte : bytes) {
        text = std::copy_n(hex_pairs[std::to_integer<std::size_t>(byte)].begin(), 2, text);
    }
}

void require(bool condition) {
    if (!condition) {
        std::fputs("digest: OpenSSL refused to hash\n", stderr);
        std::abort();
    }
}

/// With a colon between any two.
void join(std::initializer_list<std::string_view> parts, char* at) {
    bool first = true;
    for (const std::string_view part : parts) {
        if (!first) {
            *at++ = ':';
        }
        at = std::copy(part.begin(), part.end(), at);
        first = false;
    }
}

/// RFC 1321 3.1, 3.2: a one bit, zeros, and the length in bits in eight bytes fill up the last
/// block.
constexpr std::size_t size_in_blocks(std::size_t size) {
    return (size + 1 + sizeof(uint64_t) + MD5_CBLOCK - 1) / MD5_CBLOCK * MD5_CBLOCK;
}

/// A fast path beside MD5(), for a short text with room behind it for whole blocks: these are
/// filled up here and hashed by one call, as what OpenSSL does for texts that come in pieces and
/// end anywhere costs as much as a block. Unit tests and the simulation hold it against MD5().
HashText md5_in_blocks(std::span<char> room, std::size_t size) {
    const std::size_t end = size_in_blocks(size);
    const uint64_t bits = htole64(8 * size);
    std::memset(room.data() + size, 0, end - size);
    room[size] = static_cast<char>(0x80);
    std::memcpy(room.data() + end - sizeof(bits), &bits, sizeof(bits));
    MD5_CTX context;
    require(MD5_Init(&context) == 1 && MD5_Update(&context, room.data(), end) == 1);
    const std::array<uint32_t, 4> words{htole32(context.A), htole32(context.B), htole32(context.C),
                                        htole32(context.D)};
    return HashText(std::as_bytes(std::span(words)));
}

HashText hash_of(DigestAlgorithm algorithm, std::span<const char> text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
    if (algorithm == DigestAlgorithm::md5) {
        MD5(reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes.data());
        return HashText(std::as_bytes(std::span(bytes).first(MD5_DIGEST_LENGTH)));
    }
    // A context costs an allocation; a thread keeps its own.
    thread_local const std::unique_ptr<EVP_MD_CTX, ContextDeleter> context(EVP_MD_CTX_new());
    unsigned size = 0;
    require(context != nullptr &&
            EVP_DigestInit_ex2(context.get(), method_of(algorithm).digest, nullptr) == 1 &&
            EVP_DigestUpdate(context.get(), text.data(), text.size()) == 1 &&
            EVP_DigestFinal_ex(context.get(), bytes.data(), &size) == 1);
    return HashText(std::as_bytes(std::span(bytes).first(size)));
}

}  // namespace

HashText::HashText(std::span<const std::byte> bytes) : size_(2 * bytes.size()) {
    require(size_ <= digits_.size());
    write_hex(bytes, digits_.data());
}

std::string to_hex(std::span<const uint8_t> bytes) {
    std::string text(2 * bytes.size(), '0');
    write_hex(std::as_bytes(bytes), text.data());
    return text;
}

std::string_view to_token(DigestAlgorithm algorithm) {
    return method_of(algorithm).token;
}

std::optional<DigestAlgorithm> algorithm_from_token(std::string_view token) {
    for (std::size_t i = 0; i < methods().size(); ++i) {
        if (equal_nocase(token, methods()[i].token) && methods()[i].digest != nullptr) {
            return static_cast<DigestAlgorithm>(i);
        }
    }
    return std::nullopt;
}

std::string hash_hex(DigestAlgorithm algorithm, std::string_view text) {
    return std::string(hash_joined(algorithm, {text}));
}

HashText hash_joined(DigestAlgorithm algorithm, std::initializer_list<std::string_view> parts) {
    std::size_t size = parts.size() - 1;
    for (const std::string_view part : parts) {
        size += part.size();
    }
    // Nearly all fit here; each part that is handed to OpenSSL costs as much as hashing it.
    std::array<char, 512> on_stack;
    std::string on_heap(size <= on_stack.size() ? 0 : size, '\0');
    const std::span<char> joined(on_heap.empty() ? on_stack.data() : on_heap.data(), size);
    join(parts, joined.data());
    const HashText hash =
        algorithm == DigestAlgorithm::md5 && size_in_blocks(size) <= on_stack.size()
            ? md5_in_blocks(on_stack, size)
            : hash_of(algorithm, joined);
    explicit_bzero(joined.data(), joined.size());  // a password may be in it
    return hash;
}

}  // namespace trunkline::sipstack
