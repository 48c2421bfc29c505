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

/// Longest realm, nonce or opaque that is answered, in bytes: all of it comes back in our request.
constexpr std::size_t max_challenge_value = 1024;
/// Challenges of any scheme that are read of one row, and usable ones of one response.
constexpr std::size_t max_challenges_read = 16;

/// One challenge of one row; a row may hold several.
struct Challenge {
    bool from_proxy = false;            ///< 407: answered in Proxy-Authorization
    bool basic = false;                 ///< scheme Basic (RFC 7617): realm alone counts
    std::string realm;                  ///< unquoted text, for hashing and display
    std::string realm_as_written;       ///< with backslash escapes, echoed (RFC 7616 3.4)
    std::string nonce;                  ///< as written, never empty in Digest
    std::optional<std::string> opaque;  ///< as written, echoed also when empty
    bool stale = false;
    DigestAlgorithm algorithm = DigestAlgorithm::md5;
    bool session = false;          ///< a -sess form: the key is made once a session
    bool aka = false;              ///< AKAv1 (RFC 3310): the nonce carries RAND and AUTN
    bool algorithm_given = false;  ///< echoed only then
    bool qop_auth = false;         ///< qop offered "auth"
    bool qop_auth_int = false;     ///< qop offered "auth-int"
    bool qop_given = false;        ///< some qop was offered
    bool userhash = false;         ///< the user name goes hashed (RFC 7616 3.4.4)

    /// The one that is used, "auth" before "auth-int"; empty: none was offered (RFC 7616 3.4).
    std::string_view qop() const;

    bool operator==(const Challenge&) const = default;
};

/// A value of the algorithm parameter and what it means.
struct AlgorithmName {
    std::string_view token;
    DigestAlgorithm algorithm;
    bool session = false;
    bool aka = false;
};
/// Case aside; nullptr: an unknown one, or one whose hash this OpenSSL does not provide.
const AlgorithmName* find_algorithm(std::string_view token);

/// What the challenge asks for, as it stands on the wire: "MD5", "SHA-256-sess", "AKAv1-MD5";
/// "Basic" for that scheme.
std::string_view algorithm_name(const Challenge& challenge);

/// All challenges of a 401 or 407 that can be answered: WWW-Authenticate, then Proxy-Authenticate,
/// each in the order received. Unknown schemes, unknown algorithms, only-unknown qops, values
/// beyond max_challenge_value and those without realm or nonce are left out. Basic is left out
/// unless the response offers nothing of Digest. Never throws.
std::vector<Challenge> usable_challenges(const Message& response);

/// The first one of each realm and header kind: what a request answers (RFC 3261 22.3, RFC 8760
/// 2.4). Order is kept.
std::vector<Challenge> topmost_per_realm(std::vector<Challenge> challenges);

/// The one of each realm and header kind with the strongest algorithm: AKA, SHA-512-256, SHA-256,
/// MD5, Basic; the first of equals. The realms stand in the order of their strength.
std::vector<Challenge> strongest_per_realm(std::vector<Challenge> challenges);

/// Splits one header row into its usable challenges; exposed for tests and fuzzing.
std::vector<Challenge> parse_challenges(std::string_view row, bool from_proxy);

}  // namespace trunkline::sipstack
