// A configuration with every parameter of the catalogue in it, none at its default; two rows in
// each list, with a gap between them. It is well formed and need not make sense.
#pragma once

#include "mgmt/configuration/canonical.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

inline constexpr std::size_t second_row = 3;

inline std::string text_of(const Parameter& parameter, std::size_t row) {
    switch (parameter.format) {
        case TextFormat::host:
            return fmt::format("h{}.example", row);
        case TextFormat::path:
        case TextFormat::file:
            return fmt::format("/p/{}", row);
        case TextFormat::interface:
        case TextFormat::name_space:
            return fmt::format("eth{}", row);
        case TextFormat::pci:
            return fmt::format("0000:00:0{}.0", row);
        case TextFormat::hex:
            return std::string(parameter.shortest, 'a');
        case TextFormat::urn:
            return fmt::format("urn:uuid:{}", row);
        case TextFormat::free:
            break;
    }
    // What each format has to quote, as much of it as fits.
    const std::string text = fmt::format("{}x\"y'; #,z: -", row);
    std::string cut = text.substr(0, parameter.longest);
    return cut.ends_with(' ') ? cut + "." : cut;
}

class CatalogueSample {
public:
    explicit CatalogueSample(const Catalogue& catalogue) : catalogue_(catalogue) {}

    ConfigNodePtr tree() {
        ConfigNodePtr root = map_node({});
        for (const Table& table : catalogue_.tables()) {
            if (table.path == "kept_aside" || catalogue_.list_above(table) != nullptr) {
                continue;
            }
            if (!table.is_list) {
                for (const ConfigNode::Entry& entry : parameters(table, 0)) {
                    root = with_node(root, config_path(table.path + "." + entry.key), entry.value);
                }
                continue;
            }
            root = with_node(root, config_path(table.path),
                             sequence_node({row(table, 0), row(table, second_row)}));
        }
        return root;
    }

private:
    std::vector<ConfigNode::Entry> parameters(const Table& table, std::size_t row) {
        std::vector<ConfigNode::Entry> entries;
        for (const Parameter& parameter : table.parameters) {
            ConfigNodePtr node = value(parameter, row);
            if (parameter.list) {
                node = sequence_node({node});
            }
            EXPECT_FALSE(is_default(parameter, node)) << table.path << "." << parameter.name;
            entries.push_back({parameter.name, 0, 0, node});
        }
        return entries;
    }

    ConfigNodePtr row(const Table& table, std::size_t number) {
        std::vector<ConfigNode::Entry> entries = parameters(table, number);
        if (number > 0) {
            entries.insert(entries.begin(), {"row", 0, 0, scalar_node(fmt::format("{}", number))});
        }
        for (const Table& inner : catalogue_.tables()) {
            if (catalogue_.list_above(inner) == &table) {
                entries.push_back({std::string(inner.name()), 0, 0,
                                   inner.is_list
                                       ? sequence_node({row(inner, 0), row(inner, second_row)})
                                       : map_node(parameters(inner, number))});
            }
        }
        return map_node(std::move(entries));
    }

    ConfigNodePtr value(const Parameter& parameter, std::size_t row) {
        const std::string standard = parameter.default_value ? parameter.default_value->text : "";
        switch (parameter.type) {
            case ValueType::boolean:
                return scalar_node(standard == "true" ? "false" : "true");
            case ValueType::integer: {
                const int64_t number = parameter.minimum + static_cast<int64_t>(row);
                return scalar_node(
                    fmt::format("{}", fmt::format("{}", number) == standard ? number + 1 : number));
            }
            case ValueType::range:
                return scalar_node(fmt::format("{}-{}", parameter.minimum + 1, parameter.maximum));
            case ValueType::enumeration: {
                const auto other = std::ranges::find_if(
                    parameter.values, [&](const auto& choice) { return choice.name != standard; });
                return scalar_node(other->name);
            }
            case ValueType::text:
                return scalar_node(text_of(parameter, row));
            case ValueType::ip:
                return scalar_node("2001:db8::1");
            case ValueType::prefix:
                return scalar_node("192.0.2.10/24");
            case ValueType::mac:
                return scalar_node("02:00:00:00:00:01");
            case ValueType::host_port:
                return scalar_node("[2001:db8::1]:5070");
            case ValueType::reference: {
                const Table* target = catalogue_.table(parameter.reference);
                return value(*target->parameter(target->key), row);
            }
            case ValueType::secret:
                return row == 0 ? scalar_node(
                                      parameter.format == TextFormat::hex
                                          ? std::string(parameter.shortest, 'b')
                                          : std::string("p\"w; ,'x").substr(0, parameter.longest))
                                : map_node({{"file", 0, 0, scalar_node("x.secret")}});
        }
        return nullptr;
    }

    const Catalogue& catalogue_;
};

}  // namespace trunkline::mgmt
