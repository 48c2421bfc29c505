#include "tests/sim/simulated_journal.h"

#include <algorithm>
#include <utility>

namespace trunkline::sim {

void SimulatedJournal::add(const sipstack::JournalEntry& entry) {
    if (sipstack::append_journal_entry(bytes_, entry, clock_)) {
        ends_.push_back(bytes_.size());
    }
}

void SimulatedJournal::save(const sipstack::RegistrationRecord& record) {
    add({record, false});
}

void SimulatedJournal::erase(std::string_view key) {
    add(sipstack::erasure_of(key));
}

void SimulatedJournal::lose_last(std::size_t count) {
    ends_.resize(ends_.size() - std::min(count, ends_.size()));
    bytes_.resize(ends_.empty() ? 0 : ends_.back());
}

std::vector<sipstack::RegistrationRecord> SimulatedJournal::reload(
    const sipstack::ClockReading& clock) {
    auto records = sipstack::read_journal(bytes_, clock).records;
    bytes_.clear();
    ends_.clear();
    set_clock(clock);
    for (const auto& record : records) {
        save(record);
    }
    return records;
}

}  // namespace trunkline::sim
