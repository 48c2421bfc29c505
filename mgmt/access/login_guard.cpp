#include "mgmt/access/login_guard.h"

#include <algorithm>

namespace trunkline::mgmt {

namespace {

std::chrono::seconds rounded_up(LoginGuard::Time::duration time) {
    return std::chrono::ceil<std::chrono::seconds>(time);
}

template <typename Map, typename Member>
void forget_oldest(Map& map, Member member) {
    if (map.size() > LoginGuard::most_kept) {
        map.erase(std::ranges::min_element(
            map, {}, [member](const auto& entry) { return entry.second.*member; }));
    }
}

}  // namespace

LoginGuard::Account LoginGuard::account(const std::string& user, const std::string& address) const {
    Account own{user, address};
    return known_.contains(own) ? own : Account{user, ""};
}

std::optional<LoginGuard::Seconds> LoginGuard::wait(const std::string& user,
                                                    const std::string& address, Time now) const {
    Time until = now;
    if (const auto found = accounts_.find(account(user, address)); found != accounts_.end()) {
        until = std::max(until, found->second.blocked_until);
    }
    if (const auto found = addresses_.find(address); found != addresses_.end()) {
        until = std::max(until, found->second.paid_at - (address_burst - 1) * address_period);
    }
    return until > now ? std::optional(rounded_up(until - now)) : std::nullopt;
}

void LoginGuard::failed(const std::string& user, const std::string& address, Seconds block,
                        Time now) {
    Failures& failures = accounts_[account(user, address)];
    if (now - failures.last > memory) {
        failures.count = 0;
    }
    failures.last = now;
    if (++failures.count >= most_failures) {
        failures.count = 0;
        failures.blocked_until = now + block;
    }
    forget_oldest(accounts_, &Failures::last);
    Debt& debt = addresses_[address];
    debt.paid_at = std::max(debt.paid_at, now) + address_period;
    forget_oldest(addresses_, &Debt::paid_at);
}

void LoginGuard::succeeded(const std::string& user, const std::string& address) {
    accounts_.erase(account(user, address));
    if (known_.size() < most_kept) {
        known_.emplace(user, address);
    }
}

}  // namespace trunkline::mgmt
