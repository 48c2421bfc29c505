#include "mgmt/configuration/ini/ini_columns.h"

#include "mgmt/configuration/value_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace trunkline::mgmt {

namespace {

/// What a device writes for a secret that is empty.
constexpr std::string_view empty_secret = "$1$gQ==";
constexpr std::string_view obscured = "$1$";

std::optional<int> number_of(const std::string& text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

ConfigNodePtr at_place(const IniValue& value, std::string text) {
    return scalar_node(std::move(text), value.line, value.column);
}

/// A text may be given as empty, and so may a list that need not have members.
bool may_be_empty(const Parameter& parameter) {
    return parameter.shortest == 0 && (parameter.list || parameter.type == ValueType::text);
}

/// Types whose empty value is "" in a table rather than nothing.
bool has_quotes(ValueType type) {
    return type == ValueType::text || type == ValueType::reference ||
           type == ValueType::host_port || type == ValueType::range;
}

bool is_absent(const Parameter& parameter, const IniValue& value) {
    if (value.is_left_out()) {
        return true;
    }
    if (value.text.empty()) {
        return !may_be_empty(parameter);
    }
    const bool is_no_address =  // 0.0.0.0 of the other family
        parameter.type == ValueType::ip && !parameter.ini_absent.empty() && value.text == "::";
    return is_no_address || value.text == parameter.ini_absent;
}

std::string numbers_of(const Parameter& parameter) {
    std::string text;
    for (const EnumValue& value : parameter.values) {
        text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", value.number, value.name);
    }
    return text;
}

IniReading read_enumeration(const Parameter& parameter, const IniValue& value) {
    const auto number = number_of(value.text);
    const auto known = std::ranges::find_if(parameter.values, [&](const EnumValue& candidate) {
        return number ? candidate.number == *number
                      : candidate.name == value.text ||
                            (parameter.ini_words && same_ini_name(candidate.label, value.text));
    });
    if (known == parameter.values.end()) {
        return {nullptr, numbers_of(parameter)};
    }
    return {at_place(value, known->name), ""};
}

IniReading read_set(const Parameter& parameter, const IniValue& value) {
    const auto number = number_of(value.text);
    const auto known = std::ranges::find_if(
        parameter.ini_sets, [&](const ValueSet& set) { return number && set.number == *number; });
    if (known == parameter.ini_sets.end()) {
        std::string allowed;
        for (const ValueSet& set : parameter.ini_sets) {
            allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", set.number);
        }
        return {nullptr, allowed};
    }
    std::vector<ConfigNodePtr> items;
    for (const std::string& name : known->values) {
        items.push_back(at_place(value, name));
    }
    return {sequence_node(std::move(items), value.line, value.column), ""};
}

/// {file: office.secret}, {env: OFFICE} and, of a hidden one, {set: true}, as YAML has them.
ConfigNodePtr secret_source(const IniValue& value) {
    for (const std::string key : {"file", "env", "set"}) {
        const std::string head = "{" + key + ": ";
        if (value.text.starts_with(head) && value.text.ends_with('}')) {
            const std::string where =
                value.text.substr(head.size(), value.text.size() - head.size() - 1);
            return map_node({{key, value.line, value.column, at_place(value, where)}}, value.line,
                            value.column);
        }
    }
    return nullptr;
}

IniReading read_secret(const IniValue& value) {
    if (value.text == empty_secret) {
        return {};
    }
    if (value.text.starts_with(obscured)) {
        return {nullptr,
                "a password in clear: one that begins with $1$ was hidden by the device "
                "that wrote it, which alone can read it"};
    }
    if (ConfigNodePtr source = secret_source(value)) {
        return {std::move(source), ""};
    }
    return {at_place(value, value.text), ""};
}

IniReading read_single(const Parameter& parameter, const IniValue& value) {
    switch (parameter.type) {
        case ValueType::boolean:
            if (value.text != "0" && value.text != "1") {
                return {nullptr, "0, 1"};
            }
            return {at_place(value, value.text == "1" ? "true" : "false"), ""};
        case ValueType::enumeration:
            return read_enumeration(parameter, value);
        case ValueType::secret:
            return read_secret(value);
        case ValueType::integer:
        case ValueType::range:
        case ValueType::text:
        case ValueType::ip:
        case ValueType::prefix:
        case ValueType::mac:
        case ValueType::host_port:
        case ValueType::reference:
            return {at_place(value, value.text), ""};
    }
    std::abort();
}

/// "403,408,480" in one column, or a column each.
IniReading read_list(const Parameter& parameter, std::span<const IniValue> values) {
    if (!parameter.ini_sets.empty()) {
        return read_set(parameter, values.front());
    }
    std::vector<IniValue> members;
    for (const IniValue& value : values) {
        if (values.size() > 1) {
            if (!value.text.empty()) {
                members.push_back(value);
            }
            continue;
        }
        std::string_view rest = value.text;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(','), rest.size());
            IniValue member = value;
            member.text = rest.substr(0, end);
            member.text.erase(0, member.text.find_first_not_of(' '));
            members.push_back(std::move(member));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    std::vector<ConfigNodePtr> items;
    for (const IniValue& member : members) {
        IniReading one = read_single(parameter, member);
        if (!one.node) {
            return one;
        }
        items.push_back(std::move(one.node));
    }
    return {sequence_node(std::move(items), values.front().line, values.front().column), ""};
}

/// A value of two parts: an address and its prefix length, the ends of a range.
IniReading read_pair(const Parameter& parameter, std::span<const IniValue> values) {
    return {
        joined_value(parameter, {values[0].text, values[1].text}, values[0].line, values[0].column),
        ""};
}

std::string written_text(const Parameter& parameter, const ConfigNode& node, IniSecret secret) {
    switch (parameter.type) {
        case ValueType::boolean:
            return node.text == "true" ? "1" : "0";
        case ValueType::enumeration: {
            const EnumValue* value = parameter.value(node.text);
            if (value == nullptr) {
                return node.text;
            }
            return parameter.ini_words ? in_ini_quotes(value->label, '"')
                                       : fmt::format("{}", value->number);
        }
        case ValueType::secret:
            return in_ini_quotes(secret(node), '"');
        case ValueType::integer:
        case ValueType::ip:
        case ValueType::prefix:
            return node.text;
        case ValueType::reference:  // to a numbered row, as that of a trunk group
            return number_of(node.text) ? node.text : in_ini_quotes(node.text, '"');
        case ValueType::range:
        case ValueType::text:
        case ValueType::mac:
        case ValueType::host_port:
            return in_ini_quotes(node.text, '"');
    }
    std::abort();
}

std::vector<std::string> write_list(const Parameter& parameter, const ConfigNode& node,
                                    std::size_t columns, IniSecret secret) {
    if (!parameter.ini_sets.empty()) {
        const auto has_all = [&](const ValueSet& set) {
            return set.values.size() == node.items.size() &&
                   std::ranges::all_of(node.items, [&](const ConfigNodePtr& item) {
                       return std::ranges::find(set.values, item->text) != set.values.end();
                   });
        };
        const auto set = std::ranges::find_if(parameter.ini_sets, has_all);
        return {set == parameter.ini_sets.end() ? "" : fmt::format("{}", set->number)};
    }
    std::vector<std::string> texts(columns, has_quotes(parameter.type) ? "\"\"" : "");
    if (columns == 1) {
        std::string joined;
        for (const ConfigNodePtr& item : node.items) {
            joined += (joined.empty() ? "" : ",") + item->text;
        }
        return {in_ini_quotes(joined, '"')};
    }
    for (std::size_t at = 0; at < columns && at < node.items.size(); ++at) {
        texts[at] = written_text(parameter, *node.items[at], secret);
    }
    return texts;
}

/// As a device writes it: the default, or what stands for none.
std::vector<std::string> write_absent(const Parameter& parameter, std::size_t columns,
                                      IniSecret secret) {
    if (parameter.ini_absent.empty() && parameter.default_value && !parameter.when) {
        return write_ini_value(parameter, parameter.default_value.get(), secret);
    }
    std::string text = parameter.ini_absent;
    if (text.empty() && parameter.type == ValueType::secret) {
        text = in_ini_quotes(empty_secret, '"');
    } else if (text.empty() && has_quotes(parameter.type) && !may_be_empty(parameter)) {
        text = "\"\"";
    }
    return std::vector<std::string>(columns, text);
}

}  // namespace

IniReading read_ini_value(const Parameter& parameter, std::span<const IniValue> values) {
    const bool is_given = std::ranges::any_of(
        values, [&](const IniValue& value) { return !is_absent(parameter, value); });
    if (!is_given) {
        return {};
    }
    if (parameter.list) {
        return read_list(parameter, values);
    }
    return values.size() == 1 ? read_single(parameter, values.front())
                              : read_pair(parameter, values);
}

std::vector<std::string> write_ini_value(const Parameter& parameter, const ConfigNode* node,
                                         IniSecret secret) {
    const std::size_t columns = ini_names(parameter).size();
    if (node == nullptr) {
        return write_absent(parameter, columns, secret);
    }
    if (parameter.list) {
        return write_list(parameter, *node, columns, secret);
    }
    if (columns == 1) {
        return {written_text(parameter, *node, secret)};
    }
    return value_parts(parameter, node, columns);
}

std::string in_ini_quotes(std::string_view text, char quote) {
    std::string quoted(1, quote);
    for (const char c : text) {
        quoted += c;
        if (c == quote) {
            quoted += quote;
        }
    }
    return quoted + quote;
}

}  // namespace trunkline::mgmt
