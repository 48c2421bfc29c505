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
            found = seen_.emplace(path, Seen{leaf.counts, leaf.value, leaf.value, 0, 0}).first;
        }
        Seen& seen = found->second;
        seen.last = leaf.value;
        seen.sum += leaf.value;
        ++seen.looks;
    });
}

/// The counts go on from where they were.
void KpiHistory::close() {
    KpiInterval over{next_id_, start_, start_ + length, {}};
    for (auto& [path, seen] : seen_) {
        if (seen.looks > 0) {
            over.values[path] =
                seen.counts ? std::max<int64_t>(0, seen.last - seen.before) : seen.sum / seen.looks;
        }
        seen = {seen.counts, seen.last, seen.last, 0, 0};
    }
    std::erase_if(seen_, [&](const auto& entry) { return !over.values.contains(entry.first); });
    if (over.values.empty()) {
        return;
    }
    ++next_id_;
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

KpiNode with_values(KpiNode tree, const KpiValues& values) {
    for_each_leaf(tree, "", [&](const std::string& path, KpiNode& leaf) {
        const auto value = values.find(path);
        leaf.value = value == values.end() ? -1 : value->second;
    });
    return tree;
}

}  // namespace trunkline::mgmt
