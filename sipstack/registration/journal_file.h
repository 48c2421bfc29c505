// The registration journal on disk: what registrations remember is appended to one file, which is
// rewritten when more than half of it is outdated. Entries: journal_record.h.
//
// Nothing here is needed to register: a full disk, a folder that cannot be written, a damaged file
// cost a log line and at most fresh registrations after the next start.
//
// All of it is on one thread, the control thread's, and blocks as long as the disk does. The file
// has mode 0600: nonces are in it, passwords are not.
#pragma once

#include "board/file_descriptor.h"
#include "sipstack/registration/journal_record.h"

#include <spdlog/logger.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trunkline::sipstack {

/// What the journal at `path` has, as read_journal() says. A file that is not there has none. Of a
/// damaged one what is readable is kept and one line says what is lost.
std::vector<RegistrationRecord> load_journal(const std::string& path, const ClockReading& now,
                                             spdlog::logger& log);

class JournalFile {
public:
    /// Between a failure and the next try, unless told otherwise.
    static constexpr Milliseconds default_retry_time{60'000};
    /// Below this size the file is never rewritten for what is outdated in it.
    static constexpr uint64_t smallest_rewrite = 65536;

    /// Begins a journal that has `records` alone: what load_journal() gave, without those that
    /// nobody wants any more. An older file of the name is replaced once the new one is complete.
    JournalFile(std::string path, std::vector<RegistrationRecord> records, const ClockReading& now,
                std::shared_ptr<spdlog::logger> log, Milliseconds retry_time = default_retry_time);
    /// What was put and could not be written is lost; the rest is on the disk.
    ~JournalFile();
    JournalFile(const JournalFile&) = delete;
    JournalFile& operator=(const JournalFile&) = delete;

    /// Replaces what is known of the key. In the file with the next write(). A record too large for
    /// an entry is none.
    void put(JournalEntry entry);
    /// Hands all that was put to the kernel, in one write(2): from then on it survives the end of
    /// the process.
    void write(const ClockReading& now);
    /// To be called every second: what was written is made to survive a power failure
    /// (fdatasync(2)), what failed is tried again when its time has come, and when the wall clock
    /// was set the whole is written anew in its terms.
    void tick(const ClockReading& now);

    /// Whether the last write, or try, succeeded.
    bool is_working() const { return is_working_; }
    std::size_t records() const { return live_.size(); }  ///< in the file
    uint64_t size() const { return size_; }               ///< of the file, bytes

private:
    struct Place {
        uint64_t offset;
        uint32_t size;
    };
    /// Stands for a key, which has some eighty bytes: a hash of it. That two of a million accounts
    /// had the same would happen to one appliance of thirty million, and one of them register
    /// afresh after a restart.
    using KeyNumber = uint64_t;
    using Index = std::unordered_map<KeyNumber, Place>;
    struct Rewrite;

    static KeyNumber number_of(const JournalEntry& entry);

    int append();
    void rewrite(const ClockReading& now);
    int fill(Rewrite& target, const ClockReading& clock) const;
    int copy_live(Rewrite& target, const ClockReading& clock) const;
    void adopt(Rewrite& target, const ClockReading& clock);
    void forget(KeyNumber key);
    bool is_stepped(const ClockReading& now) const;
    bool is_removed() const;
    void fail(std::string_view action, int error, const ClockReading& now);

    const std::string path_;
    const std::shared_ptr<spdlog::logger> log_;
    const Milliseconds retry_time_;
    /// That all entries of the file were written with.
    ClockReading clock_;
    board::FileDescriptor file_;
    uint64_t size_ = 0;
    uint64_t live_bytes_ = 0;
    Index live_;
    std::map<KeyNumber, JournalEntry> waiting_;  ///< put and not in the file
    bool is_working_ = true;
    bool is_torn_ = true;  ///< nothing can be appended: there is no file, or a piece behind its end
    bool is_unsynced_ = false;
    Instant retry_at_{};
};

}  // namespace trunkline::sipstack
