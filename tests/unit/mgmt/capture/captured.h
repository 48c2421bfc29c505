// Messages as the capture hands them out.
#pragma once

#include "mgmt/capture/captured_message.h"

#include <string>

namespace trunkline::mgmt {

inline constexpr const char* captured_register =
    "REGISTER sip:lab.example SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1\r\n"
    "From: <sip:office@lab.example>;tag=a\r\n"
    "To: <sip:office@lab.example>\r\n"
    "Call-ID: one@192.0.2.10\r\n"
    "CSeq: 1 REGISTER\r\n"
    "Content-Length: 0\r\n\r\n";

/// Sent by us, at 100.000002003 s; from 192.0.2.10:5060 to 192.0.2.1:5070.
inline sipstack::TappedMessage sent_message(
    const std::string& bytes = captured_register,
    sipstack::Transport transport = sipstack::Transport::udp) {
    return {std::chrono::seconds(100) + std::chrono::nanoseconds(2003),
            sipstack::MessageDirection::sent,
            {transport,
             0,
             {*dataplane::IpAddress::parse("192.0.2.10"), 5060},
             {*dataplane::IpAddress::parse("192.0.2.1"), 5070}},
            bytes};
}

/// It refers to the message.
inline CapturedMessage captured(const sipstack::TappedMessage& message) {
    return {message, sipstack::scan_envelope(message.bytes).value_or(sipstack::Envelope{}),
            "SIPInterface_0"};
}

}  // namespace trunkline::mgmt
