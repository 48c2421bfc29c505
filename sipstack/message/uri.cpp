#include "sipstack/message/uri.h"

#include "dataplane/address.h"
#include "sipstack/message/lexical.h"

#include <algorithm>
#include <array>
#include <set>

namespace trunkline::sipstack {

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs parse_pairs(std::string_view text, char separator) {
    Pairs pairs;
    while (!text.empty()) {
        const std::size_t end = text.find(separator);
        const std::string_view pair = trim(text.substr(0, end));
        if (!pair.empty()) {
            const std::size_t equals = pair.find('=');
            pairs.emplace_back(lower(pair.substr(0, equals)),
                               equals == std::string_view::npos ? "" : pair.substr(equals + 1));
        }
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return pairs;
}

/// A parameter that stands twice, which 19.1.1 forbids, counts with its first value.
Pairs first_of_each_name(Pairs pairs) {
    if (pairs.size() > 1) {
        std::set<std::string> seen;
        std::erase_if(pairs, [&](const auto& pair) { return !seen.insert(pair.first).second; });
    }
    return pairs;
}

bool parse_host_port(std::string_view text, SipUri& uri) {
    text = trim(text);
    std::size_t host_end = text.find(':');
    if (text.starts_with('[')) {
        const std::size_t bracket = text.find(']');
        if (bracket == std::string_view::npos) {
            return false;
        }
        uri.host = text.substr(1, bracket - 1);
        host_end = bracket + 1;
    } else {
        uri.host = trim(text.substr(0, host_end));
    }
    if (uri.host.empty() || uri.host.find_first_of(" \t<>\"") != std::string::npos) {
        return false;
    }
    if (host_end >= text.size()) {
        return true;
    }
    const auto port = parse_number(text.substr(host_end + 1));
    if (text[host_end] != ':' || !port || *port > 65535) {
        return false;
    }
    uri.port = static_cast<uint16_t>(*port);
    return true;
}

/// Escapes that mean the character itself are undone; those of reserved characters stay, as they
/// differ from the bare character (RFC 3261 19.1.4, RFC 2396 2.2).
std::string normal_escapes(std::string_view text) {
    constexpr std::string_view reserved = ";/?:@&=+$,";
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            const int high = hex_value(text[i + 1]);
            const int low = hex_value(text[i + 2]);
            const char character = static_cast<char>(high * 16 + low);
            if (high >= 0 && low >= 0) {
                if (reserved.contains(character)) {
                    result += '%';
                    result += to_lower(text[i + 1]);
                    result += to_lower(text[i + 2]);
                } else {
                    result += character;
                }
                i += 2;
                continue;
            }
        }
        result += text[i];
    }
    return result;
}

bool same_host(const std::string& a, const std::string& b) {
    if (equal_nocase(a, b)) {
        return true;
    }
    const auto left = dataplane::IpAddress::parse(a);
    return left && left == dataplane::IpAddress::parse(b);
}

/// These count also when only one of the two URIs has them.
bool must_match(std::string_view parameter) {
    constexpr std::array<std::string_view, 5> names{"transport", "user", "ttl", "method", "maddr"};
    return std::find(names.begin(), names.end(), parameter) != names.end();
}

bool parameters_fit(const SipUri& a, const SipUri& b) {
    return std::all_of(a.parameters.begin(), a.parameters.end(), [&](const auto& parameter) {
        const std::string* other = b.parameter(parameter.first);
        if (other == nullptr) {
            return !must_match(parameter.first);
        }
        const std::string left = normal_escapes(parameter.second);
        const std::string right = normal_escapes(*other);
        // Methods alone are case-sensitive (7.1).
        return parameter.first == "method" ? left == right : equal_nocase(left, right);
    });
}

bool same_headers(const SipUri& a, const SipUri& b) {
    const auto normal = [](const Pairs& headers) {
        Pairs result;
        for (const auto& [name, value] : headers) {
            result.emplace_back(name, normal_escapes(value));
        }
        std::sort(result.begin(), result.end());
        return result;
    };
    return normal(a.headers) == normal(b.headers);
}

}  // namespace

const std::string* SipUri::parameter(std::string_view name) const {
    const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const auto& pair) {
        return equal_nocase(pair.first, name);
    });
    return found == parameters.end() ? nullptr : &found->second;
}

std::optional<SipUri> parse_uri(std::string_view text) {
    text = trim(text);
    const std::size_t colon = text.find(':');
    if (colon == 0 || colon == std::string_view::npos) {
        return std::nullopt;
    }
    SipUri uri;
    uri.scheme = lower(text.substr(0, colon));
    if (!is_token(uri.scheme)) {
        return std::nullopt;
    }
    text.remove_prefix(colon + 1);
    const bool is_sip = uri.scheme == "sip" || uri.scheme == "sips";
    // A user part may hold ';' and '?', so it goes first.
    const std::size_t at = is_sip ? text.find('@') : std::string_view::npos;
    if (at != std::string_view::npos) {
        uri.user = trim(text.substr(0, at));
        text.remove_prefix(at + 1);
    }
    const std::size_t question = text.find('?');
    if (question != std::string_view::npos) {
        uri.headers = parse_pairs(text.substr(question + 1), '&');
        text = text.substr(0, question);
    }
    const std::size_t semicolon = text.find(';');
    if (semicolon != std::string_view::npos) {
        uri.parameters = first_of_each_name(parse_pairs(text.substr(semicolon + 1), ';'));
        text = text.substr(0, semicolon);
    }
    if (!is_sip) {
        uri.user = trim(text);
        return uri.user.empty() ? std::nullopt : std::optional(std::move(uri));
    }
    return parse_host_port(text, uri) ? std::optional(std::move(uri)) : std::nullopt;
}

bool equivalent(const SipUri& a, const SipUri& b) {
    return a.scheme == b.scheme && normal_escapes(a.user) == normal_escapes(b.user) &&
           same_host(a.host, b.host) && a.port == b.port && parameters_fit(a, b) &&
           parameters_fit(b, a) && same_headers(a, b);
}

}  // namespace trunkline::sipstack
