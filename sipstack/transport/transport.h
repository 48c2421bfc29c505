// The network as the signaling core sees it: flows and bytes.
#pragma once

#include "dataplane/address.h"
#include "sipstack/config.h"

#include <cstdint>
#include <string_view>

namespace trunkline::sipstack {

/// One address that a configured name resolved to.
struct Target {
    dataplane::Endpoint endpoint;
    Transport transport = Transport::udp;

    bool operator==(const Target&) const = default;
};

/// The way a message came or goes: transport, our side, the far side.
struct Flow {
    Transport transport = Transport::udp;
    uint16_t sip_interface_index = 0;  ///< position in Config::sip_interfaces
    dataplane::Endpoint local;
    dataplane::Endpoint remote;

    bool operator==(const Flow&) const = default;
};

/// Takes messages off the shard's hands. Called on the shard's thread; never blocks.
class MessageSender {
public:
    virtual ~MessageSender() = default;
    /// false: the message could not be taken (queue full, too large for the transport); the caller
    /// treats it as a transport error (RFC 3261 8.1.3.1). `bytes` need not outlive the call.
    virtual bool send(const Flow& flow, std::string_view bytes) = 0;
};

}  // namespace trunkline::sipstack
