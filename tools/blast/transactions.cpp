#include "tools/blast/transactions.h"

#include "tools/blast/hex.h"

#include <algorithm>

namespace trunkline::blast {

namespace {

constexpr std::string_view cookie = "z9hG4bK";

}  // namespace

Transactions::Transactions(uint32_t slots, const TimerSettings& timers) : slots_(slots) {
    for (uint32_t slot = slots; slot-- > 0;) {
        free_.push_back(slot);
    }
    const uint64_t end = 64 * timers.t1;
    uint64_t interval = timers.t1;
    for (uint64_t offset = interval; offset < end; offset += interval) {
        steps_.push_back({offset, {}});
        interval = std::min(2 * interval, timers.t2);
    }
    steps_.push_back({end, {}});
}

std::optional<uint32_t> Transactions::open(uint64_t now, uint64_t intended) {
    if (free_.empty()) {
        return std::nullopt;
    }
    const uint32_t slot = free_.back();
    free_.pop_back();
    ++under_way_;
    slots_[slot].active = true;
    slots_[slot].intended = intended;
    slots_[slot].step = 0;
    renew(slot, now);
    return slot;
}

void Transactions::renew(uint32_t slot, uint64_t now) {
    Transaction& transaction = slots_[slot];
    ++transaction.serial;
    transaction.sent = now;
    steps_.front().waiting.push_back({now, slot, transaction.serial});
}

void Transactions::close(uint32_t slot) {
    slots_[slot].active = false;
    free_.push_back(slot);
    --under_way_;
}

Transactions::Branch Transactions::branch(uint32_t slot) const {
    Branch branch;
    const auto number = hex<16>(uint64_t{slot} << 32 | slots_[slot].serial);
    std::ranges::copy(number, std::ranges::copy(cookie, branch.begin()).out);
    return branch;
}

std::optional<Transactions::Found> Transactions::find(std::string_view branch) const {
    if (branch.size() != Branch().size() || !branch.starts_with(cookie)) {
        return std::nullopt;
    }
    const auto number = read_hex(branch.substr(cookie.size()));
    const auto slot = static_cast<uint32_t>(number.value_or(0) >> 32);
    const auto serial = static_cast<uint32_t>(number.value_or(0));
    if (!number || slot >= slots_.size() || serial > slots_[slot].serial) {
        return std::nullopt;
    }
    return Found{slot, !slots_[slot].active || serial != slots_[slot].serial};
}

Transactions::Event Transactions::next_due(uint64_t now) {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        Step& step = steps_[i];
        while (!step.waiting.empty() && step.waiting.front().sent + step.offset <= now) {
            const Wait wait = step.waiting.front();
            step.waiting.pop_front();
            const Transaction& transaction = slots_[wait.slot];
            if (!transaction.active || transaction.serial != wait.serial) {
                continue;
            }
            if (i + 1 == steps_.size()) {
                close(wait.slot);
                return {Due::timed_out, wait.slot};
            }
            steps_[i + 1].waiting.push_back(wait);
            return {Due::retransmit, wait.slot};
        }
    }
    return {};
}

}  // namespace trunkline::blast
