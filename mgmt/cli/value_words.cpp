#include "mgmt/cli/value_words.h"

#include "mgmt/configuration/value_parts.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace trunkline::mgmt {

namespace {

std::string with_hyphens(std::string name) {
    std::ranges::replace(name, '_', '-');
    return name;
}

std::string single(const Parameter& parameter, const ConfigNode& node, const CliSecret& secret) {
    switch (parameter.type) {
        case ValueType::boolean:
            return node.text == "true" ? "enable" : "disable";
        case ValueType::enumeration:
            return with_hyphens(node.text);
        case ValueType::secret:
            return in_cli_quotes(secret(node));
        case ValueType::integer:
        case ValueType::range:
        case ValueType::prefix:
        case ValueType::mac:
            return node.text;
        case ValueType::ip:
        case ValueType::text:
        case ValueType::host_port:
        case ValueType::reference:
            return in_cli_quotes(node.text);
    }
    std::abort();
}

/// All words for yes and no that the appliance family uses.
std::optional<bool> truth_of(std::string_view word) {
    for (const std::string_view yes : {"enable", "on", "yes", "true", "1"}) {
        if (word == yes) {
            return true;
        }
    }
    for (const std::string_view no : {"disable", "off", "no", "false", "0"}) {
        if (word == no) {
            return false;
        }
    }
    return std::nullopt;
}

std::expected<ConfigNodePtr, std::string> read_single(const Parameter& parameter,
                                                      const CliWord& word) {
    if (parameter.type == ValueType::boolean) {
        const auto truth = truth_of(word.text);
        if (!truth) {
            return std::unexpected("enable, disable");
        }
        return scalar_node(*truth ? "true" : "false");
    }
    if (parameter.type == ValueType::enumeration) {
        const auto value = std::ranges::find_if(parameter.values, [&](const EnumValue& candidate) {
            return with_hyphens(candidate.name) == with_hyphens(word.text);
        });
        return scalar_node(value == parameter.values.end() ? word.text : value->name);
    }
    if (parameter.type == ValueType::secret) {
        for (const std::string key : {"file", "env", "set"}) {
            const std::string head = "{" + key + ": ";
            if (word.text.starts_with(head) && word.text.ends_with('}')) {
                return map_node({{key, 0, 0,
                                  scalar_node(word.text.substr(
                                      head.size(), word.text.size() - head.size() - 1))}});
            }
        }
    }
    return scalar_node(word.text);
}

}  // namespace

std::string to_cli(const Parameter& parameter, const ConfigNode& value, const CliSecret& secret) {
    if (!parameter.list) {
        return single(parameter, value, secret);
    }
    std::string text;
    for (const ConfigNodePtr& item : value.items) {
        text += (text.empty() ? "" : " ") + single(parameter, *item, secret);
    }
    return text;
}

std::string word_value(const CliParameter& word, const ConfigNode& value, const CliSecret& secret) {
    if (!word.is_part()) {
        return to_cli(*word.parameter, value, secret);
    }
    const std::string part = value_parts(*word.parameter, &value, word.parts)[word.part];
    return part.empty() || !word.parameter->list
               ? part
               : single(*word.parameter, *scalar_node(part), secret);
}

std::expected<ConfigNodePtr, std::string> from_cli(const Parameter& parameter,
                                                   std::span<const CliWord> words) {
    if (!parameter.list) {
        if (words.size() != 1) {
            return std::unexpected("one value: " + parameter.allowed());
        }
        return read_single(parameter, words.front());
    }
    std::vector<ConfigNodePtr> items;
    for (const CliWord& word : words) {
        auto item = read_single(parameter, word);
        if (!item) {
            return item;
        }
        items.push_back(*std::move(item));
    }
    return sequence_node(std::move(items));
}

std::vector<std::string> cli_choices(const Parameter& parameter) {
    if (parameter.type == ValueType::boolean) {
        return {"disable", "enable"};
    }
    std::vector<std::string> names;
    for (const std::string& name : parameter.available_values()) {
        names.push_back(with_hyphens(name));
    }
    return names;
}

}  // namespace trunkline::mgmt
