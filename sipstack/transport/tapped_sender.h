// Hands messages on to the transports, shows the tap those that were taken, and counts them and
// those that were not.
#pragma once

#include "sipstack/message_tap.h"
#include "sipstack/transport/sip_interface_counters.h"
#include "sipstack/transport/transport.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace trunkline::sipstack {

class TappedSender final : public MessageSender {
public:
    /// All of it outlives this. `interfaces` in the order of Config::sip_interfaces.
    TappedSender(MessageSender& sender, MessageTap& tap, uint64_t& failures,
                 std::span<SipInterfaceCounters> interfaces)
        : sender_(sender), tap_(tap), failures_(failures), interfaces_(interfaces) {}

    bool send(const Flow& flow, std::string_view bytes) override;

private:
    MessageSender& sender_;
    MessageTap& tap_;
    uint64_t& failures_;
    const std::span<SipInterfaceCounters> interfaces_;
};

}  // namespace trunkline::sipstack
