// The few fields that tell where a message belongs, found by a bounded scan without a parse.
//
// Used before the parser runs (which shard?) and when it refuses (what to answer?). It is lenient:
// what it returns are views of the bytes as they stand.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace trunkline::sipstack {

struct Envelope {
    bool is_request = false;
    std::string_view method;       ///< of the request line, else of CSeq
    std::string_view request_uri;  ///< request only
    int status = 0;                ///< response only
    std::string_view top_via;      ///< first value of the first Via row
    std::string_view branch;       ///< its branch parameter, may be empty
    std::string_view from;
    std::string_view to;
    std::string_view call_id;
    std::string_view cseq;  ///< the whole row
};

/// nullopt: the start line is not SIP's. Fields not found stay empty.
std::optional<Envelope> scan_envelope(std::string_view bytes);

}  // namespace trunkline::sipstack
