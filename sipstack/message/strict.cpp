#include "sipstack/message/strict.h"

#include "sipstack/message/lexical.h"
#include "sipstack/message/uri.h"

#include <algorithm>
#include <array>
#include <optional>

namespace trunkline::sipstack {

namespace {

using std::string_view_literals::operator""sv;
using Fault = std::optional<ParseFault>;

ParseFault bad_request(std::string_view reason) {
    return {400, reason};
}

std::size_t find_blank(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::find_if(text, is_blank) - text.begin());
}

/// Control characters stand nowhere but behind the backslash of a quoted-pair, and a CR not even
/// there (25.1); a tab is a blank.
bool has_stray_control(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto c = static_cast<unsigned char>(line[i]);
        const bool control = (c < ' ' && c != '\t') || c == 0x7f;
        if (control && (c == '\r' || i == 0 || line[i - 1] != '\\')) {
            return true;
        }
    }
    return false;
}

bool has_stray_control_in_lines(std::string_view head) {
    while (!head.empty()) {
        const std::size_t end = std::min(head.find('\n'), head.size());
        std::string_view line = head.substr(0, end);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (has_control(line) && has_stray_control(line)) {
            return true;
        }
        head.remove_prefix(std::min(end + 1, head.size()));
    }
    return false;
}

bool speaks_sip(std::string_view version) {
    return equal_nocase(version.substr(0, 4), "SIP/");
}

Fault check_version(std::string_view version) {
    return equal_nocase(version, "SIP/2.0") ? std::nullopt
                                            : Fault(ParseFault{505, "Version Not Supported"});
}

bool is_never_in_uri(char c) {
    return c == ' ' || c == '\t' || c == '<' || c == '>' || c == '"';
}

/// Method SP Request-URI SP SIP-Version, with single blanks (7.1).
Fault read_request_line(std::string_view line, Anatomy& anatomy) {
    const std::string_view trimmed = trim(line);
    const std::size_t first = trimmed.find(' ');
    const std::size_t last = trimmed.rfind(' ');
    if (first == std::string_view::npos || first == last || !speaks_sip(trimmed.substr(last + 1))) {
        return bad_request("no SIP");
    }
    anatomy.is_request = true;
    if (trimmed.size() != line.size()) {
        return bad_request("start line malformed");
    }
    anatomy.method = line.substr(0, first);
    anatomy.request_uri = line.substr(first + 1, last - first - 1);
    if (Fault fault = check_version(line.substr(last + 1))) {
        return fault;
    }
    if (!is_token(anatomy.method)) {
        return bad_request("method is no token");
    }
    if (anatomy.request_uri.empty() || std::ranges::any_of(anatomy.request_uri, is_never_in_uri)) {
        return bad_request("Request-URI malformed");
    }
    return std::nullopt;
}

/// SIP-Version SP 3DIGIT SP Reason-Phrase (7.2); the last blank may be missing.
Fault read_status_line(std::string_view line, Anatomy& anatomy) {
    const std::size_t blank = line.find(' ');
    if (Fault fault = check_version(line.substr(0, blank))) {
        return fault;
    }
    const std::string_view rest =
        blank == std::string_view::npos ? std::string_view{} : line.substr(blank + 1);
    const auto status = parse_number(rest.substr(0, rest.find(' ')));
    if (!status || *status < 100 || *status > 699) {
        return bad_request("status code out of range");
    }
    anatomy.status = static_cast<int>(*status);
    anatomy.reason_phrase = trim(rest.substr(std::min<std::size_t>(rest.size(), 3)));
    return std::nullopt;
}

Fault read_start_line(std::string_view line, Anatomy& anatomy) {
    return speaks_sip(line) ? read_status_line(line, anatomy) : read_request_line(line, anatomy);
}

/// Line ends and the blanks around them become one blank (7.3.1).
std::string unfold(std::string_view value) {
    std::string result;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] != '\r' && value[i] != '\n') {
            result += value[i];
            continue;
        }
        while (i + 1 < value.size() && is_blank(value[i + 1])) {
            ++i;
        }
        while (!result.empty() && is_blank(result.back())) {
            result.pop_back();
        }
        result += ' ';
    }
    return result;
}

/// Cuts the header section into `anatomy.rows`; `body_offset` is where the body begins.
Fault read_rows(HeaderRows& rows, Anatomy& anatomy, std::size_t& body_offset) {
    anatomy.rows.reserve(16);
    HeaderRow row;
    while (rows.read(row)) {
        if (rows.offset() > max_header_section || anatomy.rows.size() == max_header_rows) {
            return ParseFault{513, "header section too large"};
        }
        if (!row.has_token_name) {
            return bad_request("header row without a name");
        }
        if (row.folded) {
            row.value = anatomy.unfolded.emplace_back(unfold(row.value));
        }
        anatomy.rows.push_back(row);
    }
    if (!rows.ended()) {
        return bad_request("header section without an end");
    }
    body_offset = rows.offset();
    return std::nullopt;
}

/// The values of the headers that may stand once alone.
class SingleRows {
public:
    explicit SingleRows(const Anatomy& anatomy) {
        for (const HeaderRow& row : anatomy.rows) {
            Single& single = singles_[static_cast<std::size_t>(row.id)];
            single.value = row.value;
            ++single.count;
        }
    }

    /// An empty view when there is none.
    Fault take(HeaderId id, std::string_view& value, std::string_view if_twice,
               std::string_view if_empty) const {
        const Single& single = singles_[static_cast<std::size_t>(id)];
        value = single.value;
        if (single.count > 1) {
            return bad_request(if_twice);
        }
        return single.count == 1 && value.empty() ? Fault(bad_request(if_empty)) : std::nullopt;
    }

    Fault take_mandatory(HeaderId id, std::string_view& value, std::string_view if_twice,
                         std::string_view if_empty, std::string_view if_missing) const {
        if (Fault fault = take(id, value, if_twice, if_empty)) {
            return fault;
        }
        return value.empty() ? Fault(bad_request(if_missing)) : std::nullopt;
    }

private:
    struct Single {
        std::string_view value;
        std::size_t count = 0;
    };
    std::array<Single, static_cast<std::size_t>(HeaderId::other) + 1> singles_{};
};

Fault read_cseq(const SingleRows& rows, Anatomy& anatomy) {
    std::string_view value;
    if (Fault fault = rows.take_mandatory(HeaderId::cseq, value, "CSeq more than once",
                                          "CSeq empty", "CSeq missing")) {
        return fault;
    }
    const std::size_t blank = find_blank(value);
    const auto number = parse_number(value.substr(0, blank));
    if (!number || *number >= cseq_limit) {
        return bad_request("CSeq malformed");
    }
    const std::string_view method = trim(value.substr(blank));
    if (!is_token(method)) {
        return bad_request("CSeq malformed");
    }
    if (anatomy.is_request && method != anatomy.method) {
        return bad_request("CSeq method differs from the request");
    }
    anatomy.cseq = static_cast<uint32_t>(*number);
    anatomy.method = method;
    return std::nullopt;
}

Fault check_max_forwards(const SingleRows& rows) {
    std::string_view value;
    if (Fault fault = rows.take(HeaderId::max_forwards, value, "Max-Forwards more than once",
                                "Max-Forwards empty")) {
        return fault;
    }
    if (value.empty()) {
        return std::nullopt;  // an old peer's: 70 is assumed (16.6)
    }
    const auto hops = parse_number(value);
    return !hops || *hops > max_max_forwards ? Fault(bad_request("Max-Forwards out of range"))
                                             : std::nullopt;
}

/// 18.3: what follows the body is not read, a body cut short is a fault.
Fault read_body(const SingleRows& rows, std::string_view rest, Anatomy& anatomy) {
    std::string_view value;
    if (Fault fault = rows.take(HeaderId::content_length, value, "Content-Length more than once",
                                "Content-Length empty")) {
        return fault;
    }
    anatomy.body = rest;
    if (value.empty()) {
        return std::nullopt;
    }
    const auto length = parse_number(value);
    if (!length) {
        return bad_request("Content-Length malformed");
    }
    if (*length > rest.size()) {
        return bad_request("body shorter than Content-Length");
    }
    anatomy.body = rest.substr(0, static_cast<std::size_t>(*length));
    return std::nullopt;
}

/// Quotes and brackets of an address or a Via close again; lists and parameters have no holes, and
/// what has an equals sign has a name and a value.
bool is_well_formed_list(std::string_view value) {
    bool quoted = false;
    bool bracketed = false;
    char before = ',';  // the last character that is no blank, outside of quotes and brackets
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        if (quoted) {
            i += c == '\\' ? 1 : 0;
            quoted = c != '"';
        } else if (bracketed) {
            bracketed = c != '>';
        } else if (!is_blank(c)) {
            const bool is_hole = ((c == ',' || c == ';') && ",;="sv.contains(before)) ||
                                 (c == '=' && ",;"sv.contains(before));
            if (is_hole) {
                return false;
            }
            before = c;
            quoted = c == '"';
            bracketed = c == '<';
        }
    }
    return !quoted && !bracketed && !",;="sv.contains(before);
}

/// A Contact that is no name-addr and has a '?': its headers cannot be told from the row's
/// parameters (20.10).
bool has_bare_headers(std::string_view contacts) {
    while (!contacts.empty()) {
        const std::string_view contact = take_list_value(contacts);
        if (contact.find('<') == std::string_view::npos && contact.contains('?')) {
            return true;
        }
    }
    return false;
}

/// Takes a token and the blanks around it off the front; false: there is none.
bool take_token(std::string_view& text) {
    text = trim(text);
    const std::size_t end = std::min(text.find_first_of(" \t/"), text.size());
    const bool is_there = is_token(text.substr(0, end));
    text = trim(text.substr(end));
    return is_there;
}

bool take_slash(std::string_view& text) {
    const bool is_there = text.starts_with('/');
    text.remove_prefix(is_there ? 1 : 0);
    return is_there;
}

/// host [":" port]; of an IPv6 address any hexadecimal digits, colons and dots (25.1).
bool is_sent_by(std::string_view text) {
    std::size_t end = text.find(':');
    if (text.starts_with('[')) {
        end = text.find(']');
        const std::string_view address = text.substr(1, std::max<std::size_t>(end, 1) - 1);
        if (end == std::string_view::npos ||
            address.find_first_not_of("0123456789abcdefABCDEF:.%") != std::string_view::npos) {
            return false;
        }
        ++end;
    } else if (!is_token(trim(text.substr(0, end)))) {
        return false;
    }
    const std::string_view port = trim(text.substr(std::min(end, text.size())));
    return port.empty() || (port.starts_with(':') && parse_number(trim(port.substr(1))));
}

/// Whether every quoted text is a whole value, and no angle bracket stands outside of them.
bool is_plainly_quoted(std::string_view via) {
    char before = ',';
    bool quoted = false;
    for (std::size_t i = 0; i < via.size(); ++i) {
        const char c = via[i];
        if (quoted) {
            i += c == '\\' ? 1 : 0;
            quoted = c != '"';
        } else if (!is_blank(c)) {
            const bool goes_on = before == '"' && c != ';' && c != ',';
            if (goes_on || c == '<' || c == '>' || (c == '"' && before != '=')) {
                return false;
            }
            before = c;
            quoted = c == '"';
        }
    }
    return true;
}

/// "SIP" "/" "2.0" "/" transport, then the sender (20.42); parameters are the parser's.
/// Names are tokens, values tokens, hosts or quoted strings (25.1): an answer repeats them all.
bool has_plain_parameters(std::string_view via) {
    for (std::size_t at = find_outside_quotes(via, ';'); at != std::string_view::npos;) {
        const std::size_t next = find_outside_quotes(via, ';', at + 1);
        const std::string_view parameter = trim(via.substr(at + 1, next - at - 1));
        at = next;
        const std::size_t equals = parameter.find('=');
        if (!is_token(trim(parameter.substr(0, equals)))) {
            return false;
        }
        const std::string_view value =
            equals == std::string_view::npos ? "" : trim(parameter.substr(equals + 1));
        const bool is_quoted = value.starts_with('"');
        const bool is_plain = std::all_of(value.begin(), value.end(), [](const char& character) {
            return is_token({&character, 1}) || character == '[' || character == ']' ||
                   character == ':';
        });
        if (!is_quoted && !is_plain) {
            return false;
        }
    }
    return true;
}

bool are_vias(std::string_view vias) {
    while (!vias.empty()) {
        const std::string_view via = take_list_value(vias);
        std::string_view text = via.substr(0, via.find(';'));
        if (!take_token(text) || !take_slash(text) || !take_token(text) || !take_slash(text) ||
            !take_token(text) || !is_sent_by(text) || !is_plainly_quoted(via) ||
            !has_plain_parameters(via)) {
            return false;
        }
    }
    return true;
}

Fault read_headers(const SingleRows& rows, Anatomy& anatomy) {
    if (Fault fault = rows.take_mandatory(HeaderId::from, anatomy.from, "From more than once",
                                          "From empty", "From missing")) {
        return fault;
    }
    if (Fault fault = rows.take_mandatory(HeaderId::to, anatomy.to, "To more than once", "To empty",
                                          "To missing")) {
        return fault;
    }
    if (Fault fault =
            rows.take_mandatory(HeaderId::call_id, anatomy.call_id, "Call-ID more than once",
                                "Call-ID empty", "Call-ID missing")) {
        return fault;
    }
    if (anatomy.call_id.contains(' ') || has_control(anatomy.call_id)) {
        return bad_request("Call-ID malformed");
    }
    return std::nullopt;
}

/// The Request-URI comes last: an unknown scheme is told only to a peer that spoke well otherwise.
Fault check_request_uri(std::string_view text) {
    const std::string scheme = lower(text.substr(0, text.find(':')));
    if (scheme.size() == text.size() || !is_token(scheme)) {
        return bad_request("Request-URI malformed");
    }
    constexpr std::array<std::string_view, 3> known{"sip", "sips", "tel"};
    if (std::find(known.begin(), known.end(), scheme) == known.end()) {
        return ParseFault{416, "Unsupported URI Scheme"};
    }
    return parse_uri(text) ? std::nullopt : Fault(bad_request("Request-URI malformed"));
}

/// Whether Via, From, To and Contact are well-formed lists that can be told apart.
Fault check_routing_lists(const Anatomy& anatomy) {
    bool star = false;
    std::size_t contact_rows = 0;
    bool via = false;
    for (const HeaderRow& row : anatomy.rows) {
        const bool is_via = row.id == HeaderId::via;
        const bool is_contact = row.id == HeaderId::contact;
        if (!is_via && !is_contact && row.id != HeaderId::from && row.id != HeaderId::to) {
            continue;
        }
        if (!is_well_formed_list(row.value) || (is_via && !are_vias(row.value))) {
            return bad_request("Via, From, To or Contact malformed");
        }
        if (is_contact && has_bare_headers(row.value)) {
            return bad_request("Contact with headers needs angle brackets");
        }
        via = via || is_via;
        contact_rows += is_contact ? 1 : 0;
        star = star || (is_contact && row.value == "*");
    }
    if (!via) {
        return bad_request("Via missing");
    }
    return star && contact_rows > 1 ? Fault(bad_request("Contact: * is not alone")) : std::nullopt;
}

Fault inspect(std::string_view bytes, Anatomy& anatomy) {
    HeaderRows rows(bytes);
    if (Fault fault = read_start_line(rows.start_line(), anatomy)) {
        return fault;
    }
    if (rows.offset() > max_header_section) {
        return ParseFault{513, "start line too long"};
    }
    std::size_t body_offset = 0;
    if (Fault fault = read_rows(rows, anatomy, body_offset)) {
        return fault;
    }
    if (has_stray_control_in_lines(bytes.substr(0, body_offset))) {
        return bad_request("control character in the header section");
    }
    const SingleRows singles(anatomy);
    if (Fault fault = read_headers(singles, anatomy)) {
        return fault;
    }
    if (Fault fault = read_cseq(singles, anatomy)) {
        return fault;
    }
    if (Fault fault = check_max_forwards(singles)) {
        return fault;
    }
    if (Fault fault = check_routing_lists(anatomy)) {
        return fault;
    }
    if (Fault fault = read_body(singles, bytes.substr(body_offset), anatomy)) {
        return fault;
    }
    return anatomy.is_request ? check_request_uri(anatomy.request_uri) : std::nullopt;
}

}  // namespace

bool is_keepalive(std::string_view bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char c) { return is_blank(c) || c == '\0'; });
}

void Anatomy::clear() {
    is_request = false;
    status = 0;
    cseq = 0;
    method = request_uri = reason_phrase = from = to = call_id = body = {};
    rows.clear();
    unfolded.clear();
    routing.clear();
}

std::optional<ParseFault> dissect(std::string_view bytes, Anatomy& anatomy) {
    if (is_keepalive(bytes)) {
        return ParseFault{0, keepalive_reason};
    }
    anatomy.clear();
    Fault fault = inspect(bytes, anatomy);
    if (fault && !anatomy.is_request) {
        fault->status = 0;  // a response, or no SIP at all, is never answered
    }
    return fault;
}

std::expected<Anatomy, ParseFault> dissect(std::string_view bytes) {
    Anatomy anatomy;
    if (const auto fault = dissect(bytes, anatomy)) {
        return std::unexpected(*fault);
    }
    return anatomy;
}

}  // namespace trunkline::sipstack
