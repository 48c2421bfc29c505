// The ways out of a shard: datagrams as they are, and TCP and TLS connections that are opened when
// needed, reused, kept alive and given up. Framing of what comes in is stream_framer.h; the sockets
// are stream_sockets.h. Pure; all on the shard's thread.
//
// A connection is kept until its peer closes it, it breaks, its framing is lost, or a ping stays
// unanswered. Their number is bounded.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/message/via.h"
#include "sipstack/random.h"
#include "sipstack/timer_wheel.h"
#include "sipstack/transport/transport.h"

#include <spdlog/logger.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace trunkline::sipstack {

struct ConnectionCounters {
    uint64_t opened = 0;          ///< by us, and established
    uint64_t accepted = 0;        ///< from a peer
    uint64_t refused = 0;         ///< not opened or accepted, as there are too many
    uint64_t open_failures = 0;   ///< refused, unreachable, too slow, TLS
    uint64_t ended = 0;           ///< established, and no more
    uint64_t framing_faults = 0;  ///< closed for bytes that are no SIP
    uint64_t pings_sent = 0, pongs_missed = 0, pings_answered = 0;
    uint64_t queue_full = 0;  ///< messages that a connection being opened had no room for
};

/// Told by Connections. Either call may send, and ask for flows.
class ConnectionListener {
public:
    virtual ~ConnectionListener() = default;
    /// A whole message came; `bytes` is valid during the call.
    virtual void on_message(const Flow& flow, std::string_view bytes, Instant now) = 0;
    /// Once for each connection that could not be opened or is no more. What was sent on it is
    /// lost, as far as it was not answered. `reason` is for an operator.
    virtual void on_connection_failed(const Flow& flow, std::string_view reason, Instant now) = 0;
    /// Something is to be sent over another shard's connection (other_shards_stream()). false: it
    /// cannot be taken.
    virtual bool on_other_shards(const Flow& /*flow*/, std::string_view /*bytes*/) { return false; }
};

class Connections final : public MessageSender, public StreamEvents {
public:
    /// What connections need; all outlive them.
    struct Streams {
        StreamSockets& sockets;
        TimerWheel& wheel;
        Random& random;
        spdlog::logger& log;
        ConnectionListener& listener;
        std::size_t max_outbound = 10'000;
        std::size_t max_inbound = 10'000;
    };

    /// TCP and TLS connect within this time or fail.
    static constexpr Seconds connect_timeout{5};
    /// RFC 5626 4.4.1.
    static constexpr Seconds pong_timeout{10};
    /// Bytes that may wait for one connection to open.
    static constexpr std::size_t max_waiting_bytes = 512 * 1024;

    /// Datagrams alone: flow_to() knows no TCP and TLS. The arguments outlive the object.
    Connections(const Config& config, MessageSender& datagrams);
    Connections(const Config& config, MessageSender& datagrams, const Streams& streams);
    ~Connections() override;

    /// The flow to `peer`: for UDP it always is; for TCP and TLS the connection that we opened to
    /// there already (for TLS with the same host and context: RFC 5922), or a new one that is being
    /// opened. nullopt: the SIP interface has no port for that transport or no address of that
    /// family, or there are too many connections.
    std::optional<Flow> flow_to(const StreamPeer& peer, Instant now);

    /// The way of an answer (RFC 3261 18.2.2): the request's own connection; when that is no more,
    /// one to the sent-by port at the request's source. For UDP as response_flow() of
    /// message/response.h. nullopt: there is none.
    std::optional<Flow> way_back(const Flow& came_from, const Via& top_via, Instant now);

    /// As MessageSender says; on a connection that is being opened the message waits for it. A
    /// connection that is no more takes nothing.
    bool send(const Flow& flow, std::string_view bytes) override;

    /// The connection is being opened or open; another shard's is believed to be.
    bool is_alive(StreamId id) const;
    /// The connection is being opened, and something waits for it already.
    bool is_awaited(StreamId id) const;
    /// Pings a connection of ours at random intervals of 80 to 100 % of `interval`, whatever the
    /// configuration says (Flow-Timer, RFC 5626 4.4). A longer interval than before holds from the
    /// next ping on. 0 stops it.
    void keep_alive(StreamId id, Seconds interval, Instant now);

    StreamId stream_accepted(Transport transport, uint16_t sip_interface_index,
                             const dataplane::Endpoint& remote, Instant now) override;
    void stream_opened(StreamId id, Instant now) override;
    void stream_received(StreamId id, std::string_view bytes, Instant now) override;
    void stream_closed(StreamId id, std::string_view reason, Instant now) override;

    const ConnectionCounters& counters() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace trunkline::sipstack
