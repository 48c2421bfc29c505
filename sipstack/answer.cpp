#include "sipstack/answer.h"

#include "sipstack/message/envelope.h"
#include "sipstack/message/header_rows.h"
#include "sipstack/message/lexical.h"

#include <fmt/format.h>

#include <vector>

namespace trunkline::sipstack {
namespace {

constexpr uint16_t default_port = 5060;

struct SentBy {
    std::string_view host;  ///< no brackets
    std::optional<uint16_t> port;
};

/// "SIP/2.0/UDP [2001:db8::1]:5062;branch=..." -> 2001:db8::1, 5062.
SentBy sent_by(std::string_view top_via) {
    std::string_view text = trim(top_via.substr(0, top_via.find(';')));
    const std::size_t blank = text.find_last_of(" \t");
    text.remove_prefix(blank == std::string_view::npos ? 0 : blank + 1);
    SentBy result;
    std::string_view port;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        result.host = text.substr(1, end == std::string_view::npos ? end : end - 1);
        port = end == std::string_view::npos ? "" : text.substr(end + 1);
    } else {
        const std::size_t colon = text.find(':');
        result.host = text.substr(0, colon);
        port = colon == std::string_view::npos ? "" : text.substr(colon);
    }
    const auto number = parse_number(port.substr(port.empty() ? 0 : 1));
    if (number && *number > 0 && *number <= 65535) {
        result.port = static_cast<uint16_t>(*number);
    }
    return result;
}

bool has_rport(std::string_view top_via) {
    return header_parameter(top_via, "rport").has_value();
}

/// The Via rows of a response; the first value of the first row is the one that is completed.
void add_vias(MessageWriter& writer, const std::vector<std::string_view>& rows, const Flow& flow) {
    for (std::size_t index = 0; index < rows.size(); ++index) {
        std::string_view rest = rows[index];
        if (index > 0) {
            writer.header("Via", rest);
            continue;
        }
        writer.header("Via", answered_via(take_list_value(rest), flow));
        if (!trim(rest).empty()) {
            writer.header("Via", trim(rest));
        }
    }
}

dataplane::Endpoint destination(std::string_view top_via, const Flow& flow) {
    return has_rport(top_via) ? flow.remote
                              : dataplane::Endpoint{flow.remote.address,
                                                    sent_by(top_via).port.value_or(default_port)};
}

/// The same text gives the same tag.
std::string stateless_tag(std::string_view text) {
    uint64_t value = 0xcbf29ce484222325;
    for (const char character : text) {
        value = (value ^ static_cast<unsigned char>(character)) * 0x100000001b3;
    }
    return fmt::format("{:016x}", value);
}

std::string with_tag(std::string_view to, std::string_view tag) {
    return header_parameter(to, "tag") ? std::string(to) : fmt::format("{};tag={}", to, tag);
}

}  // namespace

std::string answered_via(std::string_view top_via, const Flow& flow) {
    std::string via;
    std::string_view rest = top_via;
    while (!rest.empty()) {
        const std::size_t end = find_outside_quotes(rest, ';');
        const std::string_view part = trim(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        const std::string_view name = trim(part.substr(0, part.find('=')));
        if (!via.empty() && (equal_nocase(name, "received") || part.empty())) {
            continue;
        }
        via += via.empty() ? "" : ";";
        if (equal_nocase(name, "rport")) {
            via += fmt::format("rport={}", flow.remote.port);
        } else {
            via += part;
        }
    }
    const auto claimed = dataplane::IpAddress::parse(sent_by(top_via).host);
    if (has_rport(top_via) || claimed != flow.remote.address) {
        via += ";received=" + flow.remote.address.to_string();
    }
    return via;
}

MessageWriter begin_answer(const Message& request, const Flow& flow, int status,
                           std::string_view to_tag) {
    auto writer = MessageWriter::response(status, reason_phrase(status));
    add_vias(writer, request.rows("Via"), flow);
    writer.header("From", request.rows("From").at(0))
        .header("To", with_tag(request.rows("To").at(0), to_tag))
        .header("Call-ID", request.call_id())
        .header("CSeq", fmt::format("{} {}", request.cseq(), request.method()));
    return writer;
}

std::optional<StatelessAnswer> answer_malformed(std::string_view bytes, const Flow& flow,
                                                const ParseFault& fault, std::string_view server) {
    const auto envelope = scan_envelope(bytes);
    if (fault.status == 0 || !envelope || !envelope->is_request || envelope->method == "ACK" ||
        envelope->top_via.empty() || envelope->from.empty() || envelope->to.empty() ||
        envelope->call_id.empty() || envelope->cseq.empty()) {
        return std::nullopt;
    }
    std::vector<std::string_view> vias;
    HeaderRows rows(bytes);
    while (const auto row = rows.next()) {
        if (same_header(row->name, "Via")) {
            vias.push_back(row->value);
        }
    }
    auto writer = MessageWriter::response(
        fault.status, fault.reason.empty() ? reason_phrase(fault.status) : fault.reason);
    add_vias(writer, vias, flow);
    writer.header("From", envelope->from)
        .header("To", with_tag(envelope->to, stateless_tag(envelope->call_id)))
        .header("Call-ID", envelope->call_id)
        .header("CSeq", envelope->cseq)
        .header("Server", server);
    StatelessAnswer answer{writer.finish(), flow};
    answer.flow.remote = destination(envelope->top_via, flow);
    return answer;
}

}  // namespace trunkline::sipstack
