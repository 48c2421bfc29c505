// The answers of one registrant to challenges: which to answer, when to give up, what to send
// unasked. One per registrant; the computation itself is digest/digest.h.
#pragma once

#include "sipstack/digest/digest.h"
#include "sipstack/message/message.h"
#include "sipstack/message/writer.h"
#include "sipstack/random.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

class Authenticator {
public:
    enum class Verdict : uint8_t {
        retry,              ///< send again, with what add_headers() now adds
        wrong_credentials,  ///< the registrar refused a correct answer (RFC 3261 22.1)
        no_usable_challenge,
        no_password,
        too_many_challenges,
    };
    /// Challenges answered in one attempt before it is given up.
    static constexpr unsigned max_challenges = 3;
    /// Realms remembered at a time; a peer that names more loses its first ones.
    static constexpr std::size_t max_realms = 4;

    /// Forgets how often this attempt was challenged; nonces are kept, to be used unasked.
    void begin_attempt() { challenges_ = 0; }

    /// Judges a 401 or 407 to the last request. Anything but retry also forgets all nonces.
    Verdict challenged(const Message& response, const Credentials& credentials, Random& random);
    /// The last request got another final response: its nonces are good.
    void accepted();
    /// The registrar refused us in another way; the next attempt starts without credentials.
    void forget() { sessions_.clear(); }

    /// Adds an Authorization and Proxy-Authorization row per known realm; counts a use of each.
    void add_headers(MessageWriter& writer, const Credentials& credentials, std::string_view method,
                     std::string_view digest_uri);

    std::string realm() const;      ///< of the latest challenge; empty: none yet
    std::string algorithm() const;  ///< likewise

private:
    struct Session {
        DigestSession digest;
        bool proven = false;  ///< a request with this nonce got past the check
        bool sent = false;
    };
    /// false: the registrar refused what `session` answered.
    static bool may_replace(const Session& session, const Challenge& challenge);
    Session* find(const Challenge& challenge);
    Verdict give_up(Verdict verdict);

    std::vector<Session> sessions_;  ///< one a realm and header kind
    unsigned challenges_ = 0;
    std::string realm_;
    DigestAlgorithm algorithm_ = DigestAlgorithm::md5;
};

}  // namespace trunkline::sipstack
