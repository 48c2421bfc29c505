#include "sipstack/message/header_rows.h"

#include "sipstack/message/lexical.h"

#include <array>
#include <utility>

namespace trunkline::sipstack {

namespace {

// RFC 3261 7.3.3; RFC 3515, 3841, 3892, 4028, 4474, 6665 for the later ones.
constexpr std::array<std::pair<char, std::string_view>, 20> compact_forms{{
    {'a', "Accept-Contact"},
    {'b', "Referred-By"},
    {'c', "Content-Type"},
    {'d', "Request-Disposition"},
    {'e', "Content-Encoding"},
    {'f', "From"},
    {'i', "Call-ID"},
    {'j', "Reject-Contact"},
    {'k', "Supported"},
    {'l', "Content-Length"},
    {'m', "Contact"},
    {'n', "Identity-Info"},
    {'o', "Event"},
    {'r', "Refer-To"},
    {'s', "Subject"},
    {'t', "To"},
    {'u', "Allow-Events"},
    {'v', "Via"},
    {'x', "Session-Expires"},
    {'y', "Identity"},
}};

std::string_view long_name(std::string_view name) {
    if (name.size() == 1) {
        for (const auto& [letter, long_form] : compact_forms) {
            if (letter == to_lower(name.front())) {
                return long_form;
            }
        }
    }
    return name;
}

}  // namespace

HeaderId identify(std::string_view name) {
    const auto is = [&](std::string_view long_form) { return equal_nocase(name, long_form); };
    switch (name.size()) {
        case 1:
            switch (to_lower(name.front())) {
                case 'v':
                    return HeaderId::via;
                case 'f':
                    return HeaderId::from;
                case 't':
                    return HeaderId::to;
                case 'i':
                    return HeaderId::call_id;
                case 'm':
                    return HeaderId::contact;
                case 'l':
                    return HeaderId::content_length;
                default:
                    return HeaderId::other;
            }
        case 2:
            return is("To") ? HeaderId::to : HeaderId::other;
        case 3:
            return is("Via") ? HeaderId::via : HeaderId::other;
        case 4:
            return is("From") ? HeaderId::from : is("CSeq") ? HeaderId::cseq : HeaderId::other;
        case 7:
            return is("Call-ID")   ? HeaderId::call_id
                   : is("Contact") ? HeaderId::contact
                                   : HeaderId::other;
        case 12:
            return is("Max-Forwards") ? HeaderId::max_forwards : HeaderId::other;
        case 14:
            return is("Content-Length") ? HeaderId::content_length : HeaderId::other;
        default:
            return HeaderId::other;
    }
}

bool same_header(std::string_view a, std::string_view b) {
    return equal_nocase(long_name(a), long_name(b));
}

HeaderRows::HeaderRows(std::string_view bytes) : bytes_(bytes) {
    while (offset_ < bytes_.size() && (bytes_[offset_] == '\r' || bytes_[offset_] == '\n')) {
        ++offset_;
    }
    line_end_bytes_ = offset_;
    start_line_ = line().value_or(std::string_view{});
}

std::optional<std::string_view> HeaderRows::line() {
    if (offset_ >= bytes_.size()) {
        return std::nullopt;
    }
    const std::size_t line_feed = bytes_.find('\n', offset_);
    const std::size_t begin = offset_;
    offset_ = line_feed == std::string_view::npos ? bytes_.size() : line_feed + 1;
    std::string_view text = bytes_.substr(begin, line_feed - begin);
    if (!text.empty() && text.back() == '\r') {
        text.remove_suffix(1);
    }
    line_end_bytes_ += offset_ - begin - text.size();
    return text;
}

bool HeaderRows::continues() const {
    return offset_ < bytes_.size() && (bytes_[offset_] == ' ' || bytes_[offset_] == '\t');
}

std::optional<HeaderRow> HeaderRows::next() {
    const std::size_t begin = offset_;
    if (ended_) {
        return std::nullopt;
    }
    const std::optional<std::string_view> first = line();
    if (!first) {
        return std::nullopt;
    }
    if (first->empty()) {
        ended_ = true;
        return std::nullopt;
    }
    HeaderRow row;
    while (continues()) {
        row.folded = true;
        line();
    }
    const std::string_view text =
        row.folded ? bytes_.substr(begin, offset_ - begin) : std::string_view(*first);
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
        row.value = trim(text);
        return row;
    }
    row.name = trim(text.substr(0, colon));
    row.id = identify(row.name);
    row.value = trim(text.substr(colon + 1));
    return row;
}

}  // namespace trunkline::sipstack
