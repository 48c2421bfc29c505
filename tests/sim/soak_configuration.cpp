// How a SoakRun's configuration is changed while the appliance runs.
#include "sipstack/registration/registrants.h"
#include "tests/sim/scenario_kinds.h"
#include "tests/sim/soak_parts.h"

#include <fmt/format.h>

#include <algorithm>

namespace trunkline::sim {

using namespace std::chrono_literals;
using sipstack::RegistrationState;
using sipstack::RegistrationStatus;

/// An operator's wish for whoever has that name.
void SoakRun::hurry(const std::string& name) {
    for (const sipstack::Registrant& registrant : sipstack::registrants(config_)) {
        if (registrant.name == name) {
            invariants_.hurried(registrant.aor, now_);
        }
    }
}

void SoakRun::tell_who_changes(const std::unordered_map<std::string, RegistrationStatus>& before,
                               const sipstack::Config& config) {
    std::unordered_set<std::string> after;
    for (const sipstack::Registrant& registrant : sipstack::registrants(config)) {
        after.insert(registrant.aor);
        if (!before.contains(registrant.aor)) {
            invariants_.added(registrant.aor);
            invariants_.hurried(registrant.aor, now_);
        }
    }
    for (const auto& [aor, row] : before) {
        if (!after.contains(aor)) {
            invariants_.removed(aor, row.registered, now_);
            invariants_.hurried(aor, now_);
        }
    }
}

/// Who stays with the same credentials; those of others are new.
std::unordered_set<std::string> SoakRun::unchanged(const sipstack::Config& config) {
    std::unordered_map<std::string, sipstack::Credentials> before;  // by AOR
    for (const sipstack::Registrant& registrant : sipstack::registrants(config_)) {
        before[registrant.aor] = registrant.credentials;
    }
    std::unordered_set<std::string> same;
    for (const sipstack::Registrant& registrant : sipstack::registrants(config)) {
        const auto known = before.find(registrant.aor);
        if (known != before.end() && known->second == registrant.credentials) {
            same.insert(registrant.aor);
        } else if (known != before.end()) {
            had_new_password_ = true;
            invariants_.hurried(registrant.aor, now_);
        }
    }
    return same;
}

/// What stays must not notice (no packet, the same Call-ID, the same next attempt).
void SoakRun::apply(sipstack::Config config) {
    wake_all();
    std::unordered_map<std::string, RegistrationStatus> before;
    for (const auto& [aor, place] : rows_) {
        before[aor] = shards_[place.first]->registration_status(place.second, now_);
    }
    const bool has_same_pace = config.proxy_and_registration.max_generated_registers_rate ==
                                   config_.proxy_and_registration.max_generated_registers_rate &&
                               config.proxy_and_registration.generated_registers_interval ==
                                   config_.proxy_and_registration.generated_registers_interval;
    config.kept_udp_ports = kept_ports();
    const auto same = unchanged(config);
    tell_who_changes(before, config);
    config_ = std::move(config);
    own_ports_.follow(config_);
    if (served_down_since_) {
        served_down_since_ = now_;
    }
    longest_wait_ = std::max(longest_wait_, longest_wait(config_.proxy_and_registration));
    invariants_.set_promises(promises());
    ++result_.configurations;
    for (const auto& shard : shards_) {
        shard->apply(config_, now_);
    }
    for (const auto& shard : shards_) {
        shard->advance(now_);
    }
    find_rows();
    for (const auto& [aor, place] : rows_) {
        const auto known = before.find(aor);
        if (known == before.end()) {
            continue;
        }
        const RegistrationStatus row =
            shards_[place.first]->registration_status(place.second, now_);
        const bool was_at_rest = known->second.state == RegistrationState::registered &&
                                 known->second.next_attempt_in.value_or(0ms) > 1ms;
        if (row.call_id != known->second.call_id) {
            invariants_.complain("a new configuration changed its Call-ID", aor, now_);
        } else if (was_at_rest && has_same_pace && same.contains(aor) &&
                   (row.cseq != known->second.cseq ||
                    row.next_attempt_in != known->second.next_attempt_in)) {
            invariants_.complain("a new configuration stirred it", aor, now_);
        }
    }
}

/// As RunningConfig has them.
std::map<std::string, uint16_t> SoakRun::kept_ports() const {
    std::vector<std::string> keys;
    for (const sipstack::Registrant& registrant : sipstack::registrants(config_)) {
        keys.push_back(registrant.key());
    }
    return sipstack::kept_udp_ports(keys);
}

/// Half of the time one that was there before.
void SoakRun::add_account(sipstack::Config& config, uint64_t detail) {
    if (detail % 2 == 0 && !removed_.empty()) {
        config.accounts.push_back(removed_.back());
        removed_.pop_back();
    } else {
        config.accounts.push_back(make_account(next_account_++));
        give_kinds(config.accounts.back(), scenario_, detail / 2);
    }
    const sipstack::Account& account = config.accounts.back();
    for (const auto& registrar : registrars_) {
        registrar->server.add_user(account.user_name, account.password.reveal());
    }
}

void SoakRun::remove_account(sipstack::Config& config, std::size_t at) {
    removed_.push_back(config.accounts[at]);
    config.accounts.erase(config.accounts.begin() + static_cast<std::ptrdiff_t>(at));
}

void SoakRun::change_accounts(const PlannedFault& fault) {
    sipstack::Config config = config_;
    const std::size_t at = fault.detail % config.accounts.size();
    if (fault.fault == Fault::account_removed) {
        const std::size_t most =
            std::min<std::size_t>(1 + fault.detail % 5, config.accounts.size());
        for (std::size_t count = 0; count < most; ++count) {
            remove_account(config, (at + count) % config.accounts.size());
        }
    } else if (fault.fault == Fault::account_added) {
        add_account(config, fault.detail);
    } else if (fault.fault == Fault::modes_changed) {
        change_modes(config, fault.detail);
    } else {
        const std::string password = fmt::format("secret{}", fault.detail % 1000);
        config.accounts[at].password = sipstack::Secret(password);
        for (const auto& registrar : registrars_) {
            registrar->server.add_user(config.accounts[at].user_name, password);
        }
    }
    apply(std::move(config));
}

}  // namespace trunkline::sim
