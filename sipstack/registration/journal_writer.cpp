#include "sipstack/registration/journal_writer.h"

#include <chrono>
#include <utility>

namespace trunkline::sipstack {

JournalWriter::JournalWriter(board::EventLoop& loop, std::unique_ptr<JournalFile> file,
                             Clocks clocks)
    : loop_(loop),
      file_(std::move(file)),
      clocks_(std::move(clocks)),
      watch_(loop, bell_, [this] { look(); }),
      timer_(loop.every(std::chrono::seconds(1), [this] { file_->tick(clocks_()); })) {}

JournalWriter::~JournalWriter() {
    loop_.cancel(timer_);
    for (const auto& queue : queues_) {
        queue->drain([this](const JournalEntry& entry) { file_->put(entry); });
    }
    file_->write(clocks_());
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
    file_->write(clocks_());
}

void JournalWriter::look() {
    for (const auto& queue : queues_) {
        queue->collect([this](const JournalEntry& entry) { file_->put(entry); });
    }
    file_->write(clocks_());
}

}  // namespace trunkline::sipstack
