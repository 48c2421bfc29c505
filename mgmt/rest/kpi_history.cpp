#include "mgmt/rest/kpi_history.h"

#include <algorithm>
#include <ratio>
#include <utility>

namespace trunkline::mgmt {

namespace {

/// `visit(path, leaf)` for each leaf below `node`; Node is KpiNode, const or not.
template <typename Node, typename Visit>
void for_each_leaf(Node& node, const std::string& path, const Visit& visit) {
    for (auto& child : node.below) {
        const std::string below = path.empty() ? child.id : path + "/" + child.id;
        if (child.below.empty()) {
            visit(below, child);
        } else {
            for_each_leaf(child, below, visit);
        }
    }
}

}  // namespace

void KpiHistory::add(const KpiNode& tree, std::chrono::system_clock::time_point now) {
    const std::lock_guard guard(lock_);
    using Intervals = std::chrono::duration<int64_t, std::ratio<length / std::chrono::seconds(1)>>;
    const auto start = std::chrono::floor<Intervals>(now);
    if (start != start_) {
        close();
        start_ = start;
    }
    for_each_leaf(tree, "", [this](const std::string& path, const KpiNode& leaf) {
        auto found = seen_.find(path);
        if (leaf.value == -1 || (found == seen_.end() && seen_.size() == most_values)) {
            return;
        }
        if (found == seen_.end()) {
            found = seen_.emplace(path, Seen{leaf.counts, leaf.value, leaf.value}).first;
        }
        Seen& seen = found->second;
        seen.least = seen.looks == 0 ? leaf.value : std::min(seen.least, leaf.value);
        seen.most = seen.looks == 0 ? leaf.value : std::max(seen.most, leaf.value);
        seen.last = leaf.value;
        seen.sum += leaf.value;
        ++seen.looks;
    });
}

std::optional<KpiMeasure> KpiHistory::Seen::measure() const {
    if (looks == 0) {
        return std::nullopt;
    }
    if (counts) {
        const int64_t grown = std::max<int64_t>(0, last - before);
        return KpiMeasure{.value = grown, .volume = grown, .total = last};
    }
    return KpiMeasure{.value = sum / looks, .least = least, .most = most, .average = sum / looks};
}

/// The counts go on from where they were.
void KpiHistory::close() {
    KpiInterval over{next_id_, start_, start_ + length, {}};
    decltype(last_) measures;
    for (auto& [path, seen] : seen_) {
        if (const auto measure = seen.measure()) {
            over.values[path] = measure->value;
            measures[path] = *measure;
        }
        seen = {seen.counts, seen.last, seen.last};
    }
    std::erase_if(seen_, [&](const auto& entry) { return !over.values.contains(entry.first); });
    if (over.values.empty()) {
        return;
    }
    ++next_id_;
    last_ = std::move(measures);
    intervals_.push_back(std::move(over));
    if (intervals_.size() > most_intervals) {
        intervals_.pop_front();
    }
}

std::vector<KpiInterval> KpiHistory::intervals(std::span<const std::string> kpis) const {
    const std::lock_guard guard(lock_);
    std::vector<KpiInterval> told;
    for (const KpiInterval& interval : intervals_) {
        told.push_back({interval.id, interval.start, interval.end, {}});
        for (const std::string& kpi : kpis) {
            if (const auto value = interval.values.find(kpi); value != interval.values.end()) {
                told.back().values.insert(*value);
            }
        }
    }
    return told;
}

std::optional<KpiInterval> KpiHistory::find(uint64_t id) const {
    const std::lock_guard guard(lock_);
    const auto found = std::ranges::find(intervals_, id, &KpiInterval::id);
    return found == intervals_.end() ? std::nullopt : std::optional(*found);
}

std::optional<KpiMeasure> KpiHistory::open_measure(std::string_view path) const {
    const std::lock_guard guard(lock_);
    const auto found = seen_.find(path);
    return found == seen_.end() ? std::nullopt : found->second.measure();
}

std::optional<KpiMeasure> KpiHistory::last_measure(std::string_view path) const {
    const std::lock_guard guard(lock_);
    const auto found = last_.find(path);
    return found == last_.end() ? std::nullopt : std::optional(found->second);
}

KpiNode with_values(KpiNode tree, const KpiValues& values) {
    for_each_leaf(tree, "", [&](const std::string& path, KpiNode& leaf) {
        const auto value = values.find(path);
        leaf.value = value == values.end() ? -1 : value->second;
    });
    return tree;
}

}  // namespace trunkline::mgmt
