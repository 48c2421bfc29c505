#include "sipstack/registration/retry.h"

#include <algorithm>

namespace trunkline::sipstack {
namespace {

constexpr Seconds tmedia_retry_time{5};
// RFC 5626 4.5, when no other flow of the registrant is up.
constexpr Seconds outbound_base{30};
constexpr Seconds outbound_longest{1800};
constexpr unsigned after_a_retry_after = 10;

Milliseconds stretched(Milliseconds time, unsigned percent, Random& random) {
    const auto most = static_cast<uint64_t>(time.count()) * percent / 100;
    return time + Milliseconds(static_cast<int64_t>(random.between(0, most)));
}

Milliseconds back_off(Seconds base, Seconds longest, unsigned failures, Random& random) {
    constexpr unsigned most_doublings = 20;  // 10 s of them are more than any longest
    const Milliseconds doubled = base * (int64_t{1} << std::min(failures, most_doublings));
    const Milliseconds upper = std::min<Milliseconds>(longest, doubled);
    const auto most = static_cast<uint64_t>(upper.count());
    return Milliseconds(static_cast<int64_t>(random.between(most / 2, most)));
}

Milliseconds profile_delay(const ProxyAndRegistration& page, unsigned failures, Random& random) {
    switch (page.retry_profile) {
        case RetryProfile::tmedia:
            return tmedia_retry_time;
        case RetryProfile::rfc5626:
            return back_off(outbound_base, outbound_longest, failures, random);
        case RetryProfile::mediant:
            break;
    }
    if (page.max_registration_backoff_time > Seconds::zero()) {
        return back_off(page.registration_retry_time, page.max_registration_backoff_time, failures,
                        random);
    }
    return stretched(page.registration_retry_time, page.refresh_jitter, random);
}

}  // namespace

Milliseconds spread_out(Milliseconds wait, Random& random) {
    return stretched(wait, after_a_retry_after, random);
}

Milliseconds retry_delay(const ProxyAndRegistration& page, FailureKind kind, unsigned failures,
                         std::optional<uint32_t> retry_after, Random& random) {
    if (retry_after.value_or(0) > 0) {
        const Seconds asked = std::min(Seconds(*retry_after), max_retry_after);
        return spread_out(asked, random);
    }
    const Milliseconds delay = profile_delay(page, failures, random);
    if (kind == FailureKind::refused && page.retry_profile != RetryProfile::tmedia) {
        return std::max(delay, stretched(page.refused_retry_time, page.refresh_jitter, random));
    }
    return delay;
}

}  // namespace trunkline::sipstack
