// Looks for a byte of a kind, sixteen at a time and without a call: lines are short, and every
// message has a dozen.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSSE3__)
#include <tmmintrin.h>
#endif

namespace trunkline::sipstack {

/// Bytes that one instruction treats alike.
using Block = uint8_t __attribute__((vector_size(16)));

/// All bits set where there is a control character (below blank, or DEL).
inline Block controls_in(Block bytes) {
    return static_cast<Block>((bytes < ' ') | (bytes == 0x7f));
}

/// All bits set where there is a line feed.
inline Block line_feeds_in(Block bytes) {
    return static_cast<Block>(bytes == '\n');
}

/// Of each byte in `places`, which are below 16, the byte of the table that stands there.
inline Block looked_up(Block table, Block places) {
#if defined(__SSSE3__)
    return std::bit_cast<Block>(
        _mm_shuffle_epi8(std::bit_cast<__m128i>(table), std::bit_cast<__m128i>(places)));
#else
    for (std::size_t i = 0; i < sizeof(Block); ++i) {
        places[i] = table[places[i]];
    }
    return places;
#endif
}

/// A set of ASCII characters, which sixteen bytes at a time are asked for by their halves: for
/// each low half the set has the high ones that it stands with, a bit each.
class CharacterSet {
public:
    template <typename IsMember>
    constexpr explicit CharacterSet(IsMember is_member) {
        for (unsigned c = 0; c < 128; ++c) {
            if (is_member(static_cast<char>(c))) {
                high_halves_[c % 16] |= static_cast<uint8_t>(1U << c / 16);
            }
        }
    }

    /// Bits set where a byte is a member.
    Block members_in(Block bytes) const {
        constexpr Block bits{1, 2, 4, 8, 16, 32, 64, 128};  // of the high halves of ASCII
        return looked_up(std::bit_cast<Block>(high_halves_), bytes & 15) &
               looked_up(bits, bytes >> 4);
    }
    /// All bits set where it is none.
    Block others_in(Block bytes) const { return static_cast<Block>(members_in(bytes) == 0); }

private:
    std::array<uint8_t, sizeof(Block)> high_halves_{};
};

/// The first byte that `mark` finds; `end`: there is none. `mark` takes a Block and gives one that
/// has bits where it found something. No null pointers, not of an empty text either.
template <typename Mark>
const char* find_byte(const char* at, const char* end, Mark mark) {
    const auto found_in = [&](Block bytes) {
        const auto [low, high] = std::bit_cast<std::array<uint64_t, 2>>(mark(bytes));
        const int in_high = high != 0 ? 8 + std::countr_zero(high) / 8 : int{sizeof(Block)};
        return low != 0 ? std::countr_zero(low) / 8 : in_high;
    };
    for (; end - at >= std::ptrdiff_t{sizeof(Block)}; at += sizeof(Block)) {
        Block bytes;
        std::memcpy(&bytes, at, sizeof(bytes));
        const int found = found_in(bytes);
        if (found < int{sizeof(Block)}) {
            return at + found;
        }
    }
    const std::ptrdiff_t rest = end - at;
    Block bytes{};
    std::memcpy(&bytes, at, static_cast<std::size_t>(rest));
    return at + std::min<std::ptrdiff_t>(found_in(bytes), rest);
}

}  // namespace trunkline::sipstack
