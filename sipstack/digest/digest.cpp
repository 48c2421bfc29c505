#include "sipstack/digest/digest.h"

#include "sipstack/digest/aka.h"
#include "sipstack/digest/base64.h"
#include "sipstack/message/lexical.h"
#include "sipstack/message/parts.h"

#include <algorithm>
#include <array>

namespace trunkline::sipstack {

namespace {

constexpr std::size_t cnonce_digits = 16;

/// Eight lower-case hex digits (RFC 7616 3.4).
std::array<char, 8> nc_value(uint32_t nonce_count) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<char, 8> text{};
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit) {
        *digit = digits[nonce_count & 15];
        nonce_count >>= 4;
    }
    return text;
}

std::string_view view(const std::array<char, 8>& text) {
    return {text.data(), text.size()};
}

bool needs_escape(char c) {
    return c == '"' || c == '\\';
}

/// The inside of a quoted-string (RFC 3261 25.1): a view of the text where nothing is to be
/// escaped.
class Escaped {
public:
    explicit Escaped(std::string_view text) : text_(text) {
        if (std::ranges::none_of(text, needs_escape)) {
            return;
        }
        for (const char c : text) {
            if (needs_escape(c)) {
                storage_ += '\\';
            }
            storage_ += c;
        }
        text_ = storage_;
    }
    Escaped(const Escaped&) = delete;
    Escaped& operator=(const Escaped&) = delete;

    operator std::string_view() const { return text_; }

private:
    std::string storage_;
    std::string_view text_;
};

/// "Digest" with the parameters that every answer has.
std::string begin_value(std::string_view user_name, std::string_view realm, std::string_view nonce,
                        std::string_view digest_uri, std::string_view response) {
    std::string value;
    value.reserve(384);
    append_parts(value,
                 {"Digest username=\"", Escaped(user_name), "\", realm=\"", realm, "\", nonce=\"",
                  nonce, "\", uri=\"", digest_uri, "\", response=\"", response, "\""});
    return value;
}

/// H(A1) of RFC 7616 3.4.2 without the session's part.
std::string base_ha1(const Challenge& challenge, const Credentials& credentials) {
    if (challenge.aka) {
        const std::string password =
            credentials.aka ? aka_response(challenge.nonce, *credentials.aka) : std::string();
        return std::string(
            hash_joined(challenge.algorithm, {credentials.user_name, challenge.realm, password}));
    }
    if (credentials.ha1 && credentials.ha1_algorithm == challenge.algorithm) {
        return credentials.ha1->reveal();
    }
    return std::string(hash_joined(challenge.algorithm, {credentials.user_name, challenge.realm,
                                                         credentials.password.reveal()}));
}

/// What the formula takes beside challenge and key.
struct Request {
    std::string_view method, digest_uri, body;
};

HashText ha2_of(const Challenge& challenge, const Request& request) {
    const DigestAlgorithm algorithm = challenge.algorithm;
    if (challenge.qop() != "auth-int") {
        return hash_joined(algorithm, {request.method, request.digest_uri});
    }
    return hash_joined(
        algorithm, {request.method, request.digest_uri, hash_joined(algorithm, {request.body})});
}

/// RFC 7616 3.4.1 from the key H(A1).
HashText response_with(std::string_view key, const DigestMemory& session, const Request& request) {
    const Challenge& challenge = session.challenge;
    const HashText ha2 = ha2_of(challenge, request);
    const std::string_view qop = challenge.qop();
    if (qop.empty()) {
        return hash_joined(challenge.algorithm, {key, challenge.nonce, ha2});
    }
    const auto nc = nc_value(session.nonce_count);
    return hash_joined(challenge.algorithm,
                       {key, challenge.nonce, view(nc), session.cnonce, qop, ha2});
}

/// The same from base_ha1().
HashText response_of(const std::string& ha1, const DigestMemory& session, const Request& request) {
    const Challenge& challenge = session.challenge;
    if (!challenge.session) {
        return response_with(ha1, session, request);
    }
    const std::string& first = session.first_nonce.empty() ? challenge.nonce : session.first_nonce;
    return response_with(hash_joined(challenge.algorithm, {ha1, first, session.cnonce}), session,
                         request);
}

std::string basic_value(const Credentials& credentials) {
    return "Basic " + encode_base64(credentials.user_name + ':' + credentials.password.reveal());
}

}  // namespace

bool Credentials::can_answer(const Challenge& challenge) const {
    if (challenge.basic) {
        return !password.empty() && !user_name.contains(':');
    }
    if (challenge.aka) {
        return static_cast<bool>(aka);
    }
    return !password.empty() || (ha1 && challenge.algorithm == ha1_algorithm);
}

Credentials credentials_of(const Account& account, std::string user_name) {
    const auto& ha1 = account.ha1.reveal();
    return {
        .user_name = std::move(user_name),
        .password = account.password,
        .ha1 = ha1.empty() ? Rare<Secret>() : Secret(lower(ha1)),
        .ha1_algorithm = account.ha1_algorithm,
        .aka = aka_keys(account.aka_key.reveal(), account.aka_operator_key.reveal()),
    };
}

std::string digest_response(const Challenge& challenge, const Credentials& credentials,
                            std::string_view method, std::string_view digest_uri,
                            std::string_view cnonce, uint32_t nonce_count, std::string_view body,
                            std::string_view first_nonce) {
    const DigestMemory session{challenge, std::string(cnonce), nonce_count,
                               std::string(first_nonce)};
    return std::string(
        response_of(base_ha1(challenge, credentials), session, {method, digest_uri, body}));
}

std::string empty_authorization(std::string_view user_name, std::string_view realm,
                                std::string_view digest_uri) {
    return begin_value(user_name, Escaped(realm), "", digest_uri, "");
}

DigestSession::DigestSession(Challenge challenge, Random& random)
    : DigestSession(std::move(challenge), random.hex(cnonce_digits)) {}

DigestSession::DigestSession(Challenge challenge, std::string cnonce)
    : memory_{std::move(challenge), std::move(cnonce)} {}

DigestSession::DigestSession(DigestMemory memory) : memory_(std::move(memory)) {}

std::string_view DigestSession::header_name() const {
    return memory_.challenge.from_proxy ? "Proxy-Authorization" : "Authorization";
}

std::string DigestSession::authorize(const Credentials& credentials, std::string_view method,
                                     std::string_view digest_uri, std::string_view body) {
    ++memory_.nonce_count;
    return memory_.challenge.basic ? basic_value(credentials)
                                   : digest_value(credentials, method, digest_uri, body);
}

std::string DigestSession::digest_value(const Credentials& credentials, std::string_view method,
                                        std::string_view digest_uri, std::string_view body) const {
    const Challenge& challenge = memory_.challenge;
    const std::string ha1 =
        is_resynchronisation()
            ? hash_hex(challenge.algorithm, credentials.user_name + ':' + challenge.realm + ':')
            : base_ha1(challenge, credentials);
    const std::string hidden_name =
        challenge.userhash
            ? hash_hex(challenge.algorithm, credentials.user_name + ':' + challenge.realm)
            : std::string();
    std::string value = begin_value(challenge.userhash ? hidden_name : credentials.user_name,
                                    challenge.realm_as_written, challenge.nonce, digest_uri,
                                    response_of(ha1, memory_, {method, digest_uri, body}));
    if (challenge.algorithm_given) {
        append_parts(value, {", algorithm=", algorithm_name(challenge)});
    }
    if (challenge.opaque) {
        append_parts(value, {", opaque=\"", *challenge.opaque, "\""});
    }
    const std::string_view qop = challenge.qop();
    if (!qop.empty()) {
        const auto nc = nc_value(memory_.nonce_count);
        append_parts(value, {", qop=", qop, ", nc=", view(nc)});
    }
    // A -sess key is made of the cnonce: the far side needs it even where it offers no qop.
    if (!qop.empty() || challenge.session) {
        append_parts(value, {", cnonce=\"", Escaped(memory_.cnonce), "\""});
    }
    if (challenge.userhash) {
        value += ", userhash=true";
    }
    if (is_resynchronisation()) {
        append_parts(value, {", auts=\"", auts_, "\""});
    }
    return value;
}

void DigestSession::take_next_nonce(std::string_view nonce) {
    Challenge& challenge = memory_.challenge;
    if (nonce.empty() || nonce.size() > max_challenge_value || challenge.basic || challenge.aka) {
        return;
    }
    if (challenge.session && memory_.first_nonce.empty()) {
        memory_.first_nonce = challenge.nonce;
    }
    challenge.nonce = nonce;
    memory_.nonce_count = 0;
}

}  // namespace trunkline::sipstack
