// One value of the Via header. Views live as long as the message that it was read from.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace trunkline::sipstack {

struct Via {
    std::string_view transport;  ///< upper case: "UDP"
    std::string_view host;       ///< sent-by host without brackets
    std::optional<uint16_t> port;
    std::string_view branch;
    bool has_rport = false;         ///< rport present, with or without a value (RFC 3581)
    std::optional<uint16_t> rport;  ///< its value
    std::string_view received;      ///< without brackets (RFC 5118 4.5)

    bool operator==(const Via&) const = default;
};

}  // namespace trunkline::sipstack
