#include "tests/sim/incoming_requests.h"

#include "sipstack/message/envelope.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trunkline::sim {
namespace {

struct Kind {
    std::string_view method;
    std::string_view uri;  ///< empty: the appliance's
    std::string_view version;
    std::string_view headers;
    std::string_view body;
    int status;
};

constexpr std::array kinds{
    Kind{"OPTIONS", "", "SIP/2.0", "", "", 200},
    Kind{"OPTIONS", "", "SIP/2.0", "Max-Forwards: 0\r\n", "", 200},
    Kind{"OPTIONS", "", "SIP/2.0", "Content-Type: text/plain\r\n", "OPTIONS sip:x SIP/2.0\r\n\r\n",
         200},
    Kind{"OPTIONS", "", "SIP/2.0", "Require: one, two\r\n", "", 420},
    Kind{"OPTIONS", "tel:+4930123", "SIP/2.0", "", "", 416},
    Kind{"OPTIONS", "", "SIP/7.0", "", "", 505},
    Kind{"OPTIONS", "", "SIP/2.0", "Max-Forwards: many\r\n", "", 400},
    Kind{"MESSAGE", "", "SIP/2.0", "Content-Type: text/plain\r\n", "hello", 405},
    Kind{"NOTIFY", "", "SIP/2.0", "Event: reg\r\nSubscription-State: active\r\n", "", 405},
    Kind{"REGISTER", "", "SIP/2.0", "", "", 405},
    Kind{"CANCEL", "", "SIP/2.0", "", "", 481},
};

/// A repetition of a request gets the same answer for so long (timer J, RFC 3261 17.2.2).
constexpr std::chrono::seconds memory{30};

}  // namespace

IncomingRequests::IncomingRequests(uint64_t seed) : random_(sipstack::Random::seed_from(seed)) {}

std::string IncomingRequests::make(const dataplane::Endpoint& from, const dataplane::Endpoint& to,
                                   sipstack::Transport transport) {
    const Kind& kind = kinds[random_.between(0, kinds.size() - 1)];
    const std::string branch = "z9hG4bKpeer" + random_.hex(16);
    Sent& sent = sent_[branch];
    sent.from = fmt::format("<sip:peer@{}>;tag={}", from.address.to_string(), random_.hex(8));
    sent.call_id = random_.hex(16) + "@peer";
    sent.cseq = fmt::format("{} {}", random_.between(1, 0x7fffffff), kind.method);
    sent.status = kind.status;
    const std::string uri =
        kind.uri.empty() ? fmt::format("sip:{}", to.to_string()) : std::string(kind.uri);
    return fmt::format(
        "{} {} {}\r\nVia: SIP/2.0/{} {};branch={};rport\r\nFrom: {}\r\nTo: <{}>\r\n"
        "Call-ID: {}\r\nCSeq: {}\r\n{}Content-Length: {}\r\n\r\n{}",
        kind.method, uri, kind.version, transport == sipstack::Transport::udp ? "UDP" : "TCP",
        from.to_string(), branch, sent.from, uri, sent.call_id, sent.cseq, kind.headers,
        kind.body.size(), kind.body);
}

void IncomingRequests::delivered(std::string_view bytes) {
    const auto envelope = sipstack::scan_envelope(bytes);
    if (envelope && envelope->is_request && sent_.contains(std::string(envelope->branch))) {
        owed_.emplace_back(envelope->branch);
    }
}

std::optional<std::string> IncomingRequests::answered(std::string_view bytes, Instant now) {
    const auto envelope = sipstack::scan_envelope(bytes);
    const auto owed = envelope ? std::ranges::find(owed_, envelope->branch) : owed_.end();
    if (owed == owed_.end()) {
        return "an answer that nobody waits for";
    }
    ++answers_;
    Sent& sent = sent_.at(*owed);
    owed_.erase(owed);
    const bool finds_no_dialog =
        allows_notify_ && sent.cseq.ends_with("NOTIFY") && envelope->status == 481;
    if (envelope->status != sent.status && !finds_no_dialog) {
        return fmt::format("{} instead of {} to {}", envelope->status, sent.status, sent.cseq);
    }
    if (envelope->from != sent.from || envelope->call_id != sent.call_id ||
        envelope->cseq != sent.cseq || envelope->to.find(";tag=") == std::string_view::npos) {
        return fmt::format("an answer that does not fit its request, {}", sent.cseq);
    }
    if (!sent.response.empty() && now < sent.answered_at + memory && sent.response != bytes) {
        return fmt::format("another answer to the same request, {}", sent.cseq);
    }
    if (sent.response.empty()) {
        sent.response = bytes;
        sent.answered_at = now;
    }
    return std::nullopt;
}

std::optional<std::string> IncomingRequests::settle() {
    if (owed_.empty()) {
        return std::nullopt;
    }
    const std::string cseq = sent_.at(owed_.front()).cseq;
    owed_.clear();
    return fmt::format("no answer to {}", cseq);
}

}  // namespace trunkline::sim
