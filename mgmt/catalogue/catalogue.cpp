#include "mgmt/catalogue/catalogue.h"

#include "mgmt/catalogue/value_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <utility>

namespace trunkline::mgmt {

namespace {

template <typename Type>
struct Named {
    std::string_view name;
    Type value;
};

constexpr std::array types{
    Named{"bool", ValueType::boolean},        Named{"int", ValueType::integer},
    Named{"range", ValueType::range},         Named{"enum", ValueType::enumeration},
    Named{"text", ValueType::text},           Named{"ip", ValueType::ip},
    Named{"prefix", ValueType::prefix},       Named{"mac", ValueType::mac},
    Named{"host_port", ValueType::host_port}, Named{"reference", ValueType::reference},
    Named{"secret", ValueType::secret},
};

constexpr std::array formats{
    Named{"free", TextFormat::free},
    Named{"host", TextFormat::host},
    Named{"path", TextFormat::path},
    Named{"interface", TextFormat::interface},
    Named{"namespace", TextFormat::name_space},
    Named{"pci", TextFormat::pci},
    Named{"file", TextFormat::file},
    Named{"hex", TextFormat::hex},
    Named{"urn", TextFormat::urn},
};

/// "proxy_and_registration" -> "ProxyAndRegistration".
std::string in_camel_case(std::string_view name) {
    std::string result;
    bool begins = true;
    for (const char c : name) {
        if (c == '_' || c == '.') {
            begins = true;
            continue;
        }
        result += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
        begins = false;
    }
    return result;
}

std::string with_hyphens(std::string name) {
    std::ranges::replace(name, '_', '-');
    return name;
}

/// The name in ini files of what the appliance family does not have.
std::string own_ini_name(const Table& table, std::string_view parameter) {
    if (table.is_list) {
        return table.ini + "_" + in_camel_case(parameter);
    }
    return in_camel_case(table.ini.empty() ? table.path : "") + in_camel_case(parameter);
}

/// Reads one catalogue file. Faults are gathered, so that a broken file tells all at once.
class FileReader {
public:
    FileReader(std::string file, FaultCollector& faults)
        : file_(std::move(file)), faults_(faults) {}

    std::vector<Table> read(const ConfigNode& root) {
        known_keys(root, {"page", "tables"});
        const std::string page = text(root, "page");
        std::vector<Table> read_tables;
        const ConfigNode* tables = root.find("tables");
        if (tables == nullptr || page.empty()) {
            complain(root, "page and tables are needed");
            return read_tables;
        }
        for (const ConfigNodePtr& node : tables->items) {
            read_tables.push_back(read_table(*node));
            read_tables.back().page = page;
        }
        return read_tables;
    }

private:
    void complain(const ConfigNode& node, const std::string& what) {
        faults_.add(node.line, node.column, file_, what, "");
    }

    void known_keys(const ConfigNode& node, std::initializer_list<std::string_view> names) {
        if (node.kind != ConfigNode::Kind::map) {
            complain(node, "a map is needed");
        }
        for (const ConfigNode::Entry& entry : node.entries) {
            if (std::find(names.begin(), names.end(), entry.key) == names.end()) {
                complain(*entry.value, "unknown key " + entry.key);
            }
        }
    }

    std::string text(const ConfigNode& node, std::string_view key) {
        const ConfigNode* found = node.find(key);
        if (found == nullptr) {
            return "";
        }
        if (found->kind != ConfigNode::Kind::scalar) {
            complain(*found, fmt::format("{} is no text", key));
        }
        return found->text;
    }

    bool flag(const ConfigNode& node, std::string_view key, bool otherwise) {
        const std::string found = text(node, key);
        if (found.empty()) {
            return otherwise;
        }
        if (found != "true" && found != "false") {
            complain(node, fmt::format("{} is neither true nor false", key));
        }
        return found == "true";
    }

    int64_t number(const ConfigNode& node, std::string_view from) {
        int64_t result = 0;
        const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), result);
        if (error != std::errc{} || end != from.data() + from.size()) {
            complain(node, fmt::format("'{}' is no number", from));
        }
        return result;
    }

    /// "0..40".
    std::pair<int64_t, int64_t> bounds(const ConfigNode& node, std::string_view key) {
        const std::string found = text(node, key);
        const std::size_t dots = found.find("..");
        if (dots == std::string::npos) {
            complain(node, fmt::format("{} is needed as FIRST..LAST", key));
            return {0, 0};
        }
        const std::pair result{number(node, std::string_view(found).substr(0, dots)),
                               number(node, std::string_view(found).substr(dots + 2))};
        if (result.first > result.second) {
            complain(node, fmt::format("{} ends before it begins", key));
        }
        return result;
    }

    std::vector<std::string> texts(const ConfigNode& node, std::string_view key) {
        std::vector<std::string> result;
        if (const ConfigNode* found = node.find(key)) {
            for (const ConfigNodePtr& item : found->items) {
                result.push_back(item->text);
            }
        }
        return result;
    }

    template <typename Type, std::size_t Count>
    Type named(const ConfigNode& node, std::string_view key,
               const std::array<Named<Type>, Count>& of, std::string_view otherwise) {
        const std::string found =
            node.find(key) == nullptr ? std::string(otherwise) : text(node, key);
        const auto at = std::find_if(
            of.begin(), of.end(), [&](const auto& candidate) { return candidate.name == found; });
        if (at == of.end()) {
            complain(node, fmt::format("{} '{}' is unknown", key, found));
            return of.front().value;
        }
        return at->value;
    }

    Table read_table(const ConfigNode& node) {
        known_keys(node, {"path", "own", "required", "rows", "key", "several_rows_a_key", "ini",
                          "ini_parent", "ini_position", "ini_order", "cli", "web", "help", "one_of",
                          "parameters"});
        Table table;
        table.path = text(node, "path");
        table.ini = text(node, "ini");
        table.ini_parent = text(node, "ini_parent");
        table.ini_position = text(node, "ini_position");
        table.cli = text(node, "cli");
        table.web = text(node, "web");
        table.help = text(node, "help");
        table.key = text(node, "key");
        table.several_rows_a_key = flag(node, "several_rows_a_key", false);
        table.required = flag(node, "required", false);
        table.one_of = texts(node, "one_of");
        table.ini_order = texts(node, "ini_order");
        table.is_list = node.find("rows") != nullptr;
        if (table.is_list) {
            const auto [fewest, most] = bounds(node, "rows");
            table.fewest_rows = static_cast<std::size_t>(fewest);
            table.most_rows = static_cast<std::size_t>(most);
        }
        const bool own = flag(node, "own", false);
        table.is_own = own;
        if (table.path.empty() || table.web.empty() || table.help.empty() || table.cli.empty() ||
            (!own && table.ini.empty())) {
            complain(node, "path, web, help, cli and (unless own) ini are needed");
        }
        if (table.ini.empty() && table.is_list) {
            table.ini = in_camel_case(table.name());
        }
        if (const ConfigNode* parameters = node.find("parameters")) {
            for (const ConfigNodePtr& item : parameters->items) {
                table.parameters.push_back(read_parameter(*item, table, own));
            }
        }
        return table;
    }

    Parameter read_parameter(const ConfigNode& node, const Table& table, bool own) {
        known_keys(node, {"name",      "own",      "ini",   "ini_also", "ini_absent", "ini_sets",
                          "ini_words", "cli",      "web",   "help",     "type",       "format",
                          "list",      "required", "reset", "range",    "also",       "length",
                          "unit",      "values",   "to",    "when",     "default",    "waits_for"});
        Parameter parameter;
        parameter.name = text(node, "name");
        parameter.ini = text(node, "ini");
        parameter.ini_absent = text(node, "ini_absent");
        parameter.ini_also = texts(node, "ini_also");
        parameter.web = text(node, "web");
        parameter.help = text(node, "help");
        parameter.unit = text(node, "unit");
        parameter.reference = text(node, "to");
        parameter.waits_for = text(node, "waits_for");
        parameter.cli = text(node, "cli");
        if (parameter.cli.empty()) {
            parameter.cli = with_hyphens(parameter.name);
        }
        if (!parameter.cli.starts_with("configure ")) {
            parameter.cli = table.cli + " > " + parameter.cli;
        }
        parameter.type = named(node, "type", types, "");
        parameter.format = named(node, "format", formats, "free");
        parameter.list = flag(node, "list", false);
        parameter.required = flag(node, "required", false);
        parameter.reset = flag(node, "reset", false);
        parameter.ini_words = flag(node, "ini_words", false);
        read_limits(node, parameter);
        read_values(node, parameter);
        read_ini_sets(node, parameter);
        read_condition(node, parameter);
        for (const ConfigNode::Entry& entry : node.entries) {
            if (entry.key == "default") {
                parameter.default_value = entry.value;
            }
        }
        if (parameter.name.empty() || parameter.web.empty() || parameter.help.empty() ||
            (parameter.ini.empty() && !own && !flag(node, "own", false))) {
            complain(node, "name, web, help and (unless own) ini are needed");
        }
        parameter.is_own = parameter.ini.empty();
        if (parameter.is_own) {
            parameter.ini = own_ini_name(table, parameter.name);
        }
        if (parameter.required && parameter.default_value) {
            complain(node, "a required parameter has no default");
        }
        return parameter;
    }

    void read_limits(const ConfigNode& node, Parameter& parameter) {
        if (parameter.type == ValueType::integer || parameter.type == ValueType::range) {
            std::tie(parameter.minimum, parameter.maximum) = bounds(node, "range");
        }
        for (const std::string& more : texts(node, "also")) {
            parameter.also.push_back(number(node, more));
        }
        if (parameter.type == ValueType::text || parameter.type == ValueType::host_port ||
            parameter.type == ValueType::secret || parameter.list) {
            const auto [shortest, longest] = bounds(node, "length");
            parameter.shortest = static_cast<std::size_t>(shortest);
            parameter.longest = static_cast<std::size_t>(longest);
        }
    }

    void read_values(const ConfigNode& node, Parameter& parameter) {
        if (const ConfigNode* values = node.find("values")) {
            for (const ConfigNodePtr& item : values->items) {
                known_keys(*item, {"name", "number", "label", "available"});
                parameter.values.push_back({text(*item, "name"),
                                            static_cast<int>(number(*item, text(*item, "number"))),
                                            text(*item, "label"), flag(*item, "available", true)});
            }
        }
        if ((parameter.type == ValueType::enumeration) != !parameter.values.empty()) {
            complain(node, "values belong to an enum, and an enum has values");
        }
    }

    void read_ini_sets(const ConfigNode& node, Parameter& parameter) {
        const ConfigNode* sets = node.find("ini_sets");
        if (sets == nullptr) {
            return;
        }
        for (const ConfigNode::Entry& entry : sets->entries) {
            parameter.ini_sets.push_back(
                {static_cast<int>(number(*entry.value, entry.key)), texts(*sets, entry.key)});
        }
    }

    void read_condition(const ConfigNode& node, Parameter& parameter) {
        const ConfigNode* when = node.find("when");
        if (when == nullptr) {
            return;
        }
        if (when->entries.size() != 1) {
            complain(*when, "one parameter decides");
            return;
        }
        parameter.when = Condition{when->entries[0].key, texts(*when, when->entries[0].key)};
    }

    std::string file_;
    FaultCollector& faults_;
};

/// No two parameters share a scalar, or a column of one table.
void check_ini_names(const Catalogue& catalogue, FaultCollector& faults) {
    std::set<std::string> names;
    for (const Table& table : catalogue.tables()) {
        const Table* row_of = table.is_list ? &table : catalogue.list_above(table);
        for (const Parameter& parameter : table.parameters) {
            for (std::string name : ini_names(parameter)) {
                name = (row_of == nullptr ? "" : row_of->ini + "_") + name;
                std::ranges::transform(name, name.begin(), [](unsigned char c) {
                    return static_cast<char>(std::tolower(c));
                });
                if (!names.insert(name).second) {
                    faults.add(0, 0, table.path + "." + parameter.name,
                               "its name in ini files is that of another", "");
                }
            }
        }
    }
}

bool has_column(const Table& table, const std::string& column) {
    return std::ranges::any_of(table.parameters, [&](const Parameter& parameter) {
        const auto names = ini_names(parameter);
        return std::ranges::find(names, column) != names.end() ||
               std::ranges::any_of(parameter.ini_also, [&](const std::string& other) {
                   return other.substr(other.find('_') + 1) == column;
               });
    });
}

/// What one file cannot know: paths once, references that lead somewhere, defaults that are right.
void check_whole(const Catalogue& catalogue, FaultCollector& faults) {
    const auto complain = [&](const std::string& path, const std::string& what) {
        faults.add(0, 0, path, what, "");
    };
    check_ini_names(catalogue, faults);
    std::set<std::string> paths;
    const auto once = [&](const std::string& path) {
        if (!paths.insert(path).second) {
            complain(path, "stands there twice");
        }
    };
    for (const Table& table : catalogue.tables()) {
        once(table.path);
        for (const std::string& column : table.ini_order) {
            if (!has_column(table, column)) {
                complain(table.path, column + " is no column of it");
            }
        }
        if (!table.key.empty() && table.parameter(table.key) == nullptr) {
            complain(table.path, "its key is no parameter of it");
        }
        for (const std::string& name : table.one_of) {
            if (table.parameter(name) == nullptr) {
                complain(table.path, name + " is no parameter of it");
            }
        }
        for (const Parameter& parameter : table.parameters) {
            const std::string path = table.path + "." + parameter.name;
            once(path);
            if (parameter.type == ValueType::reference) {
                const Table* target = catalogue.table(parameter.reference);
                if (target == nullptr || target->key.empty()) {
                    complain(path, "refers to no table with a key");
                }
            }
            if (parameter.when) {
                const Parameter* decides = table.parameter(parameter.when->parameter);
                const bool known =
                    decides != nullptr && !parameter.when->values.empty() &&
                    std::all_of(parameter.when->values.begin(), parameter.when->values.end(),
                                [&](const auto& name) { return decides->value(name) != nullptr; });
                if (!known) {
                    complain(path, "depends on what does not exist");
                }
            }
            if (parameter.default_value) {
                read_value(parameter, *parameter.default_value, path, RowKeys{}, "", faults);
            }
        }
    }
}

std::string count_of(std::size_t shortest, std::size_t longest, std::string_view what) {
    return shortest == longest ? fmt::format("{} {}", longest, what)
                               : fmt::format("{}..{} {}", shortest, longest, what);
}

/// "ip_groups" -> "IP groups": what every surface can show.
std::string in_words(std::string name) {
    std::ranges::replace(name, '_', ' ');
    for (const std::string_view abbreviation : {"ip ", "sip ", "tls "}) {
        if (name.starts_with(abbreviation)) {
            std::transform(name.begin(), name.begin() + static_cast<int>(abbreviation.size()),
                           name.begin(), [](unsigned char c) { return std::toupper(c); });
        }
    }
    return name;
}

std::string text_rule(TextFormat format) {
    switch (format) {
        case TextFormat::free:
            return "text of {}";
        case TextFormat::host:
            return "a host name or IP address of {}";
        case TextFormat::path:
            return "a path of {}";
        case TextFormat::interface:
            return "an interface's name of {}";
        case TextFormat::name_space:
            return "a network namespace's name of {}";
        case TextFormat::pci:
            return "a PCI address like 0000:00:04.0";
        case TextFormat::file:
            return "the path of a readable file, of {}";
        case TextFormat::hex:
            return "{} that are hexadecimal digits";
        case TextFormat::urn:
            return "a URN of {}, like urn:uuid:00000000-0000-1000-8000-000a95a0e128";
    }
    std::abort();
}

}  // namespace

const EnumValue* Parameter::value(std::string_view value_name) const {
    const auto at = std::find_if(values.begin(), values.end(), [&](const EnumValue& candidate) {
        return candidate.name == value_name;
    });
    return at == values.end() ? nullptr : &*at;
}

std::vector<std::string> Parameter::available_values() const {
    std::vector<std::string> names;
    for (const EnumValue& candidate : values) {
        if (candidate.available) {
            names.push_back(candidate.name);
        }
    }
    return names;
}

std::string Parameter::allowed() const {
    switch (type) {
        case ValueType::boolean:
            return "true, false";
        case ValueType::integer: {
            std::string text = fmt::format("{}..{}", minimum, maximum);
            if (!unit.empty()) {
                text += " " + unit;
            }
            for (const int64_t more : also) {
                text += fmt::format(", {}", more);
            }
            return text;
        }
        case ValueType::range:
            return fmt::format("FIRST-LAST within {}..{}", minimum, maximum);
        case ValueType::enumeration:
            return list_names(available_values());
        case ValueType::text:
            return fmt::format(fmt::runtime(text_rule(format)),
                               count_of(shortest, longest, "characters"));
        case ValueType::ip:
            return "an IPv4 or IPv6 address";
        case ValueType::prefix:
            return "an address with its prefix length, like 192.0.2.10/24";
        case ValueType::mac:
            return "a MAC address like 02:00:00:00:00:01";
        case ValueType::host_port:
            return "HOST or HOST:PORT; an IPv6 address with a port stands in brackets";
        case ValueType::reference:
            return "one of the " + in_words(reference.substr(reference.rfind('.') + 1));
        case ValueType::secret:
            return "{file: PATH}, {env: NAME} or " +
                   fmt::format(fmt::runtime(text_rule(format)),
                               count_of(shortest, longest, "characters"));
    }
    std::abort();
}

const Parameter* Table::parameter(std::string_view wanted) const {
    const auto at = std::find_if(parameters.begin(), parameters.end(),
                                 [&](const Parameter& row) { return row.name == wanted; });
    return at == parameters.end() ? nullptr : &*at;
}

std::string_view Table::name() const {
    return std::string_view(path).substr(path.rfind('.') + 1);
}

const Table* Catalogue::table(std::string_view path) const {
    const auto at = std::find_if(tables_.begin(), tables_.end(),
                                 [&](const Table& candidate) { return candidate.path == path; });
    return at == tables_.end() ? nullptr : &*at;
}

const Table* Catalogue::list_above(const Table& inner) const {
    std::string_view path = inner.path;
    while (path.find('.') != std::string_view::npos) {
        path = path.substr(0, path.rfind('.'));
        const Table* outer = table(path);
        if (outer != nullptr && outer->is_list) {
            return outer;
        }
    }
    return nullptr;
}

std::vector<std::string> ini_names(const Parameter& parameter) {
    std::vector<std::string> names;
    std::string_view rest = parameter.ini;
    while (!rest.empty()) {
        constexpr std::string_view plus = " + ";
        const std::size_t end = std::min(rest.find(plus), rest.size());
        const std::string_view name = rest.substr(0, end);
        const std::size_t underscore = name.find('_');
        names.emplace_back(underscore == name.npos ? name : name.substr(underscore + 1));
        rest.remove_prefix(std::min(end + plus.size(), rest.size()));
    }
    return names;
}

std::vector<std::string> Catalogue::children(std::string_view path) const {
    const std::string prefix = path.empty() ? "" : std::string(path) + ".";
    std::vector<std::string> names;
    for (const Table& table : tables_) {
        if (!table.path.starts_with(prefix) || table.path.size() == prefix.size()) {
            continue;
        }
        const std::string rest = table.path.substr(prefix.size());
        const std::string name = rest.substr(0, rest.find('.'));
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(name);
        }
    }
    return names;
}

board::Expected<Catalogue> Catalogue::load(std::span<const board::EmbeddedFile> files) {
    Catalogue catalogue;
    FaultCollector faults("catalogue");
    for (const board::EmbeddedFile& file : files) {
        const std::string name = std::string(file.name) + ".yaml";
        ConfigFaults syntax;
        const ConfigNodePtr root = read_yaml(file.text, name, syntax);
        faults.take(std::move(syntax));
        if (root) {
            for (Table& table : FileReader(name, faults).read(*root)) {
                catalogue.tables_.push_back(std::move(table));
            }
        }
    }
    check_whole(catalogue, faults);
    if (!faults.empty()) {
        std::string message = "the parameter catalogue is wrong:";
        for (const ConfigFault& fault : std::move(faults).sorted()) {
            message += "\n  " + fault.to_string();
        }
        return std::unexpected(board::Error{message});
    }
    return catalogue;
}

Catalogue built_in_catalogue() {
    auto catalogue = Catalogue::load(catalogue_files);
    if (!catalogue) {
        std::fputs((catalogue.error().message + "\n").c_str(), stderr);
        std::abort();
    }
    return *std::move(catalogue);
}

}  // namespace trunkline::mgmt
