// The IP packets that a file of captured messages has for each: a UDP datagram for what went over
// UDP, TCP segments for TCP, with numbers that go on from message to message so that readers see a
// stream. What TLS protected is shown in the clear as a UDP datagram between the same addresses and
// ports: as TCP to a port of TLS readers would take it for TLS.
//
// The ports of a connection are those that a message is known by: of one that we opened, the local
// port is that of our SIP interface, not the one that the kernel chose.
#pragma once

#include "dataplane/address.h"
#include "sipstack/message_tap.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

class MessagePackets {
public:
    /// Directions of streams whose numbers are kept; beyond, all begin anew.
    static constexpr std::size_t most_streams = 16'384;

    std::vector<std::string> of(const sipstack::TappedMessage& message);

private:
    /// The next byte's number from one endpoint to another.
    std::map<std::pair<dataplane::Endpoint, dataplane::Endpoint>, uint32_t> next_;
};

}  // namespace trunkline::mgmt
