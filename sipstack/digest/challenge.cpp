// The commas of a row part parameters as well as challenges. A new challenge begins where a token
// is followed by a blank and something that is no '='.
#include "sipstack/digest/challenge.h"

#include "sipstack/message/lexical.h"

#include <algorithm>

namespace trunkline::sipstack {

namespace {

struct Value {
    std::string_view text;  ///< without its quotes, escapes kept
    bool quoted = false;
};

/// A challenge as far as it has been read.
struct Draft {
    bool is_digest = false;
    std::optional<Value> realm, nonce, opaque, stale, algorithm, qop;
};

class RowReader {
public:
    explicit RowReader(std::string_view row) : rest_(row) {}

    /// Reads the whole row into drafts, one a challenge of any scheme.
    std::vector<Draft> read() {
        std::vector<Draft> drafts;
        for (skip(", \t\r\n"); !rest_.empty(); skip(", \t\r\n")) {
            read_item(drafts);
        }
        return drafts;
    }

private:
    void skip(std::string_view characters) {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
    }

    std::string_view take_until(std::string_view characters) {
        const std::size_t size = std::min(rest_.find_first_of(characters), rest_.size());
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    Value take_value() {
        if (!rest_.starts_with('"')) {
            return {trim(take_until(",")), false};
        }
        rest_.remove_prefix(1);
        std::size_t end = 0;
        while (end < rest_.size() && rest_[end] != '"') {
            end += rest_[end] == '\\' ? 2 : 1;
        }
        end = std::min(end, rest_.size());
        const Value value{rest_.substr(0, end), true};
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        take_until(",");  // nothing may stand behind the closing quote
        return value;
    }

    void read_item(std::vector<Draft>& drafts) {
        const std::string_view name = take_until("=, \t\r\n\"");
        skip(" \t\r\n");
        if (rest_.starts_with('=')) {
            rest_.remove_prefix(1);
            skip(" \t\r\n");
            const Value value = take_value();
            if (!drafts.empty()) {
                assign(drafts.back(), name, value);
            }
        } else if (name.empty()) {
            take_value();  // a stray quoted text
        } else if (!continues_qop(drafts, name)) {
            drafts.emplace_back().is_digest = equal_nocase(name, "Digest");
        }
    }

    /// qop=auth,auth-int without quotes: the second token is no scheme.
    static bool continues_qop(const std::vector<Draft>& drafts, std::string_view name) {
        return !drafts.empty() && drafts.back().qop && !drafts.back().qop->quoted &&
               equal_nocase(name.substr(0, 4), "auth");
    }

    static void assign(Draft& draft, std::string_view name, Value value) {
        const auto keep_first = [&](std::optional<Value>& field) {
            if (!field) {
                field = value;
            }
        };
        if (equal_nocase(name, "realm")) {
            keep_first(draft.realm);
        } else if (equal_nocase(name, "nonce")) {
            keep_first(draft.nonce);
        } else if (equal_nocase(name, "opaque")) {
            keep_first(draft.opaque);
        } else if (equal_nocase(name, "stale")) {
            keep_first(draft.stale);
        } else if (equal_nocase(name, "algorithm")) {
            keep_first(draft.algorithm);
        } else if (equal_nocase(name, "qop")) {
            keep_first(draft.qop);
        }
    }

    std::string_view rest_;
};

bool offers_auth(std::string_view qop) {
    while (!qop.empty()) {
        if (equal_nocase(take_list_value(qop), "auth")) {
            return true;
        }
    }
    return false;
}

std::optional<Challenge> judge(const Draft& draft, bool from_proxy) {
    if (!draft.is_digest || !draft.realm || !draft.nonce || draft.nonce->text.empty()) {
        return std::nullopt;
    }
    Challenge challenge;
    challenge.from_proxy = from_proxy;
    challenge.realm_as_written = draft.realm->text;
    challenge.realm = unescape(draft.realm->text);
    challenge.nonce = draft.nonce->text;
    if (draft.opaque) {
        challenge.opaque = draft.opaque->text;
    }
    challenge.stale = draft.stale && equal_nocase(draft.stale->text, "true");
    if (draft.algorithm) {
        const auto algorithm = algorithm_from_token(draft.algorithm->text);
        if (!algorithm) {
            return std::nullopt;
        }
        challenge.algorithm = *algorithm;
        challenge.algorithm_given = true;
    } else if (!algorithm_from_token(to_token(challenge.algorithm))) {
        return std::nullopt;  // an OpenSSL without MD5
    }
    challenge.qop_given = draft.qop && !trim(draft.qop->text).empty();
    challenge.qop_auth = challenge.qop_given && offers_auth(draft.qop->text);
    if (challenge.qop_given && !challenge.qop_auth) {
        return std::nullopt;
    }
    return challenge;
}

}  // namespace

std::vector<Challenge> parse_challenges(std::string_view row, bool from_proxy) {
    std::vector<Challenge> challenges;
    for (const Draft& draft : RowReader(row).read()) {
        if (auto challenge = judge(draft, from_proxy)) {
            challenges.push_back(std::move(*challenge));
        }
    }
    return challenges;
}

std::vector<Challenge> usable_challenges(const Message& response) {
    std::vector<Challenge> challenges;
    const auto append = [&](std::string_view header, bool from_proxy) {
        for (const std::string_view row : response.rows(header)) {
            std::vector<Challenge> of_row = parse_challenges(row, from_proxy);
            std::move(of_row.begin(), of_row.end(), std::back_inserter(challenges));
        }
    };
    append("WWW-Authenticate", false);
    append("Proxy-Authenticate", true);
    return challenges;
}

std::vector<Challenge> topmost_per_realm(std::vector<Challenge> challenges) {
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

}  // namespace trunkline::sipstack
