// SIP as it goes over the wire: captures into files, and the live trace. Digests and what else is
// secret in messages stand there as they were sent, so both need an Administrator.
#include "mgmt/capture/capture.h"
#include "mgmt/json_fields.h"
#include "mgmt/rest/answers.h"
#include "mgmt/rest/event_stream.h"
#include "mgmt/rest/resources.h"
#include "mgmt/utc_text.h"

#include <chrono>
#include <memory>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using Ask = decltype(RestSources::ask);

/// Each holds a thread of the server's.
constexpr int most_traces = 4;

constexpr const char* filter_help[] = {
    "The peer's address, or a prefix as 192.0.2.0/24.",
    "The peer's port, or that of the SIP interface.",
    "The request's method; of a response, that of its request.",
    "The whole Call-ID.",
    "Text that stands in the display name or the URI of From or To.",
};

json status_schema() {
    const json number = type_schema("integer"), text = type_schema("string");
    return object_schema({{"running", type_schema("boolean")},
                          {"filter", type_schema({"string", "null"})},
                          {"started_at", type_schema({"string", "null"})},
                          {"messages", number},
                          {"trouble", text},
                          {"files", number},
                          {"bytes", number},
                          {"seen", number},
                          {"dropped", number},
                          {"trace_dropped", number},
                          {"hep_sent", number},
                          {"hep_dropped", number}},
                         {"running", "filter", "started_at", "messages", "trouble", "files",
                          "bytes", "seen", "dropped", "trace_dropped", "hep_sent", "hep_dropped"});
}

HttpResponse status_response(json reply) {
    if (!flag_in(reply, "ok")) {
        return refusal_response(reply);
    }
    reply.erase("ok");
    return json_response(reply);
}

Route status_route(const Ask& ask) {
    Route route{"GET", "/api/v1/capture", "getCapture",
                "Whether a capture of SIP messages runs, what it has, and what was dropped."};
    route.responses = {{200, "The state.", "application/json", status_schema()}};
    route.answer = [ask](const RestCall& call) {
        return status_response(ask({{"command", "capture status"}}, call.caller));
    };
    return route;
}

/// POST with a body that names the filter, or with none.
Route start_route(const Ask& ask) {
    Route route{"POST", "/api/v1/actions/startCapture", "startCapture",
                "Begins to capture SIP messages into pcap files; those of the capture before are "
                "removed. All fields that are given have to fit.",
                AccessLevel::administrator};
    json fields = json::object();
    for (std::size_t i = 0; i < capture_filter_fields.size(); ++i) {
        fields[capture_filter_fields[i]] = {{"type", {"string", "integer"}},
                                            {"description", filter_help[i]}};
    }
    route.takes = "application/json";
    route.takes_schema = object_schema(fields);
    route.responses = {{200, "It runs.", "application/json",
                        object_schema({{"filter", type_schema("string")}}, {"filter"})}};
    route.answer = [ask](const RestCall& call) {
        const auto body = json_body(call.request);
        if (!body) {
            return body.error();
        }
        if (!body->is_object()) {
            return description(400, "the body is an object with the fields of a filter");
        }
        json request = *body;
        request["command"] = "capture start";
        return status_response(ask(request, call.caller));
    };
    return route;
}

Route stop_route(const Ask& ask) {
    Route route{"POST", "/api/v1/actions/stopCapture", "stopCapture",
                "Ends the capture of SIP messages; its files stay.", AccessLevel::administrator};
    route.responses = {{200, "What it has.", "application/json", status_schema()}};
    route.answer = [ask](const RestCall& call) {
        return status_response(ask({{"command", "capture stop"}}, call.caller));
    };
    return route;
}

Route download_route(Capture& capture) {
    Route route{"GET", "/api/v1/files/capture", "getCaptureFile",
                "The SIP messages of the last capture, also of one that runs, as a pcap file.",
                AccessLevel::administrator};
    route.responses = {{200, "The file.", "application/vnd.tcpdump.pcap", type_schema("string")}};
    route.answer = [&capture](const RestCall&) {
        const auto download = std::make_shared<PcapDownload>(capture.download());
        if (download->is_empty()) {
            return description(404, "there is no capture; start one first");
        }
        return HttpResponse{200,
                            "application/vnd.tcpdump.pcap",
                            "",
                            {{"Content-Disposition", "attachment; filename=\"sip.pcap\""},
                             {"Cache-Control", "no-store"}},
                            [download](const HttpSink& sink) { download->write_to(sink); }};
    };
    return route;
}

std::string first_line(const std::string& bytes) {
    return bytes.substr(0, bytes.find_first_of("\r\n"));
}

/// Bytes that are no UTF-8 are shown as replacement characters.
std::string event_of(const LiveTrace::Heard& heard) {
    static constexpr const char* transports[] = {"udp", "tcp", "tls"};
    const sipstack::TappedMessage& message = heard.message;
    const auto envelope = sipstack::scan_envelope(message.bytes).value_or(sipstack::Envelope{});
    const std::chrono::sys_time<std::chrono::microseconds> at(
        std::chrono::floor<std::chrono::microseconds>(message.at));
    json row{
        {"time", utc_text(at)},
        {"direction", message.direction == sipstack::MessageDirection::sent ? "sent" : "received"},
        {"transport", transports[static_cast<std::size_t>(message.flow.transport)]},
        {"sip_interface", heard.sip_interface},
        {"local", message.flow.local.to_string()},
        {"remote", message.flow.remote.to_string()},
        {"summary", first_line(message.bytes)},
        {"method", envelope.method},
        {"status", envelope.status == 0 ? json() : json(envelope.status)},
        {"call_id", envelope.call_id},
        {"from", envelope.from},
        {"to", envelope.to},
        {"text", message.bytes}};
    return event_text("", "message",
                      row.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

StreamPiece next_piece(LiveTrace& trace, std::chrono::milliseconds patience) {
    using Outcome = LiveTrace::Outcome;
    LiveTrace::Heard heard;
    uint64_t lost = 0;
    switch (trace.next(heard, lost, patience)) {
        case Outcome::message:
            return {event_of(heard)};
        case Outcome::dropped:
            return {event_text("", "dropped", json{{"count", lost}}.dump())};
        case Outcome::nothing:
            return {};
        case Outcome::over:
            break;
    }
    return {"", true};
}

Route trace_route(Capture& capture) {
    Route route{"GET", "/api/v1/sipTrace", "getSipTrace",
                "Each SIP message from now on, as server-sent events: message (time, direction, "
                "transport, sip_interface, local, remote, summary, method, status, call_id, from, "
                "to, text), and dropped (count) where the client was too slow for some.",
                AccessLevel::administrator};
    for (std::size_t i = 0; i < capture_filter_fields.size(); ++i) {
        route.query.push_back({capture_filter_fields[i], filter_help[i], type_schema("string")});
    }
    route.responses = {{200, "The stream.", "text/event-stream", type_schema("string")}};
    const auto places = std::make_shared<StreamPlaces>(most_traces);
    route.answer = [&capture, places](const RestCall& call) {
        json fields = json::object();
        for (const char* const name : capture_filter_fields) {
            fields[name] = call.request.query_value(name);
        }
        auto filter = read_capture_filter(fields);
        if (!filter) {
            return description(400, filter.error());
        }
        auto place = places->take();
        if (!place) {
            return places->busy();
        }
        const auto trace = capture.trace(std::move(*filter));
        return event_stream(
            [trace](std::chrono::milliseconds patience) { return next_piece(*trace, patience); },
            std::move(place));
    };
    return route;
}

}  // namespace

std::vector<Route> capture_routes(const RestSources& sources) {
    return {status_route(sources.ask), start_route(sources.ask), stop_route(sources.ask),
            download_route(sources.capture), trace_route(sources.capture)};
}

}  // namespace trunkline::mgmt
