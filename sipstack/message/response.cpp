#include "sipstack/message/response.h"

#include "sipstack/message/header_rows.h"
#include "sipstack/message/lexical.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace trunkline::sipstack {

namespace {

constexpr uint16_t default_port = 5060;

/// host and port of a raw Via value "SIP/2.0/UDP host:port;...".
struct SentBy {
    std::string_view host;  ///< without brackets
    std::optional<uint16_t> port;
};

std::optional<SentBy> sent_by(std::string_view via) {
    std::string_view text = trim(via.substr(0, via.find(';')));
    const std::size_t slash = text.rfind('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    text = trim(text.substr(slash + 1));
    const std::size_t blank = text.find_first_of(" \t\r\n");
    if (blank == std::string_view::npos) {
        return std::nullopt;
    }
    text = trim(text.substr(blank));
    SentBy result;
    std::size_t host_end = text.find(':');
    if (text.starts_with('[')) {
        const std::size_t bracket = text.find(']');
        if (bracket == std::string_view::npos) {
            return std::nullopt;
        }
        result.host = text.substr(1, bracket - 1);
        host_end = text.find(':', bracket);
    } else {
        result.host = trim(text.substr(0, host_end));
    }
    if (host_end != std::string_view::npos) {
        const auto port = parse_number(trim(text.substr(host_end + 1)));
        if (!port || *port > 65535) {
            return std::nullopt;
        }
        result.port = static_cast<uint16_t>(*port);
    }
    return result.host.empty() ? std::nullopt : std::optional(result);
}

/// What of the source goes into a Via value.
struct Source {
    dataplane::Endpoint endpoint;
    bool differs = false;  ///< from the sender's own words
    bool wants_rport = false;
};

Source source_of(std::string_view via, const dataplane::Endpoint& endpoint) {
    const auto host = sent_by(via);
    return {endpoint, !host || dataplane::IpAddress::parse(host->host) != endpoint.address,
            header_parameter(via, "rport").has_value()};
}

Source source_of(const Via& via, const dataplane::Endpoint& endpoint) {
    return {endpoint, dataplane::IpAddress::parse(via.host) != endpoint.address, via.has_rport};
}

/// The value with the source written into it. A received that the peer wrote itself goes.
std::string with_source(std::string_view via, const Source& source) {
    std::size_t semicolon = find_outside_quotes(via, ';');
    std::string result;
    result.reserve(via.size() + 64);
    result = trim(via.substr(0, semicolon));
    while (semicolon != std::string_view::npos) {
        const std::size_t end = find_outside_quotes(via, ';', semicolon + 1);
        const std::string_view parameter = trim(via.substr(semicolon + 1, end - semicolon - 1));
        const std::string_view name = trim(parameter.substr(0, parameter.find('=')));
        if (equal_nocase(name, "rport")) {
            result += ";rport=";
            result += fmt::format_int(source.endpoint.port).c_str();
        } else if (!parameter.empty() && !equal_nocase(name, "received")) {
            result += ';';
            result += parameter;
        }
        semicolon = end;
    }
    if (source.differs || source.wants_rport) {
        result += ";received=";
        result += source.endpoint.address.to_string();
    }
    return result;
}

/// What an answer copies.
struct Copied {
    std::vector<std::string_view> vias;  ///< rows
    std::string_view from, to, call_id, cseq;
};

void copy_row(MessageWriter& writer, std::string_view name, std::string_view value) {
    if (!value.empty()) {
        writer.header(name, value);
    }
}

MessageWriter begin(const Copied& copied, int status, std::string_view reason,
                    std::string_view to_tag, const Source& source) {
    MessageWriter writer = MessageWriter::response(status, reason);
    bool top = true;
    for (std::string_view row : copied.vias) {
        if (top) {
            std::string first = with_source(take_list_value(row), source);
            if (!row.empty()) {
                first += ", ";
                first += trim(row);
            }
            writer.header("Via", first);
            top = false;
        } else {
            writer.header("Via", row);
        }
    }
    copy_row(writer, "From", copied.from);
    if (to_tag.empty() || copied.to.empty() || header_parameter(copied.to, "tag")) {
        copy_row(writer, "To", copied.to);
    } else {
        writer.header("To", copied.to, ";tag=", to_tag);
    }
    copy_row(writer, "Call-ID", copied.call_id);
    copy_row(writer, "CSeq", copied.cseq);
    return writer;
}

/// A Via as with_source() writes it, in parts.
struct PlainVia {
    std::string_view front, rport, port, rest, received, address;
};

/// A fast path beside with_source(), for a plain Via (plain_message.h) without a received. nullopt:
/// it has one, or two of rport. `port` and `address` are the source's.
std::optional<PlainVia> plain_via_with_source(std::string_view via, const Source& source,
                                              std::string_view port, std::string_view address) {
    PlainVia parts;
    parts.front = via;
    for (std::size_t at = via.find(';'); at != std::string_view::npos; at = via.find(';', at + 1)) {
        const std::string_view rest = via.substr(at + 1);
        if (to_lower(rest.front()) != 'r') {
            continue;
        }
        if (equal_nocase(rest.substr(0, 8), "received")) {
            return std::nullopt;
        }
        const std::size_t end = std::min(rest.find(';'), rest.size());
        const std::string_view name = rest.substr(0, std::min(rest.find('='), end));
        if (!equal_nocase(name, "rport")) {
            continue;
        }
        if (!parts.rport.empty()) {
            return std::nullopt;
        }
        parts.front = via.substr(0, at);
        parts.rport = ";rport=";
        parts.port = port;
        parts.rest = rest.substr(end);
    }
    if (source.differs || source.wants_rport) {
        parts.received = ";received=";
        parts.address = address;
    }
    return parts;
}

/// A fast path beside begin(), for nearly all requests: a plain one with one Via. Nothing in it is
/// what a writer would have to replace. nullopt: it is another one.
std::optional<MessageWriter> begin_plainly(const Message& request, int status,
                                           std::string_view reason, std::string_view to_tag,
                                           const Source& source) {
    if (!request.is_plain() || request.vias().size() != 1 || to_tag.empty()) {
        return std::nullopt;
    }
    const fmt::format_int port(source.endpoint.port);
    const std::string address =
        source.differs || source.wants_rport ? source.endpoint.address.to_string() : std::string();
    const auto via = plain_via_with_source(request.row(HeaderId::via), source,
                                           {port.data(), port.size()}, address);
    if (!via) {
        return std::nullopt;
    }
    const fmt::format_int code(status);
    const bool has_tag = !request.to_tag().empty();
    return MessageWriter::continued({"SIP/2.0 ",
                                     {code.data(), code.size()},
                                     " ",
                                     reason,
                                     "\r\nVia: ",
                                     via->front,
                                     via->rport,
                                     via->port,
                                     via->rest,
                                     via->received,
                                     via->address,
                                     "\r\nFrom: ",
                                     request.row(HeaderId::from),
                                     "\r\nTo: ",
                                     request.row(HeaderId::to),
                                     has_tag ? "" : ";tag=",
                                     has_tag ? std::string_view{} : to_tag,
                                     "\r\nCall-ID: ",
                                     request.call_id(),
                                     "\r\nCSeq: ",
                                     request.row(HeaderId::cseq),
                                     "\r\n"});
}

std::vector<std::string_view> via_rows(std::string_view bytes) {
    std::vector<std::string_view> values;
    HeaderRows rows(bytes);
    while (const auto row = rows.next()) {
        if (row->id == HeaderId::via) {
            values.push_back(row->value);
        }
    }
    return values;
}

Copied copied_from(const Message& request) {
    return {.vias = request.rows("Via"),
            .from = request.row(HeaderId::from),
            .to = request.row(HeaderId::to),
            .call_id = request.call_id(),
            .cseq = request.row(HeaderId::cseq)};
}

}  // namespace

MessageWriter response_to(const Message& request, int status, std::string_view reason,
                          std::string_view to_tag, const Flow& came_from) {
    const Source source = source_of(request.vias().front(), came_from.remote);
    auto plain = begin_plainly(request, status, reason, to_tag, source);
    return plain ? std::move(*plain) : begin(copied_from(request), status, reason, to_tag, source);
}

MessageWriter general_response_to(const Message& request, int status, std::string_view reason,
                                  std::string_view to_tag, const Flow& came_from) {
    return begin(copied_from(request), status, reason, to_tag,
                 source_of(request.vias().front(), came_from.remote));
}

std::optional<StatelessResponse> response_to(std::string_view bytes, const Envelope& envelope,
                                             int status, std::string_view reason,
                                             std::string_view to_tag, const Flow& came_from) {
    const auto host = sent_by(envelope.top_via);
    if (!envelope.is_request || envelope.method == "ACK" || !host) {
        return std::nullopt;
    }
    const Copied copied{.vias = via_rows(bytes),
                        .from = envelope.from,
                        .to = envelope.to,
                        .call_id = envelope.call_id,
                        .cseq = envelope.cseq};
    Via via;
    via.port = host->port;
    via.has_rport = header_parameter(envelope.top_via, "rport").has_value();
    return StatelessResponse{
        begin(copied, status, reason, to_tag, source_of(envelope.top_via, came_from.remote)),
        response_flow(came_from, via)};
}

Flow response_flow(const Flow& came_from, const Via& top_via) {
    Flow flow = came_from;
    if (flow.transport == Transport::udp && !top_via.has_rport) {
        flow.remote.port = top_via.port.value_or(default_port);
    }
    return flow;
}

}  // namespace trunkline::sipstack
