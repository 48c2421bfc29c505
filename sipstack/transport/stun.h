// STUN (RFC 5389) as far as a keep-alive of SIP over UDP needs it (RFC 5626 4.4.2): a Binding
// request is written, its answer read. Pure: when to ask and what an answer means is
// stun_keep_alive.h.
#pragma once

#include "dataplane/address.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

inline constexpr std::size_t stun_header_size = 20;

using StunTransactionId = std::array<uint8_t, 12>;

/// What distinguishes STUN from SIP on one port: the first two bits are 0, and the magic cookie
/// follows (RFC 5389 6, 8). Says nothing of the rest.
bool is_stun(std::string_view bytes);

/// Of bytes that are STUN.
StunTransactionId stun_transaction_id(std::string_view bytes);

/// A Binding request without attributes.
std::string stun_binding_request(const StunTransactionId& id);

/// The answer to a Binding request.
struct StunAnswer {
    StunTransactionId id{};
    int error_code = 0;  ///< 300..699 of an error response, 0 of a success response
    /// XOR-MAPPED-ADDRESS, else MAPPED-ADDRESS: where the request came from, as the server saw it.
    std::optional<dataplane::Endpoint> mapped;
};

/// nullopt: no answer to a Binding request, or one that must be discarded: malformed, with an
/// unknown attribute that must be understood (7.3.3), or with a FINGERPRINT that does not fit
/// (7.3). MESSAGE-INTEGRITY is not judged, as there are no credentials here.
std::optional<StunAnswer> read_stun_answer(std::string_view bytes);

}  // namespace trunkline::sipstack
