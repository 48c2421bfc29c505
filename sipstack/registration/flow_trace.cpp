#include "sipstack/registration/flow_trace.h"

namespace trunkline::sipstack {

std::size_t FlowTrace::size_of(const TraceEvent& event) {
    return sizeof(TraceEvent) + event.text.size();
}

void FlowTrace::begin(uint64_t entity) {
    std::vector<Kept>& flows = entities_[entity];
    if (flows.size() == flows_an_entity) {
        drop_front(flows);
    }
    flows.push_back({++last_serial_, {}});
    flows.back().events.reserve(usual_events);
    bytes_ += size_of_flow;
    order_.emplace_back(entity, last_serial_);
    // Flows that were dropped by their entity leave their place in the order behind.
    while (!order_.empty()) {
        const auto found = entities_.find(order_.front().first);
        const bool is_kept = found != entities_.end() && !found->second.empty() &&
                             found->second.front().serial <= order_.front().second;
        if (is_kept) {
            break;
        }
        order_.pop_front();
    }
    make_room();
}

void FlowTrace::add(uint64_t entity, TraceEvent event) {
    const auto found = entities_.find(entity);
    if (found == entities_.end() || found->second.empty() ||
        found->second.back().events.size() == events_a_flow) {
        return;
    }
    bytes_ += size_of(event);
    found->second.back().events.push_back(std::move(event));
    make_room();
}

void FlowTrace::make_room() {
    while (bytes_ > max_bytes_ && !order_.empty()) {
        const auto [entity, serial] = order_.front();
        order_.pop_front();
        const auto found = entities_.find(entity);
        if (found == entities_.end()) {
            continue;
        }
        while (!found->second.empty() && found->second.front().serial <= serial) {
            drop_front(found->second);
        }
        if (found->second.empty()) {
            entities_.erase(found);
        }
    }
}

void FlowTrace::drop_front(std::vector<Kept>& flows) {
    for (const TraceEvent& event : flows.front().events) {
        bytes_ -= size_of(event);
    }
    bytes_ -= size_of_flow;
    flows.erase(flows.begin());
}

void FlowTrace::forget(uint64_t entity) {
    const auto found = entities_.find(entity);
    if (found == entities_.end()) {
        return;
    }
    while (!found->second.empty()) {
        drop_front(found->second);
    }
    entities_.erase(found);
}

std::vector<TraceFlow> FlowTrace::flows(uint64_t entity) const {
    std::vector<TraceFlow> copies;
    const auto found = entities_.find(entity);
    if (found != entities_.end()) {
        for (const Kept& flow : found->second) {
            copies.push_back(flow.events);
        }
    }
    return copies;
}

}  // namespace trunkline::sipstack
