#include "sipstack/registration/journal_record.h"

#include "sipstack/random.h"
#include "tests/unit/sipstack/registration/journal_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trunkline::sipstack {
namespace {

using testing::full_record;
using testing::journal_instant;
using testing::journal_wall;

constexpr ClockReading clocks{journal_wall, journal_instant};

std::string bytes_of(const std::vector<JournalEntry>& entries) {
    std::string bytes;
    for (const JournalEntry& entry : entries) {
        EXPECT_TRUE(append_journal_entry(bytes, entry, clocks));
    }
    return bytes;
}

std::vector<JournalEntry> read(std::string_view bytes, const ClockReading& clock = clocks) {
    std::vector<JournalEntry> entries;
    JournalReader reader(bytes, clock);
    while (auto found = reader.next()) {
        entries.push_back(std::move(found->entry));
    }
    return entries;
}

std::vector<JournalEntry> sample_entries() {
    return {{full_record("office"), false},
            {full_record("branch"), false},
            erasure_of("office"),
            {RegistrationRecord{}, false}};
}

TEST(JournalRecord, ComesBackAsItWasWithEveryField) {
    const auto entries = sample_entries();
    EXPECT_EQ(read(bytes_of(entries)), entries);
}

TEST(JournalRecord, TellsWhereAnEntryStands) {
    const std::string first = bytes_of({erasure_of("a")});
    const std::string bytes = first + bytes_of({{full_record("b"), false}});
    JournalReader reader(bytes, clocks);
    reader.next();
    const auto second = reader.next();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->offset, first.size());
    EXPECT_EQ(second->size, bytes.size() - first.size());
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.damaged_places(), 0U);
}

TEST(JournalRecord, HasWallTimesThatBecomeInstantsOfAnotherBoot) {
    const std::string bytes = bytes_of({{full_record("office"), false}});
    const ClockReading after_reboot{journal_wall + Seconds(600), Instant(Milliseconds(5000))};
    const auto entries = read(bytes, after_reboot);
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].record.expires_at, Instant(Milliseconds(5000)) + Seconds(2990));
    EXPECT_EQ(entries[0].record.refresh_at, Instant(Milliseconds(5000)) + Seconds(1190));
}

/// When journal_wall was read, the machine had been up for ten hours.
constexpr ClockReading first_boot{journal_wall, journal_instant, std::chrono::hours(10),
                                  (uint64_t{1} << 63) - 1};

std::vector<JournalEntry> written_then_read(const ClockReading& now) {
    std::string bytes;
    EXPECT_TRUE(append_journal_entry(bytes, {full_record("office"), false}, first_boot));
    return read(bytes, now);
}

TEST(JournalRecord, OfThisBootOutlivesASetWallClock) {
    for (const auto set : {std::chrono::hours(-3), std::chrono::hours(3), std::chrono::hours(0)}) {
        const ClockReading now{journal_wall + set + Seconds(600), journal_instant + Seconds(600),
                               first_boot.up + Seconds(600), first_boot.boot};
        EXPECT_EQ(written_then_read(now),
                  (std::vector<JournalEntry>{{full_record("office"), false}}));
    }
}

TEST(JournalRecord, CountsTheSleepOfTheMachine) {
    // The monotonic clock stood still for 500 s.
    const ClockReading now{journal_wall, journal_instant + Seconds(100),
                           first_boot.up + Seconds(600), first_boot.boot};
    const auto entries = written_then_read(now);
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].record.expires_at, now.monotonic + Seconds(2990));
}

TEST(JournalRecord, OfAnotherOrAnUnknownBootGoesByTheWallClock) {
    for (const uint64_t boot : {18U, 0U}) {
        const ClockReading now{journal_wall + Seconds(600), Instant(Milliseconds(5000)),
                               Milliseconds(5000), boot};
        const auto entries = written_then_read(now);
        ASSERT_EQ(entries.size(), 1U);
        EXPECT_EQ(entries[0].record.expires_at, now.monotonic + Seconds(2990));
    }
}

TEST(JournalRecord, BeforeTheEpochIsTheEpoch) {
    RegistrationRecord record = full_record("office");
    record.expires_at = journal_instant - std::chrono::hours(24 * 365 * 60);
    const auto entries = read(bytes_of({{record, false}}));
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].record.expires_at, clocks.instant_of(WallTime{}));
}

TEST(JournalRecord, TooLargeForAnEntryIsNotWritten) {
    std::string bytes = "before";
    RegistrationRecord record;
    record.call_id = std::string(max_journal_entry, 'x');
    EXPECT_FALSE(append_journal_entry(bytes, {record, false}, clocks));
    record.call_id.clear();
    record.service_route.resize(5000);
    EXPECT_FALSE(append_journal_entry(bytes, {record, false}, clocks));
    EXPECT_EQ(bytes, "before");
}

TEST(JournalRecord, IsReadUpToAnyPointOfTruncation) {
    const auto entries = sample_entries();
    const std::string bytes = bytes_of(entries);
    std::vector<std::size_t> ends;
    for (std::size_t count = 1; count <= entries.size(); ++count) {
        ends.push_back(bytes_of({entries.begin(), entries.begin() + count}).size());
    }
    std::size_t whole = 0;
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        whole += whole < ends.size() && size == ends[whole] ? 1 : 0;
        const auto found = read(std::string_view(bytes).substr(0, size));
        EXPECT_EQ(found, std::vector(entries.begin(), entries.begin() + whole)) << size;
    }
}

TEST(JournalRecord, WithAnyByteFlippedIsTheOnlyOneLost) {
    const auto entries = sample_entries();
    const std::string bytes = bytes_of(entries);
    std::size_t entry = 0;
    std::size_t entry_end = bytes_of({entries[0]}).size();
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        if (at == entry_end) {
            entry_end += bytes_of({entries[++entry]}).size();
        }
        std::vector<JournalEntry> others = entries;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(entry));
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string damaged = bytes;
            damaged[at] = static_cast<char>(damaged[at] ^ (1U << bit));
            JournalReader reader(damaged, clocks);
            std::vector<JournalEntry> found;
            while (auto next = reader.next()) {
                found.push_back(std::move(next->entry));
            }
            ASSERT_EQ(found, others) << "byte " << at << " bit " << bit;
            EXPECT_EQ(reader.damaged_places(), 1U);
            EXPECT_EQ(reader.damaged_bytes(), bytes_of({entries[entry]}).size());
        }
    }
}

TEST(JournalRecord, OfAnotherVersionIsPassedOver) {
    std::string bytes = bytes_of({{full_record("office"), false}});
    bytes[3] = '1';
    EXPECT_EQ(read(bytes + bytes_of({erasure_of("a")})), std::vector{erasure_of("a")});
}

TEST(JournalRecord, IsNeverMadeOfOtherBytes) {
    Random random(Random::seed_from(7));
    const std::string sample = bytes_of(sample_entries());
    for (int i = 0; i < 2000; ++i) {
        std::string bytes = sample;
        for (uint64_t left = random.between(1, 8); left > 0; --left) {
            const std::size_t at = random.between(0, bytes.size() - 1);
            bytes.erase(at, random.between(0, 20));
            bytes.insert(at, random.between(0, 20), static_cast<char>(random.next()));
        }
        for (const JournalEntry& entry : read(bytes)) {
            EXPECT_THAT(sample_entries(), ::testing::Contains(entry));
        }
    }
}

}  // namespace
}  // namespace trunkline::sipstack
