#include "mgmt/syslog/sip_messages.h"

#include "tests/unit/mgmt/capture/captured.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace trunkline::mgmt {
namespace {

TEST(SipMessagesTest, TheTitleSaysWhichWayAMessageWent) {
    auto message = sent_message();
    EXPECT_EQ(sip_message_title(captured(message)),
              "---- Outgoing SIP Message to 192.0.2.1:5070 from SIPInterface #0 (SIPInterface_0) "
              "UDP TO(#0) ----");
    message.direction = sipstack::MessageDirection::received;
    message.flow.transport = sipstack::Transport::tls;
    message.flow.sip_interface_index = 2;
    message.flow.stream = 31;
    EXPECT_EQ(sip_message_title(captured(message)),
              "---- Incoming SIP Message from 192.0.2.1:5070 to SIPInterface #2 (SIPInterface_0) "
              "TLS TO(#31) ----");
}

TEST(SipMessagesTest, ASessionIsThatOfTheCallId) {
    EXPECT_EQ(sip_session("one@192.0.2.10"), sip_session("one@192.0.2.10"));
    EXPECT_NE(sip_session("one@192.0.2.10"), sip_session("two@192.0.2.10"));
}

}  // namespace
}  // namespace trunkline::mgmt
