// The last flows of each registration, kept for `show registration NAME --trace`: what was sent and
// received, and what was decided. All of a shard share one ring of bytes, in which the newest event
// takes the place of the oldest: keeping one is a copy and allocates nothing.
#pragma once

#include "sipstack/instant.h"
#include "sipstack/transport/transport.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
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

/// Where the flows of one registration stand in its shard's FlowTrace. They are gone with it.
class TraceTrail {
private:
    friend class FlowTrace;
    uint64_t last_ = 0;    ///< event; FlowTrace::none: no event yet
    uint32_t flow_ = 0;    ///< the flow that is under way, counted from 1; 0: none was begun
    uint32_t events_ = 0;  ///< of it
};

class FlowTrace {
public:
    static constexpr std::size_t flows_an_entity = 5;
    static constexpr std::size_t events_a_flow = 64;  ///< more of one flow are not kept

    /// The memory of the ring is taken as it fills. A text longer than an eighth of it is cut.
    explicit FlowTrace(std::size_t max_bytes = std::size_t{16} * 1024 * 1024);

    /// What is added from now on belongs to a new flow.
    static void begin(TraceTrail& trail);
    /// A message that went over `flow`, or came over it.
    void add(TraceTrail& trail, Instant at, TraceEvent::Kind kind, const Flow& flow,
             std::string_view text);
    void note(TraceTrail& trail, Instant at, std::string_view text) {
        add(trail, at, TraceEvent::Kind::note, {}, text);
    }

    /// Oldest first; those whose first event is no more are left out.
    std::vector<TraceFlow> flows(const TraceTrail& trail) const;
    /// Of the ring, as far as it has filled.
    std::size_t bytes() const;

private:
    /// What stands before an event's text.
    struct Head {
        uint64_t previous;  ///< event of the same trail
        Instant at;
        dataplane::Endpoint local, remote;
        uint32_t flow, number;  ///< which event of which flow, both counted from 1
        uint32_t size;          ///< of the text
        TraceEvent::Kind kind;
        Transport transport;
    };
    static constexpr uint64_t none = 0;

    uint64_t make_room(std::size_t size);
    bool is_kept(uint64_t event) const;
    Head head_of(uint64_t event) const;

    const std::size_t size_;
    std::unique_ptr<char[]> ring_;
    /// Positions count on and on; one of them stands at its remainder by `size_`. The first is
    /// not `none`.
    uint64_t end_;
};

}  // namespace trunkline::sipstack
