// Which SIP messages somebody wants to see. What is not set lets all through; of what is, all has
// to fit.
#pragma once

#include "dataplane/address.h"
#include "mgmt/capture/captured_message.h"

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

namespace trunkline::mgmt {

struct CaptureFilter {
    std::optional<dataplane::IpPrefix> host;  ///< has the peer's address
    std::optional<uint16_t> port;             ///< the peer's or ours
    std::string method;   ///< of the request, or of the one that is answered: "REGISTER"
    std::string call_id;  ///< whole
    std::string user;     ///< stands in the display name or the URI of From or To

    bool matches(const CapturedMessage& message) const;
    /// "host 192.0.2.0/24 method REGISTER"; "all" where nothing is set.
    std::string to_string() const;

    bool operator==(const CaptureFilter&) const = default;
};

/// The fields that a request has for a filter, each a text.
inline constexpr std::array<const char*, 5> capture_filter_fields = {"host", "port", "method",
                                                                     "call_id", "user"};

/// Of the fields of a JSON object; others are left alone, and an empty one is not set. A host is an
/// address, or a prefix as "192.0.2.0/24". The error says which field is wrong.
std::expected<CaptureFilter, std::string> read_capture_filter(const nlohmann::json& fields);

}  // namespace trunkline::mgmt
