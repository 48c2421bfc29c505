// Answers to DNS questions, kept fresh: DNS on the control thread through c-ares, never on a
// shard's. What an answer is worth over time is kept_answer.h; what it leads to, server_location.h.
#pragma once

#include "board/error.h"
#include "board/event_loop.h"
#include "dataplane/address.h"
#include "sipstack/transport/dns_answer.h"
#include "sipstack/transport/kept_answer.h"

#include <spdlog/logger.h>

#include <chrono>
#include <functional>
#include <memory>
#include <span>

namespace trunkline::sipstack {

/// A question is asked once, however many follow it. Names are asked for as they stand: from DNS
/// alone (no hosts file), without search domains. A truncated answer is fetched over TCP.
class NameResolver {
public:
    struct Pace {
        DnsPace answers;
        std::chrono::milliseconds first_timeout{
            2000};                         ///< of a server; doubles with each of 3 tries
        unsigned queries_at_a_time = 200;  ///< the others wait for their turn
    };
    /// `servers` in order of preference; none = those of resolv.conf(5). Sockets are made in the
    /// network namespace that the control thread is in. All calls on the control thread.
    static board::Expected<std::unique_ptr<NameResolver>> create(
        board::EventLoop& loop, std::span<const dataplane::Endpoint> servers,
        std::shared_ptr<spdlog::logger> log, const Pace& pace);
    ~NameResolver();  ///< no callback follows; not within a callback

    /// Called after each answer, failure or loss of an answer, also when it brought nothing new;
    /// known() has it. May follow and stop following whatever it likes.
    using Listener = std::function<void()>;
    /// The question is followed until the last copy is gone. May outlive the resolver.
    using Subscription = std::shared_ptr<const void>;

    /// Asks now, unless an answer is there already (followed by another, or not long ago), then
    /// again when `refresh` (0 = none) or the answer's time to live is over, whichever is first;
    /// while there is no answer at the pace's retry time. `listener` is not called from within.
    [[nodiscard]] Subscription follow(const DnsQuestion& question, std::chrono::seconds refresh,
                                      Listener listener);

    /// `asking` for a question that nobody follows. Holds until the next turn of the loop or call.
    DnsKnowledge known(const DnsQuestion& question) const;

    const DnsPace& pace() const;
    spdlog::logger& log() const;

private:
    struct State;
    explicit NameResolver(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace trunkline::sipstack
