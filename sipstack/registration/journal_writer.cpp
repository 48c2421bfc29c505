#include "sipstack/registration/journal_writer.h"

#include "sipstack/shard_thread.h"

#include <chrono>
#include <utility>

namespace trunkline::sipstack {

ClockReading read_clocks() {
    return {std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()), monotonic_now()};
}

JournalWriter::JournalWriter(board::EventLoop& loop, std::unique_ptr<JournalFile> file)
    : loop_(loop),
      file_(std::move(file)),
      watch_(loop, bell_, [this] { look(); }),
      timer_(loop.every(std::chrono::seconds(1), [this] { file_->tick(read_clocks()); })) {}

JournalWriter::~JournalWriter() {
    loop_.cancel(timer_);
    for (const auto& queue : queues_) {
        queue->drain([this](const JournalEntry& entry) { file_->put(entry); });
    }
    file_->write(read_clocks());
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
    file_->write(read_clocks());
}

void JournalWriter::look() {
    for (const auto& queue : queues_) {
        queue->collect([this](const JournalEntry& entry) { file_->put(entry); });
    }
    file_->write(read_clocks());
}

}  // namespace trunkline::sipstack
