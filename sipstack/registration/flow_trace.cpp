#include "sipstack/registration/flow_trace.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace trunkline::sipstack {

FlowTrace::FlowTrace(std::size_t max_bytes)
    : size_(max_bytes), ring_(std::make_unique_for_overwrite<char[]>(max_bytes)), end_(max_bytes) {
    static_assert(std::is_trivially_copyable_v<Head>);
}

void FlowTrace::begin(TraceTrail& trail) {
    ++trail.flow_;
    trail.events_ = 0;
}

/// Where `size` bytes stand in one piece.
uint64_t FlowTrace::make_room(std::size_t size) {
    const std::size_t left = size_ - end_ % size_;
    const uint64_t begin = size <= left ? end_ : end_ + left;
    end_ = begin + size;
    return begin;
}

bool FlowTrace::is_kept(uint64_t event) const {
    return event != none && event + size_ >= end_;
}

FlowTrace::Head FlowTrace::head_of(uint64_t event) const {
    Head head;
    std::memcpy(&head, ring_.get() + event % size_, sizeof(head));
    return head;
}

void FlowTrace::add(TraceTrail& trail, Instant at, TraceEvent::Kind kind, const Flow& flow,
                    std::string_view text) {
    if (trail.flow_ == 0 || trail.events_ == events_a_flow) {
        return;
    }
    text = text.substr(0, size_ / 8);
    const Head head{.previous = trail.last_,
                    .at = at,
                    .local = flow.local,
                    .remote = flow.remote,
                    .flow = trail.flow_,
                    .number = ++trail.events_,
                    .size = static_cast<uint32_t>(text.size()),
                    .kind = kind,
                    .transport = flow.transport};
    trail.last_ = make_room(sizeof(head) + text.size());
    char* const place = ring_.get() + trail.last_ % size_;
    std::memcpy(place, &head, sizeof(head));
    std::copy(text.begin(), text.end(), place + sizeof(head));
}

std::vector<TraceFlow> FlowTrace::flows(const TraceTrail& trail) const {
    std::vector<TraceFlow> flows;  // from the newest, and within each from its last event
    if (trail.flow_ == 0) {
        return flows;
    }
    flows.emplace_back();
    uint32_t flow = trail.flow_;
    uint32_t number = trail.events_ == 0 ? 1 : 0;  // of the event before
    for (uint64_t event = trail.last_; is_kept(event);) {
        const Head head = head_of(event);
        if (head.flow != flow) {
            if (flows.size() == flows_an_entity) {
                break;
            }
            flow = head.flow;
            flows.emplace_back();
        }
        number = head.number;
        flows.back().push_back(
            {head.at, head.kind, head.transport, head.local, head.remote,
             std::string(ring_.get() + event % size_ + sizeof(head), head.size)});
        event = head.previous;
    }
    if (number != 1) {
        flows.pop_back();  // its first events are no more, or all of them
    }
    for (TraceFlow& each : flows) {
        std::ranges::reverse(each);
    }
    std::ranges::reverse(flows);
    return flows;
}

std::size_t FlowTrace::bytes() const {
    return static_cast<std::size_t>(std::min<uint64_t>(end_ - size_, size_));
}

}  // namespace trunkline::sipstack
