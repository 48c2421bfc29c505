#include "tests/sim/invariants.h"

#include "sipstack/message/header_rows.h"
#include "sipstack/message/message.h"
#include "sipstack/registration/pacer.h"
#include "sipstack/registration/registration.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace trunkline::sim {
namespace {

constexpr Milliseconds t1{500};
constexpr Milliseconds t2{4000};
constexpr Milliseconds timer_f = 64 * t1;
/// An operator's wish may have to wait for what is out, and for its turn.
constexpr Milliseconds hurry = 3 * timer_f;
constexpr std::size_t most_violations = 20;

uint64_t leading_number(std::string_view text) {
    uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// "<sip:user@host>;tag=..." -> "sip:user@host"
std::string aor_in(std::string_view header) {
    const std::size_t begin = header.find('<') + 1;
    return std::string(header.substr(begin, header.find('>') - begin));
}

double interval_of(double rate) {
    return rate > 0 ? 1000 / rate : 0;
}

/// How long `transmissions` of a request, with the wait after the last one, take (RFC 3261
/// 17.1.2.2).
Milliseconds patience_of(unsigned transmissions) {
    Milliseconds total{0};
    for (unsigned number = 0; number < transmissions; ++number) {
        total += std::min(t1 * (1U << std::min(number, 10U)), t2);
    }
    return std::min(total, timer_f);
}

/// Answers after which the same server is asked again at once, with something changed.
bool invites_another_try(int status) {
    return status == 401 || status == 407 || status == 423 || status == 420 || status == 421 ||
           status == 439 || status / 100 == 3;
}

/// A REGISTER without what its repetition with credentials has anew.
struct RepeatedRows {
    explicit RepeatedRows(std::string_view bytes) {
        sipstack::HeaderRows reader(bytes);
        rows = reader.start_line();
        while (const auto row = reader.next()) {
            std::string value(row->value);
            if (row->name == "Authorization" || row->name == "Proxy-Authorization") {
                continue;
            }
            if (row->id == sipstack::HeaderId::cseq) {
                value.erase(0, value.find(' '));
            } else if (row->id == sipstack::HeaderId::via) {
                const std::size_t branch = value.find(";branch=");
                value.erase(branch, value.find(';', branch + 1) - branch);
            } else if (row->name == "Expires") {
                expires = value;
            }
            rows += fmt::format("\n{}: {}", row->name, value);
        }
        rows += bytes.substr(reader.offset());
    }

    std::string rows, expires;
};

bool has_credentials(std::string_view bytes) {
    return bytes.find("\r\nAuthorization:") != std::string_view::npos ||
           bytes.find("\r\nProxy-Authorization:") != std::string_view::npos;
}

/// It asks for no time at all (RFC 3261 10.2.2).
bool is_unregister(std::string_view bytes) {
    const auto request = sipstack::Message::parse(bytes);
    if (!request || request->contacts().empty()) {
        return false;
    }
    const auto asked = request->contacts().front().expires;
    return (asked ? asked : request->expires()) == 0;
}

}  // namespace

void Invariants::complain(std::string_view what, std::string_view whose, Instant now) {
    if (violations_.size() < most_violations) {
        violations_.push_back(
            fmt::format("{} ms, {}: {}", now.time_since_epoch().count(), whose, what));
    }
}

void Invariants::set_promises(Promises promises) {
    const double shift = interval_of(promises.page_rate) - interval_of(promises_.page_rate);
    for (auto& [shard, pace] : pages_) {
        pace.opens_at += shift;
    }
    promises_ = std::move(promises);
}

bool Invariants::Pace::pass(double interval, Milliseconds lateness, Instant now) {
    const auto at = static_cast<double>(now.time_since_epoch().count());
    const bool is_open = opens_at <= at + static_cast<double>(lateness.count()) + 1e-3;
    opens_at = std::max(opens_at, at) + interval;
    return is_open;
}

Instant Invariants::over_at(const Entity& entity) const {
    const bool is_limited = entity.stream == 0 && !entity.has_provisional &&
                            promises_.transmissions.contains(entity.transmissions);
    return entity.sent_at + (is_limited ? patience_of(entity.transmissions) : timer_f);
}

void Invariants::sent(const Departure& way, std::string_view bytes, Instant now) {
    const auto envelope = sipstack::scan_envelope(bytes);
    if (!envelope || !envelope->is_request || envelope->method != "REGISTER") {
        complain("sent something that is no REGISTER", "?", now);
        return;
    }
    const std::string aor = aor_in(envelope->to);
    Entity& entity = entities_[aor];
    if (entity.branch == envelope->branch) {
        ++retransmissions_;
        ++entity.transmissions;
        if (entity.bytes != bytes) {
            complain("a retransmission differs from its request", aor, now);
        }
        if (entity.stream != 0) {
            complain("a retransmission on a stream", aor, now);
        }
        if (!entity.is_outstanding) {
            complain("a retransmission after the final answer", aor, now);
        }
        return;
    }
    ++transactions_;
    if (!branches_.insert(std::hash<std::string_view>{}(envelope->branch)).second) {
        complain("a branch is used twice", aor, now);
    }
    judge_trust(way, bytes, aor, now);
    judge_repetition(entity, way, bytes, aor, now);
    const uint64_t unopened = streams_unopened_[way.shard];
    judge_order(entity, way, aor, now);
    judge_identity(entity, *envelope, unopened - entity.streams_unopened, now);
    judge_pace(entity, way, aor, now);
    judge_purpose(entity, way, bytes, aor, now);
    entity.branch = envelope->branch;
    entity.bytes = bytes;
    entity.server = way.remote;
    entity.shard = way.shard;
    entity.stream = way.stream;
    entity.streams_unopened = unopened;
    entity.transmissions = 1;
    entity.is_outstanding = true;
    entity.has_provisional = false;
    entity.challenged_at.reset();
    entity.may_be_answered = false;
    entity.sent_at = now - way.waited;
}

void Invariants::fail(Entity& entity, Instant when) {
    entity.failed_at[{entity.server, entity.stream != 0}] = when;
}

void Invariants::judge_order(Entity& entity, const Departure& way, std::string_view aor,
                             Instant now) {
    if (entity.is_outstanding) {
        const Instant over = over_at(entity);
        // What a shard that stalled makes up for counts from when it was due (pacer.h).
        if (now + sipstack::Pacer::max_catch_up < over) {
            complain("a second REGISTER while one is outstanding", aor, now);
        }
        if (!entity.may_be_answered) {
            fail(entity, over);
        }
    }
    const auto failed = entity.failed_at.find({way.remote, way.stream != 0});
    if (failed != entity.failed_at.end()) {
        if (now < failed->second + sipstack::Registration::min_interval &&
            now >= entity.hurried_until) {
            complain("an attempt too soon after a failure at the same server", aor, now);
        }
        entity.failed_at.erase(failed);
    }
}

/// `unseen`: REGISTERs of it that may have been lost with a connection that never opened.
void Invariants::judge_identity(Entity& entity, const sipstack::Envelope& envelope, uint64_t unseen,
                                Instant now) {
    const std::string aor = aor_in(envelope.to);
    const uint64_t number = leading_number(envelope.cseq);
    if (entity.call_id != envelope.call_id) {
        if (!call_ids_.insert(std::hash<std::string_view>{}(envelope.call_id)).second) {
            complain("a Call-ID of before is used again", aor, now);
        }
        if (number < 1 || number > 1 + unseen) {
            complain("the first CSeq of a Call-ID is not 1", aor, now);
        }
        entity.is_restored = false;
    } else if (number <= entity.cseq || number > entity.cseq + 1 + unseen) {
        complain(fmt::format("CSeq {} follows {}", number, entity.cseq), aor, now);
    }
    entity.call_id = envelope.call_id;
    entity.cseq = number;
}

void Invariants::judge_purpose(Entity& entity, const Departure& way, std::string_view bytes,
                               std::string_view aor, Instant now) {
    if (!entity.removed_at) {
        return;
    }
    if (is_unregister(bytes)) {
        entity.owes_removal_since.reset();
    } else if (now - way.waited >= *entity.removed_at) {
        complain("a REGISTER of what the configuration does not have", aor, now);
    }
}

/// What answers a challenge at once says the same as what was challenged, branch, CSeq and
/// credentials apart; how long the binding shall stand may differ, as an operator may have ended
/// it.
void Invariants::judge_repetition(const Entity& entity, const Departure& way,
                                  std::string_view bytes, std::string_view aor, Instant now) {
    const bool is_repetition = entity.challenged_at &&
                               now < *entity.challenged_at + sipstack::Registration::min_interval &&
                               entity.server == way.remote && entity.stream == way.stream;
    if (!is_repetition) {
        return;
    }
    const RepeatedRows before(entity.bytes), after(bytes);
    if (before.expires != after.expires) {
        return;
    }
    if (before.rows != after.rows) {
        complain("a REGISTER with credentials that differs in more than these", aor, now);
    }
    fast_paths_.repeated(entity.bytes, bytes);
}

void Invariants::judge_fast_paths(Instant now) {
    if (const auto difference = fast_paths_.take_difference()) {
        complain(*difference, "fast paths", now);
    }
}

void Invariants::subscribes(const Departure& way, std::string_view bytes, std::string_view aor,
                            Instant now) {
    judge_trust(way, bytes, aor, now);
    judge_rate(way, aor, now);
}

void Invariants::shortened(const std::string& aor, Instant until) {
    auto& promised = entities_[aor].promised_until;
    promised = std::min(promised.value_or(until), until);
}

void Invariants::judge_trust(const Departure& way, std::string_view bytes, std::string_view aor,
                             Instant now) {
    if (!promises_.trusted.empty() && !promises_.trusted.contains({way.remote, way.stream != 0}) &&
        has_credentials(bytes)) {
        complain("credentials for a server that is not configured", aor, now);
    }
}

Invariants::Line& Invariants::judge_rate(const Departure& way, std::string_view aor, Instant now) {
    Line& line = lines_[{way.shard, way.remote}];
    if (way.waited == Milliseconds(0)) {
        if (!pages_[way.shard].pass(interval_of(promises_.page_rate), promises_.lateness, now)) {
            complain("faster than the page's rate", aor, now);
        }
        if (!line.pace.pass(interval_of(promises_.server_rate), promises_.lateness, now)) {
            complain("faster than the server's rate", aor, now);
        }
    }
    return line;
}

void Invariants::judge_pace(Entity& entity, const Departure& way, std::string_view aor,
                            Instant now) {
    Line& line = judge_rate(way, aor, now);
    if (entity.is_outstanding) {
        lines_[{entity.shard, entity.server}].out.erase(&entity);
    }
    if (promises_.window == 0) {
        return;
    }
    if (line.out.size() >= promises_.window) {
        std::erase_if(line.out, [&](const Entity* other) {
            return over_at(*other) <= now + sipstack::Pacer::max_catch_up;
        });
    }
    line.out.insert(&entity);
    if (line.out.size() > promises_.window) {
        complain("more outstanding than the window", aor, now);
    }
}

void Invariants::stream_ended(uint32_t shard, sipstack::StreamId stream, bool was_open,
                              Instant now) {
    streams_unopened_[shard] += was_open ? 0 : 1;
    for (auto& [aor, entity] : entities_) {
        if (!entity.is_outstanding || entity.shard != shard || entity.stream != stream) {
            continue;
        }
        entity.is_outstanding = false;
        fail(entity, std::min(now, over_at(entity)));
        lines_[{shard, entity.server}].out.erase(&entity);
    }
}

void Invariants::delivered(std::string_view bytes, std::optional<Instant> granted_until,
                           Instant now) {
    const auto envelope = sipstack::scan_envelope(bytes);
    if (!envelope || envelope->is_request || !envelope->cseq.ends_with("REGISTER")) {
        return;
    }
    const auto found = entities_.find(aor_in(envelope->to));
    if (found == entities_.end() || found->second.branch != envelope->branch ||
        !found->second.is_outstanding) {
        return;
    }
    Entity& entity = found->second;
    if (envelope->status / 100 == 2) {
        fast_paths_.granted(entity.bytes, bytes);
    }
    if (entity.removed_at && envelope->status >= 200) {
        answered_removed(entity, *envelope, granted_until.has_value(), now);
    }
    if (envelope->status < 200) {
        entity.has_provisional = now < over_at(entity);
        return;
    }
    if (now >= over_at(entity)) {
        // At that very moment it may be taken or come too late; so it may if it had waited.
        entity.may_be_answered = true;
        entity.longest_promise =
            std::max(entity.longest_promise, granted_until.value_or(Instant{}));
        if (granted_until) {
            entity.promised_until =
                std::max(*granted_until, entity.promised_until.value_or(*granted_until));
        }
        return;
    }
    entity.is_outstanding = false;
    lines_[{entity.shard, entity.server}].out.erase(&entity);
    if (envelope->status == 401 || envelope->status == 407) {
        entity.challenged_at = now;
    }
    if (envelope->status < 300) {
        entity.promised_until = granted_until;
        entity.longest_promise =
            std::max(entity.longest_promise, granted_until.value_or(Instant{}));
        entity.is_restored = entity.is_restored && !granted_until;
        entity.is_unsure = false;
        entity.failed_at.clear();
    } else if (entity.is_restored && (envelope->status == 400 || envelope->status == 500)) {
        // It may begin anew at once, under another Call-ID.
    } else if (!invites_another_try(envelope->status)) {
        fail(entity, now);
    }
}

/// An answer to what was out when it was removed, or to the un-REGISTER since.
void Invariants::answered_removed(Entity& entity, const sipstack::Envelope& answer, bool grants,
                                  Instant now) {
    if (now >= over_at(entity)) {
        return;
    }
    if (grants) {
        entity.owes_removal_since = now;
    } else if (is_unregister(entity.bytes)) {
        if (answer.status < 300) {
            taken_back_.push_back({aor_in(answer.to), std::string(answer.call_id), entity.server});
        } else if ((answer.status == 401 || answer.status == 407) &&
                   !has_credentials(entity.bytes)) {
            entity.owes_removal_since = now;
        }
    }
}

void Invariants::removed(const std::string& aor, bool is_registered, Instant now) {
    Entity& entity = entities_[aor];
    entity.removed_at = now;
    const bool is_under_way = entity.is_outstanding && is_unregister(entity.bytes);
    entity.owes_removal_since = is_registered && !is_under_way ? std::optional(now) : std::nullopt;
}

void Invariants::added(const std::string& aor) {
    Entity& entity = entities_[aor];
    entity.removed_at.reset();
    entity.owes_removal_since.reset();
    std::erase_if(taken_back_, [&](const TakenBack& gone) { return gone.aor == aor; });
}

void Invariants::judge_removed(Milliseconds patience, Instant now) {
    for (const auto& [aor, entity] : entities_) {
        const bool had_no_way =
            entity.stream != 0 && streams_unopened_[entity.shard] != entity.streams_unopened;
        if (entity.owes_removal_since && !had_no_way && entity.promised_until &&
            *entity.promised_until > *entity.owes_removal_since + patience) {
            complain(fmt::format("not un-registered {} s after the configuration lost it",
                                 (now - *entity.owes_removal_since).count() / 1000),
                     aor, now);
        }
    }
}

void Invariants::seen(const sipstack::RegistrationStatus& row, Instant now) {
    if (!row.registered) {
        return;
    }
    const Entity& entity = entities_[row.aor];
    if (!entity.is_unsure && (!entity.promised_until || *entity.promised_until <= now)) {
        complain(
            fmt::format("REGISTERED outside a granted lifetime: {} ms more, {}",
                        row.expires_in.value_or(Milliseconds(0)).count(),
                        entity.promised_until
                            ? fmt::format("over for {} ms", (now - *entity.promised_until).count())
                            : "none was granted"),
            row.aor, now);
    }
}

void Invariants::hurried(const std::string& aor, Instant now) {
    entities_[aor].hurried_until = now + hurry;
}

void Invariants::restarted(
    const std::unordered_map<std::string, sipstack::RegistrationRecord>& records,
    const RestartConditions& conditions) {
    lines_.clear();
    pages_.clear();
    if (promises_.uses_streams) {
        // One whose first REGISTER still waited for its connection was never seen.
        for (const auto& [aor, record] : records) {
            entities_.try_emplace(aor);
        }
    }
    for (auto& [aor, entity] : entities_) {
        const auto found = records.find(aor);
        const bool is_known = found != records.end();
        // What waited for its connection was not seen, and never will be if that did not open.
        const uint64_t unseen = !is_known || !promises_.uses_streams
                                    ? 0
                                    : streams_unopened_[entity.shard] - entity.streams_unopened +
                                          (found->second.outstanding ? 1 : 0);
        const uint64_t seen_before =
            is_known && found->second.call_id == entity.call_id ? entity.cseq : 0;
        const bool may_be_ahead = is_known && found->second.cseq > seen_before &&
                                  found->second.cseq <= seen_before + unseen;
        if (is_known && conditions.all_was_kept && entity.cseq != 0 && !may_be_ahead &&
            (found->second.call_id != entity.call_id || found->second.cseq != entity.cseq)) {
            complain("the journal does not know the last REGISTER", aor, entity.sent_at);
        }
        entity.call_id = is_known ? found->second.call_id : "";
        entity.cseq = is_known ? found->second.cseq : 0;
        entity.challenged_at.reset();  // what answers a challenge of before is another attempt
        entity.is_outstanding = false;
        entity.streams_unopened = 0;
        entity.is_restored = is_known;
        entity.is_unsure = is_known && (entity.is_unsure || conditions.is_wall_set_back);
        if (!conditions.all_was_kept) {
            entity.promised_until = entity.longest_promise;
        }
        entity.failed_at.clear();
        // Whoever is not in the configuration is not begun anew: the binding runs out.
        entity.owes_removal_since.reset();
    }
    streams_unopened_.clear();
}

}  // namespace trunkline::sim
