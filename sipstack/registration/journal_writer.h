// The control thread's end of the registration journal: it takes the records of all shards and
// writes them to the file.
#pragma once

#include "board/event_loop.h"
#include "dataplane/doorbell.h"
#include "dataplane/doorbell_watch.h"
#include "sipstack/registration/journal_file.h"
#include "sipstack/registration/journal_queue.h"

#include <functional>
#include <memory>
#include <vector>

namespace trunkline::sipstack {

/// All calls on the control thread. A record is in the file, and survives the end of the process,
/// within one turn of the loop after save(): all that gathered meanwhile is one write(2). That is
/// below 1 ms on an idle loop, at 3 us of work a record. Under load it is as long as the loop's
/// slowest callback; of this one's, fdatasync(2) comes once a second and the rewriting of the file,
/// 3 ms for a thousand records, each time as many records came as there are. A power failure costs
/// what came within the last second, or within the last fdatasync(2).
class JournalWriter {
public:
    /// Reads the machine's clocks: read_clocks() of shard_thread.h in the appliance.
    using Clocks = std::function<ClockReading()>;

    /// The loop outlives the writer. `file`: begun with what load_journal() gave.
    JournalWriter(board::EventLoop& loop, std::unique_ptr<JournalFile> file, Clocks clocks);
    /// After the shards' threads have ended: writes all that is still under way.
    ~JournalWriter();

    /// The journal of one shard, which the writer owns. Before the shard's thread starts;
    /// `shard_bell` wakes that thread, which calls JournalQueue::flush() once a turn.
    board::Expected<JournalQueue*> add_shard(uint32_t shard, dataplane::Doorbell& shard_bell);
    /// As of a shard: for registrants that no shard has any more.
    void erase(std::string_view key);

    const JournalFile& file() const { return *file_; }

private:
    void look();

    board::EventLoop& loop_;
    std::unique_ptr<JournalFile> file_;
    const Clocks clocks_;
    std::vector<std::unique_ptr<JournalQueue>> queues_;
    dataplane::Doorbell bell_;
    dataplane::DoorbellWatch watch_;
    board::EventLoop::TimerId timer_;
};

}  // namespace trunkline::sipstack
