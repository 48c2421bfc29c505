// Call-IDs of a run: its number and that of whatever the call belongs to, in 24 digits.
#pragma once

#include "tools/blast/hex.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace trunkline::blast {

using CallId = std::array<char, 24>;

class CallIds {
public:
    /// `run` parts them from those of other runs.
    explicit CallIds(uint64_t run) { std::ranges::copy(hex<16>(run), begin_.begin()); }

    CallId of(uint32_t number) const {
        CallId text = begin_;
        std::ranges::copy(hex<8>(number), text.end() - 8);
        return text;
    }

private:
    CallId begin_{};
};

}  // namespace trunkline::blast
