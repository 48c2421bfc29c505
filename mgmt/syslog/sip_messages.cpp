#include "mgmt/syslog/sip_messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace trunkline::mgmt {

namespace {

std::string upper(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::toupper(c); });
    return result;
}

}  // namespace

std::string sip_message_title(const CapturedMessage& message) {
    const sipstack::Flow& flow = message.message.flow;
    const bool is_sent = message.message.direction == sipstack::MessageDirection::sent;
    return fmt::format("---- {} SIP Message {} {} {} SIPInterface #{} ({}) {} TO(#{}) ----",
                       is_sent ? "Outgoing" : "Incoming", is_sent ? "to" : "from",
                       flow.remote.to_string(), is_sent ? "from" : "to", flow.sip_interface_index,
                       message.sip_interface, upper(to_string(flow.transport)), flow.stream);
}

/// FNV-1a (32 bits): the same in every process, and none is to be hit on purpose.
uint32_t sip_session(std::string_view call_id) {
    uint32_t hash = 2166136261U;
    for (const char c : call_id) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    return hash;
}

void SipMessagesToSyslog::take(const CapturedMessage& message) {
    syslog_.tell_sip_message(
        sip_message_title(message), sip_session(message.envelope.call_id), message.message.bytes,
        std::chrono::system_clock::time_point(
            std::chrono::duration_cast<std::chrono::system_clock::duration>(message.message.at)));
}

}  // namespace trunkline::mgmt
