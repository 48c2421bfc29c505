// A hash of texts that peers choose: of those who do not know its secret nobody can make texts that
// crowd one bucket. Carter and Wegman's polynomial modulo 2^61 - 1, seven bytes a step: two texts
// of n steps have the same low b bits for at most some n of 2^b secrets, whatever the texts are.
// For tables in memory alone: it is no cipher, and its values are told to nobody.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace trunkline::sipstack {

class KeyHash {
public:
    /// `secret`: random, one a table.
    explicit KeyHash(uint64_t secret) : factor_(secret % (prime - 2) + 2) {}

    uint64_t operator()(std::string_view text) const {
        uint64_t sum = step(text.size());
        const char* at = text.data();
        std::size_t left = text.size();
        for (; left > sizeof(uint64_t); left -= bytes_a_step, at += bytes_a_step) {
            sum = step(sum + (word_at(at, sizeof(uint64_t)) & seven_bytes));
        }
        const std::size_t first = left < bytes_a_step ? left : bytes_a_step;
        sum = step(sum + word_at(at, first));
        return left == first ? sum : step(sum + word_at(at + first, left - first));
    }

private:
    __extension__ using Wide = unsigned __int128;
    static constexpr uint64_t prime = (uint64_t{1} << 61) - 1;
    static constexpr uint64_t seven_bytes = (uint64_t{1} << 56) - 1;
    static constexpr std::size_t bytes_a_step = 7;

    static uint64_t word_at(const char* at, std::size_t size) {
        uint64_t word = 0;
        std::memcpy(&word, at, size);
        return word;
    }
    /// Times the secret, modulo the prime but for a small multiple of it; `sum` is below 2^62.
    uint64_t step(uint64_t sum) const {
        const Wide product = Wide{sum} * factor_;
        const uint64_t folded =
            (static_cast<uint64_t>(product) & prime) + static_cast<uint64_t>(product >> 61);
        return (folded & prime) + (folded >> 61);
    }

    uint64_t factor_;
};

}  // namespace trunkline::sipstack
