#include "mgmt/alarms/seen_registrations.h"

#include <functional>
#include <string_view>
#include <utility>

namespace trunkline::mgmt {

using sipstack::RegistrationState;

RegistrationState told_state(RegistrationState state) {
    return state == RegistrationState::refreshing ? RegistrationState::registered : state;
}

void SeenRegistrations::begin() {
    std::swap(rows_, before_);
    rows_.clear();
    places_.clear();
    has_moved_ = false;
    counts_ = {};
}

SeenRegistrations::Verdict SeenRegistrations::note(const sipstack::RegistrationGlance& glance) {
    Row row{std::hash<std::string_view>{}(glance.name), told_state(glance.state), glance.registered,
            false};
    const Row* const known = before(row.key);
    const bool is_over = row.registered || row.state == RegistrationState::unregistered;
    row.is_failing = !is_over && (row.state == RegistrationState::failed ||
                                  (known != nullptr && known->is_failing));
    const Verdict verdict{known == nullptr || *known != row, row.is_failing};
    rows_.push_back(row);
    ++counts_.total;
    counts_.registered += row.registered ? 1 : 0;
    counts_.failed += row.state == RegistrationState::failed ? 1 : 0;
    return verdict;
}

/// The row of the last look that the next one of this look stands for; nullptr: it is new.
const SeenRegistrations::Row* SeenRegistrations::before(uint64_t key) {
    const std::size_t at = rows_.size();
    return at < before_.size() && before_[at].key == key ? &before_[at] : elsewhere_before(key);
}

/// Another configuration moves rows about: seldom enough for a table of them all.
const SeenRegistrations::Row* SeenRegistrations::elsewhere_before(uint64_t key) {
    if (!has_moved_) {
        has_moved_ = true;
        for (std::size_t i = 0; i < before_.size(); ++i) {
            places_.insert_or_assign(before_[i].key, i);
        }
    }
    const auto place = places_.find(key);
    return place == places_.end() ? nullptr : &before_[place->second];
}

}  // namespace trunkline::mgmt
