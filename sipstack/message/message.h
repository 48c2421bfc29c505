// A received SIP message: libosip2's parse tree behind our own face. The only header of ours whose
// source includes osip; a strict pass (strict.h) has gone over every Message that exists.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

/// A sip or sips URI, decoded enough to compare and to send to.
struct SipUri {
    std::string scheme;  ///< lower case: "sip", "sips", "tel", ...
    std::string user;    ///< as written, escapes kept
    std::string host;    ///< no brackets; as written
    std::optional<uint16_t> port;
    /// Names in lower case, values as written; a parameter without a value has an empty one.
    std::vector<std::pair<std::string, std::string>> parameters;
    std::vector<std::pair<std::string, std::string>> headers;

    const std::string* parameter(std::string_view name) const;
};

/// RFC 3261 19.1.4.
bool equivalent(const SipUri& a, const SipUri& b);

/// One value of a Contact header. `star` is "Contact: *", the rest is empty then.
struct Contact {
    bool star = false;
    SipUri uri;
    /// Contact's expires parameter in seconds; malformed counts as 3600 and too large is clamped to
    /// 2^32-1 (RFC 3261 20.10, 20.19).
    std::optional<uint32_t> expires;
};

struct Via {
    std::string transport;  ///< upper case: "UDP"
    std::string host;       ///< sent-by host without brackets
    std::optional<uint16_t> port;
    std::string branch;
    bool has_rport = false;         ///< rport present, with or without a value (RFC 3581)
    std::optional<uint16_t> rport;  ///< its value
    std::string received;
};

/// Why bytes are no Message. `status` is what RFC 3261 wants answered if it was a request whose
/// envelope (envelope.h) can be had: 400, 416, 505, 513...; 0: drop, never answer.
struct ParseFault {
    int status = 0;
    std::string reason;  ///< for the answer's reason phrase and the counters; no bytes of the peer
};

class Message {
public:
    /// Parses a datagram or a framed stream message: bytes past Content-Length are discarded for
    /// UDP, fewer bytes are a fault (RFC 3261 18.3). Keeps a copy of the bytes.
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

    std::string_view body() const;
    std::string_view bytes() const;

private:
    struct Parts;
    explicit Message(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace trunkline::sipstack
