#include "sipstack/registration/redirection.h"

#include "sipstack/message/lexical.h"
#include "sipstack/registration/registrants.h"

#include <fmt/format.h>

#include <algorithm>

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

}  // namespace

std::optional<Target> target_of(const SipUri& uri, Transport transport,
                                std::span<const ProxyServer> servers) {
    Target target;
    target.transport = transport_of(uri).value_or(transport);
    target.host = uri.host;
    if (const auto address = dataplane::IpAddress::parse(uri.host)) {
        const uint16_t usual = target.transport == Transport::tls ? 5061 : 5060;
        target.endpoint = {*address, uri.port.value_or(usual)};
        return target;
    }
    const auto known = std::find_if(servers.begin(), servers.end(), [&](const auto& server) {
        return equal_nocase(server.target.host, uri.host);
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
    if (uri.host.empty() || uri.host.size() > longest_name) {
        return std::nullopt;
    }
    return RedirectionName{lower(uri.host), uri.port, transport_of(uri), sip_interface_index};
}

std::string host_uri(const SipUri& uri) {
    const std::string port = uri.port ? fmt::format(":{}", *uri.port) : "";
    return fmt::format("{}:{}{}", uri.scheme, uri_host(uri.host), port);
}

}  // namespace trunkline::sipstack
