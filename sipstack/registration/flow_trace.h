// The last flows of each registration, kept for `show registration NAME --trace`: what was sent and
// received, and what was decided. Bounded in memory: the oldest flows of the shard go first.
#pragma once

#include "sipstack/instant.h"
#include "sipstack/transport/transport.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace trunkline::sipstack {

struct TraceEvent {
    enum class Kind : uint8_t { sent, received, note };

    Instant at{};
    Kind kind = Kind::note;
    Transport transport = Transport::udp;
    dataplane::Endpoint local, remote;  ///< of a message
    std::string text;                   ///< the whole message, or a note in words
};

/// One attempt: from its first REGISTER to its outcome.
using TraceFlow = std::vector<TraceEvent>;

class FlowTrace {
public:
    static constexpr std::size_t flows_an_entity = 5;
    static constexpr std::size_t events_a_flow = 64;  ///< more of one flow are not kept
    static constexpr std::size_t usual_events = 4;    ///< challenged once

    explicit FlowTrace(std::size_t max_bytes = std::size_t{16} * 1024 * 1024)
        : max_bytes_(max_bytes) {}

    /// What is added from now on belongs to a new flow of `entity`.
    void begin(uint64_t entity);
    void add(uint64_t entity, TraceEvent event);
    void forget(uint64_t entity);

    /// Oldest first; empty when nothing is kept.
    std::vector<TraceFlow> flows(uint64_t entity) const;
    std::size_t bytes() const { return bytes_; }

private:
    struct Kept {
        uint64_t serial = 0;
        TraceFlow events;
    };
    /// What keeping a flow takes beside its events: its row, its place in the order, the entity's.
    static constexpr std::size_t size_of_flow = sizeof(Kept) + 128;
    static std::size_t size_of(const TraceEvent& event);
    void drop_front(std::vector<Kept>& flows);
    void make_room();

    std::size_t max_bytes_;
    std::size_t bytes_ = 0;
    uint64_t last_serial_ = 0;
    std::unordered_map<uint64_t, std::vector<Kept>> entities_;
    /// Entity and serial in the order of their beginning; those dropped since are skipped.
    std::deque<std::pair<uint64_t, uint64_t>> order_;
};

}  // namespace trunkline::sipstack
