#include "sipstack/registration/journal_file.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <functional>
#include <system_error>
#include <utility>

namespace trunkline::sipstack {

namespace {

/// What is read of a journal; the rest counts as lost.
constexpr std::size_t largest_journal = std::size_t{1} << 30;
constexpr std::size_t rewrite_buffer = std::size_t{1} << 20;
/// The wall clock was set when it moved that far against the monotonic one.
constexpr Milliseconds clock_step{1000};

std::string reason_of(int error) {
    return std::generic_category().message(error);
}

/// The bytes of a regular file, or errno.
std::expected<std::string, int> read_file(const std::string& path) {
    const board::FileDescriptor file(
        ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat facts {};
    if (!file || ::fstat(file.get(), &facts) != 0) {
        return std::unexpected(errno);
    }
    if (!S_ISREG(facts.st_mode)) {
        return std::unexpected(EINVAL);
    }
    std::string bytes(std::min(static_cast<std::size_t>(facts.st_size), largest_journal), '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t count = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
        if (count < 0 && errno != EINTR) {
            return std::unexpected(errno);
        }
        if (count == 0) {
            break;
        }
        filled += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    }
    bytes.resize(filled);
    return bytes;
}

/// 0, or the errno that kept some of `bytes` from being written.
int write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(file, bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR) {
            return errno;
        }
        bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    return 0;
}

int read_all(int file, std::string& bytes, uint64_t offset) {
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t count = ::pread(file, bytes.data() + filled, bytes.size() - filled,
                                      static_cast<off_t>(offset + filled));
        if (count == 0 || (count < 0 && errno != EINTR)) {
            return count == 0 ? EIO : errno;
        }
        filled += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    }
    return 0;
}

/// Makes a rename within the file's folder survive a power failure.
int sync_folder_of(const std::string& path) {
    const auto parent = std::filesystem::path(path).parent_path();
    const board::FileDescriptor folder(
        ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return folder && ::fsync(folder.get()) == 0 ? 0 : errno;
}

/// Entries one behind the other, and where each will stand.
class Batch {
public:
    explicit Batch(uint64_t offset) : offset_(offset) {}

    bool add(const JournalEntry& entry, const ClockReading& clock) {
        const std::size_t begin = bytes_.size();
        if (!append_journal_entry(bytes_, entry, clock)) {
            return false;
        }
        note(begin);
        return true;
    }
    void add(std::string_view entry) {
        const std::size_t begin = bytes_.size();
        bytes_ += entry;
        note(begin);
    }
    const std::string& bytes() const { return bytes_; }
    uint64_t last_offset() const { return last_offset_; }
    uint32_t last_size() const { return last_size_; }
    uint64_t end() const { return offset_ + bytes_.size(); }
    /// After the bytes were written.
    void clear() {
        offset_ = end();
        bytes_.clear();
    }

private:
    void note(std::size_t begin) {
        last_offset_ = offset_ + begin;
        last_size_ = static_cast<uint32_t>(bytes_.size() - begin);
    }

    uint64_t offset_;
    std::string bytes_;
    uint64_t last_offset_ = 0;
    uint32_t last_size_ = 0;
};

}  // namespace

std::vector<RegistrationRecord> load_journal(const std::string& path, const ClockReading& now,
                                             spdlog::logger& log) {
    const auto bytes = read_file(path);
    if (!bytes) {
        if (bytes.error() != ENOENT) {
            log.warn("registration  cannot read the journal {}: {}; all register afresh", path,
                     reason_of(bytes.error()));
        }
        return {};
    }
    auto contents = read_journal(*bytes, now);
    if (contents.damaged_places != 0) {
        log.warn(
            "registration  the journal {} is damaged in {} places, {} of its {} bytes are lost; "
            "{} records were read, what is missing registers afresh",
            path, contents.damaged_places, contents.damaged_bytes, bytes->size(),
            contents.records.size());
    }
    return std::move(contents.records);
}

/// The new file while it is made.
struct JournalFile::Rewrite {
    board::FileDescriptor file;
    Batch batch{0};
    Index live;

    int flush() {
        const int error = write_all(file.get(), batch.bytes());
        batch.clear();
        return error;
    }
    int added(KeyNumber key) {
        live[key] = {batch.last_offset(), batch.last_size()};
        return batch.bytes().size() < rewrite_buffer ? 0 : flush();
    }
};

JournalFile::JournalFile(std::string path, std::vector<RegistrationRecord> records,
                         const ClockReading& now, std::shared_ptr<spdlog::logger> log,
                         Milliseconds retry_time)
    : path_(std::move(path)), log_(std::move(log)), retry_time_(retry_time), clock_(now) {
    for (RegistrationRecord& record : records) {
        put({std::move(record), false});
    }
    rewrite(now);
}

JournalFile::~JournalFile() {
    if (is_unsynced_) {
        ::fdatasync(file_.get());
    }
}

JournalFile::KeyNumber JournalFile::number_of(const JournalEntry& entry) {
    return std::hash<std::string>()(entry.record.key);
}

void JournalFile::put(JournalEntry entry) {
    const KeyNumber key = number_of(entry);
    waiting_.insert_or_assign(key, std::move(entry));
}

void JournalFile::write(const ClockReading& now) {
    if (waiting_.empty()) {
        return;
    }
    // After a failure the next rewrite is tick()'s. Until then the old file takes what it can.
    if (is_stepped(now) || is_torn_) {
        if (is_working_) {
            rewrite(now);
        }
        return;
    }
    if (const int error = append(); error != 0) {
        fail("write", error, now);
    } else if (is_working_ && size_ > std::max(2 * live_bytes_, smallest_rewrite)) {
        rewrite(now);
    }
}

void JournalFile::tick(const ClockReading& now) {
    const bool is_due = is_working_ ? is_stepped(now) || is_removed() : now.monotonic >= retry_at_;
    if (is_due) {
        retry_at_ = now.monotonic + retry_time_;
        rewrite(now);
    } else if (std::exchange(is_unsynced_, false) && ::fdatasync(file_.get()) != 0) {
        fail("write", errno, now);
    }
}

/// Whether somebody else removed or replaced the file: what is written would be lost.
bool JournalFile::is_removed() const {
    struct stat facts {};
    return ::fstat(file_.get(), &facts) != 0 || facts.st_nlink == 0;
}

bool JournalFile::is_stepped(const ClockReading& now) const {
    return std::chrono::abs(now.wall - clock_.wall_of(now.monotonic)) > clock_step;
}

void JournalFile::forget(KeyNumber key) {
    if (const auto old = live_.find(key); old != live_.end()) {
        live_bytes_ -= old->second.size;
        live_.erase(old);
    }
}

/// Writes what waits behind the rest; 0, or errno and nothing has changed.
int JournalFile::append() {
    Batch batch(size_);
    Index added;
    for (auto& [key, entry] : waiting_) {
        if (!entry.is_erasure && batch.add(entry, clock_)) {
            added[key] = {batch.last_offset(), batch.last_size()};
        } else if (live_.contains(key)) {
            batch.add(erasure_of(entry.record.key), clock_);
        }
    }
    if (const int error = write_all(file_.get(), batch.bytes()); error != 0) {
        is_torn_ = ::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0;
        return error;
    }
    for (const auto& [key, entry] : waiting_) {
        forget(key);
    }
    for (const auto& [key, place] : added) {
        live_bytes_ += place.size;
    }
    live_.merge(added);
    waiting_.clear();
    size_ = batch.end();
    is_unsynced_ = true;
    return 0;
}

/// Copies what stands in the file and nothing newer waits for; 0 or errno.
int JournalFile::copy_live(Rewrite& target, const ClockReading& clock) const {
    const bool same_times = clock.wall == clock_.wall && clock.monotonic == clock_.monotonic;
    std::string bytes;
    for (const auto& [key, place] : live_) {
        if (waiting_.contains(key)) {
            continue;
        }
        bytes.resize(place.size);
        if (const int error = read_all(file_.get(), bytes, place.offset); error != 0) {
            return error;
        }
        if (same_times) {
            target.batch.add(bytes);
        } else if (auto found = JournalReader(bytes, clock_).next();
                   !found || !target.batch.add(found->entry, clock)) {
            continue;  // the disk does not give back what it was given
        }
        if (const int error = target.added(key); error != 0) {
            return error;
        }
    }
    return 0;
}

/// Fills the new file and makes it last; 0 or errno.
int JournalFile::fill(Rewrite& target, const ClockReading& clock) const {
    if (const int error = copy_live(target, clock); error != 0) {
        return error;
    }
    for (const auto& [key, entry] : waiting_) {
        if (entry.is_erasure || !target.batch.add(entry, clock)) {
            continue;
        }
        if (const int error = target.added(key); error != 0) {
            return error;
        }
    }
    if (const int error = target.flush(); error != 0) {
        return error;
    }
    return ::fsync(target.file.get()) == 0 ? 0 : errno;
}

/// A new file with the whole state in the place of the old one, which stands until then.
void JournalFile::rewrite(const ClockReading& now) {
    const std::string new_path = path_ + ".new";
    const ClockReading clock = is_stepped(now) ? now : clock_;
    ::unlink(new_path.c_str());
    Rewrite target;
    target.file = board::FileDescriptor(::open(
        new_path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!target.file) {
        fail("create", errno, now);
        return;
    }
    int error = fill(target, clock);
    if (error == 0 && ::rename(new_path.c_str(), path_.c_str()) != 0) {
        error = errno;
    }
    if (error != 0) {
        ::unlink(new_path.c_str());
        fail("rewrite", error, now);
        return;
    }
    adopt(target, clock);
    if (error = sync_folder_of(path_); error != 0) {
        fail("sync the folder of", error, now);
    } else if (!std::exchange(is_working_, true)) {
        log_->info("registration  the journal {} is written again records={}", path_, live_.size());
    }
}

void JournalFile::adopt(Rewrite& target, const ClockReading& clock) {
    file_ = std::move(target.file);
    size_ = target.batch.end();
    live_bytes_ = size_;
    live_ = std::move(target.live);
    clock_ = clock;
    waiting_.clear();
    is_torn_ = false;
    is_unsynced_ = false;
}

void JournalFile::fail(std::string_view action, int error, const ClockReading& now) {
    if (std::exchange(is_working_, false)) {
        retry_at_ = now.monotonic + retry_time_;
        log_->warn(
            "registration  cannot {} the journal {}: {}; registrations go on without it, trying "
            "again every {} s",
            action, path_, reason_of(error),
            std::chrono::duration_cast<Seconds>(retry_time_).count());
    }
}

}  // namespace trunkline::sipstack
