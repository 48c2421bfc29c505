// Builds a SIP message as text, in the order in which it is told. Values cannot hold CR or LF:
// configuration text can never add a header (RFC 3261 25.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

class MessageWriter {
public:
    /// CR, LF and NUL in any text given here or below are written as blanks.
    static MessageWriter request(std::string_view method, std::string_view request_uri);
    static MessageWriter response(int status, std::string_view reason_phrase);

    MessageWriter& header(std::string_view name, std::string_view value);
    MessageWriter& header(std::string_view name, uint64_t value);
    /// Ends the message: Content-Length (always written, RFC 3261 20.14), blank line, body.
    std::string finish(std::string_view body = {});

private:
    MessageWriter();
    std::string text_;
};

/// The standard reason phrase of RFC 3261 21 and its extensions; "Unknown" for an unknown code.
std::string_view reason_phrase(int status);

}  // namespace trunkline::sipstack
