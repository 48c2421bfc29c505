// Builds a SIP message as text, in the order in which it is told. Values cannot hold CR or LF:
// configuration text can never add a header (RFC 3261 25.1).
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

class MessageWriter {
public:
    /// CR, LF and NUL in any text given here or below are written as blanks.
    static MessageWriter request(std::string_view method, std::string_view request_uri);
    static MessageWriter response(int status, std::string_view reason_phrase);
    /// Goes on with whole lines, given in parts: what a writer wrote before, or what the caller has
    /// made sure of that nothing in it has to be replaced.
    static MessageWriter continued(std::initializer_list<std::string_view> written);

    /// The value may be given in parts: they follow each other with nothing between.
    template <std::convertible_to<std::string_view>... Parts>
    MessageWriter& header(std::string_view name, const Parts&... value) {
        add_line({name, ": ", std::string_view(value)..., line_end});
        return *this;
    }
    MessageWriter& header(std::string_view name, uint64_t value);
    /// Ends the message: Content-Length (always written, RFC 3261 20.14), blank line, body.
    std::string finish(std::string_view body = {});
    /// Ends it with what a writer wrote before: its last lines, the blank one and the body.
    std::string finish_with(std::string_view written);
    /// All so far.
    std::string_view text() const { return text_; }

private:
    static constexpr std::string_view line_end = "\r\n";

    MessageWriter();
    /// The last part is line_end.
    void add_line(std::initializer_list<std::string_view> parts);

    std::string text_;
};

/// The standard reason phrase of RFC 3261 21 and its extensions; "Unknown" for an unknown code.
std::string_view reason_phrase(int status);

}  // namespace trunkline::sipstack
