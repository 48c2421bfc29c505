// One value of the Via header.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace trunkline::sipstack {

struct Via {
    std::string transport;  ///< upper case: "UDP"
    std::string host;       ///< sent-by host without brackets
    std::optional<uint16_t> port;
    std::string branch;
    bool has_rport = false;         ///< rport present, with or without a value (RFC 3581)
    std::optional<uint16_t> rport;  ///< its value
    std::string received;           ///< without brackets (RFC 5118 4.5)

    bool operator==(const Via&) const = default;
};

}  // namespace trunkline::sipstack
