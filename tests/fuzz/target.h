// A fuzz target: reads any bytes, and checks what must hold of them.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace trunkline::fuzz {

/// Ends the process, which libFuzzer keeps the input of, when what must hold does not.
inline void check(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s\n", what);
        std::abort();
    }
}

/// What the target does with any bytes whatever; each has one.
void read(std::string_view bytes);

}  // namespace trunkline::fuzz
