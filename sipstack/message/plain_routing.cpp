#include "sipstack/message/plain_routing.h"

#include "sipstack/message/lexical.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

namespace trunkline::sipstack {

namespace {

enum CharacterClass : uint8_t {
    token = 1,   ///< RFC 3261 25.1
    host = 2,    ///< of a name or an IPv4 address
    ipv6 = 4,    ///< inside brackets
    user = 8,    ///< of a URI's user part, without escapes
    quoted = 16  ///< inside quotes, where nothing has to be escaped
};

constexpr std::array<uint8_t, 256> classes_of_characters() {
    std::array<uint8_t, 256> classes{};
    const auto add = [&](std::string_view characters, uint8_t wanted) {
        for (const char c : characters) {
            classes[static_cast<unsigned char>(c)] |= wanted;
        }
    };
    for (unsigned c = ' '; c < 0x7f; ++c) {
        classes[c] |= quoted;
    }
    classes['"'] = classes['\\'] = 0;
    constexpr std::string_view digits = "0123456789";
    constexpr std::string_view hex_letters = "abcdefABCDEF";
    constexpr std::string_view other_letters = "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ";
    add(digits, token | host | ipv6 | user);
    add(hex_letters, token | host | ipv6 | user);
    add(other_letters, token | host | user);
    add("-.", token | host | user);
    add("!*_'~", token | user);
    add("%+`", token);
    add("+$&()", user);
    add(":.", ipv6);
    return classes;
}

constexpr std::array<uint8_t, 256> classes = classes_of_characters();

/// Reads from the front; what is taken is gone from it. A failed take leaves it anywhere: the row
/// is not plain then. Behind the end stands a byte that is in no class but `quoted`.
class Scanner {
public:
    explicit Scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

    bool is_at_end() const { return at_ == end_; }
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
    /// The longest run of the class, perhaps empty. Not of `quoted`.
    std::string_view run_of(CharacterClass wanted) {
        const char* const begin = at_;
        while ((classes[static_cast<unsigned char>(*at_)] & wanted) != 0) {
            ++at_;
        }
        return {begin, at_};
    }
    /// The inside of quotes; nullopt: there is none without backslashes.
    std::optional<std::string_view> take_quoted() {
        if (!take('"')) {
            return std::nullopt;
        }
        const char* const begin = at_;
        while (at_ != end_ && (classes[static_cast<unsigned char>(*at_)] & quoted) != 0) {
            ++at_;
        }
        const std::string_view inside{begin, at_};
        return take('"') ? std::optional(inside) : std::nullopt;
    }
    /// A name or an address, with the brackets of IPv6 left out; empty: there is none.
    std::string_view take_host() {
        if (!take('[')) {
            return run_of(host);
        }
        const std::string_view address = run_of(ipv6);
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
    parameter.name = scanner.run_of(token);
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
        parameter.value = scanner.run_of(ipv6);
        parameter.form = Parameter::Form::bracketed;
        return !parameter.value.empty() && scanner.take(']');
    }
    parameter.value = scanner.run_of(token);
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
    const bool has_user = !scanner.run_of(user).empty() && scanner.take('@');
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

/// An address row; `tag` gets the parameter of that name.
bool read_address(std::string_view value, std::string_view& tag) {
    tag = {};
    Scanner scanner(value);
    if (scanner.take_quoted()) {
        scanner.take(' ');
    }
    const auto is_closed = [](Scanner& rest) { return rest.take('>'); };
    if (!scanner.take('<') || !take_uri(scanner, is_closed)) {
        return false;
    }
    Parameter parameter;
    while (!scanner.is_at_end()) {
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
        Scanner digits(parameter.value);
        via.has_rport = true;
        via.rport = digits.take_port();
        return !is_bracketed && (parameter.value.empty() || (via.rport && digits.is_at_end()));
    }
    return true;
}

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

bool read_via(std::string_view value, RoutingHeaders& routing) {
    Via& via = routing.vias.emplace_back();
    Scanner scanner(value);
    if (!scanner.take("SIP/2.0/")) {
        return false;
    }
    via.transport = scanner.run_of(token);
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
    while (!scanner.is_at_end()) {
        if (!take_parameter(scanner, parameter) || !keep_parameter(parameter, via)) {
            return false;
        }
    }
    return true;
}

bool is_plain_call_id(std::string_view value) {
    Scanner scanner(value);
    const std::string_view front = scanner.run_of(user);
    return !front.empty() &&
           (scanner.is_at_end() ||
            (scanner.take('@') && !scanner.run_of(user).empty() && scanner.is_at_end()));
}

bool is_plain_cseq(std::string_view value) {
    Scanner scanner(value);
    return !scanner.run_of(token).empty() && scanner.take(' ') && !scanner.run_of(token).empty() &&
           scanner.is_at_end();
}

bool read_row(const HeaderRow& row, RoutingHeaders& routing) {
    std::string_view no_tag;
    switch (row.id) {
        case HeaderId::via:
            return read_via(row.value, routing);
        case HeaderId::from:
            return read_address(row.value, routing.from_tag);
        case HeaderId::to:
            return read_address(row.value, routing.to_tag);
        case HeaderId::contact:
            return read_address(row.value, no_tag);
        case HeaderId::call_id:
            return is_plain_call_id(row.value);
        case HeaderId::cseq:
            return is_plain_cseq(row.value);
        default:
            return true;
    }
}

}  // namespace

bool read_plain_routing(std::span<const HeaderRow> rows, RoutingHeaders& routing) {
    routing.clear();
    for (const HeaderRow& row : rows) {
        if (row.folded || !read_row(row, routing)) {
            return false;
        }
    }
    return !routing.vias.empty();
}

bool is_plain_uri(std::string_view uri) {
    Scanner scanner(uri);
    return take_uri(scanner, [](const Scanner& rest) { return rest.is_at_end(); });
}

}  // namespace trunkline::sipstack
