#include "sipstack/request_answers.h"

#include "sipstack/digest/digest.h"
#include "sipstack/message/envelope.h"
#include "sipstack/message/lexical.h"
#include "sipstack/message/response.h"
#include "sipstack/shard_key.h"

#include <vector>

namespace trunkline::sipstack {
namespace {

/// All that is served so far; ACK is absorbed and CANCEL finds nothing to cancel.
constexpr std::string_view allowed_methods = "OPTIONS";
constexpr std::string_view allowed_methods_of_subscriber = "OPTIONS, NOTIFY";
constexpr std::string_view accepted_bodies = "application/sdp";

bool has_sip_scheme(std::string_view uri) {
    const std::string_view scheme = uri.substr(0, uri.find(':'));
    return equal_nocase(scheme, "sip") || equal_nocase(scheme, "sips");
}

/// A To tag without state: a repetition of the request gets the same, whatever was restarted in
/// between (RFC 3261 8.2.7).
std::string stateless_tag(std::string_view call_id) {
    return hash_hex(DigestAlgorithm::md5, call_id).substr(0, 16);
}

std::string joined(const std::vector<std::string_view>& rows) {
    std::string text;
    for (const std::string_view row : rows) {
        text += text.empty() ? "" : ", ";
        text += row;
    }
    return text;
}

}  // namespace

RequestAnswers::RequestAnswers(uint32_t shard_index, const Config& config, Random& random,
                               RegEventDialogs& dialogs, const AdministrativeState& state)
    : shard_index_(shard_index),
      config_(config),
      random_(random),
      dialogs_(dialogs),
      state_(state) {
    set_subscriber(false);
}

void RequestAnswers::set_subscriber(bool is_subscriber) {
    is_subscriber_ = is_subscriber;
    rest_of_ok_ = MessageWriter::continued({})
                      .header("Server", config_.user_agent)
                      .header("Allow", allow())
                      .header("Accept", accepted_bodies)
                      .header("Supported", "")
                      .finish();
}

std::string_view RequestAnswers::allow() const {
    return is_subscriber_ ? allowed_methods_of_subscriber : allowed_methods;
}

MessageWriter RequestAnswers::begin(const Message& request, const Flow& flow, int status) {
    auto writer =
        response_to(request, status, reason_phrase(status), make_tag(shard_index_, random_), flow);
    writer.header("Server", config_.user_agent);
    return writer;
}

std::optional<RequestAnswers::Malformed> RequestAnswers::to_malformed(
    const Flow& flow, std::string_view bytes, const ParseFault& fault) const {
    const auto envelope = scan_envelope(bytes);
    if (fault.status == 0 || !envelope) {
        return std::nullopt;
    }
    auto answer = response_to(bytes, *envelope, fault.status, fault.reason,
                              stateless_tag(envelope->call_id), flow);
    if (!answer) {
        return std::nullopt;
    }
    return Malformed{answer->writer.header("Server", config_.user_agent).finish(), answer->flow};
}

/// Once who subscribed has read it (RFC 6665 4.1.3).
std::string RequestAnswers::to_notify(const Message& request, const Flow& flow, Instant now) {
    const auto events = request.rows("Event");
    if (events.empty() ||
        !equal_nocase(trim(events.front().substr(0, events.front().find(';'))), "reg")) {
        return begin(request, flow, 489).header("Allow-Events", "reg").finish();
    }
    const auto dialog = dialogs_.find(std::string(request.call_id()));
    if (dialog == dialogs_.end()) {
        return begin(request, flow, 481).finish();
    }
    RegEventSubscription& subscription = *dialog->second;  // which may leave the dialog within
    const int status = subscription.notified(request, flow, now);
    auto answer = begin(request, flow, status);
    if (status == 415) {
        answer.header("Accept", "application/reginfo+xml");
    }
    std::string text = answer.finish();
    subscription.answered(flow, text, now);
    return text;
}

std::string RequestAnswers::to(const Message& request, const Flow& flow, Instant now) {
    if (request.method() == "CANCEL") {
        return begin(request, flow, 481).finish();
    }
    // Dialogs end after the account that had them has left the configuration.
    if (request.method() == "NOTIFY" && (is_subscriber_ || !dialogs_.empty())) {
        return to_notify(request, flow, now);
    }
    if (request.method() != "OPTIONS") {
        return begin(request, flow, 405).header("Allow", allow()).finish();
    }
    if (!has_sip_scheme(request.request_uri())) {
        return begin(request, flow, 416).finish();
    }
    if (request.first_row("Require")) {
        const std::string required = joined(request.rows("Require"));
        if (!required.empty()) {
            return begin(request, flow, 420).header("Unsupported", required).finish();
        }
    }
    if (state_ == AdministrativeState::locked) {
        return begin(request, flow, 503).finish();
    }
    return response_to(request, 200, "OK", make_tag(shard_index_, random_), flow)
        .finish_with(rest_of_ok_);
}

}  // namespace trunkline::sipstack
