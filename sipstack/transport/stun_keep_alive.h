// Keep-alive of UDP flows by STUN Binding requests (RFC 5626 4.4.2): a flow has failed when no
// answer comes or when its address, as the server sees it, is another one than before. TCP and TLS
// are kept alive by connections.h. Pure; all on the shard's thread.
#pragma once

#include "sipstack/instant.h"
#include "sipstack/random.h"
#include "sipstack/timer_wheel.h"
#include "sipstack/transport/transport.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace trunkline::sipstack {

struct StunCounters {
    uint64_t sent = 0;  ///< retransmissions included
    uint64_t answered = 0;
    uint64_t not_ours = 0;  ///< STUN that answers nothing of ours, requests included
    uint64_t flows_failed = 0;
};

/// How often: at random times between these, so that flows do not ping in step.
struct KeepAliveTime {
    Milliseconds shortest{0}, longest{0};

    bool operator==(const KeepAliveTime&) const = default;
};

class StunKeepAlive {
public:
    /// RFC 5389 7.2.1: the first retransmission comes after this, each next one after double the
    /// time; `transmissions` in all, then `last_wait` for the answer: 39.5 s together.
    static constexpr Milliseconds first_timeout{500};
    static constexpr unsigned transmissions = 7;
    static constexpr Milliseconds last_wait = 16 * first_timeout;
    /// A server that answered none of `tries_of_the_mute` flows' requests does not speak STUN: its
    /// flows go without for this long, rather than fail again and again.
    static constexpr unsigned tries_of_the_mute = 2;
    static constexpr Milliseconds rest_of_the_mute = std::chrono::hours(1);

    /// May keep flows, and give up any Use.
    using Listener = std::function<void(const Flow& flow, std::string_view reason, Instant now)>;
    /// The flow is kept alive until the last copy is gone, or it failed. Must not outlive the
    /// StunKeepAlive.
    using Use = std::shared_ptr<const void>;

    /// `shard`: 0..255, stands in each transaction id (shard_key.h). The references outlive the
    /// object.
    StunKeepAlive(uint32_t shard, MessageSender& datagrams, TimerWheel& wheel, Random& random,
                  Listener on_failure);
    ~StunKeepAlive();

    /// Pings `flow` (UDP) from now on; all who keep the same one share it, and the time asked for
    /// last holds. Empty: its server does not speak STUN.
    [[nodiscard]] Use keep(const Flow& flow, const KeepAliveTime& time, Instant now);
    /// A datagram that is STUN (stun.h).
    void receive(const Flow& flow, std::string_view bytes, Instant now);

    const StunCounters& counters() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace trunkline::sipstack
