// A SIP message on its way to those who watch.
#pragma once

#include "sipstack/message/envelope.h"
#include "sipstack/message_tap.h"

#include <string_view>

namespace trunkline::mgmt {

/// Good during the call that hands it over: who keeps some of it copies it.
struct CapturedMessage {
    const sipstack::TappedMessage& message;
    sipstack::Envelope envelope;     ///< of its bytes; empty where its start line is not SIP's
    std::string_view sip_interface;  ///< name
};

/// Somebody who watches.
class CaptureSink {
public:
    virtual ~CaptureSink() = default;
    /// On the capture's thread, which takes no other message meanwhile: waits for nobody.
    virtual void take(const CapturedMessage& message) = 0;
    /// After the last one of those that came together.
    virtual void flush() {}
};

}  // namespace trunkline::mgmt
