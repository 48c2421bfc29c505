// ChaCha20 through OpenSSL: the key stream is the encryption of zeros.
#include "sipstack/random.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace trunkline::sipstack {

namespace {

void require(bool condition, const char* what) {
    if (!condition) {
        std::fprintf(stderr, "random: OpenSSL refused to %s\n", what);
        std::abort();
    }
}

/// Of each byte, its lower half first.
constexpr auto digit_pairs = [] {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<std::array<char, 2>, 256> pairs{};
    for (std::size_t byte = 0; byte < pairs.size(); ++byte) {
        pairs[byte] = {digits[byte & 15], digits[byte >> 4]};
    }
    return pairs;
}();

}  // namespace

void Random::CipherDeleter::operator()(evp_cipher_ctx_st* cipher) const {
    EVP_CIPHER_CTX_free(cipher);
}

Random::Random(const Seed& seed) : cipher_(EVP_CIPHER_CTX_new()) {
    require(cipher_ != nullptr, "allocate a cipher");
    EVP_CIPHER* chacha = EVP_CIPHER_fetch(nullptr, "ChaCha20", nullptr);
    require(chacha != nullptr, "provide ChaCha20");
    // Counter and nonce start at zero: a seed is used for one stream only.
    const std::array<uint8_t, 16> counter_and_nonce{};
    require(EVP_EncryptInit_ex2(cipher_.get(), chacha, seed.data(), counter_and_nonce.data(),
                                nullptr) == 1,
            "start ChaCha20");
    EVP_CIPHER_free(chacha);  // the context holds its own reference
}

Random::Seed Random::seed_from(uint64_t number) {
    Seed seed{};
    for (std::size_t i = 0; i < sizeof(number); ++i) {
        seed[i] = static_cast<uint8_t>(number >> (8 * i));
    }
    return seed;
}

void Random::refill() {
    static constexpr std::array<uint8_t, sizeof(stream_)> zeros{};
    int written = 0;
    require(EVP_EncryptUpdate(cipher_.get(), stream_.data(), &written, zeros.data(),
                              static_cast<int>(zeros.size())) == 1 &&
                written == static_cast<int>(zeros.size()),
            "continue the ChaCha20 stream");
    used_ = 0;
}

void Random::fill(std::span<uint8_t> bytes) {
    while (!bytes.empty()) {
        if (used_ == stream_.size()) {
            refill();
        }
        const std::size_t taken = std::min(bytes.size(), stream_.size() - used_);
        std::memcpy(bytes.data(), stream_.data() + used_, taken);
        // What was handed out is not kept: memory read later does not tell it.
        std::memset(stream_.data() + used_, 0, taken);
        used_ += taken;
        bytes = bytes.subspan(taken);
    }
}

uint64_t Random::next() {
    std::array<uint8_t, sizeof(uint64_t)> bytes{};
    fill(bytes);
    return std::bit_cast<uint64_t>(bytes);
}

uint64_t Random::between(uint64_t low, uint64_t high) {
    const uint64_t span = high - low + 1;  // 0: all 64-bit values
    if (span == 0) {
        return next();
    }
    // Values of the last, incomplete run of `span` are drawn again, so that none is favoured.
    const uint64_t incomplete = (0 - span) % span;
    uint64_t value = next();
    while (value < incomplete) {
        value = next();
    }
    return low + value % span;
}

std::string Random::hex(std::size_t length) {
    std::string text;
    append_hex(text, length);
    return text;
}

void Random::append_hex(std::string& text, std::size_t length) {
    while (length > 0) {
        std::array<uint8_t, 16> bytes;
        std::array<char, 2 * bytes.size()> digits;
        const std::size_t taken = std::min(length, digits.size());
        const auto drawn = std::span(bytes).first((taken + 1) / 2);
        fill(drawn);
        char* at = digits.data();
        for (const uint8_t byte : drawn) {
            at = std::copy_n(digit_pairs[byte].begin(), 2, at);
        }
        text.append(digits.data(), taken);
        length -= taken;
    }
}

}  // namespace trunkline::sipstack
