#include "tests/sim/invariants.h"

#include "sipstack/message/envelope.h"

#include <fmt/format.h>

#include <charconv>

namespace trunkline::sim {
namespace {

constexpr Milliseconds timer_f = std::chrono::seconds(32);
constexpr Milliseconds least_distance = std::chrono::seconds(1);
constexpr std::size_t most_violations = 20;

uint64_t leading_number(std::string_view text) {
    uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

void Invariants::complain(std::string_view what, std::string_view call_id, Instant now) {
    if (violations_.size() < most_violations) {
        violations_.push_back(
            fmt::format("{} ms, {}: {}", now.time_since_epoch().count(), call_id, what));
    }
}

void Invariants::sent(std::string_view bytes, Instant now) {
    const auto envelope = sipstack::scan_envelope(bytes);
    if (!envelope || !envelope->is_request || envelope->method != "REGISTER") {
        complain("sent something that is no REGISTER", "?", now);
        return;
    }
    Entity& entity = entities_[std::string(envelope->call_id)];
    if (entity.branch == envelope->branch) {
        ++retransmissions_;
        if (entity.bytes != bytes) {
            complain("a retransmission differs from its request", envelope->call_id, now);
        }
        return;
    }
    ++transactions_;
    if (!branches_.insert(std::hash<std::string_view>{}(envelope->branch)).second) {
        complain("a branch is used twice", envelope->call_id, now);
    }
    if (entity.outstanding && now < entity.sent_at + timer_f) {
        complain("a second REGISTER while one is outstanding", envelope->call_id, now);
    }
    if (entity.outstanding) {
        entity.failed_at = entity.sent_at + timer_f;
    }
    if (entity.failed_at && now < *entity.failed_at + least_distance) {
        complain("attempts closer than a second after a failure", envelope->call_id, now);
    }
    const uint64_t cseq = leading_number(envelope->cseq);
    if (entity.cseq != 0 && cseq != entity.cseq + 1) {
        complain("CSeq does not rise by one", envelope->call_id, now);
    }
    entity.cseq = cseq;
    entity.branch = envelope->branch;
    entity.bytes = bytes;
    entity.outstanding = true;
    entity.sent_at = now;
    entity.failed_at.reset();
}

void Invariants::delivered(std::string_view bytes, Instant) {
    const auto envelope = sipstack::scan_envelope(bytes);
    if (!envelope || envelope->is_request || envelope->status < 200) {
        return;
    }
    const auto entity = entities_.find(std::string(envelope->call_id));
    if (entity != entities_.end() && entity->second.branch == envelope->branch) {
        entity->second.outstanding = false;
    }
}

void Invariants::seen(const sipstack::RegistrationStatus& row, const SimulatedRegistrar& registrar,
                      Instant now) {
    if (row.registered) {
        const auto promise = registrar.promised_until(row.aor);
        if (!promise || *promise <= now) {
            complain("REGISTERED outside a granted lifetime", row.call_id, now);
        }
    }
    Entity& entity = entities_[row.call_id];
    if (row.state == sipstack::RegistrationState::failed && !entity.failed_at) {
        entity.failed_at = now;
    }
}

}  // namespace trunkline::sim
