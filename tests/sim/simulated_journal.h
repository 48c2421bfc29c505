// The registration journal of a simulated appliance: the real encoding in memory, which can lose
// its end, be damaged, and be read by another clock.
#pragma once

#include "sipstack/registration/journal.h"
#include "sipstack/registration/journal_record.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sim {

class SimulatedJournal final : public sipstack::RegistrationJournal {
public:
    /// `clock`: how what is written from now on turns instants into wall times.
    void set_clock(const sipstack::ClockReading& clock) { clock_ = clock; }

    void save(const sipstack::RegistrationRecord& record) override;
    void erase(std::string_view key) override;

    std::size_t entries() const { return ends_.size(); }
    /// The last `count` entries never came to the disk.
    void lose_last(std::size_t count);
    /// Every bit of the byte at `place` is turned over. Precondition: place < size().
    void damage(std::size_t place) { bytes_[place] = static_cast<char>(~bytes_[place]); }
    std::size_t size() const { return bytes_.size(); }

    /// What a restart finds; nothing else is kept.
    std::vector<sipstack::RegistrationRecord> reload(const sipstack::ClockReading& clock);

private:
    void add(const sipstack::JournalEntry& entry);

    sipstack::ClockReading clock_{};
    std::string bytes_;
    std::vector<std::size_t> ends_;
};

}  // namespace trunkline::sim
