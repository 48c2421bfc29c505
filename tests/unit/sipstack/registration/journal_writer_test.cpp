// The way from a shard's thread to the file: queue and writer.
#include "sipstack/registration/journal_writer.h"

#include "tests/temporary_folder.h"
#include "tests/unit/sipstack/registration/journal_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <map>
#include <set>
#include <thread>

namespace trunkline::sipstack {
namespace {

using testing::full_record;

RegistrationRecord record_of(const std::string& key, uint32_t cseq) {
    RegistrationRecord record = full_record(key);
    record.cseq = cseq;
    return record;
}

struct QueueBench {
    explicit QueueBench(uint32_t slots)
        : queue(*JournalQueue::create(0, shard_bell, control_bell, slots)) {}

    std::vector<uint32_t> collect() {
        std::vector<uint32_t> cseqs;
        queue->collect([&](const JournalEntry& entry) { cseqs.push_back(entry.record.cseq); });
        return cseqs;
    }
    static bool is_rung(dataplane::Doorbell& bell) {
        const bool rung = !bell.prepare_to_sleep();
        bell.awake();
        return rung;
    }

    dataplane::Doorbell shard_bell, control_bell;
    std::unique_ptr<JournalQueue> queue;
};

TEST(JournalQueueOfAShard, HandsOverWholeEntriesInOrderAndRings) {
    QueueBench bench(8);
    EXPECT_FALSE(QueueBench::is_rung(bench.control_bell));
    bench.queue->save(full_record("office"));
    bench.queue->erase("branch");
    EXPECT_TRUE(QueueBench::is_rung(bench.control_bell));
    std::vector<JournalEntry> taken;
    bench.queue->collect([&](const JournalEntry& entry) { taken.push_back(entry); });
    EXPECT_THAT(taken, ::testing::ElementsAre(JournalEntry{full_record("office"), false},
                                              erasure_of("branch")));
    EXPECT_FALSE(QueueBench::is_rung(bench.shard_bell));
}

TEST(JournalQueueOfAShard, KeepsTheNewestOfEachKeyWhileItIsFull) {
    QueueBench bench(4);
    for (uint32_t cseq = 1; cseq <= 100; ++cseq) {
        bench.queue->save(record_of(cseq % 2 == 0 ? "even" : "odd", cseq));
    }
    EXPECT_EQ(bench.queue->waiting(), 2U);
    EXPECT_THAT(bench.collect(), ::testing::ElementsAre(1, 2, 3));
    EXPECT_TRUE(QueueBench::is_rung(bench.shard_bell));
    bench.queue->flush();
    EXPECT_EQ(bench.queue->waiting(), 0U);
    EXPECT_THAT(bench.collect(), ::testing::UnorderedElementsAre(99, 100));
    EXPECT_FALSE(QueueBench::is_rung(bench.shard_bell));
}

TEST(JournalQueueOfAShard, NeverLetsAnOlderRecordFollowANewerOne) {
    QueueBench bench(2);
    bench.queue->save(record_of("other", 1));
    bench.queue->save(record_of("office", 2));  // waits
    EXPECT_THAT(bench.collect(), ::testing::ElementsAre(1));
    bench.queue->save(record_of("office", 3));  // there is room again, but an older one waits
    EXPECT_THAT(bench.collect(), ::testing::ElementsAre(3));
    bench.queue->flush();
    EXPECT_THAT(bench.collect(), ::testing::IsEmpty());
}

TEST(JournalQueueOfAShard, IsDrainedToTheLastAfterTheShardsEnd) {
    QueueBench bench(2);
    for (uint32_t cseq = 1; cseq <= 4; ++cseq) {
        bench.queue->save(record_of(std::to_string(cseq), cseq));
    }
    std::set<uint32_t> taken;
    bench.queue->drain([&](const JournalEntry& entry) { taken.insert(entry.record.cseq); });
    EXPECT_EQ(taken, (std::set<uint32_t>{1, 2, 3, 4}));
}

class JournalWriterOfAllShards : public ::testing::Test {
protected:
    JournalWriterOfAllShards() {
        path = folder / "registrations";
        writer = std::make_unique<JournalWriter>(
            loop,
            std::make_unique<JournalFile>(path, std::vector<RegistrationRecord>{}, clock, log),
            [this] { return clock; });
    }
    ~JournalWriterOfAllShards() override { writer.reset(); }

    std::map<std::string, uint32_t> on_disk() {
        std::map<std::string, uint32_t> cseqs;
        for (const auto& record : load_journal(path, clock, *log)) {
            cseqs[record.key] = record.cseq;
        }
        return cseqs;
    }

    /// Not this machine's: what is written is in terms of the clocks that are handed in.
    const ClockReading clock{testing::journal_wall, testing::journal_instant, std::chrono::hours(1),
                             7};
    board::EventLoop loop;
    std::shared_ptr<spdlog::logger> log =
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>());
    const tests::TemporaryFolder temporary_;
    std::filesystem::path folder = temporary_.path();
    std::filesystem::path path;
    dataplane::Doorbell shard_bell;
    std::unique_ptr<JournalWriter> writer;
};

TEST_F(JournalWriterOfAllShards, HasARecordInTheFileWithinATurnOfTheLoop) {
    JournalQueue* queue = *writer->add_shard(0, shard_bell);
    queue->save(record_of("office", 5));
    loop.run_once(std::chrono::seconds(10));
    EXPECT_EQ(on_disk(), (std::map<std::string, uint32_t>{{"office", 5}}));
    EXPECT_EQ(load_journal(path, clock, *log).at(0).refresh_at, full_record("office").refresh_at);
    writer->erase("office");
    EXPECT_TRUE(on_disk().empty());
}

TEST_F(JournalWriterOfAllShards, TakesFromThreadsWhatTheySaveAndLosesNothing) {
    constexpr uint32_t rounds = 5000;
    constexpr uint32_t keys = 50;
    std::vector<JournalQueue*> queues{*writer->add_shard(0, shard_bell),
                                      *writer->add_shard(1, shard_bell)};
    std::atomic<int> running{2};
    std::vector<std::thread> shards;
    for (int shard = 0; shard < 2; ++shard) {
        shards.emplace_back([&, shard] {
            for (uint32_t cseq = 1; cseq <= rounds; ++cseq) {
                queues[shard]->save(record_of(fmt::format("{}/{}", shard, cseq % keys), cseq));
                queues[shard]->flush();
            }
            --running;
        });
    }
    while (running != 0) {
        loop.run_once(std::chrono::milliseconds(1));
    }
    for (auto& shard : shards) {
        shard.join();
    }
    writer.reset();
    const auto cseqs = on_disk();
    EXPECT_EQ(cseqs.size(), 2 * keys);
    for (const auto& [key, cseq] : cseqs) {
        EXPECT_GT(cseq, rounds - keys) << key;
    }
}

}  // namespace
}  // namespace trunkline::sipstack
