#include "sipstack/registration/redirection.h"

#include "sipstack/message/lexical.h"
#include "sipstack/message/name_addr.h"
#include "sipstack/registration/registrants.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace trunkline::sipstack {
namespace {

/// That the URI asks for; nullopt: it leaves it open.
std::optional<Transport> transport_of(const SipUri& uri) {
    const std::string* named = uri.parameter("transport");
    if (uri.scheme == "sips" || (named != nullptr && equal_nocase(*named, "tls"))) {
        return Transport::tls;
    }
    if (named == nullptr) {
        return std::nullopt;
    }
    return equal_nocase(*named, "tcp") ? Transport::tcp : Transport::udp;
}

bool has_our_transport(const SipUri& uri) {
    constexpr std::string_view ours[] = {"udp", "tcp", "tls"};
    const std::string* named = uri.parameter("transport");
    return named == nullptr || std::ranges::any_of(ours, [&](std::string_view one) {
               return equal_nocase(*named, one);
           });
}

/// A maddr has an IPv6 address in brackets (RFC 3261 25.1).
std::string_view unbracketed(std::string_view host) {
    return host.size() > 2 && host.front() == '[' && host.back() == ']'
               ? host.substr(1, host.size() - 2)
               : host;
}

/// To be found or looked up.
const std::string& place_of(const SipUri& uri) {
    const std::string* maddr = uri.parameter("maddr");
    return maddr != nullptr && !maddr->empty() ? *maddr : uri.host;
}

/// Of a qvalue (RFC 3261 25.1) in thousandths; what is none counts as if it were not there.
unsigned preference_of(std::string_view contact) {
    constexpr unsigned most = 1000;
    const std::string_view q = header_parameter(contact, "q").value_or("1");
    const std::string_view digits = q.size() > 2 ? q.substr(2) : std::string_view();
    const bool is_below_one = q.starts_with('0') && (q.size() == 1 || q[1] == '.') &&
                              digits.size() <= 3 && std::ranges::all_of(digits, is_digit);
    if (!is_below_one) {
        return most;
    }
    unsigned value = 0;
    for (std::size_t place = 0; place < 3; ++place) {
        const char digit = place < digits.size() ? digits[place] : '0';
        value = value * 10 + static_cast<unsigned>(digit - '0');
    }
    return value;
}

}  // namespace

std::vector<SipUri> redirections(const Message& response) {
    std::vector<std::pair<unsigned, SipUri>> found;
    for (std::string_view row : response.rows("Contact")) {
        while (!row.empty()) {
            const std::string_view contact = take_list_value(row);
            auto uri = parse_uri(uri_of(contact));
            if (uri && (uri->scheme == "sip" || uri->scheme == "sips") && has_our_transport(*uri)) {
                found.emplace_back(preference_of(contact), *std::move(uri));
            }
        }
    }
    std::ranges::stable_sort(found, std::ranges::greater(), &std::pair<unsigned, SipUri>::first);
    std::vector<SipUri> uris;
    for (auto& [preference, uri] : found) {
        uris.push_back(std::move(uri));
    }
    return uris;
}

std::optional<Target> target_of(const SipUri& uri, Transport transport,
                                std::span<const ProxyServer> servers) {
    Target target;
    target.transport = transport_of(uri).value_or(transport);
    target.host = uri.host;  // whom TLS expects there, whatever the maddr
    const std::string& place = place_of(uri);
    if (const auto address = dataplane::IpAddress::parse(unbracketed(place))) {
        const uint16_t usual = target.transport == Transport::tls ? 5061 : 5060;
        target.endpoint = {*address, uri.port.value_or(usual)};
        return target;
    }
    const auto known = std::find_if(servers.begin(), servers.end(), [&](const auto& server) {
        return equal_nocase(server.target.host, place);
    });
    if (known == servers.end()) {
        return std::nullopt;
    }
    const auto& endpoint = known->target.endpoint;
    target.endpoint = {endpoint.address, uri.port.value_or(endpoint.port)};
    return target;
}

std::optional<RedirectionName> name_of(const SipUri& uri, uint16_t sip_interface_index) {
    constexpr std::size_t longest_name = 253;  // RFC 1035 3.1, as text
    const std::string& place = place_of(uri);
    if (place.empty() || place.size() > longest_name) {
        return std::nullopt;
    }
    return RedirectionName{lower(place), uri.port, transport_of(uri), sip_interface_index};
}

std::string host_uri(const SipUri& uri) {
    const std::string port = uri.port ? fmt::format(":{}", *uri.port) : "";
    return fmt::format("{}:{}{}", uri.scheme, uri_host(uri.host), port);
}

}  // namespace trunkline::sipstack
