#include "mgmt/configuration/incoming.h"

#include "mgmt/cli/script.h"
#include "mgmt/configuration/fault_place.h"
#include "mgmt/configuration/ini/ini_reader.h"
#include "mgmt/configuration/json_tree.h"
#include "mgmt/configuration/rows.h"
#include "mgmt/configuration/value_map.h"
#include "mgmt/configuration/yaml_reader.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <system_error>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

/// Reads the fields of one edit.
class EditReader {
public:
    EditReader(const json& edit, std::string path, ConfigFaults& faults)
        : edit_(edit), path_(std::move(path)), faults_(faults) {}

    ConfigEdit read() {
        ConfigEdit result;
        if (!edit_.is_object()) {
            fault("", edit_, "an object with the keys table, rows, set, left_out, removes_row");
            return result;
        }
        for (const auto& [key, value] : edit_.items()) {
            if (key == "table" && value.is_string()) {
                result.table = value.get<std::string>();
            } else if (key == "removes_row" && value.is_boolean()) {
                result.removes_row = value.get<bool>();
            } else if (key == "rows") {
                read_rows(value, result);
            } else if (key == "left_out") {
                read_names(value, result);
            } else if (key == "set") {
                read_values(value, result);
            } else if (key == "parts") {
                read_parts(value, result);
            } else {
                fault(key, value,
                      key == "table"         ? "the path of a table, as a text"
                      : key == "removes_row" ? "true, false"
                                             : "table, rows, set, parts, left_out, removes_row");
            }
        }
        if (result.removes_row && (!result.set.empty() || !result.left_out.empty())) {
            fault("removes_row", true, "it without set and left_out");
        }
        return result;
    }

private:
    void fault(const std::string& field, const json& found, const std::string& allowed) {
        faults_.push_back({"", 0, 0, field.empty() ? path_ : path_ + "." + field,
                           in_quotes(found.dump(-1, ' ', false, json::error_handler_t::replace)),
                           allowed, ""});
    }

    void read_rows(const json& value, ConfigEdit& result) {
        const bool are_numbers =
            value.is_array() && std::ranges::all_of(value, [](const json& number) {
                return number.is_number_integer() && number.get<int64_t>() >= 0;
            });
        if (!are_numbers) {
            fault("rows", value, "a list of row numbers, the outermost first");
            return;
        }
        result.rows = value.get<std::vector<std::size_t>>();
    }

    void read_names(const json& value, ConfigEdit& result) {
        if (!value.is_array() || !std::ranges::all_of(value, &json::is_string)) {
            fault("left_out", value, "a list of names of parameters");
            return;
        }
        result.left_out = value.get<std::vector<std::string>>();
    }

    void read_values(const json& value, ConfigEdit& result) {
        if (!value.is_object()) {
            fault("set", "(no object)", "an object: names of parameters and their values");
            return;
        }
        for (const auto& [name, member] : value.items()) {
            if (member == hidden_secret()) {
                continue;
            }
            if (member.is_null()) {
                result.left_out.push_back(name);
                continue;
            }
            auto node = from_json(member);
            if (node) {
                result.set.push_back({name, 0, 0, *std::move(node)});
            } else {
                const JsonFault& fault = node.error();
                std::string below = fault.pointer;
                std::ranges::replace(below, '/', '.');
                faults_.push_back(
                    {"", 0, 0, path_ + ".set." + name + below, fault.found, fault.allowed, ""});
            }
        }
    }

    void read_parts(const json& value, ConfigEdit& result) {
        const bool are_parts =
            value.is_array() && std::ranges::all_of(value, [](const json& part) {
                return part.is_object() && part.value("parameter", json()).is_string() &&
                       part.value("part", json()).is_number_unsigned() &&
                       part["part"] < most_parts &&
                       (part.value("value", json()).is_null() || part["value"].is_string());
            });
        if (!are_parts) {
            fault("parts", value, "a list of objects with parameter, part and value");
            return;
        }
        for (const json& part : value) {
            const json& text = part.at("value");
            result.parts.push_back(
                {part["parameter"], part["part"], text.is_null() ? nullptr : scalar_node(text)});
        }
    }

    static constexpr std::size_t most_parts = 16;

    const json& edit_;
    const std::string path_;
    ConfigFaults& faults_;
};

ConfigNodePtr merged_at(const std::string& path, const ConfigNodePtr& base,
                        const ConfigNodePtr& over, const Catalogue& catalogue);

/// What was kept aside has no numbers of its own: what `over` has is that of `base` where it stood
/// at the same place in its file, and comes behind it otherwise.
ConfigNodePtr merged_aside(const ConfigNodePtr& base, const ConfigNodePtr& over) {
    const auto place_of = [](const ConfigNode& row) {
        std::vector<std::string> place;
        for (const char* const key : {"table", "table_row", "column"}) {
            const ConfigNode* const text = row.find(key);
            place.push_back(text == nullptr ? "" : text->text);
        }
        return place;
    };
    std::map<std::vector<std::string>, ConfigNodePtr> fresh;
    for (const ConfigNodePtr& row : over->items) {
        fresh[place_of(*row)] = without_node(row, ConfigPath{std::string(row_key)});
    }
    NumberedRows rows;
    for (const auto& [number, row] : numbered_rows(base)) {
        const auto same = fresh.extract(place_of(*row));
        rows[number] = same.empty() ? row : same.mapped();
    }
    for (const ConfigNodePtr& row : over->items) {
        if (auto added = fresh.extract(place_of(*row))) {
            rows[rows.empty() ? 0 : rows.rbegin()->first + 1] = std::move(added.mapped());
        }
    }
    return list_of(rows, over);
}

ConfigNodePtr merged_rows(const std::string& path, const ConfigNodePtr& base,
                          const ConfigNodePtr& over, const Catalogue& catalogue) {
    if (path == "kept_aside") {
        return merged_aside(base, over);
    }
    NumberedRows rows = numbered_rows(base);
    for (const auto& [number, row] : numbered_rows(over)) {
        const auto old = rows.find(number);
        rows[number] = old == rows.end() ? row : merged_at(path, old->second, row, catalogue);
    }
    return list_of(rows, over);
}

ConfigNodePtr merged_at(const std::string& path, const ConfigNodePtr& base,
                        const ConfigNodePtr& over, const Catalogue& catalogue) {
    if (base->kind != ConfigNode::Kind::map || over->kind != ConfigNode::Kind::map) {
        return over->kind == ConfigNode::Kind::nothing ? base : over;
    }
    const Table* table = catalogue.table(path);
    std::vector<ConfigNode::Entry> entries = base->entries;
    for (const ConfigNode::Entry& entry : over->entries) {
        const auto old = std::ranges::find(entries, entry.key, &ConfigNode::Entry::key);
        if (old == entries.end()) {
            entries.push_back(entry);
            continue;
        }
        if (table != nullptr && table->parameter(entry.key) != nullptr) {
            *old = entry;
            continue;
        }
        const std::string inner = path.empty() ? entry.key : path + "." + entry.key;
        const Table* list = catalogue.table(inner);
        const bool has_rows = list != nullptr && list->is_list &&
                              old->value->kind == ConfigNode::Kind::sequence &&
                              entry.value->kind == ConfigNode::Kind::sequence;
        old->value = has_rows ? merged_rows(inner, old->value, entry.value, catalogue)
                              : merged_at(inner, old->value, entry.value, catalogue);
    }
    return map_node(std::move(entries), over->line, over->column);
}

void read_script_of(const IncomingConfiguration& incoming, const ConfigNodePtr& running,
                    const Catalogue& catalogue, ReadConfiguration& result) {
    const auto edits = read_script(incoming.text, incoming.origin, catalogue);
    if (!edits) {
        result.faults = edits.error();
        return;
    }
    auto root = apply_edits(incoming.merges ? running : map_node({}), *edits, catalogue);
    if (root) {
        result.root = *std::move(root);
    } else {
        result.faults.push_back(root.error());
        name_places(result.faults, catalogue, result.words);
    }
}

void read_json_of(const IncomingConfiguration& incoming, ReadConfiguration& result) {
    auto root = from_json(*incoming.json);
    if (!root) {
        const JsonFault& fault = root.error();
        result.faults.push_back(
            {incoming.origin, 0, 0, fault.pointer, fault.found, fault.allowed, ""});
    } else if ((*root)->kind != ConfigNode::Kind::map) {
        result.faults.push_back({incoming.origin, 0, 0, "", "no JSON object",
                                 "an object, as 'configuration get' gives it", ""});
    } else {
        result.root = *std::move(root);
    }
}

}  // namespace

std::expected<std::vector<ConfigEdit>, ConfigFaults> edits_of(const json& list) {
    if (!list.is_array()) {
        return std::unexpected(ConfigFaults{{"", 0, 0, "edits", "no list", "a list of edits", ""}});
    }
    std::vector<ConfigEdit> edits;
    ConfigFaults faults;
    for (std::size_t at = 0; at < list.size(); ++at) {
        edits.push_back(EditReader(list[at], fmt::format("edits[{}]", at), faults).read());
    }
    if (!faults.empty()) {
        return std::unexpected(std::move(faults));
    }
    return edits;
}

ConfigNodePtr with_files_found_from(const ConfigNodePtr& root, const std::filesystem::path& folder,
                                    const std::filesystem::path& own_folder,
                                    const Catalogue& catalogue) {
    const auto absolute = [](const std::filesystem::path& path) {
        std::error_code no_folder;
        return std::filesystem::absolute(path, no_folder).lexically_normal();
    };
    if (absolute(folder / "x") == absolute(own_folder / "x")) {
        return root;
    }
    const auto moved = [&](const ConfigNodePtr& name) {
        return name->text.empty() || name->text.starts_with('/')
                   ? name
                   : scalar_node(absolute(folder / name->text), name->line, name->column);
    };
    const ConfigNodePtr with_files = with_changed_values(
        root, catalogue,
        [](const Parameter& parameter) { return parameter.format == TextFormat::file; },
        [&](const ConfigNodePtr& value, const std::string&) {
            return value->kind == ConfigNode::Kind::scalar ? moved(value) : value;
        });
    return with_changed_values(with_files, catalogue, is_secret,
                               [&](const ConfigNodePtr& value, const std::string&) {
                                   const ConfigNodePtr name = value->find_shared("file");
                                   return name && name->kind == ConfigNode::Kind::scalar
                                              ? with_node(value, ConfigPath{"file"}, moved(name))
                                              : value;
                               });
}

ConfigNodePtr merged(const ConfigNodePtr& base, const ConfigNodePtr& over,
                     const Catalogue& catalogue) {
    return merged_at("", base, over, catalogue);
}

ReadConfiguration read_incoming(const IncomingConfiguration& incoming, const ConfigNodePtr& running,
                                const Catalogue& catalogue) {
    ReadConfiguration result;
    switch (incoming.format) {
        case ConfigFormat::yaml:
            result.root = read_yaml(incoming.text, incoming.origin, result.faults);
            break;
        case ConfigFormat::ini:
            result.words = ConfigWords::ini;
            if (auto read = read_ini(incoming.text, incoming.origin, catalogue,
                                     incoming.merges ? running : nullptr)) {
                result.root = std::move(read->root);
                result.notes = std::move(read->notes);
            } else {
                result.faults = std::move(read.error().faults);
                result.notes = std::move(read.error().notes);
            }
            break;
        case ConfigFormat::cli:
            result.words = ConfigWords::cli;
            read_script_of(incoming, running, catalogue, result);
            break;
        case ConfigFormat::json:
            read_json_of(incoming, result);
            break;
    }
    if (!result.root) {
        return result;
    }
    if (incoming.merges && incoming.format != ConfigFormat::cli) {
        result.root = merged(running, result.root, catalogue);
    }
    result.root = with_kept_secrets(result.root, running);
    return result;
}

}  // namespace trunkline::mgmt
