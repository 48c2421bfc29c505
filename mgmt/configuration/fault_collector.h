// Collects the faults of one configuration file and finds the right name for a wrong one.
#pragma once

#include "mgmt/configuration/fault.h"
#include "mgmt/configuration/yaml_reader.h"

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

class FaultCollector {
public:
    explicit FaultCollector(std::string file) : file_(std::move(file)) {}

    void add(const ConfigNode& node, const std::string& path, std::string found,
             std::string allowed, std::string advice = "");
    void add(int line, int column, const std::string& path, std::string found, std::string allowed,
             std::string advice = "");
    void take(ConfigFaults faults);

    /// "did you mean 'regular'?", or "" when nothing is near. Gives up after much work, so that a
    /// file of many wrong names against a large table ends in time.
    std::string nearest(const std::string& wrong, std::span<const std::string> candidates);

    bool empty() const { return faults_.empty(); }
    /// Whether a fault was told at `path`, above it or below it.
    bool has_fault_at(const std::string& path) const;
    /// All faults by their place in the file.
    ConfigFaults sorted() &&;

private:
    std::string file_;
    ConfigFaults faults_;
    std::set<std::string> paths_;
    std::size_t comparisons_left_ = 2'000'000;
};

/// "a, b, c", and how many more there are where they are many.
std::string list_names(std::span<const std::string> names);

}  // namespace trunkline::mgmt
