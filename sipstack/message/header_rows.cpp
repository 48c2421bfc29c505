#include "sipstack/message/header_rows.h"

#include "sipstack/message/byte_search.h"
#include "sipstack/message/lexical.h"

#include <algorithm>
#include <array>
#include <cstring>
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

/// Four characters, letters in lower case: of a token's characters the bit changes these alone.
uint32_t folded(const char* text) {
    uint32_t word = 0;
    std::memcpy(&word, text, sizeof(word));
    return word | 0x20202020;
}

/// Whether a token of its length, four at least, is `name`, which has lower case; by words, the
/// last two of which may overlap.
bool is_named(std::string_view token, std::string_view name) {
    const std::size_t last = name.size() - sizeof(uint32_t);
    for (std::size_t at = 0; at < last; at += sizeof(uint32_t)) {
        if (folded(token.data() + at) != folded(name.data() + at)) {
            return false;
        }
    }
    return folded(token.data() + last) == folded(name.data() + last);
}

}  // namespace

HeaderId identify(std::string_view name) {
    const auto is = [&](std::string_view long_form) { return is_named(name, long_form); };
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
            return equal_nocase(name, "To") ? HeaderId::to : HeaderId::other;
        case 3:
            return equal_nocase(name, "Via") ? HeaderId::via : HeaderId::other;
        case 4:
            return is("from") ? HeaderId::from : is("cseq") ? HeaderId::cseq : HeaderId::other;
        case 7:
            return is("call-id")   ? HeaderId::call_id
                   : is("contact") ? HeaderId::contact
                                   : HeaderId::other;
        case 12:
            return is("max-forwards") ? HeaderId::max_forwards : HeaderId::other;
        case 14:
            return is("content-length") ? HeaderId::content_length : HeaderId::other;
        default:
            return HeaderId::other;
    }
}

bool same_header(std::string_view a, std::string_view b) {
    if (a.size() != b.size() && a.size() != 1 && b.size() != 1) {
        return false;  // as most headers differ
    }
    return equal_nocase(long_name(a), long_name(b));
}

HeaderRows::HeaderRows(std::string_view bytes) : bytes_(bytes) {
    while (offset_ < bytes_.size() && (bytes_[offset_] == '\r' || bytes_[offset_] == '\n')) {
        ++offset_;
    }
    start_line_ = line();
}

std::string_view HeaderRows::line() {
    if (offset_ >= bytes_.size()) {
        return {};
    }
    const char* const begin = bytes_.data() + offset_;
    const char* const last = bytes_.data() + bytes_.size();
    const char* end = find_byte(begin, last, line_feeds_in);
    const char* const next = end == last ? end : end + 1;
    if (end != begin && end[-1] == '\r') {
        --end;
    }
    offset_ += static_cast<std::size_t>(next - begin);
    return {begin, end};
}

bool HeaderRows::continues() const {
    return offset_ < bytes_.size() && (bytes_[offset_] == ' ' || bytes_[offset_] == '\t');
}

bool HeaderRows::read(HeaderRow& row) {
    const std::size_t begin = offset_;
    if (ended_) {
        return false;
    }
    std::string_view text = line();
    if (text.empty()) {
        ended_ = text.data() != nullptr;
        return false;
    }
    row.folded = false;
    while (continues()) {
        row.folded = true;
        line();
        text = bytes_.substr(begin, offset_ - begin);
    }
    const std::size_t token_end = leading_token(text);
    const bool is_plain = token_end < text.size() && text[token_end] == ':';
    const std::size_t colon = is_plain ? token_end : text.find(':', token_end);
    if (colon == std::string_view::npos) {
        row.id = HeaderId::other;
        row.name = {};
        row.has_token_name = false;
        row.value = trim(text);
        return true;
    }
    row.name = is_plain ? text.substr(0, colon) : trim(text.substr(0, colon));
    row.has_token_name = is_plain ? colon > 0 : is_token(row.name);
    row.id = row.has_token_name ? identify(row.name) : HeaderId::other;
    row.value = trim(text.substr(colon + 1));
    return true;
}

std::optional<HeaderRow> HeaderRows::next() {
    HeaderRow row;
    return read(row) ? std::optional(row) : std::nullopt;
}

}  // namespace trunkline::sipstack
