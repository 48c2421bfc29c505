// A captured SIP message as HEP version 3, which Homer and its like take: "HEP3", the length of the
// whole, and chunks, each with vendor (0), type, length and data; all numbers in network byte
// order.
#pragma once

#include "mgmt/capture/captured_message.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace trunkline::mgmt {

/// What a collector knows its agents by.
struct HepAgent {
    uint32_t id = 0;
    std::string key;  ///< empty: none is sent
};

/// What a datagram of UDP takes; lengths have 16 bits, which is hardly more.
inline constexpr std::size_t longest_hep_message = 65'507;

/// nullopt: it would be longer than that. Over a stream, messages follow each other as they are.
std::optional<std::string> hep_message(const CapturedMessage& captured, const HepAgent& agent);

}  // namespace trunkline::mgmt
