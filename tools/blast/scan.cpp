#include "tools/blast/scan.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace trunkline::blast {

namespace {

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

/// All of `text` as a number.
template <typename Number>
bool read_number(std::string_view text, Number& number) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stop == end && !text.empty();
}

/// Takes the next line off `rest`, folded ones with it, without its end; false: there is none.
bool next_line(std::string_view& rest, std::string_view& line) {
    std::size_t from = 0;
    for (;;) {
        const void* found = std::memchr(rest.data() + from, '\n', rest.size() - from);
        if (found == nullptr) {
            return false;
        }
        const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - rest.data());
        const bool empty = end == 0 || (end == 1 && rest[0] == '\r');
        const bool folded =
            !empty && end + 1 < rest.size() && (rest[end + 1] == ' ' || rest[end + 1] == '\t');
        if (!folded) {
            line = rest.substr(0, end > 0 && rest[end - 1] == '\r' ? end - 1 : end);
            rest.remove_prefix(end + 1);
            return true;
        }
        from = end + 1;
    }
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
    const std::size_t blank = value.find_first_of(" \t");
    if (blank == std::string_view::npos) {
        return false;
    }
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
            return same_word(name, "to") ? Header::to : Header::other;
        case 3:
            return same_word(name, "via") ? Header::via : Header::other;
        case 4:
            return same_word(name, "from")   ? Header::from
                   : same_word(name, "cseq") ? Header::cseq
                                             : Header::other;
        case 7:
            return same_word(name, "call-id")   ? Header::call_id
                   : same_word(name, "contact") ? Header::contact
                   : same_word(name, "expires") ? Header::expires
                                                : Header::other;
        case 13:
            return same_word(name, "authorization") ? Header::authorization : Header::other;
        case 14:
            return same_word(name, "content-length") ? Header::length : Header::other;
        case 16:
            return same_word(name, "www-authenticate") ? Header::challenge : Header::other;
        case 18:
            return same_word(name, "proxy-authenticate") ? Header::challenge : Header::other;
        case 19:
            return same_word(name, "proxy-authorization") ? Header::authorization : Header::other;
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
    std::string_view rest = message;
    std::string_view line;
    if (!next_line(rest, line) || !scan_start_line(line, result)) {
        return "no start line";
    }
    Length length;
    for (;;) {
        if (!next_line(rest, line)) {
            return "no empty line after the headers";
        }
        if (line.empty()) {
            break;
        }
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0) {
            return "a header without a name";
        }
        const Header header = header_of(trim(line.substr(0, colon)));
        if (header == Header::other) {
            continue;
        }
        const char* wrong = keep(header, trim(line.substr(colon + 1)), result, length);
        if (wrong != nullptr) {
            return wrong;
        }
    }
    result.body = rest;
    if (length.given && length.bytes != rest.size()) {
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
    std::string_view rest = bracket != std::string_view::npos ? value.substr(bracket) : value;
    for (at = rest.find(';'); at != std::string_view::npos; at = rest.find(';')) {
        rest.remove_prefix(at + 1);
        const std::string_view one = rest.substr(0, rest.find_first_of(";,"));
        const std::size_t equals = one.find('=');
        if (same_word(trim(one.substr(0, equals)), name)) {
            return equals == std::string_view::npos ? std::string_view()
                                                    : trim(one.substr(equals + 1));
        }
        if (one.size() < rest.size() && rest[one.size()] == ',') {
            return std::nullopt;  // the next value of a list begins
        }
    }
    return std::nullopt;
}

std::string_view uri_of(std::string_view value) {
    const std::size_t open = value.find('<');
    if (open == std::string_view::npos) {
        return trim(value.substr(0, value.find_first_of(";,")));
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
    return rest.substr(0, rest.find_first_of(";?"));
}

std::string_view user_part(std::string_view user_and_host) {
    const std::size_t at = user_and_host.find('@');
    return at == std::string_view::npos ? std::string_view() : user_and_host.substr(0, at);
}

namespace {

void keep_parameter(std::string_view name, std::string_view value, ScannedDigest& digest) {
    struct Row {
        std::string_view name;
        std::string_view ScannedDigest::*member;
    };
    static constexpr std::array<Row, 10> rows = {{
        {"username", &ScannedDigest::username},
        {"realm", &ScannedDigest::realm},
        {"nonce", &ScannedDigest::nonce},
        {"uri", &ScannedDigest::uri},
        {"response", &ScannedDigest::response},
        {"algorithm", &ScannedDigest::algorithm},
        {"cnonce", &ScannedDigest::cnonce},
        {"opaque", &ScannedDigest::opaque},
        {"qop", &ScannedDigest::qop},
        {"nc", &ScannedDigest::nc},
    }};
    for (const Row& row : rows) {
        if (same_word(name, row.name)) {
            digest.*row.member = value;
            return;
        }
    }
    if (same_word(name, "stale")) {
        digest.stale = same_word(value, "true");
    }
}

/// Takes a value, quoted or not, off `rest`; false: a quote without an end.
bool take_value(std::string_view& rest, std::string_view& value) {
    if (rest.empty() || rest[0] != '"') {
        const std::size_t end = std::min(rest.find(','), rest.size());
        value = trim(rest.substr(0, end));
        rest.remove_prefix(end);
        return true;
    }
    std::size_t end = 1;
    while (end < rest.size() && rest[end] != '"') {
        end += rest[end] == '\\' ? 2 : 1;
    }
    if (end >= rest.size()) {
        return false;
    }
    value = rest.substr(1, end - 1);
    rest = trim(rest.substr(end + 1));
    return true;
}

}  // namespace

std::optional<ScannedDigest> scan_digest(std::string_view value) {
    constexpr std::string_view scheme = "Digest";
    if (value.size() <= scheme.size() || !same_word(value.substr(0, scheme.size()), scheme) ||
        !is_blank(value[scheme.size()])) {
        return std::nullopt;
    }
    ScannedDigest digest;
    std::string_view rest = trim(value.substr(scheme.size()));
    while (!rest.empty()) {
        const std::size_t equals = rest.find('=');
        if (equals == std::string_view::npos) {
            return std::nullopt;
        }
        const std::string_view name = trim(rest.substr(0, equals));
        rest = trim(rest.substr(equals + 1));
        std::string_view text;
        if (!take_value(rest, text) || (!rest.empty() && rest[0] != ',')) {
            return std::nullopt;
        }
        keep_parameter(name, text, digest);
        if (!rest.empty()) {
            rest = trim(rest.substr(1));
        }
    }
    return digest;
}

}  // namespace trunkline::blast
