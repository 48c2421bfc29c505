#include "mgmt/configuration/value_parts.h"

#include <algorithm>
#include <utility>

namespace trunkline::mgmt {

namespace {

char between_parts(const Parameter& parameter) {
    return parameter.type == ValueType::prefix ? '/' : '-';
}

}  // namespace

std::vector<std::string> value_parts(const Parameter& parameter, const ConfigNode* value,
                                     std::size_t count) {
    std::vector<std::string> parts;
    if (value != nullptr && parameter.list) {
        for (const ConfigNodePtr& item : value->items) {
            parts.push_back(item->text);
        }
    } else if (value != nullptr) {
        const std::string& text = value->text;
        const std::size_t at = text.rfind(between_parts(parameter));
        const bool is_range = parameter.type == ValueType::range;
        parts.push_back(text.substr(0, at));
        parts.push_back(at != text.npos ? text.substr(at + 1) : is_range ? text : "");
    }
    parts.resize(std::max(parts.size(), count));
    return parts;
}

ConfigNodePtr joined_value(const Parameter& parameter, const std::vector<std::string>& parts,
                           int line, int column) {
    if (parameter.list) {
        std::vector<ConfigNodePtr> items;
        for (const std::string& part : parts) {
            if (!part.empty()) {
                items.push_back(scalar_node(part, line, column));
            }
        }
        return items.empty() ? nullptr : sequence_node(std::move(items), line, column);
    }
    const std::string first = parts.empty() ? "" : parts[0];
    const std::string second = parts.size() > 1 ? parts[1] : "";
    if (first.empty() && second.empty()) {
        return nullptr;
    }
    if (parameter.type == ValueType::range) {
        return scalar_node(
            (first.empty() ? second : first) + '-' + (second.empty() ? first : second), line,
            column);
    }
    return scalar_node(second.empty() ? first : first + between_parts(parameter) + second, line,
                       column);
}

bool is_whole_value(const Parameter& parameter, const std::string& text) {
    return !parameter.list && text.find(between_parts(parameter)) != text.npos;
}

}  // namespace trunkline::mgmt
