#include "sipstack/digest/challenge.h"

#include "sipstack/digest/aka.h"
#include "sipstack/digest/auth_row.h"
#include "sipstack/message/lexical.h"

#include <algorithm>
#include <array>

namespace trunkline::sipstack {

namespace {

constexpr std::array<AlgorithmName, 8> algorithm_names{{
    {"MD5", DigestAlgorithm::md5},
    {"SHA-256", DigestAlgorithm::sha256},
    {"SHA-512-256", DigestAlgorithm::sha512_256},
    {"MD5-sess", DigestAlgorithm::md5, true},
    {"SHA-256-sess", DigestAlgorithm::sha256, true},
    {"SHA-512-256-sess", DigestAlgorithm::sha512_256, true},
    {"AKAv1-MD5", DigestAlgorithm::md5, false, true},
    {"AKAv1-MD5-sess", DigestAlgorithm::md5, true, true},
}};

/// A challenge as far as it has been read.
struct Draft {
    enum class Scheme : uint8_t { unknown, basic, digest };

    Scheme scheme = Scheme::unknown;
    std::optional<std::string_view> realm, nonce, opaque, stale, algorithm, qop, userhash;
    bool qop_auth = false, qop_auth_int = false;
};

Draft::Scheme scheme_of(std::string_view name) {
    if (equal_nocase(name, "Digest")) {
        return Draft::Scheme::digest;
    }
    return equal_nocase(name, "Basic") ? Draft::Scheme::basic : Draft::Scheme::unknown;
}

void add_qop(Draft& draft, std::string_view tokens) {
    while (!tokens.empty()) {
        const std::string_view token = take_list_value(tokens);
        draft.qop_auth = draft.qop_auth || equal_nocase(token, "auth");
        draft.qop_auth_int = draft.qop_auth_int || equal_nocase(token, "auth-int");
    }
}

/// The first of a repeated parameter counts.
void assign(Draft& draft, const AuthItem& item) {
    const auto keep_first = [&](std::optional<std::string_view>& field) {
        if (!field) {
            field = item.value;
        }
    };
    if (equal_nocase(item.name, "realm")) {
        keep_first(draft.realm);
    } else if (equal_nocase(item.name, "nonce")) {
        keep_first(draft.nonce);
    } else if (equal_nocase(item.name, "opaque")) {
        keep_first(draft.opaque);
    } else if (equal_nocase(item.name, "stale")) {
        keep_first(draft.stale);
    } else if (equal_nocase(item.name, "algorithm")) {
        keep_first(draft.algorithm);
    } else if (equal_nocase(item.name, "userhash")) {
        keep_first(draft.userhash);
    } else if (equal_nocase(item.name, "qop") && !draft.qop) {
        draft.qop = item.value;
        add_qop(draft, item.value);
    }
}

bool says_true(const std::optional<std::string_view>& value) {
    return value && equal_nocase(*value, "true");
}

bool is_too_long(const std::optional<std::string_view>& value) {
    return value && value->size() > max_challenge_value;
}

/// false: an unknown one.
bool take_algorithm(const Draft& draft, Challenge& challenge) {
    const AlgorithmName* const name = find_algorithm(draft.algorithm.value_or("MD5"));
    if (name == nullptr) {
        return false;
    }
    challenge.algorithm = name->algorithm;
    challenge.session = name->session;
    challenge.aka = name->aka;
    challenge.algorithm_given = draft.algorithm.has_value();
    return true;
}

std::optional<Challenge> judge(const Draft& draft, bool from_proxy) {
    if (draft.scheme == Draft::Scheme::unknown || !draft.realm || is_too_long(draft.realm) ||
        is_too_long(draft.nonce) || is_too_long(draft.opaque)) {
        return std::nullopt;
    }
    Challenge challenge;
    challenge.from_proxy = from_proxy;
    challenge.realm_as_written = *draft.realm;
    challenge.realm = unescape(*draft.realm);
    if (draft.scheme == Draft::Scheme::basic) {
        challenge.basic = true;
        return challenge;
    }
    if (!draft.nonce || draft.nonce->empty() || !take_algorithm(draft, challenge)) {
        return std::nullopt;
    }
    challenge.nonce = *draft.nonce;
    challenge.opaque = draft.opaque;
    challenge.stale = says_true(draft.stale);
    challenge.userhash = says_true(draft.userhash);
    challenge.qop_given = draft.qop && !trim(*draft.qop).empty();
    challenge.qop_auth = draft.qop_auth;
    challenge.qop_auth_int = draft.qop_auth_int;
    const bool only_unknown_qop = challenge.qop_given && challenge.qop().empty();
    if (only_unknown_qop || (challenge.aka && !is_aka_nonce(challenge.nonce))) {
        return std::nullopt;
    }
    return challenge;
}

/// Appends what can be answered. true: something of Digest was offered, answerable or not.
bool read_row(std::string_view row, bool from_proxy, std::vector<Challenge>& challenges) {
    bool offers_digest = false;
    std::size_t schemes = 0;
    Draft draft;
    const auto take = [&] {
        offers_digest = offers_digest || draft.scheme == Draft::Scheme::digest;
        if (schemes > 0 && challenges.size() < max_challenges_read) {
            if (auto challenge = judge(draft, from_proxy)) {
                challenges.push_back(std::move(*challenge));
            }
        }
    };
    AuthRowReader reader(row);
    while (const auto item = reader.next()) {
        if (item->kind == AuthItem::Kind::scheme) {
            if (schemes == max_challenges_read) {
                break;
            }
            take();
            ++schemes;
            draft = {};
            draft.scheme = scheme_of(item->name);
        } else if (schemes == 0) {
            continue;  // a parameter of no scheme
        } else if (item->kind == AuthItem::Kind::more_qop) {
            add_qop(draft, item->value);
        } else {
            assign(draft, *item);
        }
    }
    take();
    return offers_digest;
}

void drop_basic(std::vector<Challenge>& challenges) {
    std::erase_if(challenges, [](const Challenge& challenge) { return challenge.basic; });
}

int strength(const Challenge& challenge) {
    if (challenge.basic) {
        return 0;
    }
    return challenge.aka ? 4 : 1 + static_cast<int>(challenge.algorithm);
}

}  // namespace

std::string_view Challenge::qop() const {
    if (qop_auth) {
        return "auth";
    }
    return qop_auth_int ? "auth-int" : "";
}

const AlgorithmName* find_algorithm(std::string_view token) {
    const auto* const name = std::find_if(
        algorithm_names.begin(), algorithm_names.end(),
        [&](const AlgorithmName& candidate) { return equal_nocase(candidate.token, token); });
    const bool is_provided =
        name != algorithm_names.end() && algorithm_from_token(to_token(name->algorithm));
    return is_provided ? name : nullptr;
}

std::string_view algorithm_name(const Challenge& challenge) {
    if (challenge.basic) {
        return "Basic";
    }
    const auto* const name = std::find_if(
        algorithm_names.begin(), algorithm_names.end(), [&](const AlgorithmName& candidate) {
            return candidate.algorithm == challenge.algorithm &&
                   candidate.session == challenge.session && candidate.aka == challenge.aka;
        });
    return name == algorithm_names.end() ? to_token(challenge.algorithm) : name->token;
}

std::vector<Challenge> parse_challenges(std::string_view row, bool from_proxy) {
    std::vector<Challenge> challenges;
    if (read_row(row, from_proxy, challenges)) {
        drop_basic(challenges);
    }
    return challenges;
}

std::vector<Challenge> usable_challenges(const Message& response) {
    std::vector<Challenge> challenges;
    bool offers_digest = false;
    const auto read = [&](std::string_view header, bool from_proxy) {
        for (const std::string_view row : response.rows(header)) {
            offers_digest = read_row(row, from_proxy, challenges) || offers_digest;
        }
    };
    read("WWW-Authenticate", false);
    read("Proxy-Authenticate", true);
    if (offers_digest) {
        drop_basic(challenges);
    }
    return challenges;
}

std::vector<Challenge> topmost_per_realm(std::vector<Challenge> challenges) {
    if (challenges.size() <= 1) {
        return challenges;  // as nearly always
    }
    std::vector<Challenge> chosen;
    for (Challenge& challenge : challenges) {
        const bool known = std::any_of(chosen.begin(), chosen.end(), [&](const Challenge& other) {
            return other.from_proxy == challenge.from_proxy && other.realm == challenge.realm;
        });
        if (!known) {
            chosen.push_back(std::move(challenge));
        }
    }
    return chosen;
}

std::vector<Challenge> strongest_per_realm(std::vector<Challenge> challenges) {
    std::stable_sort(
        challenges.begin(), challenges.end(),
        [](const Challenge& a, const Challenge& b) { return strength(a) > strength(b); });
    return topmost_per_realm(std::move(challenges));
}

}  // namespace trunkline::sipstack
