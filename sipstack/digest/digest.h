// HTTP digest as SIP uses it: RFC 3261 22, RFC 2617, RFC 7616, RFC 8760. Client side.
#pragma once

#include "sipstack/config.h"
#include "sipstack/message/message.h"
#include "sipstack/random.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

enum class DigestAlgorithm : uint8_t { md5, sha256, sha512_256 };

/// The token on the wire: "MD5", "SHA-256", "SHA-512-256".
std::string_view to_token(DigestAlgorithm algorithm);

/// Lower-case hex of the hash of `text`.
std::string hash_hex(DigestAlgorithm algorithm, std::string_view text);

/// One challenge of one WWW-Authenticate or Proxy-Authenticate row; a row may hold several.
struct Challenge {
    bool from_proxy = false;       ///< 407: answered in Proxy-Authorization
    std::string realm;             ///< unquoted text, for hashing and display
    std::string realm_as_written;  ///< with backslash escapes, echoed (RFC 7616 3.4)
    std::string nonce;
    std::optional<std::string> opaque;  ///< echoed also when empty
    bool stale = false;
    DigestAlgorithm algorithm = DigestAlgorithm::md5;
    bool algorithm_given = false;  ///< echoed only then
    bool qop_auth = false;         ///< qop offered "auth"
    bool qop_given = false;        ///< some qop was offered
};

/// All challenges of a 401 or 407 that can be answered, in the order received, both header kinds;
/// unknown schemes, unknown algorithms and only-unknown qops are left out. Never throws.
std::vector<Challenge> usable_challenges(const Message& response);

/// Splits one header row into its challenges; exposed for tests and fuzzing.
std::vector<Challenge> parse_challenges(std::string_view row, bool from_proxy);

struct Credentials {
    std::string user_name;
    Secret password;
};

/// The live side of one challenge: it counts the uses of its nonce (RFC 7616 3.4).
class DigestSession {
public:
    DigestSession(Challenge challenge, Random& random);

    const Challenge& challenge() const { return challenge_; }
    /// "Authorization" or "Proxy-Authorization".
    std::string_view header_name() const;
    /// The value of the next Authorization header; counts one use of the nonce.
    std::string authorize(const Credentials& credentials, std::string_view method,
                          std::string_view digest_uri);
    uint32_t uses() const { return nonce_count_; }

private:
    Challenge challenge_;
    std::string cnonce_;
    uint32_t nonce_count_ = 0;
};

/// The bare computation of `response` (RFC 7616 3.4.1), for vectors. qop_auth false: legacy
/// formula.
std::string digest_response(const Challenge& challenge, const Credentials& credentials,
                            std::string_view method, std::string_view digest_uri,
                            std::string_view cnonce, uint32_t nonce_count);

}  // namespace trunkline::sipstack
