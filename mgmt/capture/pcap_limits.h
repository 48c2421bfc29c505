// How much the files of a capture take.
#pragma once

#include <cstddef>
#include <cstdint>

namespace trunkline::mgmt {

struct PcapLimits {
    uint64_t file_bytes = uint64_t{10} << 20;  ///< a file may be longer by one packet
    std::size_t files = 10;                    ///< at least 2
};

}  // namespace trunkline::mgmt
