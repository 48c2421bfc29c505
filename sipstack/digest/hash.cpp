// A new algorithm is one row of `methods`. OpenSSL's look-up by name costs as much as a short hash,
// so each method is fetched once.
#include "sipstack/digest/hash.h"

#include "sipstack/message/lexical.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
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

void write_hex(std::span<const uint8_t> bytes, char* text) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const uint8_t byte : bytes) {
        *text++ = digits[byte >> 4];
        *text++ = digits[byte & 15];
    }
}

void require(bool condition) {
    if (!condition) {
        std::fputs("digest: OpenSSL refused to hash\n", stderr);
        std::abort();
    }
}

}  // namespace

HashText::HashText(std::span<const uint8_t> bytes) : size_(2 * bytes.size()) {
    require(size_ <= digits_.size());
    write_hex(bytes, digits_.data());
}

std::string to_hex(std::span<const uint8_t> bytes) {
    std::string text(2 * bytes.size(), '0');
    write_hex(bytes, text.data());
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
    // A context costs an allocation; a thread keeps its own.
    thread_local const std::unique_ptr<EVP_MD_CTX, ContextDeleter> context(EVP_MD_CTX_new());
    require(context != nullptr &&
            EVP_DigestInit_ex2(context.get(), method_of(algorithm).digest, nullptr) == 1);
    // Each part handed to OpenSSL costs as much as hashing a part of this size: most go together.
    std::array<char, 256> joined;
    std::size_t used = 0;
    const auto add = [&](std::string_view text) {
        if (text.size() > joined.size() - used) {
            require(EVP_DigestUpdate(context.get(), joined.data(), used) == 1);
            used = 0;
        }
        if (text.size() > joined.size()) {
            require(EVP_DigestUpdate(context.get(), text.data(), text.size()) == 1);
            return;
        }
        std::copy(text.begin(), text.end(), joined.begin() + used);
        used += text.size();
    };
    bool first = true;
    for (const std::string_view part : parts) {
        if (!first) {
            add(":");
        }
        add(part);
        first = false;
    }
    require(EVP_DigestUpdate(context.get(), joined.data(), used) == 1);
    OPENSSL_cleanse(joined.data(), used);  // a password may be in it
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
    unsigned size = 0;
    require(EVP_DigestFinal_ex(context.get(), bytes.data(), &size) == 1);
    return HashText(std::span(bytes).first(size));
}

}  // namespace trunkline::sipstack
