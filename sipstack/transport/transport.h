// The network as the signaling core sees it: flows, datagrams, and streams that are handles and
// bytes to it.
#pragma once

#include "dataplane/address.h"
#include "sipstack/config.h"
#include "sipstack/instant.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

/// One address that a configured name resolved to.
struct Target {
    dataplane::Endpoint endpoint;
    Transport transport = Transport::udp;
    uint16_t priority = 0;  ///< lower first; targets come sorted by it
    uint16_t weight = 0;    ///< among equal priorities (RFC 2782)
    std::string host = {};  ///< as configured: the identity that TLS checks (RFC 5922 7), Route

    bool operator==(const Target&) const = default;
};

/// Handle of a TCP or TLS connection within one shard; 0 is none. Never used twice. The upper byte
/// is 0, or tells which other shard's connection it is: other_shards_stream().
using StreamId = uint64_t;

/// How a connection of `shard` (0..254) is named on any other one.
constexpr StreamId other_shards_stream(uint32_t shard, StreamId id) {
    return (StreamId{shard} + 1) << 56 | id;
}
/// Whose connection it is; nullopt: the shard's own, or none.
constexpr std::optional<uint32_t> shard_of_stream(StreamId id) {
    const auto mark = static_cast<uint32_t>(id >> 56);
    return mark == 0 ? std::nullopt : std::optional(mark - 1);
}
/// Its name on its own shard.
constexpr StreamId own_stream(StreamId id) {
    return id & ((StreamId{1} << 56) - 1);
}

/// The way a message came or goes: transport, our side, the far side.
struct Flow {
    Transport transport = Transport::udp;
    uint16_t sip_interface_index = 0;  ///< position in Config::sip_interfaces
    dataplane::Endpoint local;         ///< of a stream: our listening port, as in Via and Contact
    dataplane::Endpoint remote;
    StreamId stream = 0;  ///< the connection that it uses; 0 for UDP

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

/// Where a connection leads, and who must be there.
struct StreamPeer {
    Transport transport = Transport::tcp;  ///< tcp or tls
    uint16_t sip_interface_index = 0;
    dataplane::Endpoint remote;
    std::string host;                           ///< SNI and expected identity of TLS
    std::optional<uint16_t> tls_context_index;  ///< unset = that of the SIP interface

    bool operator==(const StreamPeer&) const = default;
};

/// The machine's stream sockets as the core sees them. Called on the shard's thread; never blocks;
/// what happens is told through StreamEvents, never from within these.
class StreamSockets {
public:
    virtual ~StreamSockets() = default;
    /// Begins to connect as `id`, which the caller has not used before.
    virtual void open(StreamId id, const StreamPeer& peer) = 0;
    /// Queues bytes behind those that wait; false: there is no such stream, or too much waits.
    virtual bool write(StreamId id, std::string_view bytes) = 0;
    /// Forgets the stream; nothing more is told of it. What waits to be written is dropped.
    virtual void close(StreamId id) = 0;
};

/// What StreamSockets tells the core (the Shard). Any of StreamSockets' calls may be made from
/// within these. Ids that the core does not know (any more) are ignored.
class StreamEvents {
public:
    virtual ~StreamEvents() = default;
    /// A peer has connected to a listening port, for TLS with the handshake behind it. Returns the
    /// handle by which the stream is known from now on; 0: it is not wanted and shall be closed.
    virtual StreamId stream_accepted(Transport transport, uint16_t sip_interface_index,
                                     const dataplane::Endpoint& remote, Instant now) = 0;
    /// What open() began has come about: bytes can be written, the peer's identity is proven.
    virtual void stream_opened(StreamId id, Instant now) = 0;
    virtual void stream_received(StreamId id, std::string_view bytes, Instant now) = 0;
    /// The stream is no more, or could not be opened; told once. `reason` is for an operator:
    /// "connection refused by 192.0.2.1:5060".
    virtual void stream_closed(StreamId id, std::string_view reason, Instant now) = 0;
};

}  // namespace trunkline::sipstack
