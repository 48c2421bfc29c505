// A failure of the environment: what went wrong and what to do about it, for the operator.
#pragma once

#include <expected>
#include <string>

namespace trunkline::board {

/// One sentence that names the thing that failed, then what to do: "cannot open eth0 for GE_1: no
/// such interface; name one of 'ip link' in ip_network.physical_ports[0].device.interface".
struct Error {
    std::string message;
};

template <typename Value>
using Expected = std::expected<Value, Error>;

}  // namespace trunkline::board
