#include "mgmt/configuration/effective.h"

#include "mgmt/configuration/canonical.h"
#include "mgmt/configuration/rows.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

class Merge {
public:
    explicit Merge(const Catalogue& catalogue) : catalogue_(catalogue) {
        for (const Table& table : catalogue.tables()) {
            for (std::size_t end = has_bound_rows(table) ? table.path.size() : 0; end != 0;) {
                bound_.emplace(table.path.substr(0, end));
                const std::size_t dot = table.path.rfind('.', end - 1);
                end = dot == table.path.npos ? 0 : dot;
            }
        }
    }

    /// nullptr where nothing is left. Either node may be nullptr.
    ConfigNodePtr map(const std::string& path, const ConfigNodePtr& now,
                      const ConfigNodePtr& booted) const {
        if (now == booted) {
            return now;
        }
        std::vector<ConfigNode::Entry> entries;
        const auto add = [&entries](std::string_view key, const ConfigNodePtr& value) {
            if (value) {
                entries.push_back({std::string(key), value->line, value->column, value});
            }
        };
        add(row_key, child(now ? now : booted, row_key));
        if (const Table* table = catalogue_.table(path)) {
            for (const Parameter& parameter : table->parameters) {
                add(parameter.name, child(parameter.reset ? booted : now, parameter.name));
            }
        }
        for (const std::string& name : catalogue_.children(path)) {
            add(name, below(path.empty() ? name : path + "." + name, child(now, name),
                            child(booted, name)));
        }
        return entries.empty() && !now ? nullptr : map_node(std::move(entries));
    }

private:
    static ConfigNodePtr child(const ConfigNodePtr& node, std::string_view key) {
        return node ? node->find_shared(key) : nullptr;
    }

    ConfigNodePtr below(const std::string& path, const ConfigNodePtr& now,
                        const ConfigNodePtr& booted) const {
        if (!bound_.contains(path)) {
            return now;
        }
        const Table* table = catalogue_.table(path);
        if (table != nullptr && table->is_list) {
            return rows(*table, now, booted);
        }
        ConfigNodePtr merged = map(path, now, booted);
        return merged && merged->entries.empty() ? nullptr : merged;
    }

    ConfigNodePtr rows(const Table& table, const ConfigNodePtr& now,
                       const ConfigNodePtr& booted) const {
        const NumberedRows new_rows = numbered_rows(now), old_rows = numbered_rows(booted);
        NumberedRows merged;
        for (const auto& [number, row] : has_bound_rows(table) ? old_rows : new_rows) {
            const auto in_new = new_rows.find(number), in_old = old_rows.find(number);
            merged[number] = in_new == new_rows.end() || in_old == old_rows.end()
                                 ? row
                                 : map(table.path, in_new->second, in_old->second);
        }
        return merged.empty() ? nullptr : list_of(merged, now);
    }

    const Catalogue& catalogue_;
    /// Paths with a parameter in or below them that acts after a reset alone.
    std::set<std::string> bound_;
};

}  // namespace

bool has_bound_rows(const Table& table) {
    return std::ranges::any_of(table.parameters, &Parameter::reset);
}

ConfigNodePtr effective_configuration(const ConfigNodePtr& configured, const ConfigNodePtr& booted,
                                      const Catalogue& catalogue) {
    if (configured == booted) {
        return configured;
    }
    const ConfigNodePtr merged = Merge(catalogue).map("", configured, booted);
    return canonical(merged, catalogue);
}

}  // namespace trunkline::mgmt
