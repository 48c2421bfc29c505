#include "sipstack/digest/explain.h"

#include "sipstack/digest/aka.h"
#include "sipstack/digest/auth_row.h"
#include "sipstack/digest/challenge.h"
#include "sipstack/message/lexical.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace trunkline::sipstack {

namespace {

constexpr std::string_view not_shown = "<not shown>";

/// The answer as it stands in the row, its values unescaped.
struct Answer {
    std::string user_name, realm, nonce, uri, response, algorithm, qop, nc, cnonce, auts;
    bool has_algorithm = false;
    bool userhash = false;
};

void assign(Answer& answer, const AuthItem& item) {
    struct Field {
        std::string_view name;
        std::string Answer::*text;
    };
    constexpr Field fields[] = {
        {"username", &Answer::user_name},
        {"realm", &Answer::realm},
        {"nonce", &Answer::nonce},
        {"uri", &Answer::uri},
        {"response", &Answer::response},
        {"algorithm", &Answer::algorithm},
        {"qop", &Answer::qop},
        {"nc", &Answer::nc},
        {"cnonce", &Answer::cnonce},
        {"auts", &Answer::auts},
    };
    for (const Field& field : fields) {
        if (equal_nocase(item.name, field.name)) {
            answer.*field.text = unescape(item.value);
        }
    }
    answer.has_algorithm = answer.has_algorithm || equal_nocase(item.name, "algorithm");
    if (equal_nocase(item.name, "userhash")) {
        answer.userhash = equal_nocase(item.value, "true");
    }
}

/// What the row answers with: its scheme, and for Digest the parameters.
struct Credential {
    std::string_view scheme;
    Answer answer;
};

std::optional<Credential> read_row(std::string_view row) {
    AuthRowReader reader(row);
    const auto scheme = reader.next();
    if (!scheme || scheme->kind != AuthItem::Kind::scheme) {
        return std::nullopt;
    }
    Credential credential{scheme->name, {}};
    if (!equal_nocase(credential.scheme, "Digest")) {
        return credential;
    }
    for (auto item = reader.next(); item && item->kind == AuthItem::Kind::parameter;
         item = reader.next()) {
        assign(credential.answer, *item);
    }
    return credential;
}

class Explanation {
public:
    Explanation(const Answer& answer, const AlgorithmName& algorithm)
        : answer_(answer), algorithm_(algorithm) {}

    std::vector<std::string> lines(std::string_view method, std::string_view body) {
        name_the_kind();
        explain_a1();
        const std::string ha2 = explain_a2(method, body);
        explain_response(ha2);
        return std::move(lines_);
    }

private:
    void name_the_kind() {
        lines_.push_back(fmt::format("scheme Digest, algorithm {}{}, {}", algorithm_.token,
                                     answer_.has_algorithm ? "" : " (none is named)",
                                     answer_.qop.empty() ? "no qop" : "qop " + answer_.qop));
        if (algorithm_.aka) {
            const AkaNonceText nonce = describe_aka_nonce(answer_.nonce);
            lines_.push_back(fmt::format("the nonce holds RAND {} and AUTN {}", nonce.random,
                                         nonce.authentication_token));
        }
        if (!answer_.auts.empty()) {
            lines_.push_back(
                fmt::format("auts {}: the network's sequence number is not newer than ours; the "
                            "password is empty",
                            answer_.auts));
        } else if (algorithm_.aka) {
            lines_.emplace_back("the password is RES, computed from RAND by the AKA key");
        }
        if (answer_.userhash) {
            lines_.push_back(
                fmt::format("user name = {} of <user name>:{} (userhash)", hash(), answer_.realm));
        }
    }

    void explain_a1() {
        const std::string user = answer_.userhash ? "<user name>" : answer_.user_name;
        const std::string start = fmt::format("{}:{}:{}", user, answer_.realm, password());
        if (!algorithm_.session) {
            lines_.push_back("A1 = " + start);
        } else {
            lines_.push_back(fmt::format("A1 = <key>:<first nonce>:{}, the key being {} of {}",
                                         answer_.cnonce, hash(), start));
            lines_.emplace_back(
                "the first nonce is that of the last challenge, whatever nextnonce followed");
        }
        lines_.push_back(fmt::format("H(A1) = {} of A1, kept secret", hash()));
    }

    std::string explain_a2(std::string_view method, std::string_view body) {
        std::string a2 = fmt::format("{}:{}", method, answer_.uri);
        if (equal_nocase(answer_.qop, "auth-int")) {
            const std::string of_body = hash_hex(algorithm_.algorithm, body);
            lines_.push_back(
                fmt::format("H(body) = {} of its {} bytes = {}", hash(), body.size(), of_body));
            a2 += ':' + of_body;
        }
        std::string ha2 = hash_hex(algorithm_.algorithm, a2);
        lines_.push_back("A2 = " + a2);
        lines_.push_back(fmt::format("H(A2) = {} of A2 = {}", hash(), ha2));
        return ha2;
    }

    void explain_response(const std::string& ha2) {
        const bool has_qop = !answer_.qop.empty();
        const std::string middle = has_qop ? fmt::format("{}:{}:{}:{}", answer_.nonce, answer_.nc,
                                                         answer_.cnonce, answer_.qop)
                                           : answer_.nonce;
        lines_.push_back(fmt::format("response = {} of H(A1):nonce:{}H(A2)", hash(),
                                     has_qop ? "nc:cnonce:qop:" : ""));
        lines_.push_back(fmt::format("         = {} of <H(A1)>:{}:{}", hash(), middle, ha2));
        lines_.push_back("sent     = " + answer_.response);
    }

    std::string_view hash() const { return to_token(algorithm_.algorithm); }

    std::string_view password() const {
        if (!answer_.auts.empty()) {
            return "";
        }
        return algorithm_.aka ? "<RES>" : "<password>";
    }

    const Answer& answer_;
    const AlgorithmName& algorithm_;
    std::vector<std::string> lines_;
};

std::vector<std::string> explain_digest(const Answer& answer, std::string_view method,
                                        std::string_view body) {
    if (answer.nonce.empty() || answer.response.empty()) {
        return {
            fmt::format("scheme Digest without an answer: it names user {} and realm {} before "
                        "a challenge",
                        answer.user_name, answer.realm)};
    }
    const AlgorithmName* const algorithm =
        find_algorithm(answer.has_algorithm ? answer.algorithm : "MD5");
    if (algorithm == nullptr) {
        return {
            fmt::format("scheme Digest, algorithm {}, which is not known here", answer.algorithm)};
    }
    return Explanation(answer, *algorithm).lines(method, body);
}

void replace_controls(std::string& line) {
    std::replace_if(
        line.begin(), line.end(),
        [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
}

/// A header row with its folded lines and the line end: the first one of `rest`, which it leaves.
std::string_view take_row(std::string_view& rest) {
    std::size_t end = rest.find('\n');
    while (end != std::string_view::npos && end + 1 < rest.size() &&
           (rest[end + 1] == ' ' || rest[end + 1] == '\t')) {
        end = rest.find('\n', end + 1);
    }
    const std::string_view row = rest.substr(0, end == std::string_view::npos ? end : end + 1);
    rest.remove_prefix(row.size());
    return row;
}

bool is_digest_alone(std::string_view value) {
    AuthRowReader reader(value);
    bool first = true;
    while (const auto item = reader.next()) {
        const bool is_scheme = item->kind == AuthItem::Kind::scheme;
        if (first != is_scheme || (is_scheme && !equal_nocase(item->name, "Digest"))) {
            return false;
        }
        first = false;
    }
    return true;
}

/// The row, or what is shown in its place.
std::string masked(std::string_view row) {
    const std::size_t colon = row.find(':');
    const std::string_view name = trim(row.substr(0, colon));
    const bool has_credentials =
        colon != std::string_view::npos &&
        (equal_nocase(name, "Authorization") || equal_nocase(name, "Proxy-Authorization"));
    if (!has_credentials || is_digest_alone(row.substr(colon + 1))) {
        return std::string(row);
    }
    const std::string_view value = trim(row.substr(colon + 1));
    const std::string_view scheme = value.substr(0, value.find_first_of(" \t\r\n"));
    // A word that stands alone is no scheme but may be the secret.
    const bool is_scheme = scheme.size() < value.size() && is_token(scheme);
    const std::string_view line_end =
        row.ends_with("\r\n") ? "\r\n" : (row.ends_with('\n') ? "\n" : "");
    return fmt::format("{}: {}{}{}{}", name, is_scheme ? scheme : "", is_scheme ? " " : "",
                       not_shown, line_end);
}

}  // namespace

std::vector<std::string> explain_authorization(std::string_view row, std::string_view method,
                                               std::string_view body) {
    std::vector<std::string> lines;
    const auto credential = read_row(row);
    if (!credential) {
        lines.emplace_back("no credentials that can be read");
    } else if (equal_nocase(credential->scheme, "Basic")) {
        lines.emplace_back("scheme Basic: user name and password in base64, not shown");
    } else if (!equal_nocase(credential->scheme, "Digest")) {
        lines.emplace_back("a scheme that is not known here; its credentials are not shown");
    } else {
        lines = explain_digest(credential->answer, method, body);
    }
    std::for_each(lines.begin(), lines.end(), replace_controls);
    return lines;
}

std::string mask_credentials(std::string_view message) {
    std::string shown;
    shown.reserve(message.size());
    std::string_view rest = message;
    while (!rest.empty()) {
        const std::string_view row = take_row(rest);
        if (trim(row).empty() && !shown.empty()) {
            shown += row;
            break;  // the body begins
        }
        shown += masked(row);
    }
    shown += rest;
    return shown;
}

}  // namespace trunkline::sipstack
