#include "sipstack/message/plain_message.h"

#include "sipstack/message/byte_search.h"
#include "sipstack/message/lexical.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

namespace trunkline::sipstack {

namespace {

constexpr bool is_letter_or_digit(char c) {
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}
constexpr bool is_letter_digit_or(std::string_view marks, char c) {
    return is_letter_or_digit(c) || marks.contains(c);
}
/// RFC 3261 25.1.
constexpr CharacterSet token_characters([](char c) { return is_letter_digit_or("-.!%*_+`'~", c); });
/// Of a name or an IPv4 address.
constexpr CharacterSet host_characters([](char c) { return is_letter_digit_or("-.", c); });
/// Inside brackets.
constexpr CharacterSet ipv6_characters([](char c) {
    return hex_value(c) >= 0 || c == ':' || c == '.';
});
/// Of a URI's user part, without escapes.
constexpr CharacterSet user_characters([](char c) {
    return is_letter_digit_or("-.!*_'~+$&()", c);
});
/// Inside quotes, where nothing has to be escaped.
constexpr CharacterSet quoted_characters([](char c) {
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
});

/// Reads from the front; what is taken is gone from it. A failed take leaves it anywhere: the
/// message is not plain then. Nothing is looked at beyond the end.
class Scanner {
public:
    explicit Scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

    const char* position() const { return at_; }
    std::string_view since(const char* begin) const { return {begin, at_}; }
    bool is_at(char c) const { return at_ != end_ && *at_ == c; }
    bool is_at_line_end() const { return is_at('\r'); }
    bool take_line_end() { return take("\r\n"); }
    bool take(char c) {
        const bool is_there = at_ != end_ && *at_ == c;
        at_ += is_there ? 1 : 0;
        return is_there;
    }
    template <std::size_t Size>
    bool take(const char (&text)[Size]) {
        const bool is_there = static_cast<std::size_t>(end_ - at_) >= Size - 1 &&
                              std::memcmp(at_, text, Size - 1) == 0;
        at_ += is_there ? Size - 1 : 0;
        return is_there;
    }
    /// The longest run of its members, perhaps empty.
    std::string_view run_of(const CharacterSet& wanted) {
        const char* const begin = at_;
        at_ = find_byte(at_, end_, [&](Block bytes) { return wanted.others_in(bytes); });
        return since(begin);
    }
    void skip_blanks() {
        while (is_at(' ') || is_at('\t')) {
            ++at_;
        }
    }
    /// What is left of the line, trimmed; its end stays. nullopt: a control character stands there.
    std::optional<std::string_view> take_rest_of_line() {
        const char* const begin = at_;
        do {
            at_ = find_byte(at_, end_, controls_in);
        } while (is_at('\t') && ++at_ != end_);
        return is_at_line_end() ? std::optional(trim(since(begin))) : std::nullopt;
    }
    /// Digits alone, ten at most: below 2^34; nullopt: there are none, or more.
    std::optional<uint64_t> take_number() {
        constexpr std::ptrdiff_t most_digits = 10;
        const char* const begin = at_;
        uint64_t number = 0;
        while (at_ != end_ && is_digit(*at_) && at_ - begin <= most_digits) {
            number = number * 10 + static_cast<uint64_t>(*at_++ - '0');
        }
        return at_ != begin && at_ - begin <= most_digits ? std::optional(number) : std::nullopt;
    }
    /// The inside of quotes; nullopt: there is none without backslashes.
    std::optional<std::string_view> take_quoted() {
        if (!take('"')) {
            return std::nullopt;
        }
        const std::string_view inside = run_of(quoted_characters);
        return take('"') ? std::optional(inside) : std::nullopt;
    }
    /// A name or an address, with the brackets of IPv6 left out; empty: there is none.
    std::string_view take_host() {
        if (!take('[')) {
            return run_of(host_characters);
        }
        const std::string_view address = run_of(ipv6_characters);
        return take(']') ? address : std::string_view{};
    }
    /// 1..65535 in at most five digits; nullopt: no such number.
    std::optional<uint16_t> take_port() {
        uint32_t port = 0;
        const char* begin = at_;
        while (at_ != end_ && is_digit(*at_) && at_ - begin < 6) {
            port = port * 10 + static_cast<uint32_t>(*at_++ - '0');
        }
        return port > 0 && port <= 65535 && at_ - begin < 6
                   ? std::optional(static_cast<uint16_t>(port))
                   : std::nullopt;
    }

private:
    const char* at_;
    const char* end_;
};

struct Parameter {
    enum class Form : uint8_t { name, token, quoted, bracketed };

    std::string_view name, value;  ///< without quotes and brackets
    Form form = Form::name;
};

/// ";name", ";name=token", ";name=\"text\"" or ";name=[address]".
bool take_parameter(Scanner& scanner, Parameter& parameter) {
    parameter = {};
    if (!scanner.take(';')) {
        return false;
    }
    parameter.name = scanner.run_of(token_characters);
    if (parameter.name.empty()) {
        return false;
    }
    if (!scanner.take('=')) {
        return true;
    }
    if (const auto text = scanner.take_quoted()) {
        parameter.value = *text;
        parameter.form = Parameter::Form::quoted;
        return true;
    }
    if (scanner.take('[')) {
        parameter.value = scanner.run_of(ipv6_characters);
        parameter.form = Parameter::Form::bracketed;
        return !parameter.value.empty() && scanner.take(']');
    }
    parameter.value = scanner.run_of(token_characters);
    parameter.form = Parameter::Form::token;
    return !parameter.value.empty();
}

/// "name" or "name=token" in a URI, where a '%' begins an escape.
bool is_plain_in_uri(const Parameter& parameter) {
    return (parameter.form == Parameter::Form::name || parameter.form == Parameter::Form::token) &&
           !parameter.name.contains('%') && !parameter.value.contains('%');
}

/// sip:user@host:port;name=value, up to where `is_over` says that it ends.
template <typename IsOver>
bool take_uri(Scanner& scanner, IsOver is_over) {
    if (!scanner.take("sip:") && !scanner.take("sips:")) {
        return false;
    }
    // A name without '@' behind it is the host: the characters of hosts are all of users, too.
    const Scanner before = scanner;
    const bool has_user = !scanner.run_of(user_characters).empty() && scanner.take('@');
    if (!has_user) {
        scanner = before;
    }
    // osip refuses a URI that is a host of one letter.
    const std::size_t shortest_host = has_user ? 1 : 2;
    if (scanner.take_host().size() < shortest_host || (scanner.take(':') && !scanner.take_port())) {
        return false;
    }
    Parameter parameter;
    while (!is_over(scanner)) {
        if (!take_parameter(scanner, parameter) || !is_plain_in_uri(parameter)) {
            return false;
        }
    }
    return true;
}

/// An address; `tag` gets the parameter of that name.
bool take_address(Scanner& scanner, std::string_view& tag) {
    tag = {};
    if (scanner.take_quoted()) {
        scanner.take(' ');
    }
    const auto is_closed = [](Scanner& rest) { return rest.take('>'); };
    if (!scanner.take('<') || !take_uri(scanner, is_closed)) {
        return false;
    }
    Parameter parameter;
    while (!scanner.is_at_line_end()) {
        if (!take_parameter(scanner, parameter) || parameter.form == Parameter::Form::bracketed) {
            return false;
        }
        if (equal_nocase(parameter.name, "tag")) {
            if (!tag.empty() || parameter.form != Parameter::Form::token) {
                return false;
            }
            tag = parameter.value;
        }
    }
    return true;
}

/// 1..65535 in at most five digits.
std::optional<uint16_t> port_of(std::string_view digits) {
    const auto port = digits.size() <= 5 ? parse_number(digits) : std::nullopt;
    return port && *port > 0 && *port <= 65535 ? std::optional(static_cast<uint16_t>(*port))
                                               : std::nullopt;
}

/// false: it is not plain.
bool keep_parameter(const Parameter& parameter, Via& via) {
    const bool is_bracketed = parameter.form == Parameter::Form::bracketed;
    if (parameter.form == Parameter::Form::quoted) {
        return false;
    }
    if (equal_nocase(parameter.name, "branch")) {
        via.branch = parameter.value;
        return !is_bracketed;
    }
    if (equal_nocase(parameter.name, "received")) {
        via.received = parameter.value;
    } else if (equal_nocase(parameter.name, "rport")) {
        via.has_rport = true;
        via.rport = port_of(parameter.value);
        return !is_bracketed && (parameter.value.empty() || via.rport);
    }
    return true;
}

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

bool take_via(Scanner& scanner, RoutingHeaders& routing) {
    Via& via = routing.vias.emplace_back();
    if (!scanner.take("SIP/2.0/")) {
        return false;
    }
    via.transport = scanner.run_of(token_characters);
    if (std::ranges::any_of(via.transport, is_lower)) {
        via.transport = routing.keep(upper(via.transport));
    }
    if (via.transport.empty() || !scanner.take(' ')) {
        return false;
    }
    via.host = scanner.take_host();
    if (via.host.empty() || (scanner.take(':') && !(via.port = scanner.take_port()))) {
        return false;
    }
    Parameter parameter;
    while (!scanner.is_at_line_end()) {
        if (!take_parameter(scanner, parameter) || !keep_parameter(parameter, via)) {
            return false;
        }
    }
    return true;
}

bool take_call_id(Scanner& scanner) {
    return !scanner.run_of(user_characters).empty() &&
           (!scanner.take('@') || !scanner.run_of(user_characters).empty());
}

bool take_cseq(Scanner& scanner, Anatomy& anatomy) {
    const auto number = scanner.take_number();
    if (!number || *number >= cseq_limit || !scanner.take(' ')) {
        return false;
    }
    const std::string_view method = scanner.run_of(token_characters);
    const bool is_of_request = !anatomy.is_request || method == anatomy.method;
    anatomy.cseq = static_cast<uint32_t>(*number);
    anatomy.method = method;
    return !method.empty() && is_of_request;
}

bool take_request_line(Scanner& scanner, Anatomy& anatomy) {
    anatomy.is_request = true;
    anatomy.method = scanner.run_of(token_characters);
    if (anatomy.method.empty() || !scanner.take(' ')) {
        return false;
    }
    const char* const uri = scanner.position();
    if (!take_uri(scanner, [](const Scanner& rest) { return rest.is_at(' '); })) {
        return false;
    }
    anatomy.request_uri = scanner.since(uri);
    return scanner.take(" SIP/2.0") && scanner.take_line_end();
}

bool take_status_line(Scanner& scanner, Anatomy& anatomy) {
    const char* const begin = scanner.position();
    const auto status = scanner.take_number();
    if (scanner.since(begin).size() != 3 || *status < 100 || *status > 699 || !scanner.take(' ')) {
        return false;
    }
    const auto reason = scanner.take_rest_of_line();
    anatomy.status = static_cast<int>(*status);
    anatomy.reason_phrase = reason.value_or(std::string_view{});
    return reason && scanner.take_line_end();
}

/// The headers that may stand once alone; null views: not yet seen.
struct Singles {
    std::string_view from, to, call_id, cseq, max_forwards, content_length;

    std::string_view* of(HeaderId id) {
        switch (id) {
            case HeaderId::from:
                return &from;
            case HeaderId::to:
                return &to;
            case HeaderId::call_id:
                return &call_id;
            case HeaderId::cseq:
                return &cseq;
            case HeaderId::max_forwards:
                return &max_forwards;
            case HeaderId::content_length:
                return &content_length;
            default:
                return nullptr;
        }
    }
    bool are_all_there() const {
        return !from.empty() && !to.empty() && !call_id.empty() && !cseq.empty();
    }
};

bool take_routing_value(Scanner& scanner, HeaderId id, Anatomy& anatomy) {
    std::string_view no_tag;
    switch (id) {
        case HeaderId::via:
            return take_via(scanner, anatomy.routing);
        case HeaderId::from:
            return take_address(scanner, anatomy.routing.from_tag);
        case HeaderId::to:
            return take_address(scanner, anatomy.routing.to_tag);
        case HeaderId::contact:
            return take_address(scanner, no_tag);
        case HeaderId::call_id:
            return take_call_id(scanner);
        case HeaderId::cseq:
            return take_cseq(scanner, anatomy);
        default:
            return true;
    }
}

std::optional<std::string_view> take_value(Scanner& scanner, HeaderId id, Anatomy& anatomy) {
    if (id > HeaderId::contact) {
        return scanner.take_rest_of_line();
    }
    const char* const begin = scanner.position();
    return take_routing_value(scanner, id, anatomy) ? std::optional(scanner.since(begin))
                                                    : std::nullopt;
}

bool take_row(Scanner& scanner, Anatomy& anatomy, Singles& singles) {
    HeaderRow& row = anatomy.rows.emplace_back();
    row.name = scanner.run_of(token_characters);
    if (row.name.empty() || !scanner.take(':')) {
        return false;
    }
    row.has_token_name = true;
    row.id = identify(row.name);
    scanner.skip_blanks();
    const auto value = take_value(scanner, row.id, anatomy);
    if (!value || !scanner.take_line_end() || scanner.is_at(' ') || scanner.is_at('\t')) {
        return false;
    }
    row.value = *value;
    std::string_view* const single = singles.of(row.id);
    const bool is_first = single == nullptr || single->data() == nullptr;
    if (single != nullptr) {
        *single = row.value;
    }
    return is_first;
}

/// A number that is not above `most`, or no header.
bool is_plain_number(std::string_view value, uint64_t most) {
    if (value.data() == nullptr) {
        return true;
    }
    const auto number = parse_number(value);
    return number && *number <= most;
}

bool take_header_section(Scanner& scanner, Anatomy& anatomy, Singles& singles) {
    anatomy.rows.reserve(16);
    if (!(scanner.take("SIP/2.0 ") ? take_status_line(scanner, anatomy)
                                   : take_request_line(scanner, anatomy))) {
        return false;
    }
    while (!scanner.take_line_end()) {
        if (anatomy.rows.size() == max_header_rows || !take_row(scanner, anatomy, singles)) {
            return false;
        }
    }
    anatomy.from = singles.from;
    anatomy.to = singles.to;
    anatomy.call_id = singles.call_id;
    return singles.are_all_there() && !anatomy.routing.vias.empty() &&
           is_plain_number(singles.max_forwards, max_max_forwards);
}

}  // namespace

bool read_plain_message(std::string_view bytes, Anatomy& anatomy) {
    anatomy.clear();
    Scanner scanner(bytes);
    Singles singles;
    if (bytes.empty() || !take_header_section(scanner, anatomy, singles)) {
        return false;
    }
    const std::size_t body_offset = scanner.since(bytes.data()).size();
    const std::string_view rest = bytes.substr(body_offset);
    if (body_offset > max_header_section || !is_plain_number(singles.content_length, rest.size())) {
        return false;
    }
    const auto length = parse_number(singles.content_length);
    anatomy.body = length ? rest.substr(0, static_cast<std::size_t>(*length)) : rest;
    return true;
}

}  // namespace trunkline::sipstack
