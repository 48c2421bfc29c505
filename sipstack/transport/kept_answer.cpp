#include "sipstack/transport/kept_answer.h"

#include <algorithm>
#include <utility>

namespace trunkline::sipstack {

void KeptAnswer::asked(Instant now) {
    asked_at_ = now;
}

void KeptAnswer::answered(DnsAnswer answer, std::chrono::seconds refresh, Instant now) {
    asked_at_.reset();
    failure_.clear();
    answered_at_ = now;
    Milliseconds wait = pace_.retry;
    if (answer.time_to_live) {
        valid_until_ = now + *answer.time_to_live;
        wait = *answer.time_to_live;
    } else {
        valid_until_ = now;
    }
    if (answer.records.empty()) {
        wait = std::min(wait, pace_.longest_denial);
    }
    if (refresh.count() != 0) {
        wait = std::min<Milliseconds>(wait, refresh);
    }
    ask_at_ = now + std::max(wait, pace_.shortest_refresh);
    if (answer_ && std::ranges::is_permutation(answer_->records, answer.records)) {
        answer.records = std::move(answer_->records);
    }
    answer_ = std::move(answer);
}

void KeptAnswer::failed(std::string failure, Instant now) {
    asked_at_.reset();
    failure_ = std::move(failure);
    ask_at_ = now + pace_.retry;
    if (answer_ && now >= valid_until_ + pace_.keep) {
        answer_.reset();
    }
}

DnsKnowledge KeptAnswer::known(Instant now) const {
    if (answer_ && now < valid_until_ + pace_.keep) {
        return {DnsKnowledge::State::answered, &*answer_, answered_at_, valid_until_, failure_};
    }
    if (failure_.empty() && asked_at_ && now < *asked_at_ + pace_.patience) {
        return {};
    }
    static constexpr std::string_view overdue = "no answer yet";
    return {DnsKnowledge::State::failed,
            nullptr,
            {},
            {},
            failure_.empty() ? overdue : std::string_view(failure_)};
}

Instant KeptAnswer::next() const {
    return asked_at_ ? *asked_at_ + pace_.patience : ask_at_;
}

}  // namespace trunkline::sipstack
