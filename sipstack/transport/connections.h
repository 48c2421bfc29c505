// The ways out of a shard: datagrams as they are, and TCP and TLS connections that are opened when
// needed, reused, kept alive and given up. Framing of what comes in is stream_framer.h; the sockets
// are stream_sockets.h.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/transport/transport.h"

#include <memory>
#include <optional>
#include <string>

namespace trunkline::sipstack {

class Connections final : public MessageSender {
public:
    /// The arguments outlive the object.
    Connections(const Config& config, MessageSender& datagrams);

    /// The flow to `peer`: for UDP it always is; for TCP and TLS the connection that leads there
    /// already, or a new one that is being opened. nullopt: the SIP interface has no port for that
    /// transport or no address of that family.
    std::optional<Flow> flow_to(const StreamPeer& peer, Instant now);

    /// As MessageSender says; on a connection that is being opened the message waits for it.
    bool send(const Flow& flow, std::string_view bytes) override;

private:
    const Config& config_;
    MessageSender& datagrams_;
};

}  // namespace trunkline::sipstack
