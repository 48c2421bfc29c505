// The shard's generator of unpredictable values: branches, tags, Call-IDs, cnonces, jitter.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct evp_cipher_ctx_st;

namespace trunkline::sipstack {

/// A keyed stream (ChaCha20, RFC 8439): cryptographically strong when the seed is, and exactly
/// repeatable in a simulation. One shard, one generator; not thread-safe.
class Random {
public:
    using Seed = std::array<uint8_t, 32>;
    /// The seed comes from getrandom(2) in the appliance and from a number in a test.
    /// Aborts when OpenSSL has no ChaCha20: nothing can run safely without unpredictable values.
    explicit Random(const Seed& seed);
    static Seed seed_from(uint64_t number);

    void fill(std::span<uint8_t> bytes);
    uint64_t next();
    /// Uniform in [low, high]; low <= high.
    uint64_t between(uint64_t low, uint64_t high);
    /// `length` lower-case hex digits.
    std::string hex(std::size_t length);
    void append_hex(std::string& text, std::size_t length);

private:
    void refill();

    struct CipherDeleter {
        void operator()(evp_cipher_ctx_st* cipher) const;
    };

    std::unique_ptr<evp_cipher_ctx_st, CipherDeleter> cipher_;
    std::array<uint8_t, 1024> stream_{};
    std::size_t used_ = sizeof(stream_);
};

}  // namespace trunkline::sipstack
