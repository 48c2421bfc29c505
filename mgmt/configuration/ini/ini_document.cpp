#include "mgmt/configuration/ini/ini_document.h"

#include "mgmt/configuration/plain_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

namespace trunkline::mgmt {

namespace {

constexpr std::string_view blanks = " \t\r";

char lower(char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

/// What is left of a line, and where.
class Cursor {
public:
    Cursor(std::string_view line, int number) : line_(line), number_(number) {}

    int line() const { return number_; }
    int column() const { return static_cast<int>(at_) + 1; }
    bool at_end() const { return at_ >= line_.size(); }
    char front() const { return line_[at_]; }
    std::string_view rest() const { return line_.substr(at_); }
    void skip(std::size_t count) { at_ = std::min(at_ + count, line_.size()); }
    void skip_blanks() { at_ = std::min(line_.find_first_not_of(blanks, at_), line_.size()); }
    bool take(char wanted) {
        if (at_end() || front() != wanted) {
            return false;
        }
        ++at_;
        return true;
    }
    /// Up to one of `ends` or the end of the line, without blanks around it.
    std::string_view take_until(std::string_view ends) {
        skip_blanks();
        const std::size_t end = std::min(line_.find_first_of(ends, at_), line_.size());
        std::string_view word = line_.substr(at_, end - at_);
        at_ = end;
        word.remove_suffix(word.size() - (word.find_last_not_of(blanks) + 1));
        return word;
    }

private:
    std::string_view line_;
    int number_;
    std::size_t at_ = 0;
};

class Reader {
public:
    Reader(const std::string& origin, ConfigFaults& faults) : origin_(origin), faults_(faults) {}

    IniDocument read(std::string_view text) {
        int number = 1;
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            line(Cursor(text.substr(0, end), number));
            text.remove_prefix(std::min(end + 1, text.size()));
            ++number;
        }
        if (table_) {
            complain(table_->line, table_->column, table_->name, "a table that does not end",
                     fmt::format("[ \\{} ] after its rows", table_->name));
            document_.tables.push_back(std::move(*table_));
        }
        return std::move(document_);
    }

private:
    void complain(int line, int column, const std::string& path, std::string found,
                  std::string allowed, std::string advice = "") {
        faults_.push_back(
            {origin_, line, column, path, std::move(found), std::move(allowed), std::move(advice)});
    }

    void line(Cursor cursor) {
        cursor.skip_blanks();
        if (cursor.at_end() || cursor.front() == ';') {
            return;
        }
        if (cursor.front() == '[') {
            heading(cursor);
        } else if (table_) {
            line_of_table(cursor);
        } else {
            scalar(cursor);
        }
    }

    /// [SIP Params] is decoration, [ Table ] begins a table; [TABLE] of older files is one or the
    /// other, which the line after it tells.
    void heading(Cursor cursor) {
        const int column = cursor.column();
        cursor.skip(1);
        const bool has_blank =
            !cursor.at_end() && (cursor.front() == ' ' || cursor.front() == '\t');
        cursor.skip_blanks();
        const bool ends = cursor.take('\\');
        const std::string name(cursor.take_until("]"));
        if (!cursor.take(']')) {
            complain(cursor.line(), column, "", "'[' without ']'", "[ TABLE ] or [SECTION]");
            return;
        }
        if (ends) {
            end_of_table(cursor.line(), column, name);
        } else if (has_blank && name.find(' ') == std::string::npos) {
            begin_table(cursor.line(), column, name);
        } else if (!table_) {
            section_ = name;
        }
    }

    void begin_table(int line, int column, const std::string& name) {
        if (table_) {
            complain(line, column, name, "a table within " + table_->name,
                     fmt::format("[ \\{} ] first", table_->name));
            document_.tables.push_back(std::move(*table_));
        }
        table_ = IniTable{name, {}, {}, line, column};
        has_format_ = false;
        indexes_.clear();
    }

    void end_of_table(int line, int column, const std::string& name) {
        if (!table_ || !same_ini_name(table_->name, name)) {
            complain(line, column, name, fmt::format("the end of '{}'", name),
                     table_ ? fmt::format("[ \\{} ]", table_->name) : "a table before it");
            return;
        }
        document_.tables.push_back(std::move(*table_));
        table_.reset();
    }

    void line_of_table(Cursor cursor) {
        const Cursor start = cursor;
        const std::string word(cursor.take_until(" \t="));
        if (same_ini_name(word, "FORMAT")) {
            format(cursor);
        } else if (same_ini_name(word, table_->name)) {
            row(cursor, start);
        } else {
            complain(start.line(), start.column(), table_->name, in_quotes(word),
                     fmt::format("FORMAT, {} or [ \\{} ]", table_->name, table_->name));
        }
    }

    /// FORMAT Index = A, B; or FORMAT Table_Index = Table_A, Table_B;
    void format(Cursor cursor) {
        cursor.take_until("=");
        if (has_format_ || !cursor.take('=')) {
            complain(cursor.line(), cursor.column(), table_->name,
                     "a FORMAT line that is not right",
                     "one FORMAT Index = COLUMN, COLUMN; a table");
            return;
        }
        has_format_ = true;
        std::set<std::string> known;
        do {
            std::string name(cursor.take_until(",;"));
            const std::string prefix = table_->name + "_";
            if (name.size() > prefix.size() &&
                same_ini_name(std::string_view(name).substr(0, prefix.size()), prefix)) {
                name.erase(0, prefix.size());
            }
            std::string folded(name);
            std::ranges::transform(folded, folded.begin(), lower);
            if (name.empty() || !known.insert(folded).second) {
                complain(cursor.line(), cursor.column(), table_->name,
                         name.empty() ? "a column without a name"
                                      : "column " + in_quotes(name) + " a second time",
                         "each column once");
            }
            table_->columns.push_back(std::move(name));
        } while (cursor.take(','));
        if (!cursor.take(';')) {
            complain(cursor.line(), cursor.column(), table_->name, "the end of the line",
                     "',' and a column, or ';'");
        }
    }

    /// Table 0 = 1, "text", ;
    void row(Cursor cursor, const Cursor& start) {
        IniRow row{0, {}, start.line(), start.column(), ""};
        const std::string_view number = cursor.take_until("=");
        const auto [end, error] =
            std::from_chars(number.data(), number.data() + number.size(), row.index);
        if (error != std::errc{} || end != number.data() + number.size() || !cursor.take('=')) {
            complain(start.line(), start.column(), table_->name, in_quotes(std::string(number)),
                     fmt::format("{} NUMBER = VALUE, ...;", table_->name));
            return;
        }
        if (!has_format_) {
            complain(start.line(), start.column(), table_->name, "a row",
                     "a FORMAT line before it, which names its columns");
            return;
        }
        if (!indexes_.insert(row.index).second) {
            complain(start.line(), start.column(), table_->name,
                     fmt::format("row {} a second time", row.index), "each row once");
            return;
        }
        cursor.skip_blanks();
        const std::string_view text = cursor.rest();
        if (!values(cursor, row)) {
            return;
        }
        row.text = text.substr(0, text.rfind(';'));
        if (row.values.size() != table_->columns.size()) {
            complain(row.line, row.column, table_->name,
                     fmt::format("{} values in row {}", row.values.size(), row.index),
                     fmt::format("{}, as the FORMAT line has columns", table_->columns.size()));
            return;
        }
        table_->rows.push_back(std::move(row));
    }

    bool values(Cursor& cursor, IniRow& row) {
        do {
            auto value = value_of(cursor, '"', ",;");
            if (!value) {
                return false;
            }
            row.values.push_back(std::move(*value));
        } while (cursor.take(','));
        if (!cursor.take(';')) {
            complain(cursor.line(), cursor.column(), table_->name, "the end of the line",
                     "';' after the last value");
            return false;
        }
        return true;
    }

    /// A quote within quotes stands there twice.
    std::optional<IniValue> value_of(Cursor& cursor, char quote, std::string_view ends) {
        cursor.skip_blanks();
        IniValue value;
        value.line = cursor.line();
        value.column = cursor.column();
        if (!cursor.take(quote)) {
            value.text = cursor.take_until(ends);
            return value;
        }
        value.is_quoted = true;
        for (;;) {
            if (cursor.at_end()) {
                complain(value.line, value.column, table_ ? table_->name : "",
                         "a text that does not end", fmt::format("{} after it", quote));
                return std::nullopt;
            }
            const char next = cursor.front();
            cursor.skip(1);
            if (next != quote) {
                value.text += next;
            } else if (!cursor.take(quote)) {
                break;
            } else {
                value.text += quote;
            }
        }
        cursor.skip_blanks();
        return value;
    }

    void scalar(Cursor cursor) {
        const Cursor start = cursor;
        if (same_ini_name(cursor.take_until(" \t="), "FORMAT") && !section_.empty()) {
            begin_table(start.line() - 1, 1, std::exchange(section_, ""));
            format(cursor);
            return;
        }
        cursor = start;
        const int column = cursor.column();
        std::string name(cursor.take_until("=;"));
        if (name.empty() || !cursor.take('=')) {
            complain(cursor.line(), column, "", in_quotes(name), "NAME = VALUE, [ TABLE ] or ;");
            return;
        }
        cursor.skip_blanks();
        const char quote = !cursor.at_end() && cursor.front() == '"' ? '"' : '\'';
        auto value = value_of(cursor, quote, ";");
        while (value && value->is_quoted && cursor.take(',')) {  // 'one', 'two'
            const auto next = value_of(cursor, quote, ",;");
            value->text += "," + (next ? next->text : "");
        }
        if (value) {
            document_.scalars.push_back({std::move(name), std::move(*value)});
        }
    }

    const std::string& origin_;
    ConfigFaults& faults_;
    IniDocument document_;
    std::optional<IniTable> table_;
    std::string section_;  ///< the last heading that began no table
    bool has_format_ = false;
    std::set<std::size_t> indexes_;  ///< of the rows of table_
};

}  // namespace

bool same_ini_name(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

IniDocument read_ini_document(std::string_view text, const std::string& origin,
                              ConfigFaults& faults) {
    if (text.size() > largest_ini_text) {
        faults.push_back({origin, 0, 0, "", fmt::format("{} bytes", text.size()),
                          fmt::format("at most {} bytes", largest_ini_text), ""});
        return {};
    }
    if (text.starts_with("\xef\xbb\xbf")) {
        text.remove_prefix(3);
    }
    if (!is_plain_text(text, origin, faults)) {
        return {};
    }
    return Reader(origin, faults).read(text);
}

}  // namespace trunkline::mgmt
