// A received SIP message behind our own face. A strict pass (strict.h) has gone over every Message
// that exists, and libosip2 (osip_parser.h) has judged the headers that route it.
#pragma once

#include "sipstack/message/header_rows.h"
#include "sipstack/message/parse_fault.h"
#include "sipstack/message/uri.h"
#include "sipstack/message/via.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

/// One value of a Contact header. `star` is "Contact: *", the rest is empty then.
struct Contact {
    bool star = false;
    SipUri uri;
    /// Contact's expires parameter in seconds; malformed counts as 3600 and too large is clamped to
    /// 2^32-1 (RFC 3261 20.10, 20.19).
    std::optional<uint32_t> expires;
    std::string instance;  ///< +sip.instance without quotes and <> (RFC 5626 4.1); empty: none
    uint32_t reg_id = 0;   ///< RFC 5626 4.2; 0: none
};

class Message {
public:
    /// Parses a datagram or a framed stream message: bytes past Content-Length are discarded for
    /// UDP, fewer bytes are a fault (RFC 3261 18.3). Keeps a copy of the bytes. The fault's status
    /// is 0 for a response and for a keep-alive (parse_fault.h).
    static std::expected<Message, ParseFault> parse(std::string_view bytes);

    Message(Message&&) noexcept;
    Message& operator=(Message&&) noexcept;
    ~Message();

    bool is_request() const;
    int status() const;  ///< 100..699; 0 for a request
    std::string_view reason_phrase() const;
    std::string_view method() const;  ///< of the request, or of CSeq for a response
    std::string_view request_uri() const;

    std::string_view call_id() const;
    uint32_t cseq() const;
    std::string_view from_tag() const;
    std::string_view to_tag() const;
    const std::vector<Via>& vias() const;  ///< at least one

    std::vector<Contact> contacts() const;
    /// The Expires header in seconds, by the same rules as Contact::expires.
    std::optional<uint32_t> expires() const;
    std::optional<uint32_t> min_expires() const;
    /// Seconds of Retry-After; comment and parameters tolerated (RFC 3261 20.33).
    std::optional<uint32_t> retry_after() const;

    /// All rows of a header, long and compact name, unfolded and trimmed, in the order received;
    /// not split at commas. Views live as long as the Message.
    std::vector<std::string_view> rows(std::string_view name) const;
    /// The first of them; nullopt: there is none.
    std::optional<std::string_view> first_row(std::string_view name) const;

    std::string_view body() const;
    std::string_view bytes() const;

    /// It was read as plain_message.h says: no control character stands in the rows named there.
    bool is_plain() const;
    /// The first row of that header; empty: there is none.
    std::string_view row(HeaderId id) const;

private:
    struct Parts;
    explicit Message(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace trunkline::sipstack
