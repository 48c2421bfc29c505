#include "sipstack/transport/stun_keep_alive.h"

#include "sipstack/shard_key.h"
#include "sipstack/transport/stun.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace trunkline::sipstack {
namespace {

using Key = std::tuple<uint16_t, dataplane::Endpoint, dataplane::Endpoint>;

Key key_of(const Flow& flow) {
    return {flow.sip_interface_index, flow.local, flow.remote};
}

/// Servers that are remembered as mute; more are not, and are tried again.
constexpr std::size_t max_mute_servers = 1024;

}  // namespace

struct StunKeepAlive::State {
    /// A flow that somebody uses. One that has failed is in no map any more and does nothing.
    struct Kept {
        Kept(State& all, Flow way) : owner(all), flow(std::move(way)) {}
        ~Kept() { owner.forget(*this); }
        Kept(const Kept&) = delete;
        Kept& operator=(const Kept&) = delete;

        State& owner;
        Flow flow;
        KeepAliveTime time;
        Instant pinged_at{};
        StunTransactionId id{};
        unsigned sent = 0;  ///< transmissions of the request that is out; 0 = none is
        bool was_answered = false;
        std::optional<dataplane::Endpoint> mapped;
        /// The next ping, the next transmission, or the end of the wait.
        Timer timer{[this](Instant now) { owner.on_timer(*this, now); }};
    };
    struct Mute {
        unsigned tries = 0;
        Instant since{};
    };

    void schedule(Kept& kept, Instant from, Instant now);
    void on_timer(Kept& kept, Instant now);
    void transmit(Kept& kept, Instant now);
    void answered(Kept& kept, const StunAnswer& answer, Instant now);
    void fail(Kept& kept, const std::string& reason, Instant now);
    void forget(const Kept& kept);
    bool is_mute(const dataplane::Endpoint& server, Instant now);
    void note_mute(const dataplane::Endpoint& server, Instant now);

    uint32_t shard;
    MessageSender& datagrams;
    TimerWheel& wheel;
    Random& random;
    Listener on_failure;
    StunCounters counters;
    std::map<Key, std::weak_ptr<Kept>> flows;
    std::map<StunTransactionId, Kept*> requests;  ///< those that are out
    std::map<dataplane::Endpoint, Mute> mute;     ///< by server
};

void StunKeepAlive::State::schedule(Kept& kept, Instant from, Instant now) {
    const Milliseconds wait(
        static_cast<int64_t>(random.between(static_cast<uint64_t>(kept.time.shortest.count()),
                                            static_cast<uint64_t>(kept.time.longest.count()))));
    wheel.schedule(kept.timer, std::max(from + wait, now));
}

void StunKeepAlive::State::on_timer(Kept& kept, Instant now) {
    if (kept.sent == 0) {
        kept.id = make_stun_transaction_id(shard, random);
        kept.pinged_at = now;
        requests.emplace(kept.id, &kept);
        transmit(kept, now);
    } else if (kept.sent < transmissions) {
        transmit(kept, now);
    } else {
        if (!kept.was_answered) {
            note_mute(kept.flow.remote, now);
        }
        fail(kept,
             fmt::format("no answer to a keep-alive within {} s from {}",
                         in_seconds(now - kept.pinged_at), kept.flow.remote.to_string()),
             now);
    }
}

void StunKeepAlive::State::transmit(Kept& kept, Instant now) {
    // What cannot be sent now is lost as it may be on its way; there are more transmissions.
    datagrams.send(kept.flow, stun_binding_request(kept.id));
    ++counters.sent;
    const Milliseconds wait =
        kept.sent + 1 == transmissions ? last_wait : first_timeout * (1 << kept.sent);
    ++kept.sent;
    wheel.schedule(kept.timer, now + wait);
}

void StunKeepAlive::State::answered(Kept& kept, const StunAnswer& answer, Instant now) {
    ++counters.answered;
    requests.erase(kept.id);
    mute.erase(kept.flow.remote);
    kept.sent = 0;
    kept.was_answered = true;
    if (answer.mapped && kept.mapped && *answer.mapped != *kept.mapped) {
        fail(kept,
             fmt::format("{} sees us at {} and no longer at {}", kept.flow.remote.to_string(),
                         answer.mapped->to_string(), kept.mapped->to_string()),
             now);
        return;
    }
    if (answer.mapped) {
        kept.mapped = answer.mapped;
    }
    schedule(kept, kept.pinged_at, now);
}

/// Whoever is told may destroy `kept`.
void StunKeepAlive::State::fail(Kept& kept, const std::string& reason, Instant now) {
    ++counters.flows_failed;
    const Flow flow = kept.flow;
    kept.timer.cancel();
    forget(kept);
    on_failure(flow, reason, now);
}

void StunKeepAlive::State::forget(const Kept& kept) {
    if (kept.sent != 0) {
        requests.erase(kept.id);
    }
    // After a failure another one may keep the same flow.
    const auto found = flows.find(key_of(kept.flow));
    if (found == flows.end()) {
        return;
    }
    const auto current = found->second.lock();
    if (!current || current.get() == &kept) {
        flows.erase(found);
    }
}

bool StunKeepAlive::State::is_mute(const dataplane::Endpoint& server, Instant now) {
    const auto found = mute.find(server);
    if (found == mute.end() || found->second.tries < tries_of_the_mute) {
        return false;
    }
    if (now - found->second.since < rest_of_the_mute) {
        return true;
    }
    mute.erase(found);
    return false;
}

void StunKeepAlive::State::note_mute(const dataplane::Endpoint& server, Instant now) {
    if (mute.size() >= max_mute_servers && !mute.contains(server)) {
        return;
    }
    Mute& entry = mute[server];
    ++entry.tries;
    entry.since = now;
}

StunKeepAlive::StunKeepAlive(uint32_t shard, MessageSender& datagrams, TimerWheel& wheel,
                             Random& random, Listener on_failure)
    : state_(std::make_unique<State>(shard, datagrams, wheel, random, std::move(on_failure))) {}

StunKeepAlive::~StunKeepAlive() = default;

StunKeepAlive::Use StunKeepAlive::keep(const Flow& flow, const KeepAliveTime& time, Instant now) {
    State& state = *state_;
    if (state.is_mute(flow.remote, now)) {
        return nullptr;
    }
    std::weak_ptr<State::Kept>& place = state.flows[key_of(flow)];
    std::shared_ptr<State::Kept> kept = place.lock();
    if (!kept) {
        kept = std::make_shared<State::Kept>(state, flow);
        place = kept;
    }
    // Many may ask for the same again and again, which must not put the ping off.
    const bool is_sooner = !kept->timer.is_armed() || time.longest < kept->time.longest;
    kept->time = time;
    if (is_sooner && kept->sent == 0) {
        state.schedule(*kept, now, now);
    }
    return kept;
}

void StunKeepAlive::receive(const Flow& flow, std::string_view bytes, Instant now) {
    const auto answer = read_stun_answer(bytes);
    const auto found = answer ? state_->requests.find(answer->id) : state_->requests.end();
    if (found == state_->requests.end() || found->second->flow.remote != flow.remote) {
        ++state_->counters.not_ours;
        return;
    }
    state_->answered(*found->second, *answer, now);
}

const StunCounters& StunKeepAlive::counters() const {
    return state_->counters;
}

}  // namespace trunkline::sipstack
