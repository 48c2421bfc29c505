// The IP group for whose sake some of a SoakRun's accounts register (Account_RegByServedIPG): they
// do while keep-alive finds it online.
#include "tests/sim/soak_parts.h"

#include <algorithm>

namespace trunkline::sim {

using namespace std::chrono_literals;

void SoakRun::set_served_down(bool is_down) {
    Registrar& served = *registrars_.back();
    served.is_stopped = is_down;
    served_down_since_ = is_down ? std::optional(now_) : std::nullopt;
    expect_served_change();
}

/// What they do now is for its sake, however soon after a failure.
void SoakRun::expect_served_change() {
    for (const std::string& aor : dependents()) {
        invariants_.hurried(aor, now_ + served_bound());
    }
}

std::vector<std::string> SoakRun::dependents() const {
    std::vector<std::string> aors;
    for (const sipstack::Account& account : config_.accounts) {
        if (account.register_only_if_served_is_online) {
            aors.push_back(aor_of(account));
        }
    }
    return aors;
}

/// Until every shard knows what has become of the IP group.
Milliseconds SoakRun::served_bound() const {
    if (!scenario_.kinds.served) {
        return 0ms;
    }
    const sipstack::ProxySet& set = config_.proxy_sets.back();
    return set.keep_alive_time + timer_f +
           (set.success_detection_retries + 1) *
               (set.success_detection_interval + set.keep_alive_time) +
           stalled_time() + slack;
}

/// Whom it serves while it is down is registered no more.
void SoakRun::judge_served() {
    if (!served_down_since_ || shards_.empty() ||
        now_ < *served_down_since_ + served_bound() + removal_bound()) {
        return;
    }
    for (const std::string& aor : dependents()) {
        const auto found = rows_.find(aor);
        if (found == rows_.end()) {
            continue;
        }
        const auto& [shard, at] = found->second;
        if (shards_[shard]->registration_status(at, now_).registered) {
            invariants_.complain("REGISTERED although the IP group that it serves is down", aor,
                                 now_);
        }
    }
}

/// A REGISTER that makes a binding leaves.
void SoakRun::judge_served(const std::string& aor) {
    if (served_down_since_ && now_ >= *served_down_since_ + served_bound() &&
        std::ranges::count(dependents(), aor) != 0) {
        invariants_.complain("a REGISTER although the IP group that it serves is down", aor, now_);
    }
}

}  // namespace trunkline::sim
