// HTTP digest as SIP uses it: RFC 3261 22, RFC 2617, RFC 7616, RFC 8760. Client side: the answer to
// a challenge (challenge.h). It never prints a secret.
#pragma once

#include "sipstack/config.h"
#include "sipstack/digest/challenge.h"
#include "sipstack/random.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

struct Credentials {
    std::string user_name;
    Secret password;
    /// Instead of the password: hex of H(user:realm:password), good for `ha1_algorithm` alone.
    Secret ha1 = {};
    DigestAlgorithm ha1_algorithm = DigestAlgorithm::md5;

    /// Whether there is a password, or an HA1 of the challenge's algorithm.
    bool can_answer(const Challenge& challenge) const;
};

/// What outlives a restart of a digest session: its challenge and how often it was answered.
struct DigestMemory {
    Challenge challenge;
    std::string cnonce;
    uint32_t nonce_count = 0;

    bool operator==(const DigestMemory&) const = default;
};

/// The live side of one challenge: it counts the uses of its nonce (RFC 7616 3.4).
class DigestSession {
public:
    DigestSession(Challenge challenge, Random& random);

    const Challenge& challenge() const { return challenge_; }
    /// "Authorization" or "Proxy-Authorization".
    std::string_view header_name() const;
    /// The value of the next Authorization header; counts one use of the nonce. `digest_uri` is
    /// the Request-URI as it stands in the request (RFC 3261 22.4).
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
