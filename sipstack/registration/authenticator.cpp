#include "sipstack/registration/authenticator.h"

#include <algorithm>

namespace trunkline::sipstack {
namespace {

bool same_realm(const Challenge& a, const Challenge& b) {
    return a.from_proxy == b.from_proxy && a.realm == b.realm;
}

}  // namespace

Authenticator::Verdict Authenticator::challenged(const Message& response,
                                                 const Credentials& credentials, Random& random) {
    if (++challenges_ > max_challenges) {
        return give_up(Verdict::too_many_challenges);
    }
    std::vector<Challenge> challenges = usable_challenges(response);
    if (challenges.empty()) {
        return give_up(Verdict::no_usable_challenge);
    }
    std::erase_if(challenges,
                  [&](const Challenge& challenge) { return !credentials.can_answer(challenge); });
    if (challenges.empty()) {
        return give_up(Verdict::no_password);
    }
    challenges = topmost_per_realm(std::move(challenges));
    for (Session& session : sessions_) {
        const bool is_challenged_again =
            std::any_of(challenges.begin(), challenges.end(), [&](const auto& challenge) {
                return same_realm(session.digest.challenge(), challenge);
            });
        session.proven = session.proven || (session.sent && !is_challenged_again);
    }
    for (Challenge& challenge : challenges) {
        Session* session = find(challenge);
        if (session != nullptr && !may_replace(*session, challenge)) {
            return give_up(Verdict::wrong_credentials);
        }
        realm_ = challenge.realm;
        algorithm_ = challenge.algorithm;
        Session fresh{DigestSession(std::move(challenge), random)};
        if (session != nullptr) {
            *session = std::move(fresh);
            continue;
        }
        if (sessions_.size() == max_realms) {
            sessions_.erase(sessions_.begin());
        }
        sessions_.push_back(std::move(fresh));
    }
    return Verdict::retry;
}

bool Authenticator::may_replace(const Session& session, const Challenge& challenge) {
    if (!session.sent || challenge.stale) {
        return true;
    }
    // Some registrars forget to say stale: a nonce that once was good and is replaced now has
    // merely aged. The replacement is not proven, so this counts once.
    return session.proven && session.digest.challenge().nonce != challenge.nonce;
}

void Authenticator::accepted() {
    for (Session& session : sessions_) {
        session.proven = session.proven || session.sent;
    }
}

void Authenticator::add_headers(MessageWriter& writer, const Credentials& credentials,
                                std::string_view method, std::string_view digest_uri) {
    for (Session& session : sessions_) {
        writer.header(session.digest.header_name(),
                      session.digest.authorize(credentials, method, digest_uri));
        session.sent = true;
    }
}

Authenticator::Session* Authenticator::find(const Challenge& challenge) {
    const auto found = std::find_if(sessions_.begin(), sessions_.end(), [&](const auto& session) {
        return same_realm(session.digest.challenge(), challenge);
    });
    return found == sessions_.end() ? nullptr : &*found;
}

Authenticator::Verdict Authenticator::give_up(Verdict verdict) {
    forget();
    return verdict;
}

std::string Authenticator::realm() const {
    return realm_;
}

std::string Authenticator::algorithm() const {
    return realm_.empty() ? std::string() : std::string(to_token(algorithm_));
}

}  // namespace trunkline::sipstack
