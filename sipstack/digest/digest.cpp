#include "sipstack/digest/digest.h"

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

/// The inside of a quoted-string (RFC 3261 25.1).
std::string escape(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
        }
        result += c;
    }
    return result;
}

void append(std::string& value, std::string_view name, std::string_view text) {
    value += ", ";
    value += name;
    value += '=';
    value += text;
}

void append_quoted(std::string& value, std::string_view name, std::string_view text) {
    value += ", ";
    value += name;
    value += "=\"";
    value += text;
    value += '"';
}

}  // namespace

bool Credentials::can_answer(const Challenge& challenge) const {
    return !password.empty() || (!ha1.empty() && challenge.algorithm == ha1_algorithm);
}

std::string digest_response(const Challenge& challenge, const Credentials& credentials,
                            std::string_view method, std::string_view digest_uri,
                            std::string_view cnonce, uint32_t nonce_count) {
    const DigestAlgorithm algorithm = challenge.algorithm;
    const bool has_ha1 = !credentials.ha1.empty() && credentials.ha1_algorithm == algorithm;
    const std::string ha1 = has_ha1
                                ? credentials.ha1.reveal()
                                : hash_joined(algorithm, {credentials.user_name, challenge.realm,
                                                          credentials.password.reveal()});
    const std::string ha2 = hash_joined(algorithm, {method, digest_uri});
    if (!challenge.qop_auth) {
        return hash_joined(algorithm, {ha1, challenge.nonce, ha2});
    }
    const auto nc = nc_value(nonce_count);
    return hash_joined(algorithm, {ha1, challenge.nonce, view(nc), cnonce, "auth", ha2});
}

DigestSession::DigestSession(Challenge challenge, Random& random)
    : challenge_(std::move(challenge)), cnonce_(random.hex(cnonce_digits)) {}

std::string_view DigestSession::header_name() const {
    return challenge_.from_proxy ? "Proxy-Authorization" : "Authorization";
}

std::string DigestSession::authorize(const Credentials& credentials, std::string_view method,
                                     std::string_view digest_uri) {
    ++nonce_count_;
    std::string value = "Digest username=\"";
    value.reserve(384);
    value += escape(credentials.user_name);
    value += '"';
    append_quoted(value, "realm", challenge_.realm_as_written);
    append_quoted(value, "nonce", challenge_.nonce);
    append_quoted(value, "uri", digest_uri);
    append_quoted(
        value, "response",
        digest_response(challenge_, credentials, method, digest_uri, cnonce_, nonce_count_));
    if (challenge_.algorithm_given) {
        append(value, "algorithm", to_token(challenge_.algorithm));
    }
    if (challenge_.opaque) {
        append_quoted(value, "opaque", *challenge_.opaque);
    }
    if (challenge_.qop_auth) {
        const auto nc = nc_value(nonce_count_);
        append(value, "qop", "auth");
        append(value, "nc", view(nc));
        append_quoted(value, "cnonce", cnonce_);
    }
    return value;
}

}  // namespace trunkline::sipstack
