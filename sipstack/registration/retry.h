// How long a registration waits after a failure. Pure arithmetic; the profiles are those of the
// Proxy & Registration page.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/random.h"

#include <cstdint>
#include <optional>

namespace trunkline::sipstack {

/// A Retry-After beyond this is cut.
inline constexpr Seconds max_retry_after{1800};
/// After this long up, an earlier row of failures is forgotten (RFC 5626 4.5).
inline constexpr Seconds stable_after{120};

enum class FailureKind : uint8_t {
    failed,   ///< an answer that may be another one next time
    refused,  ///< credentials, or a user that is not known or not allowed
    silent,   ///< no answer, no connection
};

/// A wait that many were told alike, stretched by up to a tenth, so that they do not come back
/// together.
Milliseconds spread_out(Milliseconds wait, Random& random);

/// The wait before the next attempt. `failures`: in a row, this one included, at least 1.
/// `retry_after`: what the answer asked for; it wins over every profile, is cut at max_retry_after
/// and spread_out().
///
/// mediant: registration_retry_time, stretched by up to refresh_jitter percent; with
/// max_registration_backoff_time U = min(max, retry * 2^failures), uniform in 50..100 % of U; a
/// refusal waits refused_retry_time at least. tmedia: always 5 s. rfc5626: as 4.5 with base 30 s
/// and at most 1800 s, a refusal as above.
Milliseconds retry_delay(const ProxyAndRegistration& page, FailureKind kind, unsigned failures,
                         std::optional<uint32_t> retry_after, Random& random);

}  // namespace trunkline::sipstack
