// Walks the start line and the header rows of raw bytes, line by line, before or beside the parser.
// Lenient: lines may end with LF alone, leading line ends are skipped (RFC 3261 7.5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace trunkline::sipstack {

/// The headers that decide where a message belongs and whether it is whole.
enum class HeaderId : uint8_t {
    via,
    from,
    to,
    call_id,
    cseq,
    contact,
    max_forwards,
    content_length,
    other,
};

/// By long or compact name, a token, case aside (RFC 3261 7.3.3).
HeaderId identify(std::string_view name);

/// One row as it stands; views into the bytes.
struct HeaderRow {
    HeaderId id = HeaderId::other;
    std::string_view name;   ///< trimmed; empty when the row has no colon
    std::string_view value;  ///< trimmed; line ends of folding (7.3.1) are still inside
    bool folded = false;
    bool has_token_name = false;  ///< `name` is a token (25.1)
};

/// Whether two names mean the same header: case aside, compact form or long (7.3.3).
bool same_header(std::string_view a, std::string_view b);

class HeaderRows {
public:
    explicit HeaderRows(std::string_view bytes);

    std::string_view start_line() const { return start_line_; }
    /// nullopt: the header section is over.
    std::optional<HeaderRow> next();
    /// The same into `row`, which is left as it is when the section is over: false.
    bool read(HeaderRow& row);
    /// After next() gave nullopt: whether the blank line that ends the header section was there.
    bool ended() const { return ended_; }
    /// Offset in the bytes of what follows the rows read so far; of the body once ended().
    std::size_t offset() const { return offset_; }

private:
    /// Without its end; a null view: there is none.
    std::string_view line();
    bool continues() const;

    std::string_view bytes_;
    std::size_t offset_ = 0;
    std::string_view start_line_;
    bool ended_ = false;
};

}  // namespace trunkline::sipstack
