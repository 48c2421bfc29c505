// What a 2xx to REGISTER granted, and when to refresh. Pure arithmetic on one response.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/message/message.h"
#include "sipstack/transport/stun_keep_alive.h"

#include <optional>
#include <string_view>

namespace trunkline::sipstack {

/// The longest lifetime that is asked for or believed (the page's upper limit).
inline constexpr Seconds max_registration_time{2'000'000};

/// The lifetime of our binding `own` in `response`: its Contact's expires, else the Expires header,
/// else `requested` (RFC 3261 10.2.4), at most max_registration_time. Our Contact is found by its
/// `instance` (+sip.instance with reg-id 1, RFC 5626; empty = none), by URI comparison (19.1.4) or,
/// where a registrar rewrote host or port, as the only binding with our user. nullopt: the response
/// does not list us.
std::optional<Seconds> granted_time(const Message& response, const SipUri& own,
                                    std::string_view instance, Seconds requested);

/// A fast path beside it for what nearly all registrars answer: our Contact alone, its URI as we
/// wrote it. nullopt: it is another answer, and granted_time() tells. Else both tell the same;
/// unit tests, the fuzzer and the simulation hold them together.
std::optional<Seconds> plainly_granted_time(const Message& response, std::string_view own,
                                            Seconds requested);

/// How long after its request a binding of `granted` seconds is refreshed: at
/// re_registration_timing percent or, with a threshold, that long before the end. Always early
/// enough that a refresh which takes a whole transaction (64 * T1) ends before the binding does, as
/// far as so short a time allows; never less than `min_interval`.
Milliseconds refresh_after(Seconds granted, const ProxyAndRegistration& page,
                           const TimerSettings& timers, Milliseconds min_interval);

/// How often the flow that was registered over wants a keep-alive (RFC 5626 4.4): somewhere in 80
/// to 100 % of the Flow-Timer; without one, of 120 s, over UDP between 24 s and 29 s, provided that
/// the registrar says it does outbound (Require). nullopt: it wants none.
std::optional<KeepAliveTime> keep_alive_time(const Message& response, Transport transport);
/// The default of UDP.
inline constexpr KeepAliveTime udp_keep_alive_time{std::chrono::seconds(24),
                                                   std::chrono::seconds(29)};

}  // namespace trunkline::sipstack
