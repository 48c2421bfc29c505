#include "sipstack/registration/authenticator.h"

#include "sipstack/digest/aka.h"
#include "sipstack/digest/auth_row.h"
#include "sipstack/message/lexical.h"
#include "sipstack/message/uri.h"

#include <fmt/format.h>

#include <algorithm>

namespace trunkline::sipstack {
namespace {

constexpr std::size_t cnonce_digits = 16;

bool same_realm(const Challenge& a, const Challenge& b) {
    return a.from_proxy == b.from_proxy && a.realm == b.realm;
}

/// Host of the Request-URI: the realm of a registrar that has not named its own yet.
std::string realm_of(std::string_view digest_uri) {
    const auto uri = parse_uri(digest_uri);
    return uri ? uri->host : std::string();
}

/// What Authentication-Info says about the next request.
struct NextNonce {
    std::string_view nonce;
    std::optional<std::string_view> cnonce;
};

NextNonce read_next_nonce(std::string_view row) {
    NextNonce next;
    AuthRowReader reader(row);
    while (const auto item = reader.next()) {
        if (equal_nocase(item->name, "nextnonce")) {
            next.nonce = item->value;
        } else if (equal_nocase(item->name, "cnonce")) {
            next.cnonce = item->value;
        }
    }
    return next;
}

}  // namespace

void Authenticator::begin_attempt() {
    challenges_ = 0;
    if (page_->challenge_caching_mode != ChallengeCachingMode::full) {
        forget();
    }
    std::erase_if(sessions_, [](const Session& session) {
        return session.digest.is_resynchronisation();  // of no use for a second time
    });
}

void Authenticator::end_attempt() {
    if (page_->challenge_caching_mode != ChallengeCachingMode::full) {
        std::vector<Session>().swap(sessions_);
    }
}

Authenticator::Verdict Authenticator::challenged(const Message& response,
                                                 const Credentials& credentials, Random& random) {
    if (++challenges_ > max_challenges) {
        return give_up(Verdict::too_many_challenges);
    }
    std::vector<Challenge> challenges = usable_challenges(response);
    if (const Verdict verdict = choose(challenges, credentials); verdict != Verdict::retry) {
        return give_up(verdict);
    }
    for (Session& session : sessions_) {
        const bool is_challenged_again =
            std::any_of(challenges.begin(), challenges.end(), [&](const auto& challenge) {
                return same_realm(session.digest.challenge(), challenge);
            });
        session.proven = session.proven || (session.sent && !is_challenged_again);
    }
    for (Challenge& challenge : challenges) {
        const Verdict verdict = begin_session(std::move(challenge), credentials, random);
        if (verdict != Verdict::retry) {
            return give_up(verdict);
        }
    }
    return Verdict::retry;
}

Authenticator::Verdict Authenticator::choose(std::vector<Challenge>& challenges,
                                             const Credentials& credentials) {
    if (challenges.empty()) {
        return Verdict::no_usable_challenge;
    }
    if (page_->mandatory_mutual_authentication) {
        std::erase_if(challenges, [](const Challenge& challenge) { return !challenge.aka; });
        if (challenges.empty()) {
            return Verdict::no_mutual_offer;
        }
    }
    // Whoever can change what we read could take the Digest offer away, to be told the password.
    digest_offered_ = digest_offered_ || !challenges.front().basic;
    if (challenges.front().basic && (!page_->allow_basic_authentication || digest_offered_)) {
        return Verdict::basic_refused;
    }
    std::erase_if(challenges,
                  [&](const Challenge& challenge) { return !credentials.can_answer(challenge); });
    if (challenges.empty()) {
        return Verdict::no_password;
    }
    challenges = page_->prefer_strongest_digest ? strongest_per_realm(std::move(challenges))
                                                : topmost_per_realm(std::move(challenges));
    return Verdict::retry;
}

Authenticator::Verdict Authenticator::begin_session(Challenge challenge,
                                                    const Credentials& credentials,
                                                    Random& random) {
    realm_ = challenge.realm;
    algorithm_ = algorithm_name(challenge);
    if (Session* const session = find(challenge)) {
        if (!may_replace(*session, challenge)) {
            return Verdict::wrong_credentials;
        }
        if (!challenge.basic && session->digest.challenge().nonce == challenge.nonce) {
            session->sent = true;
            return Verdict::retry;  // the nonce is counted on
        }
    }
    AkaCheck check;
    if (challenge.aka) {
        check = check_aka(challenge.nonce, *credentials.aka, aka_sequence_number_);
        if (check.verdict == AkaVerdict::not_genuine) {
            return Verdict::network_not_genuine;
        }
        aka_sequence_number_ = std::max(aka_sequence_number_, check.sequence_number);
    }
    Session fresh{DigestSession(std::move(challenge),
                                page_->cnonce.empty() ? random.hex(cnonce_digits) : page_->cnonce)};
    if (!check.auts.empty()) {
        fresh.digest.resynchronise(std::move(check.auts));
    }
    keep(std::move(fresh));
    return Verdict::retry;
}

bool Authenticator::may_replace(const Session& session, const Challenge& challenge) {
    if (!session.sent || challenge.stale) {
        return true;
    }
    const bool is_new = session.digest.challenge().nonce != challenge.nonce;
    if (session.digest.is_resynchronisation()) {
        return is_new;
    }
    // Some registrars forget to say stale: a nonce that once was good and is replaced now has
    // merely aged. The replacement is not proven, so this counts once.
    return session.proven && is_new;
}

void Authenticator::accepted(const Message& response) {
    for (Session& session : sessions_) {
        session.proven = session.proven || session.sent;
    }
    if (response.status() < 300) {
        take_next_nonce(response, false);
        take_next_nonce(response, true);
    }
}

void Authenticator::take_next_nonce(const Message& response, bool from_proxy) {
    const std::string_view header =
        from_proxy ? "Proxy-Authentication-Info" : "Authentication-Info";
    for (const std::string_view row : response.rows(header)) {
        const NextNonce next = read_next_nonce(row);
        // The header names no realm: the cnonce tells whose it is, or there is one alone.
        std::vector<Session*> candidates;
        for (Session& session : sessions_) {
            if (session.sent && session.digest.challenge().from_proxy == from_proxy &&
                (!next.cnonce || session.digest.cnonce() == unescape(*next.cnonce))) {
                candidates.push_back(&session);
            }
        }
        if (candidates.size() == 1) {
            candidates.front()->digest.take_next_nonce(next.nonce);
        }
    }
}

void Authenticator::add_headers(MessageWriter& writer, const Credentials& credentials,
                                std::string_view method, std::string_view digest_uri,
                                std::string_view body) {
    bool has_authorization = false;
    for (Session& session : sessions_) {
        writer.header(session.digest.header_name(),
                      session.digest.authorize(credentials, method, digest_uri, body));
        session.sent = true;
        has_authorization = has_authorization || !session.digest.challenge().from_proxy;
    }
    if (page_->add_empty_authorization_header && !has_authorization) {
        writer.header("Authorization",
                      empty_authorization(credentials.user_name, realm_of(digest_uri), digest_uri));
    }
}

Authenticator::Session* Authenticator::find(const Challenge& challenge) {
    const auto found = std::find_if(sessions_.begin(), sessions_.end(), [&](const auto& session) {
        return same_realm(session.digest.challenge(), challenge);
    });
    return found == sessions_.end() ? nullptr : &*found;
}

void Authenticator::keep(Session session) {
    if (Session* const former = find(session.digest.challenge())) {
        *former = std::move(session);
        return;
    }
    if (sessions_.size() == max_realms) {
        sessions_.erase(sessions_.begin());
    }
    sessions_.push_back(std::move(session));
}

Authenticator::Verdict Authenticator::give_up(Verdict verdict) {
    forget();
    return verdict;
}

std::string Authenticator::realm() const {
    return realm_;
}

std::string Authenticator::algorithm() const {
    return std::string(algorithm_);
}

std::vector<DigestMemory> Authenticator::memory() const {
    std::vector<DigestMemory> memory;
    const bool may_be_used_unasked = page_->challenge_caching_mode == ChallengeCachingMode::full;
    for (const Session& session : sessions_) {
        if (may_be_used_unasked && session.proven && !session.digest.is_resynchronisation()) {
            memory.push_back(session.digest.memory());
        }
    }
    if (aka_sequence_number_ > 0) {
        memory.push_back(
            {.challenge = {}, .cnonce = {}, .aka_sequence_number = aka_sequence_number_});
    }
    return memory;
}

void Authenticator::restore(std::vector<DigestMemory> memory) {
    for (DigestMemory& entry : memory) {
        aka_sequence_number_ = std::max(aka_sequence_number_, entry.aka_sequence_number);
        if (entry.challenge.nonce.empty() && !entry.challenge.basic) {
            continue;
        }
        realm_ = entry.challenge.realm;
        algorithm_ = algorithm_name(entry.challenge);
        digest_offered_ = digest_offered_ || !entry.challenge.basic;
        if (page_->challenge_caching_mode == ChallengeCachingMode::full) {
            keep({.digest = DigestSession(std::move(entry)), .proven = true});
        }
    }
}

std::string describe(Authenticator::Verdict verdict, std::string_view answer) {
    using Verdict = Authenticator::Verdict;
    switch (verdict) {
        case Verdict::retry:
            return fmt::format("challenged ({})", answer);
        case Verdict::wrong_credentials:
            return fmt::format("user name or password refused ({})", answer);
        case Verdict::no_usable_challenge:
            return fmt::format("{} without a challenge that can be answered", answer);
        case Verdict::no_password:
            return fmt::format("{}, but there is no password to answer with", answer);
        case Verdict::too_many_challenges:
            return fmt::format("challenged more than {} times ({})", Authenticator::max_challenges,
                               answer);
        case Verdict::basic_refused:
            return fmt::format("{} with Basic alone, which would give the password away", answer);
        case Verdict::no_mutual_offer:
            return fmt::format("{} without AKA, but mutual authentication is mandatory", answer);
        case Verdict::network_not_genuine:
            return fmt::format("{} of a network that does not have our AKA key", answer);
    }
    return std::string(answer);
}

}  // namespace trunkline::sipstack
