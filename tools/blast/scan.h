// A light scan of a SIP message: finds the values that a load generator needs, where they stand.
// Written apart from the appliance's parser on purpose, so that a mistake of one does not hide in
// the other. It judges no more than what is said here; header names are read in any case and in
// their compact form, folded lines are part of their value (RFC 3261 7.3.1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace trunkline::blast {

/// ASCII without case.
bool same_word(std::string_view a, std::string_view b);

/// Views into the message; empty where there is none.
struct ScannedMessage {
    static constexpr unsigned most_vias = 8;

    uint16_t status = 0;           ///< of a response; 0: it is a request
    std::string_view method, uri;  ///< of a request
    std::array<std::string_view, most_vias> vias;
    unsigned via_count = 0;  ///< header lines, each with one value or more
    std::string_view from, to, call_id, cseq;
    uint32_t cseq_number = 0;
    std::string_view cseq_method;
    std::string_view contact;  ///< of the first line
    unsigned contact_lines = 0;
    std::optional<uint32_t> expires;
    std::string_view authorization;  ///< Authorization or Proxy-Authorization
    std::string_view challenge;      ///< WWW-Authenticate or Proxy-Authenticate, the first
    std::string_view body;
    bool is_request() const { return status == 0; }
};

/// Why a message is not one; nullptr: it is.
/// Refused: a start line that is none; a line without a name; no empty line at the end; none or
/// more than one From, To, Call-ID or CSeq; no Via or more than most_vias; a CSeq that is none; a
/// Content-Length that differs from the body's.
const char* scan(std::string_view message, ScannedMessage& result);

/// A parameter `name` of a header value, after the name-addr if there is one: `;tag=abc`, unquoted.
/// nullopt: there is none. An empty value: it stands without one.
std::optional<std::string_view> parameter(std::string_view value, std::string_view name);

/// What stands between '<' and '>', or else up to the first ';': the URI of a name-addr.
std::string_view uri_of(std::string_view value);

/// "sip:user@host:5060;x=y" -> "user@host:5060"; without a scheme, empty.
std::string_view user_and_host(std::string_view uri);

/// A challenge or credentials of the scheme Digest (RFC 2617). Quotes are taken off, escapes stay.
struct ScannedDigest {
    std::string_view username, realm, nonce, uri, response, algorithm, cnonce, opaque, qop, nc,
        stale;
    bool is_stale() const { return same_word(stale, "true"); }
};

/// nullopt: another scheme, or something that is no list of parameters.
std::optional<ScannedDigest> scan_digest(std::string_view value);

}  // namespace trunkline::blast
