#include "mgmt/configuration/fault_place.h"

#include "mgmt/catalogue/command_words.h"
#include "mgmt/cli/value_words.h"
#include "mgmt/configuration/ini/ini_columns.h"
#include "mgmt/configuration/ini/ini_writer.h"
#include "mgmt/configuration/named.h"
#include "mgmt/configuration/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace trunkline::mgmt {

namespace {

/// The first step of `path`, which is taken off with the dot behind it: a key, or "[3]".
std::string_view take_step(std::string_view& path) {
    const std::size_t end = path.front() == '[' ? std::min(path.find(']'), path.size() - 1) + 1
                                                : std::min(path.find_first_of(".["), path.size());
    const std::string_view step = path.substr(0, end);
    path.remove_prefix(end);
    if (path.starts_with('.')) {
        path.remove_prefix(1);
    }
    return step;
}

/// Of "[3]"; nullopt: it is a key.
std::optional<std::size_t> number_in(std::string_view step) {
    std::size_t number = 0;
    if (step.size() < 3 || step.front() != '[' || step.back() != ']') {
        return std::nullopt;
    }
    const char* const end = step.data() + step.size() - 1;
    const auto [read, error] = std::from_chars(step.data() + 1, end, number);
    return error == std::errc{} && read == end ? std::optional(number) : std::nullopt;
}

std::string joined(const std::string& path, std::string_view step) {
    const bool needs_dot = !path.empty() && !step.starts_with('[');
    return fmt::format("{}{}{}", path, needs_dot ? "." : "", step);
}

/// What the catalogue says of a path.
struct KnownPlace {
    const Table* table = nullptr;  ///< the innermost on the way; nullptr: none
    const Parameter* parameter = nullptr;
    std::vector<std::size_t> rows;  ///< of the lists on the way
    std::string rest;               ///< what is below the parameter, or unknown
};

KnownPlace known_place(std::string_view path, const Catalogue& catalogue) {
    KnownPlace place;
    std::string catalogue_path;
    while (!path.empty()) {
        const std::string_view step = take_step(path);
        const auto number = number_in(step);
        const bool is_inside = place.parameter == nullptr && place.rest.empty();
        const bool is_at_table = place.table != nullptr && place.table->path == catalogue_path;
        if (is_inside && number && is_at_table && place.table->is_list) {
            place.rows.push_back(*number);
            continue;
        }
        const Parameter* const parameter =
            is_inside && !number && is_at_table ? place.table->parameter(step) : nullptr;
        if (parameter != nullptr) {
            place.parameter = parameter;
            continue;
        }
        const std::string inner = joined(catalogue_path, step);
        const bool is_branch =
            is_inside && !number &&
            std::ranges::any_of(catalogue.tables(), [&](const Table& table) {
                return table.path == inner || table.path.starts_with(inner + ".");
            });
        if (!is_branch) {
            place.rest = joined(place.rest, step);
            continue;
        }
        catalogue_path = inner;
        if (const Table* table = catalogue.table(inner)) {
            place.table = table;
        }
    }
    return place;
}

/// The rest of a place; a member of a list stands right behind its list.
std::string below(const KnownPlace& place, std::string_view between) {
    const bool is_apart = !place.rest.empty() && !place.rest.starts_with('[');
    return fmt::format("{}{}", is_apart ? between : "", place.rest);
}

/// "configure voip > proxy-set <i> > proxy-ip <j>" with its numbers, from the mode's words on.
std::string in_cli_words(const KnownPlace& place) {
    constexpr std::string_view level = " > ";
    std::string whole = place.table->cli;
    if (place.parameter != nullptr) {
        const CommandWords words = command_words(*place.parameter);
        whole = fmt::format("{}{}{}", words.mode, level, words.parts.front());
    }
    std::string_view form = whole;
    form.remove_prefix(std::min(form.find(level) + level.size(), form.size()));
    std::string text;
    auto row = place.rows.begin();
    while (!form.empty()) {
        const std::size_t open = std::min(form.find(" <"), form.size());
        text += form.substr(0, open);
        form.remove_prefix(open);
        if (!form.empty()) {
            form.remove_prefix(std::min(form.find('>') + 1, form.size()));
            text += row == place.rows.end() ? "" : fmt::format(" {}", *row++);
        }
    }
    return text + below(place, level);
}

/// "ProxySet 9, ProxyIp 0: ProxyIp_IpAddress"; of a setting its name alone.
std::string in_ini_words(const KnownPlace& place, const Catalogue& catalogue) {
    std::vector<std::string> lists;
    for (const Table* table = place.table; table != nullptr; table = catalogue.list_above(*table)) {
        if (table->is_list) {
            lists.insert(lists.begin(), table->ini);
        }
    }
    std::string text;
    for (std::size_t at = 0; at < lists.size(); ++at) {
        text += (at == 0 ? "" : ", ") + lists[at];
        text += at < place.rows.size() ? fmt::format(" {}", place.rows[at]) : "";
    }
    if (place.parameter != nullptr) {
        text += (text.empty() ? "" : ": ") + place.parameter->ini;
    }
    return text + below(place, ": ");
}

/// "keep_alive: using_options" and what the others call it.
std::string name_in_words(std::string_view path, std::string_view value, const Catalogue& catalogue,
                          ConfigWords words) {
    const KnownPlace place = known_place(path, catalogue);
    if (place.parameter == nullptr) {
        return place_in_words(std::string(path), catalogue, words);
    }
    const Parameter& parameter = *place.parameter;
    const ConfigNodePtr node = scalar_node(std::string(value));
    switch (words) {
        case ConfigWords::ini:
            return value.empty()
                       ? parameter.ini
                       : fmt::format(
                             "{} = {}", parameter.ini,
                             write_ini_value(parameter, node.get(), secret_in_clear).front());
        case ConfigWords::cli: {
            const std::string word = command_words(parameter).parts.front();
            return value.empty()
                       ? word
                       : fmt::format("{} {}", word, to_cli(parameter, *node, secret_in_clear));
        }
        case ConfigWords::tree:
            break;
    }
    return value.empty() ? parameter.name : fmt::format("{}: {}", parameter.name, value);
}

}  // namespace

std::string RowNumbering::numbered(std::string_view path) {
    std::string text;
    const ConfigNode* node = &root_;
    while (!path.empty()) {
        const std::string_view step = take_step(path);
        const auto position = number_in(step);
        if (node == nullptr || !position || *position >= node->items.size()) {
            text = joined(text, step);
            node = node == nullptr ? nullptr : node->find(step);
            continue;
        }
        auto [known, is_new] = numbers_.try_emplace(node);
        if (is_new) {
            known->second = row_numbers(*node);
        }
        text += fmt::format("[{}]", known->second[*position]);
        node = node->items[*position].get();
    }
    return text;
}

std::string place_in_words(const std::string& path, const Catalogue& catalogue, ConfigWords words) {
    if (words == ConfigWords::tree) {
        return path;
    }
    const KnownPlace place = known_place(path, catalogue);
    if (place.table == nullptr) {
        return path;
    }
    const std::string text =
        words == ConfigWords::cli ? in_cli_words(place) : in_ini_words(place, catalogue);
    return text.empty() ? path : text;
}

std::string text_in_words(std::string_view text, const Catalogue& catalogue, ConfigWords words) {
    std::string told;
    while (!text.empty()) {
        const std::size_t begin = std::min(text.find(name_begin), text.size());
        told += text.substr(0, begin);
        text.remove_prefix(begin);
        const std::size_t value = text.find(name_value), end = text.find(name_end);
        if (text.empty() || value == text.npos || end == text.npos || value > end) {
            told += text;
            break;
        }
        told += name_in_words(text.substr(1, value - 1), text.substr(value + 1, end - value - 1),
                              catalogue, words);
        text.remove_prefix(end + 1);
    }
    return told;
}

void name_places(ConfigFaults& faults, const Catalogue& catalogue, ConfigWords words) {
    for (ConfigFault& fault : faults) {
        fault.place = place_in_words(fault.path, catalogue, words);
        for (std::string* const text : {&fault.found, &fault.allowed, &fault.advice}) {
            *text = text_in_words(*text, catalogue, words);
        }
    }
}

}  // namespace trunkline::mgmt
