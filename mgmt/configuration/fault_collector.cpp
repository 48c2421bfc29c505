#include "mgmt/configuration/fault_collector.h"

#include "board/nearest_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace trunkline::mgmt {

void FaultCollector::add(const ConfigNode& node, const std::string& path, std::string found,
                         std::string allowed, std::string advice) {
    add(node.line, node.column, path, std::move(found), std::move(allowed), std::move(advice));
}

void FaultCollector::add(int line, int column, const std::string& path, std::string found,
                         std::string allowed, std::string advice) {
    paths_.insert(path);
    faults_.push_back(
        {file_, line, column, path, std::move(found), std::move(allowed), std::move(advice)});
}

void FaultCollector::take(ConfigFaults faults) {
    for (ConfigFault& fault : faults) {
        paths_.insert(fault.path);
        faults_.push_back(std::move(fault));
    }
}

std::string FaultCollector::nearest(const std::string& wrong,
                                    std::span<const std::string> candidates) {
    if (candidates.size() > comparisons_left_) {
        return "";
    }
    comparisons_left_ -= candidates.size();
    const auto near = board::nearest_name(wrong, candidates);
    return near ? fmt::format("did you mean '{}'?", *near) : "";
}

bool FaultCollector::has_fault_at(const std::string& path) const {
    for (std::size_t end = path.size(); end != std::string::npos && end > 0;
         end = path.find_last_of(".[", end - 1)) {
        if (paths_.contains(path.substr(0, end))) {
            return true;
        }
    }
    const auto below = [&](char separator) {
        const std::string prefix = path + separator;
        const auto next = paths_.lower_bound(prefix);
        return next != paths_.end() && next->starts_with(prefix);
    };
    return below('.') || below('[');
}

ConfigFaults FaultCollector::sorted() && {
    std::stable_sort(
        faults_.begin(), faults_.end(), [](const ConfigFault& left, const ConfigFault& right) {
            return std::tie(left.line, left.column) < std::tie(right.line, right.column);
        });
    return std::move(faults_);
}

std::string list_names(std::span<const std::string> names) {
    constexpr std::size_t most = 40;
    const std::size_t shown = std::min(names.size(), most);
    std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + shown, ", "));
    if (shown < names.size()) {
        text += fmt::format(" and {} more", names.size() - shown);
    }
    return text;
}

}  // namespace trunkline::mgmt
