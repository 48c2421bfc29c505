// The commas of a row part parameters as well as challenges. A new challenge begins where a token
// is followed by a blank and something that is no '='.
#include "sipstack/digest/auth_row.h"

#include "sipstack/message/lexical.h"

#include <algorithm>

namespace trunkline::sipstack {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view separators = ", \t\r\n";

}  // namespace

void AuthRowReader::skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
}

std::string_view AuthRowReader::take_until(std::string_view characters) {
    const std::size_t size = std::min(rest_.find_first_of(characters), rest_.size());
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
}

std::string_view AuthRowReader::take_value() {
    if (!rest_.starts_with('"')) {
        return trim(take_until(","));
    }
    rest_.remove_prefix(1);
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] != '"') {
        end += rest_[end] == '\\' ? 2 : 1;
    }
    end = std::min(end, rest_.size());
    const std::string_view value = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    take_until(",");  // nothing may stand behind the closing quote
    return value;
}

std::optional<AuthItem> AuthRowReader::read_item() {
    const std::string_view name = take_until("=, \t\r\n\"");
    skip(blanks);
    if (rest_.starts_with('=')) {
        rest_.remove_prefix(1);
        skip(blanks);
        in_bare_qop_ = !rest_.starts_with('"') && equal_nocase(name, "qop");
        return AuthItem{AuthItem::Kind::parameter, name, take_value()};
    }
    if (name.empty()) {
        take_value();  // a stray quoted text
        return std::nullopt;
    }
    if (in_bare_qop_ && equal_nocase(name.substr(0, 4), "auth")) {
        return AuthItem{AuthItem::Kind::more_qop, "qop", name};
    }
    in_bare_qop_ = false;
    return AuthItem{AuthItem::Kind::scheme, name, {}};
}

std::optional<AuthItem> AuthRowReader::next() {
    std::optional<AuthItem> item;
    for (skip(separators); !item && !rest_.empty(); skip(separators)) {
        item = read_item();
    }
    return item;
}

}  // namespace trunkline::sipstack
