// One entry of the registration journal as bytes: a registrant's record, or its erasure. Pure: the
// file is journal_file.h.
//
// An entry is, all little-endian: "TLR" and the version '4' (4 bytes), the payload's length (4),
// the CRC-32 of length and payload (4), the payload. Numbers in it are LEB128, texts have their
// length in front. A field more or less is a new version; entries of another one count as damage.
#pragma once

#include "sipstack/instant.h"
#include "sipstack/registration/journal.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

/// Milliseconds since 1970.
using WallTime = std::chrono::sys_time<Milliseconds>;

/// The clocks, read at the same moment. Instants do not survive a reboot, so an entry has wall
/// times; how far the clocks are apart turns one into the other. The wall clock can be set, though:
/// an entry says as well when, by it, the machine was started, and as long as that start is the
/// last one its times are counted from there.
struct ClockReading {
    WallTime wall;
    Instant monotonic;
    Milliseconds up{0};  ///< since the machine was started, its sleep included
    uint64_t boot = 0;   ///< names that start, below 2^63; 0 = unknown

    WallTime wall_of(Instant instant) const { return wall + (instant - monotonic); }
    Instant instant_of(WallTime time) const { return monotonic + (time - wall); }
    /// When the machine was started, by the wall clock of now.
    WallTime started() const { return wall - up; }
};

struct JournalEntry {
    RegistrationRecord record;  ///< of an erasure the key alone counts
    bool is_erasure = false;

    bool operator==(const JournalEntry&) const = default;
};

JournalEntry erasure_of(std::string_view key);

/// Bytes of an entry with everything around it. Records of real registrars have some hundreds.
inline constexpr std::size_t max_journal_entry = 65536;

/// Appends to `out`. false: it would be larger than an entry may be, and nothing was appended.
bool append_journal_entry(std::string& out, const JournalEntry& entry, const ClockReading& clock);

/// An entry and where it stood.
struct LocatedEntry {
    JournalEntry entry;
    std::size_t offset = 0;
    std::size_t size = 0;
};

/// Finds the entries in bytes that may be damaged anywhere: behind what is no entry it looks for
/// the next one.
class JournalReader {
public:
    /// `bytes` outlive the reader.
    JournalReader(std::string_view bytes, const ClockReading& clock)
        : bytes_(bytes), clock_(clock) {}

    /// The next entry as it was written; nullopt at the end.
    std::optional<LocatedEntry> next();
    std::size_t damaged_places() const { return damaged_places_; }
    std::size_t damaged_bytes() const { return damaged_bytes_; }

private:
    std::string_view bytes_;
    ClockReading clock_;
    std::size_t at_ = 0;
    std::size_t damaged_places_ = 0;
    std::size_t damaged_bytes_ = 0;
};

struct JournalContents {
    std::vector<RegistrationRecord> records;  ///< the newest of each key, by key
    std::size_t damaged_places = 0, damaged_bytes = 0;
};

/// What the bytes of a journal say to an appliance that begins now. Where the newest record of a
/// key is lost, an older one stands for it, as after a power failure.
///
/// Times are made Instants by the clocks' readings of this moment:
/// - a binding whose time is over is none any more (no expires_at, no refresh_at);
/// - one that would outlast the time granted (the wall clock was set back around a reboot) counts
///   as none, too, so that its registrant registers afresh;
/// - without a binding, refresh_at is a retry's time and is kept up to the longest retry time.
/// Call-ID, CSeq and digests are kept in every case.
JournalContents read_journal(std::string_view bytes, const ClockReading& now);

}  // namespace trunkline::sipstack
