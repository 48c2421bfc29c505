// Cuts the bytes of one TCP or TLS connection into SIP messages (RFC 3261 18.3), however the
// segments were cut. Pure: it judges no message but by its length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

/// append() what has come, then next() until there is nothing. Every byte is copied once and looked
/// at once, whatever the segments are.
class StreamFramer {
public:
    /// Of one message; more is a fault. So a connection never holds much more than both.
    static constexpr std::size_t max_header_bytes = 65536, max_body_bytes = 65536;

    struct Item {
        enum class Kind : uint8_t {
            nothing,   ///< more bytes are needed
            message,   ///< `text` is a whole one, without the line ends before it
            line_end,  ///< a CRLF between messages: a pong, or half of a ping (RFC 5626 3.5.1)
            fault,     ///< `text` says what is wrong; where messages begin is lost for good
        };
        Kind kind = Kind::nothing;
        std::string_view text;  ///< valid until the next append()
    };

    void append(std::string_view bytes);
    Item next();

private:
    bool find_header_end();
    void read_length(std::string_view header);
    Item fault(std::string_view what);

    std::string buffer_;
    std::size_t begin_ = 0;    ///< of the message, or where one may begin
    std::size_t line_ = 0;     ///< of the line that is looked at
    std::size_t scanned_ = 0;  ///< no line feed between line_ and here
    std::size_t end_ = 0;      ///< of the whole message; 0: its header section is not complete
    std::string_view fault_;   ///< empty: none
};

}  // namespace trunkline::sipstack
