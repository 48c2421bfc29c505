// The strict pass over raw bytes: what RFC 3261 demands of a message and a lenient parser lets
// through. It also cuts the message into its parts, so that nobody walks the rows twice.
#pragma once

#include "sipstack/message/header_rows.h"
#include "sipstack/message/parse_fault.h"
#include "sipstack/message/routing_headers.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

/// Bounds of a header section; what exceeds them is answered 513 (RFC 3261 21.5.7).
inline constexpr std::size_t max_header_section = 16384;
inline constexpr std::size_t max_header_rows = 256;
inline constexpr uint64_t cseq_limit = uint64_t{1} << 31;  // RFC 3261 8.1.1.5
inline constexpr uint64_t max_max_forwards = 255;          // RFC 3261 20.22

/// The parts of a message that passed. Views into its bytes, or into `unfolded`.
struct Anatomy {
    bool is_request = false;
    std::string_view method;  ///< of the request line, or of CSeq
    std::string_view request_uri;
    int status = 0;  ///< 100..699; 0 for a request
    std::string_view reason_phrase;
    std::vector<HeaderRow> rows;      ///< values unfolded
    std::list<std::string> unfolded;  ///< storage of the rows that were folded
    std::string_view from, to, call_id;
    uint32_t cseq = 0;
    std::string_view body;
    /// Of the parser (osip_parser.h), or of the plain reading (plain_message.h).
    RoutingHeaders routing;

    /// Forgets all but its memory.
    void clear();
};

/// Checks and cuts into an anatomy whose memory is used again; after a fault it has anything. The
/// views need `bytes` to stay where they are. Not checked here and left empty: the inner grammar of
/// Via, From, To and Contact, which is the parser's.
std::optional<ParseFault> dissect(std::string_view bytes, Anatomy& anatomy);
std::expected<Anatomy, ParseFault> dissect(std::string_view bytes);

}  // namespace trunkline::sipstack
