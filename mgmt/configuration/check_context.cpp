#include "mgmt/configuration/check_context.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace trunkline::mgmt {

namespace {

/// One step of `path` down from `node`; the step is taken off. nullptr: there is no such node.
const ConfigNode* step_down(const ConfigNode& node, std::string_view& path) {
    const ConfigNode* next = nullptr;
    if (path.front() == '[') {
        std::size_t index = 0;
        const std::size_t close = std::min(path.find(']'), path.size() - 1);
        std::from_chars(path.data() + 1, path.data() + close, index);
        next = index < node.items.size() ? node.items[index].get() : nullptr;
        path.remove_prefix(close + 1);
    } else {
        const std::size_t end = std::min(path.find_first_of(".["), path.size());
        next = node.find(path.substr(0, end));
        path.remove_prefix(end);
    }
    if (path.starts_with('.')) {
        path.remove_prefix(1);
    }
    return next;
}

}  // namespace

const ConfigNode& nearest_node(const ConfigNode& root, std::string_view path) {
    const ConfigNode* node = &root;
    while (!path.empty()) {
        const ConfigNode* next = step_down(*node, path);
        if (next == nullptr) {
            break;
        }
        node = next;
    }
    return *node;
}

bool is_given(const ConfigNode& root, std::string_view path) {
    const ConfigNode* node = &root;
    while (node != nullptr && !path.empty()) {
        node = step_down(*node, path);
    }
    return node != nullptr;
}

bool is_unspecified(const dataplane::IpAddress& address) {
    return std::all_of(address.bytes.begin(), address.bytes.end(),
                       [](uint8_t byte) { return byte == 0; });
}

void CheckContext::complain(const std::string& path, std::string found, std::string allowed,
                            std::string advice) {
    faults_.add(nearest_node(root_, path), path, std::move(found), std::move(allowed),
                std::move(advice));
}

bool CheckContext::right(std::initializer_list<std::string> paths) const {
    return std::none_of(paths.begin(), paths.end(),
                        [&](const std::string& path) { return faults_.has_fault_at(path); });
}

}  // namespace trunkline::mgmt
