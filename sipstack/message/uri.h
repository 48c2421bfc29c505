// URIs: parsed enough to compare and to send to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::sipstack {

/// A sip or sips URI (RFC 3261 19.1); of any other scheme, `user` is all before the parameters.
struct SipUri {
    std::string scheme;  ///< lower case: "sip", "sips", "tel", ...
    std::string user;    ///< as written, escapes kept; a password and its colon belong to it
    std::string host;    ///< no brackets; as written
    std::optional<uint16_t> port;
    /// Names in lower case, values as written; a parameter without a value has an empty one.
    std::vector<std::pair<std::string, std::string>> parameters;
    std::vector<std::pair<std::string, std::string>> headers;

    const std::string* parameter(std::string_view name) const;
};

/// A bare URI, without <> and display name. nullopt: no scheme, no host, a port that is none.
std::optional<SipUri> parse_uri(std::string_view text);

/// RFC 3261 19.1.4; IPv6 hosts by value (RFC 5954 4.2).
bool equivalent(const SipUri& a, const SipUri& b);

}  // namespace trunkline::sipstack
