// The answers of one registrant to challenges: which to answer, when to give up, what to send
// unasked. One per registrant; the computation itself is digest/digest.h.
#pragma once

#include "sipstack/config.h"
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
        retry,                ///< send again, with what add_headers() now adds
        wrong_credentials,    ///< the registrar refused a correct answer (RFC 3261 22.1)
        no_usable_challenge,  ///< none, or nothing in it that is known
        no_password,          ///< nor HA1 or AKA keys for what is asked
        too_many_challenges,
        basic_refused,        ///< Basic alone is offered; not allowed, or offered after Digest
        no_mutual_offer,      ///< AKA is mandatory and is not offered
        network_not_genuine,  ///< an AKA challenge of someone without our key
    };
    /// Challenges answered in one attempt before it is given up.
    static constexpr unsigned max_challenges = 3;
    /// Realms remembered at a time; a peer that names more loses its first ones.
    static constexpr std::size_t max_realms = 4;

    /// The page outlives it, and what changes there holds from the next request on. Of its
    /// challenge_caching_mode, `full` uses known nonces unasked (RFC 7616 3.6); in the others each
    /// attempt begins without credentials, and `invite_only` concerns INVITE, not what is done
    /// here.
    explicit Authenticator(const ProxyAndRegistration& page) : page_(&page) {}

    /// Forgets how often this attempt was challenged. Nonces are kept, to be used unasked, only
    /// with ChallengeCachingMode::full. Within an attempt all answers are kept, to proxies and
    /// registrar alike (RFC 3261 22.3).
    void begin_attempt();

    /// The attempt is over: what the next one would forget is forgotten now, with its memory.
    void end_attempt();

    /// Judges a 401 or 407 to the last request. Anything but retry also forgets all nonces.
    Verdict challenged(const Message& response, const Credentials& credentials, Random& random);
    /// The last request got another final response: its nonces are good. Takes the nextnonce of a
    /// 2xx (RFC 7616 3.5).
    void accepted(const Message& response);
    /// The registrar refused us in another way; the next attempt starts without credentials.
    void forget() { sessions_.clear(); }

    /// Adds an Authorization and Proxy-Authorization row per known realm; counts a use of each.
    /// `body` counts for auth-int.
    void add_headers(MessageWriter& writer, const Credentials& credentials, std::string_view method,
                     std::string_view digest_uri, std::string_view body = {});

    std::string realm() const;      ///< of the latest challenge; empty: none yet
    std::string algorithm() const;  ///< likewise; "Basic" for that scheme

    /// What a restart shall go on with: the sessions that were accepted and may be used unasked,
    /// and the AKA sequence number. restore() takes it, in an Authenticator that has sent nothing.
    std::vector<DigestMemory> memory() const;
    void restore(std::vector<DigestMemory> memory);

private:
    struct Session {
        DigestSession digest;
        bool proven = false;  ///< a request with this nonce got past the check
        bool sent = false;
    };
    /// false: the registrar refused what `session` answered.
    static bool may_replace(const Session& session, const Challenge& challenge);
    /// Leaves of the challenges what can and may be answered, one a realm; retry: something is
    /// left.
    Verdict choose(std::vector<Challenge>& challenges, const Credentials& credentials);
    Verdict begin_session(Challenge challenge, const Credentials& credentials, Random& random);
    void take_next_nonce(const Message& response, bool from_proxy);
    Session* find(const Challenge& challenge);
    void keep(Session session);
    Verdict give_up(Verdict verdict);

    const ProxyAndRegistration* page_;
    std::vector<Session> sessions_;  ///< one a realm and header kind
    unsigned challenges_ = 0;
    bool digest_offered_ = false;  ///< once: Basic is not answered any more
    uint64_t aka_sequence_number_ = 0;
    std::string realm_;
    std::string_view algorithm_;
};

/// The verdict as a reason for the operator; `answer` is the response's status and phrase.
std::string describe(Authenticator::Verdict verdict, std::string_view answer);

}  // namespace trunkline::sipstack
