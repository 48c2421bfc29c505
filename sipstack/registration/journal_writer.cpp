#include "sipstack/registration/journal_writer.h"

#include "sipstack/shard_thread.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <fstream>
#include <string>
#include <utility>

namespace trunkline::sipstack {

uint64_t boot_number() {
    std::string name;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> name;
    std::erase(name, '-');
    // 60 of its random bits: an entry's numbers have 63.
    name.resize(std::min<std::size_t>(name.size(), 15));
    uint64_t number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number, 16);
    return number;
}

ClockReading read_clocks(uint64_t boot) {
    timespec up{};
    ::clock_gettime(CLOCK_BOOTTIME, &up);
    return {std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()), monotonic_now(),
            std::chrono::floor<Milliseconds>(std::chrono::seconds(up.tv_sec) +
                                             std::chrono::nanoseconds(up.tv_nsec)),
            boot};
}

JournalWriter::JournalWriter(board::EventLoop& loop, std::unique_ptr<JournalFile> file)
    : loop_(loop),
      file_(std::move(file)),
      watch_(loop, bell_, [this] { look(); }),
      timer_(loop.every(std::chrono::seconds(1), [this] { file_->tick(now()); })) {}

JournalWriter::~JournalWriter() {
    loop_.cancel(timer_);
    for (const auto& queue : queues_) {
        queue->drain([this](const JournalEntry& entry) { file_->put(entry); });
    }
    file_->write(now());
}

board::Expected<JournalQueue*> JournalWriter::add_shard(uint32_t shard,
                                                        dataplane::Doorbell& shard_bell) {
    auto queue = JournalQueue::create(shard, shard_bell, bell_);
    if (!queue) {
        return std::unexpected(queue.error());
    }
    return queues_.emplace_back(std::move(*queue)).get();
}

void JournalWriter::erase(std::string_view key) {
    file_->put(erasure_of(key));
    file_->write(now());
}

void JournalWriter::look() {
    for (const auto& queue : queues_) {
        queue->collect([this](const JournalEntry& entry) { file_->put(entry); });
    }
    file_->write(now());
}

}  // namespace trunkline::sipstack
