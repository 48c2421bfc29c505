#include "sipstack/registration/register_request.h"

#include <fmt/format.h>

#include <algorithm>

namespace trunkline::sipstack {
namespace {

constexpr std::string_view method = "REGISTER";

uint16_t default_port(Transport transport) {
    return transport == Transport::tls ? 5061 : 5060;
}

std::string_view via_name(Transport transport) {
    switch (transport) {
        case Transport::tcp:
            return "TCP";
        case Transport::tls:
            return "TLS";
        case Transport::udp:
            break;
    }
    return "UDP";
}

std::string_view scheme_of(std::string_view uri) {
    return uri.substr(0, uri.find(':'));
}

/// A loose route to where the request goes anyway: some networks want to see it (TS 24.229).
std::string initial_route(const Target& target) {
    const std::string host =
        target.host.empty() ? target.endpoint.address.to_uri_host() : uri_host(target.host);
    return fmt::format("<sip:{}:{};lr;transport={}>", host, target.endpoint.port,
                       to_string(target.transport));
}

}  // namespace

RegisterExtensions RegisterExtensions::without(std::span<const std::string> tags) const {
    const auto names = [&](std::string_view tag) {
        return std::ranges::find(tags, tag) != tags.end();
    };
    return {gin && !names("gin"), outbound && !names("outbound"), require_path && !names("path")};
}

std::optional<RegisterExtensions> RegisterExtensions::with(std::span<const std::string> tags,
                                                           bool has_instance) const {
    RegisterExtensions more = *this;
    for (const std::string& tag : tags) {
        if (tag == "path") {
            more.require_path = true;
        } else if (tag == "outbound" && has_instance) {
            more.outbound = true;
        } else {
            return std::nullopt;
        }
    }
    return tags.empty() ? std::nullopt : std::optional(more);
}

std::string own_via(const Flow& flow, std::string_view branch) {
    return fmt::format("SIP/2.0/{} {};branch={}{}", via_name(flow.transport),
                       flow.local.to_string(), branch,
                       flow.transport == Transport::udp ? ";rport" : "");
}

std::string own_host_port(const Flow& flow) {
    std::string host = flow.local.address.to_uri_host();
    // An explicit 5060 and none are different URIs (RFC 3261 19.1.4); the short form is the usual.
    if (flow.local.port != default_port(flow.transport)) {
        host += fmt::format(":{}", flow.local.port);
    }
    return host;
}

std::string RegisterRequest::request_uri() const {
    if (!redirected_to.empty()) {
        return std::string(redirected_to);
    }
    if (registrant.host_from_server) {
        return fmt::format("{}:{}", scheme_of(registrant.request_uri),
                           target.endpoint.address.to_uri_host());
    }
    return registrant.request_uri;
}

std::string RegisterRequest::aor() const {
    if (!registrant.host_from_server) {
        return registrant.aor;
    }
    return registrant.aor.substr(0, registrant.aor.rfind('@') + 1) +
           target.endpoint.address.to_uri_host();
}

std::string RegisterRequest::contact_uri() const {
    std::string uri = fmt::format("{}:", scheme_of(registrant.aor));
    if (!extensions.gin) {
        uri += fmt::format("{}@", contact_user);
    }
    uri += own_host_port(flow);
    if (flow.transport != Transport::udp) {
        uri += fmt::format(";transport={}", to_string(flow.transport));
    }
    if (extensions.gin) {
        uri += ";bnc";
    }
    return uri;
}

MessageWriter RegisterRequest::begin() const {
    const std::string address = fmt::format("<{}>", aor());
    auto writer = MessageWriter::request(method, request_uri());
    writer.header("Via", own_via(flow, branch)).header("Max-Forwards", 70);
    if (config.proxy_and_registration.add_initial_route_header) {
        writer.header("Route", initial_route(target));
    }
    writer.header("From", fmt::format("{};tag={}", address, from_tag))
        .header("To", address)
        .header("Call-ID", call_id)
        .header("CSeq", fmt::format("{} {}", cseq, method));
    if (all_bindings) {
        writer.header("Contact", "*");
    } else {
        std::string contact = fmt::format("<{}>;expires={}", contact_uri(), expires.count());
        if (extensions.outbound) {
            contact += fmt::format(";+sip.instance=\"<{}>\";reg-id=1", registrant.instance_id);
        }
        writer.header("Contact", contact);
    }
    writer.header("Expires", static_cast<uint64_t>(expires.count()));
    if (extensions.gin) {
        writer.header("Require", "gin").header("Proxy-Require", "gin");
    }
    writer.header("Supported", extensions.outbound ? "path, outbound" : "path");
    if (extensions.require_path) {
        writer.header("Require", "path");
    }
    return writer;
}

}  // namespace trunkline::sipstack
