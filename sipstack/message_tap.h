// The SIP messages of one shard as they come from its transports and are handed to them, for one
// other thread to watch: captures, exports and live traces.
//
// While nobody listens a message costs a relaxed load and a branch. While somebody does, it is
// copied into a ring with the time and the way it went; where the ring has no room it is dropped
// and counted, and the shard goes on. Keep-alives (STUN, line ends) are no messages and are left
// out. What TLS protects is shown in the clear, and digests and other secrets as they stand.
//
// A message that waits for its connection to open is shown when it is handed over, and one that
// came for another shard by the shard whose connection it came over.
#pragma once

#include "sipstack/record_ring.h"
#include "sipstack/transport/transport.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

enum class MessageDirection : uint8_t { received, sent };

struct TappedMessage {
    std::chrono::nanoseconds at{0};  ///< since 1970 (UTC)
    MessageDirection direction = MessageDirection::received;
    Flow flow;
    std::string bytes;

    const dataplane::Endpoint& source() const {
        return direction == MessageDirection::sent ? flow.local : flow.remote;
    }
    const dataplane::Endpoint& destination() const {
        return direction == MessageDirection::sent ? flow.remote : flow.local;
    }
};

class MessageTap {
public:
    using WallClock = std::chrono::nanoseconds (*)();  ///< since 1970 (UTC)

    struct Counters {
        uint64_t shown = 0, dropped = 0;
    };

    /// `ring_bytes` as RecordRing has them. The clock is read while somebody listens alone.
    MessageTap(std::size_t ring_bytes, WallClock clock);

    /// On the shard's thread.
    bool is_listened_to() const { return listening_.load(std::memory_order_relaxed) != nobody; }
    void show(MessageDirection direction, const Flow& flow, std::string_view bytes) {
        if (is_listened_to()) [[unlikely]] {
            record(direction, flow, bytes);
        }
    }

    /// From now on messages are kept for next(), or not any more. One thread at a time.
    void listen(bool wanted);
    /// The oldest message that was shown since listen(true); false: there is none. On one thread.
    bool next(TappedMessage& message);

    /// Since the beginning. Any thread.
    Counters counters() const;

private:
    static constexpr uint64_t nobody = 0;
    void record(MessageDirection direction, const Flow& flow, std::string_view bytes);

    std::atomic<uint64_t> listening_{nobody};  ///< which time that somebody listens, from 1 on
    const WallClock clock_;
    RecordRing ring_;
    std::atomic<uint64_t> shown_{0}, dropped_{0};
    std::atomic<uint64_t> times_{0};  ///< that somebody listened
    std::string record_;              ///< the listening thread's own
};

}  // namespace trunkline::sipstack
