#include "sipstack/registration/register_request.h"

#include "sipstack/message/parts.h"

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

std::string_view view(const fmt::format_int& number) {
    return {number.data(), number.size()};
}

/// Precondition: at most RegisterSeams::largest_text.
uint16_t offset(std::size_t position) {
    return static_cast<uint16_t>(position);
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

void add_own_via(MessageWriter& writer, const Flow& flow, std::string_view branch) {
    const fmt::format_int port(flow.local.port);
    writer.header("Via", "SIP/2.0/", via_name(flow.transport), " ",
                  flow.local.address.to_uri_host(), ":", view(port), ";branch=", branch,
                  flow.transport == Transport::udp ? ";rport" : "");
}

std::string own_host_port(const Flow& flow) {
    std::string host = flow.local.address.to_uri_host();
    // An explicit 5060 and none are different URIs (RFC 3261 19.1.4); the short form is the usual.
    if (flow.local.port != default_port(flow.transport)) {
        host += ':';
        host += fmt::format_int(flow.local.port).str();
    }
    return host;
}

std::string RegisterRequest::request_uri() const {
    if (!redirected_to.empty()) {
        return std::string(redirected_to);
    }
    return std::string(registrant.request_uri);
}

RegisterRequest::AorParts RegisterRequest::aor_parts() const {
    if (!registrant.host_from_server) {
        return {registrant.aor, {}};
    }
    return {std::string_view(registrant.aor).substr(0, registrant.aor.rfind('@') + 1),
            target.endpoint.address.to_uri_host()};
}

std::string RegisterRequest::aor() const {
    const AorParts parts = aor_parts();
    return joined({parts.front, parts.server});
}

std::string RegisterRequest::contact_uri() const {
    const bool is_udp = flow.transport == Transport::udp;
    return joined({scheme_of(registrant.aor), ":", extensions.gin ? "" : contact_user,
                   extensions.gin ? "" : "@", own_host_port(flow), is_udp ? "" : ";transport=",
                   is_udp ? "" : to_string(flow.transport), extensions.gin ? ";bnc" : ""});
}

void RegisterSeams::end_credentials(const MessageWriter& writer) {
    if (writer.text().size() > largest_text) {
        *this = {};
        return;
    }
    credentials_end = static_cast<uint16_t>(writer.text().size());
}

MessageWriter begin_again(std::string_view text, RegisterSeams& seams, std::string_view branch,
                          uint32_t cseq) {
    const fmt::format_int number(cseq);
    const RegisterSeams old = seams;
    const std::string_view between = text.substr(old.branch_end, old.cseq - old.branch_end);
    auto writer =
        MessageWriter::continued({text.substr(0, old.branch), branch, between, view(number),
                                  text.substr(old.cseq_end, old.credentials - old.cseq_end)});
    seams.branch_end = offset(old.branch + branch.size());
    seams.cseq = offset(seams.branch_end + between.size());
    seams.cseq_end = offset(seams.cseq + number.size());
    seams.credentials = offset(writer.text().size());
    return writer;
}

MessageWriter RegisterRequest::begin(RegisterSeams* seams) const {
    const fmt::format_int number(cseq);
    const fmt::format_int seconds(expires.count());
    const AorParts address = aor_parts();
    auto writer = MessageWriter::request(method, request_uri());
    add_own_via(writer, flow, branch);
    const std::string_view behind_branch = flow.transport == Transport::udp ? ";rport\r\n" : "\r\n";
    const std::size_t branch_end = writer.text().size() - behind_branch.size();
    writer.header("Max-Forwards", 70);
    if (config.proxy_and_registration.add_initial_route_header) {
        writer.header("Route", initial_route(target));
    }
    writer.header("From", "<", address.front, address.server, ">;tag=", from_tag)
        .header("To", "<", address.front, address.server, ">")
        .header("Call-ID", call_id);
    const std::size_t cseq_begin = writer.text().size() + std::string_view("CSeq: ").size();
    writer.header("CSeq", view(number), " ", method);
    if (all_bindings) {
        writer.header("Contact", "*");
    } else if (extensions.outbound) {
        writer.header("Contact", "<", contact_uri(), ">;expires=", view(seconds),
                      ";+sip.instance=\"<", *registrant.instance_id, ">\";reg-id=1");
    } else {
        writer.header("Contact", "<", contact_uri(), ">;expires=", view(seconds));
    }
    writer.header("Expires", view(seconds));
    if (extensions.gin) {
        writer.header("Require", "gin").header("Proxy-Require", "gin");
    }
    writer.header("Supported", extensions.outbound ? "path, outbound" : "path");
    if (extensions.require_path) {
        writer.header("Require", "path");
    }
    if (seams != nullptr && writer.text().size() <= RegisterSeams::largest_text) {
        *seams = {
            offset(branch_end - branch.size()), offset(branch_end),           offset(cseq_begin),
            offset(cseq_begin + number.size()), offset(writer.text().size()), 0};
    }
    return writer;
}

}  // namespace trunkline::sipstack
