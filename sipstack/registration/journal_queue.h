// The way of a shard's registration records to the control thread, which writes them to disk.
#pragma once

#include "board/error.h"
#include "dataplane/doorbell.h"
#include "dataplane/ring.h"
#include "sipstack/registration/journal_record.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trunkline::sipstack {

/// A ring of slots that are filled here, read there and given back: what the shard's thread
/// allocates it frees, when it fills the slot again. While all are taken, records wait in a map of
/// the shard's, the newest of each key, so that nothing blocks, nothing newer is lost to something
/// older, and no more waits than the shard has registrants.
class JournalQueue final : public RegistrationJournal {
public:
    /// One of `slots` (a power of two) stays unused. The doorbells outlive the queue:
    /// `control_bell` is rung when something lies in the ring, `shard_bell` when there is room
    /// again for what waits.
    static board::Expected<std::unique_ptr<JournalQueue>> create(uint32_t shard,
                                                                 dataplane::Doorbell& shard_bell,
                                                                 dataplane::Doorbell& control_bell,
                                                                 uint32_t slots = 1024);

    // On the shard's thread.
    void save(const RegistrationRecord& record) override;
    void erase(std::string_view key) override;
    /// Hands over what waited, as far as there is room. Called once a turn; costs a look at a map's
    /// size.
    void flush();
    std::size_t waiting() const { return behind_.size(); }

    // On the control thread.
    /// Takes all that lies in the ring, in the order of the calls for each key.
    void collect(const std::function<void(const JournalEntry& entry)>& take);
    /// The same with what waits in the shard's map. When the shard's thread has ended.
    void drain(const std::function<void(const JournalEntry& entry)>& take);

private:
    using Ring = dataplane::SpscRing<uint32_t>;
    JournalQueue(Ring filled, Ring empty, uint32_t slots, dataplane::Doorbell& shard_bell,
                 dataplane::Doorbell& control_bell);
    void add(JournalEntry entry);
    bool push(JournalEntry& entry);

    std::vector<JournalEntry> slots_;
    Ring filled_;  ///< numbers of slots, to the control thread
    Ring empty_;   ///< and back
    dataplane::Doorbell& shard_bell_;
    dataplane::Doorbell& control_bell_;
    std::unordered_map<std::string, JournalEntry> behind_;  ///< the shard's thread's own
    std::atomic<bool> is_behind_{false};
};

}  // namespace trunkline::sipstack
