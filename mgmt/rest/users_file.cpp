#include "mgmt/rest/users_file.h"

#include "mgmt/configuration/plain_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <span>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

/// A column and the parameter that it is; the first of several for one is that which is written.
struct Column {
    std::string_view name, parameter;
};

constexpr std::array<Column, 7> gateway_columns = {{{"PBXExtensionNum", "pbx_extension"},
                                                    {"PBXExtension", "pbx_extension"},
                                                    {"GlobalPhoneNum", "global_phone_number"},
                                                    {"GlobalPhoneNumber", "global_phone_number"},
                                                    {"DisplayName", "display_name"},
                                                    {"UserName", "user_name"},
                                                    {"Password", "password"}}};
constexpr std::array<Column, 5> sbc_columns = {{{"LocalUser", "local_user"},
                                                {"UserName", "user_name"},
                                                {"Password", "password"},
                                                {"IPGroupName", "ip_group"},
                                                {"IPGroupID", "ip_group"}}};
constexpr std::string_view number_of_ip_group = "IPGroupID";

struct Kind {
    std::string_view name, path;
    std::span<const Column> columns;
};

constexpr std::array<Kind, 2> kinds = {
    {{"GW", "signaling_and_media.gateway.user_information", gateway_columns},
     {"SBC", "signaling_and_media.sbc.user_information", sbc_columns}}};

/// Where a password is, instead of the password: "{file: a.secret}", "{env: SECRET}".
constexpr std::array<std::string_view, 2> sources = {"file", "env"};

json secret_of(const std::string& text) {
    for (const std::string_view source : sources) {
        const std::string head = fmt::format("{{{}: ", source);
        if (text.starts_with(head) && text.ends_with('}')) {
            return {{source, text.substr(head.size(), text.size() - head.size() - 1)}};
        }
    }
    return text;
}

std::string text_of(const json& value) {
    for (const std::string_view source : sources) {
        if (value.is_object() && value.contains(source)) {
            return fmt::format("{{{}: {}}}", source, value[source].get<std::string>());
        }
    }
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : static_cast<char>(c);
    });
    return result;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(blanks) + 1);  // npos + 1 is 0
}

/// nullopt: a quote does not end, or something stands behind one.
std::optional<std::vector<std::string>> values_of(std::string_view line) {
    std::vector<std::string> values;
    for (;;) {
        line = trimmed(line);
        std::string value;
        if (line.starts_with('"')) {
            std::size_t at = 1;
            while (at < line.size() && (line[at] != '"' || line.substr(at).starts_with("\"\""))) {
                value += line[at];
                at += line[at] == '"' ? 2 : 1;
            }
            if (at >= line.size()) {
                return std::nullopt;
            }
            line = trimmed(line.substr(at + 1));
            if (!line.empty() && !line.starts_with(',')) {
                return std::nullopt;
            }
        } else {
            const std::size_t end = std::min(line.find(','), line.size());
            value = trimmed(line.substr(0, end));
            line.remove_prefix(end);
        }
        values.push_back(std::move(value));
        if (line.empty()) {
            return values;
        }
        line.remove_prefix(1);
    }
}

const Column* column_named(const Kind& kind, std::string_view name) {
    const auto found = std::ranges::find_if(
        kind.columns, [&](const Column& column) { return lower(column.name) == lower(name); });
    return found == kind.columns.end() ? nullptr : &*found;
}

std::vector<std::string_view> names_of(const Kind& kind) {
    std::vector<std::string_view> names;
    std::ranges::transform(kind.columns, std::back_inserter(names), &Column::name);
    return names;
}

/// Number of a row -> its name.
std::map<std::string, std::string> names_by_number(const json& rows) {
    std::map<std::string, std::string> names;
    std::size_t next = 0;
    for (const json& row : rows) {
        next = row.value("row", next);
        names[std::to_string(next++)] = row.value("name", "");
    }
    return names;
}

class Reader {
public:
    Reader(const json& ip_groups, const Catalogue& catalogue)
        : ip_groups_(names_by_number(ip_groups)), catalogue_(catalogue) {}

    std::expected<std::vector<UsersSection>, UsersFileFault> read(std::string_view text) && {
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            ++line_;
            if (auto right = take(trimmed(text.substr(0, end))); !right) {
                return std::unexpected(UsersFileFault{line_, std::move(right.error())});
            }
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        if (kind_ != nullptr && !is_bare_) {
            return std::unexpected(UsersFileFault{
                line_, fmt::format("the end of the section is missing: [ \\{} ]", kind_->name)});
        }
        if (sections_.empty()) {
            return std::unexpected(UsersFileFault{
                line_, "there are no users in it; wanted: a section [ GW ] or [ SBC ]"});
        }
        return std::move(sections_);
    }

private:
    using Right = std::expected<void, std::string>;

    Right take(std::string_view line) {
        if (line.empty() || line.starts_with(';')) {
            return {};
        }
        if (line.starts_with('[')) {
            return section(line);
        }
        auto values = values_of(line);
        if (!values) {
            return std::unexpected("a quote does not end, or something stands behind it");
        }
        if (kind_ == nullptr) {
            return bare_header(*values);
        }
        if (columns_.empty()) {
            return format(line);
        }
        return row(*values);
    }

    Right section(std::string_view line) {
        if (!line.ends_with(']')) {
            return std::unexpected("found '[' without ']'");
        }
        std::string_view name = trimmed(line.substr(1, line.size() - 2));
        const bool ends = name.starts_with('\\');
        name.remove_prefix(ends ? 1 : 0);
        const auto found = std::ranges::find_if(
            kinds, [&](const Kind& kind) { return lower(kind.name) == lower(name); });
        if (found == kinds.end()) {
            return std::unexpected(fmt::format("found section '{}'; allowed: GW, SBC", name));
        }
        if (is_bare_ || ends != (kind_ != nullptr) || (ends && kind_ != &*found)) {
            return std::unexpected(
                fmt::format("[ {}{} ] is out of place here", ends ? "\\" : "", found->name));
        }
        if (ends) {
            kind_ = nullptr;
            return {};
        }
        return begin(*found);
    }

    Right begin(const Kind& kind) {
        const auto same = [&](const UsersSection& section) { return section.name == kind.name; };
        if (std::ranges::any_of(sections_, same)) {
            return std::unexpected(fmt::format("[ {} ] stands there a second time", kind.name));
        }
        kind_ = &kind;
        columns_.clear();
        sections_.push_back({std::string(kind.name), catalogue_.table(kind.path)});
        return {};
    }

    Right format(std::string_view line) {
        constexpr std::string_view word = "format";
        if (lower(line.substr(0, word.size())) != word) {
            return std::unexpected(fmt::format("found no FORMAT line; wanted: FORMAT {}",
                                               fmt::join(names_of(*kind_), ",")));
        }
        auto names = values_of(line.substr(word.size()));
        return names ? take_columns(*names) : std::unexpected("a quote does not end");
    }

    /// A file without sections: the columns say which it is.
    Right bare_header(const std::vector<std::string>& names) {
        const auto fits = [&](const Kind& kind) {
            return std::ranges::all_of(names, [&](const std::string& name) {
                return column_named(kind, name) != nullptr;
            });
        };
        const auto found = std::ranges::find_if(kinds, fits);
        if (found == kinds.end() || !sections_.empty()) {
            return std::unexpected(
                "found a line outside of all sections; allowed: [ GW ], [ SBC ], or on the first "
                "line the names of the columns of one of them");
        }
        is_bare_ = true;
        if (auto begun = begin(*found); !begun) {
            return begun;
        }
        return take_columns(names);
    }

    Right take_columns(const std::vector<std::string>& names) {
        for (const std::string& name : names) {
            const Column* const column = column_named(*kind_, name);
            if (column == nullptr) {
                return std::unexpected(fmt::format("found column '{}'; allowed: {}", name,
                                                   fmt::join(names_of(*kind_), ", ")));
            }
            columns_.push_back(column);
        }
        return {};
    }

    Right row(const std::vector<std::string>& values) {
        if (values.size() != columns_.size()) {
            return std::unexpected(fmt::format("found {} values; the FORMAT line has {} columns",
                                               values.size(), columns_.size()));
        }
        json row = json::object();
        for (std::size_t at = 0; at < values.size(); ++at) {
            if (values[at].empty()) {
                continue;
            }
            std::string value = values[at];
            if (columns_[at]->name == number_of_ip_group) {
                const auto name = ip_groups_.find(value);
                if (name == ip_groups_.end()) {
                    return std::unexpected(fmt::format("there is no IP group {}", value));
                }
                value = name->second;
            }
            const std::string parameter(columns_[at]->parameter);
            row[parameter] = parameter == "password" ? secret_of(value) : json(value);
        }
        sections_.back().rows.push_back(std::move(row));
        sections_.back().lines.push_back(line_);
        return {};
    }

    const std::map<std::string, std::string> ip_groups_;
    const Catalogue& catalogue_;
    std::size_t line_ = 0;
    const Kind* kind_ = nullptr;  ///< of the section that this is in
    bool is_bare_ = false;        ///< there are no sections
    std::vector<const Column*> columns_;
    std::vector<UsersSection> sections_;
};

std::string written(const json& row, std::string_view parameter) {
    const auto found = row.find(std::string(parameter));
    const std::string text = found == row.end() ? "" : text_of(*found);
    if (text.find_first_of(",\"") == text.npos && trimmed(text).size() == text.size() &&
        !text.starts_with(';') && !text.starts_with('[')) {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + "\"";
}

}  // namespace

std::expected<std::vector<UsersSection>, UsersFileFault> read_users_file(
    std::string_view text, const json& ip_groups, const Catalogue& catalogue) {
    ConfigFaults faults;
    if (!is_plain_text(text, "", faults)) {
        return std::unexpected(UsersFileFault{static_cast<std::size_t>(faults.front().line),
                                              faults.front().to_string()});
    }
    return Reader(ip_groups, catalogue).read(text);
}

std::string write_users_file(const json& configuration, const Catalogue& catalogue) {
    std::string text;
    for (const Kind& kind : kinds) {
        std::vector<Column> columns;
        for (const Column& column : kind.columns) {
            const bool is_known = std::ranges::any_of(
                columns, [&](const Column& other) { return other.parameter == column.parameter; });
            if (!is_known) {
                columns.push_back(column);
            }
        }
        std::vector<std::string_view> names;
        std::ranges::transform(columns, std::back_inserter(names), &Column::name);
        text += fmt::format("[ {} ]\r\nFORMAT {}\r\n", kind.name, fmt::join(names, ","));
        std::string pointer = "/" + std::string(catalogue.table(kind.path)->path);
        std::ranges::replace(pointer, '.', '/');
        const json rows = configuration.value(json::json_pointer(pointer), json::array());
        for (const json& row : rows) {
            std::vector<std::string> values;
            for (const Column& column : columns) {
                values.push_back(written(row, column.parameter));
            }
            text += fmt::format("{}\r\n", fmt::join(values, ","));
        }
        text += fmt::format("[ \\{} ]\r\n", kind.name);
    }
    return text;
}

}  // namespace trunkline::mgmt
