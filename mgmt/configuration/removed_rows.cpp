#include "mgmt/configuration/removed_rows.h"

#include "mgmt/configuration/fault_place.h"
#include "mgmt/configuration/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace trunkline::mgmt {

namespace {

/// What stands at the path of a fault: a reference to the row with `key` of `target`.
struct Reference {
    const Table* target = nullptr;
    std::string key;
};

/// Of a row that the change took away or named anew.
struct Use {
    std::optional<std::size_t> row;  ///< its number; nullopt: the change did nothing of that
    bool is_renamed = false;
    std::size_t fault = 0, more = 0;  ///< which fault tells of it, and how many are left out
};

std::optional<Reference> reference_at(const ConfigFault& fault, const Catalogue& catalogue) {
    std::string table, name;
    for (const ConfigStep& step : config_path(fault.path)) {
        if (const auto* const key = std::get_if<std::string>(&step)) {
            table += (table.empty() ? "" : ".") + name;
            name = *key;
        }
    }
    const Table* const of = catalogue.table(table);
    const Parameter* const parameter = of == nullptr ? nullptr : of->parameter(name);
    const std::string& found = fault.found;
    if (parameter == nullptr || parameter->type != ValueType::reference || found.size() < 2 ||
        !found.starts_with('\'') || !found.ends_with('\'')) {
        return std::nullopt;
    }
    return Reference{catalogue.table(parameter->reference), found.substr(1, found.size() - 2)};
}

std::optional<std::size_t> row_with_key(const NumberedRows& rows, const Reference& reference) {
    const auto found = std::ranges::find_if(rows, [&](const auto& row) {
        const ConfigNode* const key = row.second->find(reference.target->key);
        return key != nullptr && key->text == reference.key;
    });
    return found == rows.end() ? std::nullopt : std::optional(found->first);
}

Use use_of(const Reference& reference, const ConfigNodePtr& running, const ConfigNodePtr& changed) {
    const auto rows_of = [&](const ConfigNodePtr& root) {
        return numbered_rows(node_at(root, config_path(reference.target->path)));
    };
    const auto row = row_with_key(rows_of(running), reference);
    const NumberedRows left = rows_of(changed);
    if (!row || row_with_key(left, reference)) {
        return {};
    }
    return {row, left.contains(*row), 0, 0};
}

void tell(ConfigFault& fault, const Reference& reference, const Use& use,
          const Catalogue& catalogue, ConfigWords words) {
    const std::string user = place_in_words(fault.path, catalogue, words);
    fault.path = fmt::format("{}[{}]", reference.target->path, *use.row);
    fault.place = place_in_words(fault.path, catalogue, words);
    fault.found =
        (use.is_renamed ? "its old name " + in_quotes(reference.key) : "it") + " in use by " + user;
    fault.allowed = use.is_renamed ? "a new name once nothing uses the old one"
                                   : "its removal once nothing uses it";
    fault.advice = use.is_renamed ? "change both together" : "change that first";
}

}  // namespace

ConfigFaults told_of_removed_rows(ConfigFaults faults, const ConfigNodePtr& running,
                                  const ConfigNodePtr& changed, const Catalogue& catalogue,
                                  ConfigWords words) {
    std::map<std::pair<std::string, std::string>, Use> uses;  // by table and key
    ConfigFaults told;
    for (ConfigFault& fault : faults) {
        const auto reference = reference_at(fault, catalogue);
        if (!reference) {
            told.push_back(std::move(fault));
            continue;
        }
        const auto [known, is_new] = uses.try_emplace({reference->target->path, reference->key});
        Use& use = known->second;
        if (is_new) {
            use = use_of(*reference, running, changed);
            use.fault = told.size();
        } else if (use.row) {
            ++use.more;
            continue;
        }
        if (use.row) {
            tell(fault, *reference, use, catalogue, words);
        }
        told.push_back(std::move(fault));
    }
    for (const auto& [row, use] : uses) {
        if (use.more > 0) {
            told[use.fault].found += fmt::format(" and {} more", use.more);
        }
    }
    return told;
}

}  // namespace trunkline::mgmt
