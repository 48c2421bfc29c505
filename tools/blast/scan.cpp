#include "tools/blast/scan.h"

#include "tools/blast/finder.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace trunkline::blast {

namespace {

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

constexpr bool is_blank(char c) {
    return c <= ' ' && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

std::string_view without_blanks_behind(std::string_view text) {
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    return without_blanks_behind(text);
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
    while (at < text.size() && is_blank(text[at])) {
        ++at;
    }
    return at;
}

/// All of `text` as a number.
template <typename Number>
bool read_number(std::string_view text, Number& number) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stop == end && !text.empty();
}

/// The lines of a message, folded ones as one.
class Lines {
public:
    explicit Lines(std::string_view text) : text_(text), ends_(text, '\n') {}

    /// The next line without its end; false: there is none.
    bool next(std::string_view& line) {
        const std::size_t begin = rest_;
        for (std::size_t from = begin;; from = rest_) {
            const std::size_t end = ends_.next(from);
            if (end == std::string_view::npos) {
                return false;
            }
            rest_ = end + 1;
            line = text_.substr(
                begin, end > begin && text_[end - 1] == '\r' ? end - 1 - begin : end - begin);
            const bool folded = !line.empty() && rest_ < text_.size() &&
                                (text_[rest_] == ' ' || text_[rest_] == '\t');
            if (!folded) {
                return true;
            }
        }
    }
    /// Where the first ':' of `line`, a line of this text, stands; its size: nowhere.
    std::size_t colon(std::string_view line) const {
        // Most names are shorter than 16 letters, and so many bytes follow.
        if (line.data() + 16 <= text_.data() + text_.size()) {
            const uint64_t hits = equal_bytes(line.data(), _mm_set1_epi8(':'));
            if (hits != 0) {
                return std::min(static_cast<std::size_t>(std::countr_zero(hits)), line.size());
            }
        }
        return std::min(line.find(':'), line.size());
    }
    std::string_view rest() const { return text_.substr(rest_); }

private:
    std::string_view text_;
    Finder ends_;
    std::size_t rest_ = 0;  ///< behind the last line
};

/// The first of two characters; the text's size: there is neither.
std::size_t first_of(std::string_view text, char one, char other) {
    std::size_t at = 0;
    while (at < text.size() && text[at] != one && text[at] != other) {
        ++at;
    }
    return at;
}

bool scan_start_line(std::string_view line, ScannedMessage& result) {
    constexpr std::string_view version = "SIP/2.0";
    if (line.starts_with(version)) {
        constexpr std::size_t code_at = version.size() + 1, code_end = code_at + 3;
        return line.size() >= code_end && line[version.size()] == ' ' &&
               read_number(line.substr(code_at, 3), result.status) && result.status >= 100 &&
               result.status < 700 && (line.size() == code_end || line[code_end] == ' ');
    }
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == 0 || last <= first + 1 ||
        line.substr(last + 1) != version) {
        return false;
    }
    result.method = line.substr(0, first);
    result.uri = line.substr(first + 1, last - first - 1);
    return result.uri.find(' ') == std::string_view::npos;
}

bool scan_cseq(std::string_view value, ScannedMessage& result) {
    const std::size_t blank = first_of(value, ' ', '\t');
    result.cseq_method = trim(value.substr(blank));
    return read_number(value.substr(0, blank), result.cseq_number) && !result.cseq_method.empty();
}

enum class Header : uint8_t {
    other,
    via,
    from,
    to,
    call_id,
    cseq,
    contact,
    expires,
    authorization,
    challenge,
    length
};

/// A header's name in any case; the usual spelling is found at once.
template <std::size_t Size>
bool is(std::string_view name, const char (&usual)[Size]) {
    return name.size() == Size - 1 &&
           (std::memcmp(name.data(), usual, Size - 1) == 0 || same_word(name, usual));
}

/// Told by length first: almost every name that matters has one of its own.
Header header_of(std::string_view name) {
    switch (name.size()) {
        case 1:
            switch (lower(name[0])) {
                case 'v':
                    return Header::via;
                case 'f':
                    return Header::from;
                case 't':
                    return Header::to;
                case 'i':
                    return Header::call_id;
                case 'm':
                    return Header::contact;
                case 'l':
                    return Header::length;
                default:
                    return Header::other;
            }
        case 2:
            return is(name, "To") ? Header::to : Header::other;
        case 3:
            return is(name, "Via") ? Header::via : Header::other;
        case 4:
            return is(name, "From")   ? Header::from
                   : is(name, "CSeq") ? Header::cseq
                                      : Header::other;
        case 7:
            return is(name, "Call-ID")   ? Header::call_id
                   : is(name, "Contact") ? Header::contact
                   : is(name, "Expires") ? Header::expires
                                         : Header::other;
        case 13:
            return is(name, "Authorization") ? Header::authorization : Header::other;
        case 14:
            return is(name, "Content-Length") ? Header::length : Header::other;
        case 16:
            return is(name, "WWW-Authenticate") ? Header::challenge : Header::other;
        case 18:
            return is(name, "Proxy-Authenticate") ? Header::challenge : Header::other;
        case 19:
            return is(name, "Proxy-Authorization") ? Header::authorization : Header::other;
        default:
            return Header::other;
    }
}

/// Sets what may be there once; false: it was there already.
bool once(std::string_view& slot, std::string_view value) {
    if (slot.data() != nullptr) {
        return false;
    }
    slot = value;
    return true;
}

void first(std::string_view& slot, std::string_view value) {
    if (slot.data() == nullptr) {
        slot = value;
    }
}

struct Length {
    uint32_t bytes = 0;
    bool given = false;
};

const char* keep(Header header, std::string_view value, ScannedMessage& result, Length& length) {
    switch (header) {
        case Header::via:
            if (result.via_count == ScannedMessage::most_vias) {
                return "too many Via";
            }
            result.vias[result.via_count++] = value;
            break;
        case Header::from:
            return once(result.from, value) ? nullptr : "two From";
        case Header::to:
            return once(result.to, value) ? nullptr : "two To";
        case Header::call_id:
            return once(result.call_id, value) ? nullptr : "two Call-ID";
        case Header::cseq:
            if (!once(result.cseq, value)) {
                return "two CSeq";
            }
            return scan_cseq(value, result) ? nullptr : "CSeq is no number and method";
        case Header::contact:
            first(result.contact, value);
            ++result.contact_lines;
            break;
        case Header::expires: {
            uint32_t seconds = 0;
            if (!read_number(value, seconds)) {
                return "Expires is no number";
            }
            result.expires = seconds;
            break;
        }
        case Header::authorization:
            first(result.authorization, value);
            break;
        case Header::challenge:
            first(result.challenge, value);
            break;
        case Header::length:
            length.given = true;
            return read_number(value, length.bytes) ? nullptr : "Content-Length is no number";
        case Header::other:
            break;
    }
    return nullptr;
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) {
            return false;
        }
    }
    return true;
}

const char* scan(std::string_view message, ScannedMessage& result) {
    result = {};
    Lines lines(message);
    std::string_view line;
    if (!lines.next(line) || !scan_start_line(line, result)) {
        return "no start line";
    }
    Length length;
    for (;;) {
        if (!lines.next(line)) {
            return "no empty line after the headers";
        }
        if (line.empty()) {
            break;
        }
        const std::size_t colon = lines.colon(line);
        if (colon == line.size() || colon == 0) {
            return "a header without a name";
        }
        const Header header = header_of(without_blanks_behind(line.substr(0, colon)));
        if (header == Header::other) {
            continue;
        }
        const char* wrong = keep(header, trim(line.substr(colon + 1)), result, length);
        if (wrong != nullptr) {
            return wrong;
        }
    }
    result.body = lines.rest();
    if (length.given && length.bytes != result.body.size()) {
        return "Content-Length differs from the body";
    }
    if (result.via_count == 0) {
        return "no Via";
    }
    if (result.from.empty() || result.to.empty() || result.call_id.empty() || result.cseq.empty()) {
        return "no From, To, Call-ID or CSeq";
    }
    return nullptr;
}

std::optional<std::string_view> parameter(std::string_view value, std::string_view name) {
    // A quoted display name may hold anything; it ends before the '<'.
    std::size_t at = 0;
    if (!value.empty() && value[0] == '"') {
        at = 1;
        while (at < value.size() && value[at] != '"') {
            at += value[at] == '\\' ? 2 : 1;
        }
        if (at >= value.size()) {
            return std::nullopt;
        }
    }
    const std::size_t bracket = value.find('>', at);
    at = bracket == std::string_view::npos ? 0 : bracket;
    for (at = value.find(';', at); at < value.size() && value[at] == ';';) {
        const std::size_t begin = skip_blanks(value, at + 1);
        at = begin + first_of(value.substr(begin), ';', ',');
        const std::string_view one = value.substr(begin, at - begin);
        if (one.size() < name.size() || !same_word(one.substr(0, name.size()), name)) {
            continue;
        }
        const std::string_view rest = trim(one.substr(name.size()));
        if (rest.empty()) {
            return rest;
        }
        if (rest[0] == '=') {
            return trim(rest.substr(1));
        }
    }
    return std::nullopt;  // the end, or the next value of a list begins
}

std::string_view uri_of(std::string_view value) {
    const std::size_t open = value.find('<');
    if (open == std::string_view::npos) {
        return trim(value.substr(0, first_of(value, ';', ',')));
    }
    const std::string_view rest = value.substr(open + 1);
    return rest.substr(0, rest.find('>'));
}

std::string_view user_and_host(std::string_view uri) {
    const std::size_t colon = uri.find(':');
    if (colon == std::string_view::npos) {
        return {};
    }
    const std::string_view rest = uri.substr(colon + 1);
    return rest.substr(0, first_of(rest, ';', '?'));
}

namespace {

using DigestMember = std::string_view ScannedDigest::*;

/// Where a parameter is kept; nullptr: nowhere. Told by length first, as headers are.
DigestMember digest_member(std::string_view name) {
    switch (name.size()) {
        case 2:
            return is(name, "nc") ? &ScannedDigest::nc : nullptr;
        case 3:
            return is(name, "uri")   ? &ScannedDigest::uri
                   : is(name, "qop") ? &ScannedDigest::qop
                                     : nullptr;
        case 5:
            return is(name, "realm")   ? &ScannedDigest::realm
                   : is(name, "nonce") ? &ScannedDigest::nonce
                   : is(name, "stale") ? &ScannedDigest::stale
                                       : nullptr;
        case 6:
            return is(name, "cnonce")   ? &ScannedDigest::cnonce
                   : is(name, "opaque") ? &ScannedDigest::opaque
                                        : nullptr;
        case 8:
            return is(name, "response")   ? &ScannedDigest::response
                   : is(name, "username") ? &ScannedDigest::username
                                          : nullptr;
        case 9:
            return is(name, "algorithm") ? &ScannedDigest::algorithm : nullptr;
        default:
            return nullptr;
    }
}

/// Where the quote that opens at `open` closes; npos: nowhere.
std::size_t closing_quote(std::string_view text, std::size_t open, Finder& quotes) {
    for (std::size_t at = quotes.next(open + 1); at != std::string_view::npos;
         at = quotes.next(at + 1)) {
        std::size_t escapes = 0;
        while (text[at - 1 - escapes] == '\\') {
            ++escapes;
        }
        if (escapes % 2 == 0) {
            return at;
        }
    }
    return std::string_view::npos;
}

}  // namespace

std::optional<ScannedDigest> scan_digest(std::string_view value) {
    constexpr std::string_view scheme = "Digest";
    if (value.size() <= scheme.size() || !same_word(value.substr(0, scheme.size()), scheme) ||
        !is_blank(value[scheme.size()])) {
        return std::nullopt;
    }
    ScannedDigest digest;
    Finder quotes(value, '"');
    for (std::size_t at = skip_blanks(value, scheme.size()); at < value.size();) {
        const std::size_t equals = at + first_of(value.substr(at), '=', ',');
        if (equals >= value.size() || value[equals] != '=') {
            return std::nullopt;
        }
        const DigestMember member = digest_member(trim(value.substr(at, equals - at)));
        const std::size_t begin = skip_blanks(value, equals + 1);
        std::string_view text;
        if (begin < value.size() && value[begin] == '"') {
            const std::size_t end = closing_quote(value, begin, quotes);
            if (end == std::string_view::npos) {
                return std::nullopt;
            }
            text = value.substr(begin + 1, end - begin - 1);
            at = skip_blanks(value, end + 1);
        } else {
            at = begin + first_of(value.substr(begin), ',', ',');
            text = trim(value.substr(begin, at - begin));
        }
        if (member != nullptr) {
            digest.*member = text;
        }
        if (at < value.size() && value[at] != ',') {
            return std::nullopt;
        }
        at = skip_blanks(value, at + 1);
    }
    return digest;
}

}  // namespace trunkline::blast
