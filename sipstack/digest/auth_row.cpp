// The commas of a row part parameters as well as challenges. A new challenge begins where a token
// is followed by a blank and something that is no '='.
#include "sipstack/digest/auth_row.h"

#include "sipstack/message/lexical.h"

#include <algorithm>

namespace trunkline::sipstack {

namespace {

// Types of their own and no functions: a walk has no call for each character then.
constexpr auto is_space = [](char c) { return is_blank(c); };
constexpr auto is_comma = [](char c) { return c == ','; };
constexpr auto is_separator = [](char c) { return is_comma(c) || is_blank(c); };
constexpr auto ends_name = [](char c) { return c == '=' || c == '"' || is_separator(c); };

}  // namespace

template <typename Predicate>
void AuthRowReader::skip(Predicate is_skipped) {
    std::size_t size = 0;
    while (size < rest_.size() && is_skipped(rest_[size])) {
        ++size;
    }
    rest_.remove_prefix(size);
}

template <typename Predicate>
std::string_view AuthRowReader::take_until(Predicate is_end) {
    const std::string_view before = rest_;
    skip([&](char c) { return !is_end(c); });
    return before.substr(0, before.size() - rest_.size());
}

std::string_view AuthRowReader::take_value() {
    if (!rest_.starts_with('"')) {
        return trim(take_until(is_comma));
    }
    rest_.remove_prefix(1);
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] != '"') {
        end += rest_[end] == '\\' ? 2 : 1;
    }
    end = std::min(end, rest_.size());
    const std::string_view value = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    skip([](char c) { return !is_comma(c); });  // nothing may stand behind the closing quote
    return value;
}

std::optional<AuthItem> AuthRowReader::read_item() {
    const std::string_view name = take_until(ends_name);
    skip(is_space);
    if (rest_.starts_with('=')) {
        rest_.remove_prefix(1);
        skip(is_space);
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
    for (skip(is_separator); !item && !rest_.empty(); skip(is_separator)) {
        item = read_item();
    }
    return item;
}

}  // namespace trunkline::sipstack
