// A new algorithm is one row of `methods`. OpenSSL's look-up by name costs as much as a short hash,
// so each method is fetched once.
#include "sipstack/digest/hash.h"

#include "sipstack/message/lexical.h"

#include <openssl/evp.h>

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

void require(bool condition) {
    if (!condition) {
        std::fputs("digest: OpenSSL refused to hash\n", stderr);
        std::abort();
    }
}

}  // namespace

std::string to_hex(std::span<const uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (const uint8_t byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
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
    return hash_joined(algorithm, {text});
}

std::string hash_joined(DigestAlgorithm algorithm, std::initializer_list<std::string_view> parts) {
    // A context costs an allocation; a thread keeps its own.
    thread_local const std::unique_ptr<EVP_MD_CTX, ContextDeleter> context(EVP_MD_CTX_new());
    require(context != nullptr &&
            EVP_DigestInit_ex2(context.get(), method_of(algorithm).digest, nullptr) == 1);
    bool first = true;
    for (const std::string_view part : parts) {
        require(first || EVP_DigestUpdate(context.get(), ":", 1) == 1);
        require(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
        first = false;
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    require(EVP_DigestFinal_ex(context.get(), bytes.data(), &size) == 1);
    return to_hex(std::span(bytes).first(size));
}

}  // namespace trunkline::sipstack
