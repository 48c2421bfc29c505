// Reads WWW-Authenticate and Proxy-Authenticate, as the standards have them and as peers send them:
// several challenges in one row, values without quotes, unknown parameters.
#pragma once

#include "sipstack/digest/hash.h"
#include "sipstack/message/message.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

/// One challenge of one row; a row may hold several.
struct Challenge {
    bool from_proxy = false;            ///< 407: answered in Proxy-Authorization
    std::string realm;                  ///< unquoted text, for hashing and display
    std::string realm_as_written;       ///< with backslash escapes, echoed (RFC 7616 3.4)
    std::string nonce;                  ///< as written, never empty
    std::optional<std::string> opaque;  ///< as written, echoed also when empty
    bool stale = false;
    DigestAlgorithm algorithm = DigestAlgorithm::md5;
    bool algorithm_given = false;  ///< echoed only then
    bool qop_auth = false;         ///< qop offered "auth"
    bool qop_given = false;        ///< some qop was offered

    bool operator==(const Challenge&) const = default;
};

/// All challenges of a 401 or 407 that can be answered: WWW-Authenticate, then Proxy-Authenticate,
/// each in the order received. Unknown schemes, unknown algorithms, only-unknown qops and those
/// without realm or nonce are left out. Never throws.
std::vector<Challenge> usable_challenges(const Message& response);

/// The first one of each realm and header kind: what a request answers (RFC 3261 22.3, RFC 8760
/// 2.4). Order is kept.
std::vector<Challenge> topmost_per_realm(std::vector<Challenge> challenges);

/// Splits one header row into its usable challenges; exposed for tests and fuzzing.
std::vector<Challenge> parse_challenges(std::string_view row, bool from_proxy);

}  // namespace trunkline::sipstack
