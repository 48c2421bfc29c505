// A hash over all that a simulated network carried, and when. It is the same in every process,
// which std::hash need not be.
#pragma once

#include "sipstack/instant.h"

#include <cstdint>
#include <string_view>

namespace trunkline::sim {

class TraceHash {
public:
    void add(std::string_view bytes, sipstack::Instant when) {
        mix(static_cast<uint64_t>(when.time_since_epoch().count()));
        uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
        for (const char byte : bytes) {
            hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
        }
        mix(hash);
    }
    uint64_t value() const { return value_; }

private:
    void mix(uint64_t value) {
        value_ = (value_ ^ value) * 0x9e3779b97f4a7c15;
        value_ ^= value_ >> 32;
    }

    uint64_t value_ = 0;
};

}  // namespace trunkline::sim
