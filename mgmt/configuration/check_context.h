// What every check of a configuration has: the tree for the places, and the faults so far.
#pragma once

#include "dataplane/address.h"
#include "mgmt/configuration/fault_collector.h"
#include "mgmt/configuration/yaml_reader.h"

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// The node at "a.b[2].c", or the deepest one on the way there.
const ConfigNode& nearest_node(const ConfigNode& root, std::string_view path);
/// Whether the file has "a.b[2].c".
bool is_given(const ConfigNode& root, std::string_view path);

/// 0.0.0.0 or ::
bool is_unspecified(const dataplane::IpAddress& address);

class CheckContext {
public:
    CheckContext(const ConfigNode& root, FaultCollector& faults) : root_(root), faults_(faults) {}

    /// The fault is told at the place of `path`, or the nearest one above it.
    void complain(const std::string& path, std::string found, std::string allowed,
                  std::string advice = "");
    /// Whether these values were read; if not, what depends on them is not judged.
    bool right(std::initializer_list<std::string> paths) const;
    bool given(const std::string& path) const { return is_given(root_, path); }
    /// What the file has there; "" where it has nothing.
    std::string text(const std::string& path) const {
        return given(path) ? nearest_node(root_, path).text : "";
    }
    std::string nearest(const std::string& wrong, std::span<const std::string> candidates) {
        return faults_.nearest(wrong, candidates);
    }

private:
    const ConfigNode& root_;
    FaultCollector& faults_;
};

}  // namespace trunkline::mgmt
