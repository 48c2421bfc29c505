#include "sipstack/registration/journal_file.h"

#include "tests/temporary_folder.h"
#include "tests/unit/sipstack/bytes_in_use.h"
#include "tests/unit/sipstack/registration/journal_records.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace trunkline::sipstack {
namespace {

using testing::bytes_in_use;
using ::testing::ElementsAre;
using testing::full_record;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::journal_instant;
using testing::journal_wall;
using ::testing::UnorderedElementsAre;

constexpr ClockReading start{journal_wall, journal_instant};

ClockReading later(Milliseconds by) {
    return {start.wall + by, start.monotonic + by};
}

RegistrationRecord record_of(const std::string& key, uint32_t cseq) {
    RegistrationRecord record = full_record(key);
    record.cseq = cseq;
    return record;
}

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), std::ssize(bytes));
}

class JournalOnDisk : public ::testing::Test {
protected:
    JournalOnDisk() { path = folder / "registrations"; }

    std::unique_ptr<JournalFile> open(std::vector<RegistrationRecord> records = {},
                                      const ClockReading& now = start) {
        return std::make_unique<JournalFile>(path, std::move(records), now, log);
    }
    std::vector<RegistrationRecord> load(const ClockReading& now = start) {
        return load_journal(path, now, *log);
    }
    std::size_t log_lines() const { return std::ranges::count(lines.str(), '\n'); }

    const tests::TemporaryFolder temporary_;
    std::filesystem::path folder = temporary_.path();
    std::filesystem::path path;
    std::ostringstream lines;
    std::shared_ptr<spdlog::logger> log = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
};

TEST_F(JournalOnDisk, KeepsInMemoryWhereARecordStandsAndNothingElseOfIt) {
    if (bytes_in_use() == 0) {
        GTEST_SKIP() << "this allocator does not tell what is in use";
    }
    constexpr uint32_t many = 10'000;
    auto file = open();
    const std::size_t before = bytes_in_use();
    for (uint32_t number = 0; number < many; ++number) {
        file->put({record_of("account number " + std::to_string(number), number), false});
        file->write(start);
    }
    EXPECT_EQ(file->records(), many);
    EXPECT_LE((bytes_in_use() - before) / many, 80U);
}

TEST_F(JournalOnDisk, GivesBackTheNewestOfEachKey) {
    auto file = open({record_of("kept", 1)});
    file->put({record_of("office", 2), false});
    file->put({record_of("gone", 3), false});
    file->write(start);
    file->put({record_of("office", 4), false});
    file->put(erasure_of("gone"));
    file->put(erasure_of("never there"));
    file->write(start);
    EXPECT_THAT(load(), UnorderedElementsAre(record_of("kept", 1), record_of("office", 4)));
    EXPECT_EQ(file->records(), 2U);
    EXPECT_EQ(file->size(), std::filesystem::file_size(path));
    EXPECT_EQ(lines.str(), "");
}

TEST_F(JournalOnDisk, ThatIsNotThereHasNothingAndSaysNothing) {
    EXPECT_THAT(load(), IsEmpty());
    EXPECT_EQ(lines.str(), "");
}

TEST_F(JournalOnDisk, ThatIsNoFileCostsALine) {
    std::filesystem::create_directory(path);
    EXPECT_THAT(load(), IsEmpty());
    EXPECT_THAT(lines.str(), HasSubstr("cannot read the journal"));
    EXPECT_EQ(log_lines(), 1U);
}

TEST_F(JournalOnDisk, IsReadableByItsOwnerAlone) {
    write_file(path, "");
    std::filesystem::permissions(path, std::filesystem::perms::all);
    const auto file = open({record_of("office", 1)});
    EXPECT_EQ(std::filesystem::status(path).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(JournalOnDisk, HasARecordTooLargeForItNoMore) {
    auto file = open({record_of("office", 1)});
    RegistrationRecord large = record_of("office", 2);
    large.service_route.emplace_back(max_journal_entry, 'x');
    file->put({large, false});
    file->write(start);
    EXPECT_THAT(load(), IsEmpty());
}

TEST_F(JournalOnDisk, IsRewrittenWhenMoreThanHalfOfItIsOutdated) {
    auto file = open({record_of("idle", 1)});
    uint64_t largest = 0;
    uint32_t cseq = 0;
    for (; cseq < 2000; ++cseq) {
        file->put({record_of("office", cseq), false});
        file->write(start);
        largest = std::max(largest, file->size());
        ASSERT_EQ(file->size(), std::filesystem::file_size(path));
    }
    EXPECT_LT(largest, JournalFile::smallest_rewrite + 1000);
    EXPECT_THAT(load(), UnorderedElementsAre(record_of("idle", 1), record_of("office", cseq - 1)));
    EXPECT_FALSE(std::filesystem::exists(path.string() + ".new"));
    EXPECT_EQ(lines.str(), "");
}

TEST_F(JournalOnDisk, KeepsWhatIsReadableWhereverItIsCutOff) {
    auto file = open();
    std::vector<uint64_t> ends;
    for (uint32_t i = 0; i < 3; ++i) {
        file->put({record_of(fmt::format("account{}", i), i), false});
        file->write(start);
        ends.push_back(file->size());
    }
    const std::string bytes = contents(path);
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        write_file(path, std::string_view(bytes).substr(0, size));
        lines.str("");
        const auto whole = std::ranges::upper_bound(ends, size) - ends.begin();
        ASSERT_EQ(std::ssize(load()), whole) << size;
        const bool is_torn = size != 0 && !std::ranges::count(ends, size);
        EXPECT_EQ(log_lines(), is_torn ? 1U : 0U) << size;
    }
}

TEST_F(JournalOnDisk, DamagedAnywhereLosesOneRecordAndSaysSo) {
    open({record_of("a", 1), record_of("b", 2), record_of("c", 3)});
    const std::string bytes = contents(path);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(~damaged[at]);
        write_file(path, damaged);
        lines.str("");
        ASSERT_EQ(load().size(), 2U) << at;
        ASSERT_THAT(lines.str(), HasSubstr("is damaged in 1 places"));
        ASSERT_EQ(log_lines(), 1U);
    }
}

TEST_F(JournalOnDisk, BegunAnewLeavesTheOldOneUntilTheNewOneIsComplete) {
    open({record_of("office", 1)});
    // A crash before the rename leaves a piece of the new file beside the old one.
    write_file(path.string() + ".new", contents(path).substr(0, 50));
    EXPECT_THAT(load(), ElementsAre(record_of("office", 1)));
    const auto file = open(load());
    EXPECT_THAT(load(), ElementsAre(record_of("office", 1)));
    EXPECT_FALSE(std::filesystem::exists(path.string() + ".new"));
    EXPECT_EQ(lines.str(), "");
}

class JournalClock : public JournalOnDisk {};

TEST_F(JournalClock, GivesInstantsOfThisBoot) {
    open({record_of("office", 1)});
    const ClockReading reboot{journal_wall + Seconds(600), Instant(Milliseconds(7000))};
    const auto records = load(reboot);
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].expires_at, reboot.monotonic + Seconds(2990));
    EXPECT_EQ(records[0].refresh_at, reboot.monotonic + Seconds(1190));
}

TEST_F(JournalClock, EndsABindingWhoseTimeIsOverAndKeepsItsCallIdAndCseq) {
    open({record_of("office", 1)});
    EXPECT_TRUE(load(later(Seconds(3589)))[0].expires_at);
    RegistrationRecord expected = record_of("office", 1);
    expected.expires_at.reset();
    expected.refresh_at.reset();
    EXPECT_THAT(load(later(Seconds(3590))), ElementsAre(expected));
}

TEST_F(JournalClock, SetBackDoesNotLetABindingOutliveItsGrant) {
    open({record_of("office", 1)});
    EXPECT_TRUE(load({start.wall - Seconds(10), start.monotonic})[0].expires_at);
    const auto records = load({start.wall - Seconds(11), start.monotonic});
    ASSERT_EQ(records.size(), 1U);
    EXPECT_FALSE(records[0].expires_at);
    EXPECT_FALSE(records[0].refresh_at);
    EXPECT_EQ(records[0].call_id, full_record("office").call_id);
}

TEST_F(JournalClock, KeepsARetryTimeThatIsPlausible) {
    RegistrationRecord failed = record_of("office", 1);
    failed.expires_at.reset();
    failed.refresh_at = journal_instant + Seconds(1800);
    open({failed});
    EXPECT_THAT(load(), ElementsAre(failed));
    EXPECT_FALSE(load({start.wall - std::chrono::hours(24), start.monotonic})[0].refresh_at);
}

TEST_F(JournalClock, SetWhileRunningHasTheWholeWrittenInItsTerms) {
    auto file = open({record_of("office", 1)});
    const ClockReading stepped{start.wall + std::chrono::hours(5), start.monotonic};
    file->tick(stepped);
    EXPECT_THAT(load(stepped), ElementsAre(record_of("office", 1)));
    const ClockReading back{start.wall - std::chrono::hours(5), start.monotonic};
    file->put({record_of("branch", 2), false});
    file->write(back);
    EXPECT_THAT(load(back), UnorderedElementsAre(record_of("office", 1), record_of("branch", 2)));
}

/// Files of this process may not grow beyond a size while it lives.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t size) {
        old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &old_);
        const rlimit limit{size, old_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &old_);
        std::signal(SIGXFSZ, old_handler_);
    }

private:
    rlimit old_{};
    void (*old_handler_)(int) = nullptr;
};

class JournalFails : public JournalOnDisk {
protected:
    static constexpr Milliseconds minute = JournalFile::default_retry_time;
};

TEST_F(JournalFails, InTheMiddleOfARecordAndKeepsTheFileReadable) {
    auto file = open({record_of("office", 1)});
    const uint64_t good = file->size();
    {
        const FileSizeLimit limit(good + 100);
        for (uint32_t cseq = 2; cseq < 5; ++cseq) {
            file->put({record_of("office", cseq), false});
            file->put({record_of("branch", cseq), false});
            file->write(start);
            EXPECT_EQ(std::filesystem::file_size(path), good);
        }
        file->tick(later(minute - Milliseconds(1)));
        file->tick(later(minute));
        EXPECT_FALSE(file->is_working());
        EXPECT_THAT(load(), ElementsAre(record_of("office", 1)));
        EXPECT_THAT(lines.str(), HasSubstr("registrations go on without it"));
        EXPECT_EQ(log_lines(), 1U);
    }
    file->tick(later(2 * minute - Milliseconds(1)));
    EXPECT_FALSE(file->is_working());
    file->tick(later(2 * minute));
    EXPECT_TRUE(file->is_working());
    EXPECT_THAT(load(), UnorderedElementsAre(record_of("office", 4), record_of("branch", 4)));
    EXPECT_THAT(lines.str(), HasSubstr("is written again records=2"));
    EXPECT_EQ(log_lines(), 2U);
}

TEST_F(JournalFails, AndIsTriedAgainWhenItIsToldTo) {
    path = folder / "missing" / "registrations";
    JournalFile file(path, {record_of("office", 1)}, start, log, Seconds(5));
    EXPECT_THAT(lines.str(), HasSubstr("trying again every 5 s"));
    std::filesystem::create_directory(path.parent_path());
    file.tick(later(Seconds(5) - Milliseconds(1)));
    EXPECT_FALSE(file.is_working());
    file.tick(later(Seconds(5)));
    EXPECT_TRUE(file.is_working());
}

TEST_F(JournalFails, WithoutAFolderAndWritesTheWholeStateOnceItIsThere) {
    path = folder / "missing" / "registrations";
    auto file = open({record_of("office", 1)});
    file->put({record_of("branch", 1), false});
    file->write(start);
    file->put(erasure_of("office"));
    file->write(start);
    EXPECT_FALSE(file->is_working());
    EXPECT_THAT(lines.str(), HasSubstr("cannot create the journal"));
    EXPECT_EQ(log_lines(), 1U);
    std::filesystem::create_directory(path.parent_path());
    file->tick(later(minute));
    EXPECT_TRUE(file->is_working());
    EXPECT_THAT(load(), ElementsAre(record_of("branch", 1)));
}

TEST_F(JournalFails, ToTakeTheOldOnesPlaceAndGoesOnWithIt) {
    auto file = open({record_of("office", 1)});
    // A folder of that name: rename(2) refuses, and the file that is open is nameless now.
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    file->tick(start);
    EXPECT_FALSE(file->is_working());
    EXPECT_FALSE(std::filesystem::exists(path.string() + ".new"));
    EXPECT_THAT(lines.str(), HasSubstr("cannot rewrite the journal"));
    file->put({record_of("branch", 2), false});
    file->write(start);
    std::filesystem::remove(path);
    file->tick(later(minute));
    EXPECT_TRUE(file->is_working());
    EXPECT_THAT(load(), UnorderedElementsAre(record_of("office", 1), record_of("branch", 2)));
}

TEST_F(JournalFails, OnlyUntilSomebodyRemovesItUnderOurFeet) {
    auto file = open({record_of("office", 1)});
    std::filesystem::remove(path);
    file->tick(start);
    EXPECT_THAT(load(), ElementsAre(record_of("office", 1)));
    EXPECT_EQ(lines.str(), "");
}

TEST_F(JournalFails, OnAFullDiskAndRecoversWhenThereIsRoom) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root to mount a small file system";
    }
    // A mount namespace belongs to this thread alone and ends with it.
    std::thread([this] {
        ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
        ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
        ASSERT_EQ(::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=32k"), 0);
        auto file = open({record_of("office", 1)});
        write_file(folder / "filling", std::string(65536, 'x'));
        uint32_t cseq = 2;
        for (; file->is_working() && cseq < 1000; ++cseq) {
            file->put({record_of("office", cseq), false});
            file->write(start);
        }
        ASSERT_FALSE(file->is_working());
        EXPECT_THAT(lines.str(), HasSubstr("No space left on device"));
        EXPECT_THAT(load(), ElementsAre(record_of("office", cseq - 2)));
        std::filesystem::remove(folder / "filling");
        file->tick(later(minute));
        EXPECT_TRUE(file->is_working());
        EXPECT_THAT(load(), ElementsAre(record_of("office", cseq - 1)));
        EXPECT_EQ(log_lines(), 2U);
    }).join();
}

/// Writes records of a few keys, cseq counting up over all, until it is killed.
[[noreturn]] void write_for_ever(JournalFile& file) {
    for (uint32_t cseq = 1;; ++cseq) {
        file.put({record_of(fmt::format("account{}", cseq % 5), cseq), false});
        file.write(start);
    }
}

TEST_F(JournalOnDisk, OfAKilledProcessHasNothingThatWasNotWritten) {
    uint32_t newest = 0;
    for (int round = 0; round < 20; ++round) {
        std::filesystem::remove(path);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            write_for_ever(*open());
        }
        // The file's growth is the clock: kills come at another point of the work each time.
        const uintmax_t enough = 1000U * static_cast<unsigned>(round) + 1;
        std::error_code missing;
        for (uintmax_t size = 0; size < enough || size == static_cast<uintmax_t>(-1);) {
            size = std::filesystem::file_size(path, missing);
        }
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        const auto records = load();
        ASSERT_FALSE(records.empty());
        uint32_t last = 0;
        for (const RegistrationRecord& record : records) {
            EXPECT_EQ(record, record_of(fmt::format("account{}", record.cseq % 5), record.cseq));
            last = std::max(last, record.cseq);
        }
        for (const RegistrationRecord& record : records) {
            EXPECT_GT(record.cseq + 5, last);  // the newest of each key
        }
        newest = std::max(newest, last);
    }
    EXPECT_GT(newest, 10U);
    EXPECT_EQ(lines.str(), "");
}

}  // namespace
}  // namespace trunkline::sipstack
