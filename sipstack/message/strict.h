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
    /// Set: the routing headers are plain, and `routing` has them. Unset: check_routing_lists() has
    /// passed, and what is inside is for the parser.
    bool has_plain_routing = false;
    RoutingHeaders routing;

    /// Forgets all but its memory.
    void clear();
};

/// Checks and cuts into an anatomy whose memory is used again; after a fault it has anything. The
/// views need `bytes` to stay where they are. Not checked here, unless they are plain: the inner
/// grammar of Via, From, To and Contact, which is the parser's.
std::optional<ParseFault> dissect(std::string_view bytes, Anatomy& anatomy);
std::expected<Anatomy, ParseFault> dissect(std::string_view bytes);

/// Whether Via, From, To and Contact are well-formed lists that can be told apart. nullopt: they
/// are. dissect() asks this of what is not plain.
std::optional<ParseFault> check_routing_lists(const Anatomy& anatomy);

}  // namespace trunkline::sipstack
