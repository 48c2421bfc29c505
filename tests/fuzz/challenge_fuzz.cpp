// A row of WWW-Authenticate, and the answers to what it asks.
#include "sipstack/digest/challenge.h"
#include "sipstack/digest/digest.h"
#include "tests/fuzz/target.h"

namespace trunkline::fuzz {

using namespace sipstack;

void read(std::string_view bytes) {
    if (bytes.find_first_of("\r\n") != std::string_view::npos) {
        return;  // rows of a message are unfolded
    }
    const Credentials credentials{.user_name = "user", .password = Secret("password")};
    Random random(Random::seed_from(1));
    auto challenges = parse_challenges(bytes, false);
    check(challenges.size() <= max_challenges_read, "the challenges read are bounded");
    for (Challenge& challenge : challenges) {
        check(challenge.realm_as_written.size() <= max_challenge_value, "a realm is bounded");
        check(challenge.nonce.size() <= max_challenge_value, "a nonce is bounded");
        DigestSession session(std::move(challenge), random);
        const std::string answer = session.authorize(credentials, "REGISTER", "sip:registrar");
        check(answer.find_first_of("\r\n") == std::string::npos, "an answer is one row");
    }
    check(topmost_per_realm(parse_challenges(bytes, true)).size() <= max_challenges_read,
          "a choice is no more than was offered");
}

}  // namespace trunkline::fuzz
