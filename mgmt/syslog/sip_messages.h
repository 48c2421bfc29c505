// SIP messages in syslog, as the appliance family shows them at a VoIP Debug Level above 0:
//   <133>[S=4712] [SID=1a2b3c:7:901]  (N 10212) ---- Outgoing SIP Message to 192.0.2.50:5060 from
//   SIPInterface #0 (Trunk) UDP TO(#0) ---- [Time:21-11@09:15:02.118]
//   REGISTER sip:itsp.example SIP/2.0
//   ...
// (the first two lines are one). What a message does not hold goes on in those that follow it.
#pragma once

#include "mgmt/capture/captured_message.h"
#include "mgmt/syslog/syslog.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// "---- Incoming SIP Message from 192.0.2.50:5060 to SIPInterface #0 (Trunk) TCP TO(#31) ----": TO
/// has the number of the connection, 0 for UDP.
std::string sip_message_title(const CapturedMessage& message);
/// The session counter of SID: a number of the Call-ID, which both ends and a later message share.
uint32_t sip_session(std::string_view call_id);

/// Secrets of digests and the like stand there as they are on the wire.
class SipMessagesToSyslog final : public CaptureSink {
public:
    explicit SipMessagesToSyslog(const Syslog& syslog) : syslog_(syslog) {}
    void take(const CapturedMessage& message) override;

private:
    const Syslog& syslog_;
};

}  // namespace trunkline::mgmt
