// HTTP digest as SIP uses it: RFC 3261 22, RFC 2617, RFC 7616, RFC 8760, AKAv1 of RFC 3310, and
// Basic. Client side: the answer to a challenge (challenge.h). It never prints a secret; Basic,
// whose answer is the password, is answered only where the caller says so (authenticator.h).
#pragma once

#include "sipstack/config.h"
#include "sipstack/digest/challenge.h"
#include "sipstack/digest/milenage.h"
#include "sipstack/random.h"
#include "sipstack/rare.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

struct Credentials {
    std::string user_name;
    Secret password;
    /// Instead of the password: lower-case hex of H(user:realm:password), good for `ha1_algorithm`
    /// alone.
    Rare<Secret> ha1 = {};
    DigestAlgorithm ha1_algorithm = DigestAlgorithm::md5;
    Rare<AkaKeys> aka = {};  ///< for AKAv1 challenges

    /// Whether there is what the challenge asks for: a password, an HA1 of its algorithm, AKA keys.
    bool can_answer(const Challenge& challenge) const;

    bool operator==(const Credentials&) const = default;
};

/// Those of the account; `user_name` is its own or what stands in for it. Malformed AKA keys count
/// as none.
Credentials credentials_of(const Account& account, std::string user_name);

/// What outlives a restart of a digest session: its challenge and how often it was answered.
struct DigestMemory {
    Challenge challenge;
    std::string cnonce;
    uint32_t nonce_count = 0;
    /// The nonce that the session began with, when a nextnonce has replaced it; empty = the
    /// challenge's. A -sess key is made of it (RFC 7616 3.4.2).
    std::string first_nonce = {};
    /// An entry whose challenge has an empty nonce is no session: it holds the highest AKA sequence
    /// number that was accepted.
    uint64_t aka_sequence_number = 0;

    bool operator==(const DigestMemory&) const = default;
};

/// The live side of one challenge: it counts the uses of its nonce (RFC 7616 3.4).
class DigestSession {
public:
    /// With a cnonce of its own.
    DigestSession(Challenge challenge, Random& random);
    DigestSession(Challenge challenge, std::string cnonce);
    explicit DigestSession(DigestMemory memory);

    const Challenge& challenge() const { return memory_.challenge; }
    const std::string& cnonce() const { return memory_.cnonce; }
    /// "Authorization" or "Proxy-Authorization".
    std::string_view header_name() const;
    /// The value of the next Authorization header; counts one use of the nonce. `digest_uri` is
    /// the Request-URI as it stands in the request (RFC 3261 22.4), `body` counts for auth-int.
    /// Precondition: credentials.can_answer(challenge()).
    std::string authorize(const Credentials& credentials, std::string_view method,
                          std::string_view digest_uri, std::string_view body = {});
    uint32_t uses() const { return memory_.nonce_count; }

    /// Goes on with `nonce` (nextnonce of RFC 7616 3.5), counted from 1 again. An empty or overlong
    /// one, Basic and AKA (whose nonce is a challenge in itself) are left as they are.
    void take_next_nonce(std::string_view nonce);
    /// Answers with `auts` and an empty password from now on (RFC 3310 3.4).
    void resynchronise(std::string auts) { auts_ = std::move(auts); }
    bool is_resynchronisation() const { return !auts_.empty(); }

    const DigestMemory& memory() const { return memory_; }

private:
    std::string digest_value(const Credentials& credentials, std::string_view method,
                             std::string_view digest_uri, std::string_view body) const;

    DigestMemory memory_;
    std::string auts_;
};

/// The bare computation of `response` (RFC 7616 3.4.1), for vectors; without a qop by the legacy
/// formula. `first_nonce`: as in DigestMemory.
std::string digest_response(const Challenge& challenge, const Credentials& credentials,
                            std::string_view method, std::string_view digest_uri,
                            std::string_view cnonce, uint32_t nonce_count,
                            std::string_view body = {}, std::string_view first_nonce = {});

/// The value of an Authorization header that answers nothing yet: user name, realm and URI with
/// empty nonce and response (3GPP TS 24.229 5.1.1.2).
std::string empty_authorization(std::string_view user_name, std::string_view realm,
                                std::string_view digest_uri);

}  // namespace trunkline::sipstack
