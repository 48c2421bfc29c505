#include "mgmt/cli/mode_view.h"

#include "mgmt/cli/value_words.h"
#include "mgmt/configuration/json_tree.h"
#include "mgmt/configuration/value_parts.h"
#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

std::string stars(const ConfigNode&) {
    return "*";
}

/// What the appliance has at `edit`, nothing where there is no such row yet; nullptr: it did not
/// say, as was told.
ConfigNodePtr running_node(const CliCall& call, const ConfigEdit& edit) {
    const json request = {{"command", "configuration get"},
                          {"from", "running"},
                          {"path", path_of(edit, call.catalogue)},
                          {"secrets", "hidden"}};
    const auto answer = call.ask(request);
    if (answer && flag_in(*answer, "missing")) {
        return map_node({});
    }
    if (!answer || !flag_in(*answer, "ok")) {
        call.fail(answer ? text_in(*answer, "error") : answer.error().message);
        return nullptr;
    }
    auto node = from_json(answer->at("configuration"));
    if (!node) {
        call.fail(node.error().to_string());
        return nullptr;
    }
    return *std::move(node);
}

/// What was typed and is not applied: a value, or nothing for the default; nullptr: it was not.
struct Typed {
    bool is_typed = false;
    ConfigNodePtr value;
};

Typed typed_value(const Configurator& mode, const CliParameter& parameter) {
    for (const ConfigEdit& edit : mode.pending()) {
        if (edit.table != parameter.table->path) {
            continue;
        }
        const std::string& name = parameter.parameter->name;
        const auto part = std::ranges::find_if(edit.parts, [&](const ConfigPart& typed) {
            return typed.parameter == name && typed.part == parameter.part;
        });
        if (parameter.is_part() && part != edit.parts.end()) {
            // All parts alike, of which the one that was typed is shown.
            const std::vector<std::string> parts(parameter.parts,
                                                 part->value ? part->value->text : "");
            return {true, joined_value(*parameter.parameter, parts, 0, 0)};
        }
        const auto set = std::ranges::find(edit.set, name, &ConfigNode::Entry::key);
        if (set != edit.set.end()) {
            return {true, set->value};
        }
        if (std::ranges::find(edit.left_out, name) != edit.left_out.end()) {
            return {true, nullptr};
        }
    }
    return {};
}

}  // namespace

bool display_mode(const CliCall& call, const Configurator& mode) {
    const auto here = mode.here();
    if (!here) {
        return call.fail("nothing is set in this mode itself; '?' tells the modes inside");
    }
    std::map<std::string, ConfigNodePtr> tables;
    for (const CliParameter& parameter : mode.parameters()) {
        const std::string& path = parameter.table->path;
        if (parameter.is_other_word) {
            continue;
        }
        if (!tables.contains(path)) {
            tables[path] = running_node(call, {path, here->rows, {}, {}, false});
            if (!tables[path]) {
                return false;
            }
        }
        const auto [is_typed, typed] = typed_value(mode, parameter);
        ConfigNodePtr value =
            is_typed ? typed : tables[path]->find_shared(parameter.parameter->name);
        value = value ? value : parameter.parameter->default_value;
        const std::string given = value ? word_value(parameter, *value, stars) : "";
        const std::string text = given.empty() ? "\"\"" : given;
        call.print(
            fmt::format("  {} {}{}\n", parameter.word, text, is_typed ? "  (not applied)" : ""));
    }
    return true;
}

}  // namespace trunkline::mgmt
