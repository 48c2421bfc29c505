#include "sipstack/transport/connections.h"

#include "sipstack/message/lexical.h"
#include "sipstack/message/response.h"
#include "sipstack/transport/stream_framer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace trunkline::sipstack {

namespace {

constexpr std::string_view ping = "\r\n\r\n";
constexpr std::string_view pong = "\r\n";

std::string_view name_of(Transport transport) {
    return transport == Transport::tls ? "TLS" : "TCP";
}

/// What makes a connection fit for a peer. The host counts for TLS alone: whom a certificate was
/// checked for.
using Key = std::tuple<Transport, uint16_t, dataplane::Endpoint, std::string, int>;

Key key_of(const StreamPeer& peer, const SipInterface& interface) {
    Key key{peer.transport, peer.sip_interface_index, peer.remote, {}, 0};
    if (peer.transport == Transport::tls) {
        std::get<3>(key) = lower(peer.host);
        std::get<4>(key) = peer.tls_context_index.value_or(interface.tls_context_index.value_or(0));
    }
    return key;
}

}  // namespace

struct Connections::State {
    struct Connection {
        enum class Phase : uint8_t { opening, open, awaits_pong };

        Connection(State& all, StreamId number, Flow way)
            : owner(all), id(number), flow(std::move(way)) {}

        State& owner;
        StreamId id;
        Flow flow;
        bool is_inbound = false;
        bool is_half_ping = false;  ///< a CRLF came that was no pong of ours
        Phase phase = Phase::opening;
        Key key;              ///< of an outbound one
        std::string host;     ///< of an outbound one, for the log
        std::string waiting;  ///< for the connection to open
        StreamFramer framer;
        Milliseconds ping_interval{0};  ///< 0 = no pings
        Instant pinged_at{};
        /// Connect time-out; then the next ping, or the end of the wait for its pong.
        Timer timer{[this](Instant now) { owner.on_timer(*this, now); }};
    };

    State(const Config& configuration, MessageSender& datagram_sender, std::optional<Streams> parts)
        : config(configuration), datagrams(datagram_sender), streams(parts) {}

    std::optional<Flow> open(const StreamPeer& peer, Key key, Instant now);
    void on_timer(Connection& connection, Instant now);
    void schedule_ping(Connection& connection, Instant from, Instant now);
    void on_line_end(Connection& connection, Instant now);
    void end(Connection& connection, std::string reason, Instant now);
    Connection* find(StreamId id) const {
        const auto found = connections.find(id);
        return found == connections.end() ? nullptr : found->second.get();
    }

    const Config& config;
    MessageSender& datagrams;
    const std::optional<Streams> streams;
    ConnectionCounters counters;
    StreamId last_id = 0;
    std::size_t inbound = 0;
    std::unordered_map<StreamId, std::unique_ptr<Connection>> connections;
    std::map<Key, StreamId> by_key;  ///< outbound ones
};

std::optional<Flow> Connections::State::open(const StreamPeer& peer, Key key, Instant now) {
    if (connections.size() - inbound >= streams->max_outbound) {
        ++counters.refused;
        return std::nullopt;
    }
    const SipInterface& interface = config.sip_interfaces[peer.sip_interface_index];
    const StreamId id = ++last_id;
    Flow flow{peer.transport,
              peer.sip_interface_index,
              {interface.address, interface.port(peer.transport)},
              peer.remote,
              id};
    auto connection = std::make_unique<Connection>(*this, id, flow);
    connection->host = peer.host;
    connection->key = std::move(key);
    by_key[connection->key] = id;
    streams->wheel.schedule(connection->timer, now + connect_timeout);
    connections.emplace(id, std::move(connection));
    streams->sockets.open(id, peer);
    return flow;
}

void Connections::State::on_timer(Connection& connection, Instant now) {
    const std::string remote = connection.flow.remote.to_string();
    switch (connection.phase) {
        case Connection::Phase::opening:
            end(connection,
                fmt::format("no {} connection to {} within {} s",
                            name_of(connection.flow.transport), remote, connect_timeout.count()),
                now);
            return;
        case Connection::Phase::open:
            connection.phase = Connection::Phase::awaits_pong;
            connection.pinged_at = now;
            ++counters.pings_sent;
            // A refusal is told as a close, or is a queue that does not move: no pong then either.
            streams->sockets.write(connection.id, ping);
            streams->wheel.schedule(connection.timer, now + pong_timeout);
            return;
        case Connection::Phase::awaits_pong:
            ++counters.pongs_missed;
            end(connection,
                fmt::format("no answer to a keep-alive within {} s from {}", pong_timeout.count(),
                            remote),
                now);
            return;
    }
}

/// RFC 5626 4.4: somewhere in 80 to 100 % of the interval, so that flows do not ping in step.
void Connections::State::schedule_ping(Connection& connection, Instant from, Instant now) {
    if (connection.ping_interval == Milliseconds{0}) {
        connection.timer.cancel();
        return;
    }
    const auto longest = static_cast<uint64_t>(connection.ping_interval.count());
    const Milliseconds interval(
        static_cast<int64_t>(streams->random.between(longest * 8 / 10, longest)));
    streams->wheel.schedule(connection.timer, std::max(from + interval, now));
}

void Connections::State::on_line_end(Connection& connection, Instant now) {
    if (connection.phase == Connection::Phase::awaits_pong) {
        connection.phase = Connection::Phase::open;
        schedule_ping(connection, connection.pinged_at, now);
    } else if (connection.is_half_ping) {
        connection.is_half_ping = false;
        ++counters.pings_answered;
        streams->sockets.write(connection.id, pong);
    } else {
        connection.is_half_ping = true;
    }
}

/// Never called while one of the connection's messages is being handled.
void Connections::State::end(Connection& connection, std::string reason, Instant now) {
    const StreamId id = connection.id;
    if (connection.is_inbound) {
        --inbound;
    } else {
        by_key.erase(connection.key);
    }
    const bool was_open = connection.phase != Connection::Phase::opening;
    ++(was_open ? counters.ended : counters.open_failures);
    // One that never opened is told by everyone who waits for it.
    streams->log.log(
        was_open && !connection.is_inbound ? spdlog::level::info : spdlog::level::debug,
        "connections  {} {} {} ended: {}", name_of(connection.flow.transport),
        connection.is_inbound ? "from" : "to", connection.flow.remote.to_string(), reason);
    const Flow flow = connection.flow;
    connections.erase(id);
    streams->sockets.close(id);
    streams->listener.on_connection_failed(flow, reason, now);
}

Connections::Connections(const Config& config, MessageSender& datagrams)
    : state_(std::make_unique<State>(config, datagrams, std::nullopt)) {}

Connections::Connections(const Config& config, MessageSender& datagrams, const Streams& streams)
    : state_(std::make_unique<State>(config, datagrams, streams)) {}

Connections::~Connections() = default;

std::optional<Flow> Connections::flow_to(const StreamPeer& peer, Instant now) {
    State& state = *state_;
    const SipInterface& interface = state.config.sip_interfaces.at(peer.sip_interface_index);
    const uint16_t port = interface.port(peer.transport);
    if (port == 0 || peer.remote.address.family != interface.address.family) {
        return std::nullopt;
    }
    if (peer.transport == Transport::udp) {
        return Flow{
            peer.transport, peer.sip_interface_index, {interface.address, port}, peer.remote};
    }
    if (!state.streams) {
        return std::nullopt;
    }
    Key key = key_of(peer, interface);
    const auto found = state.by_key.find(key);
    return found != state.by_key.end() ? state.connections.at(found->second)->flow
                                       : state.open(peer, std::move(key), now);
}

std::optional<Flow> Connections::way_back(const Flow& came_from, const Via& top_via, Instant now) {
    if (came_from.transport == Transport::udp) {
        return response_flow(came_from, top_via);
    }
    if (is_alive(came_from.stream)) {
        return came_from;
    }
    const uint16_t default_port = came_from.transport == Transport::tls ? 5061 : 5060;
    const StreamPeer sent_by{came_from.transport,
                             came_from.sip_interface_index,
                             {came_from.remote.address, top_via.port.value_or(default_port)},
                             std::string(top_via.host),
                             std::nullopt};
    return flow_to(sent_by, now);
}

bool Connections::send(const Flow& flow, std::string_view bytes) {
    State& state = *state_;
    if (flow.transport == Transport::udp) {
        return state.datagrams.send(flow, bytes);
    }
    if (shard_of_stream(flow.stream)) {
        return state.streams && state.streams->listener.on_other_shards(flow, bytes);
    }
    State::Connection* const connection = state.find(flow.stream);
    if (connection == nullptr) {
        return false;
    }
    if (connection->phase != State::Connection::Phase::opening) {
        return state.streams->sockets.write(flow.stream, bytes);
    }
    if (connection->waiting.size() + bytes.size() > max_waiting_bytes) {
        ++state.counters.queue_full;
        return false;
    }
    connection->waiting += bytes;
    return true;
}

bool Connections::is_alive(StreamId id) const {
    return shard_of_stream(id) || state_->find(id) != nullptr;
}

bool Connections::is_awaited(StreamId id) const {
    const State::Connection* const connection = state_->find(id);
    return connection != nullptr && !connection->waiting.empty();
}

void Connections::keep_alive(StreamId id, Seconds interval, Instant now) {
    State::Connection* const connection = state_->find(id);
    if (connection == nullptr || connection->is_inbound) {
        return;
    }
    // Many may ask for the same again and again, which must not put the ping off.
    const bool is_sooner = interval == Seconds(0) || !connection->timer.is_armed() ||
                           interval < connection->ping_interval;
    connection->ping_interval = interval;
    if (is_sooner && connection->phase == State::Connection::Phase::open) {
        state_->schedule_ping(*connection, now, now);
    }
}

StreamId Connections::stream_accepted(Transport transport, uint16_t sip_interface_index,
                                      const dataplane::Endpoint& remote, Instant /*now*/) {
    State& state = *state_;
    if (state.inbound >= state.streams->max_inbound) {
        ++state.counters.refused;
        return 0;
    }
    const SipInterface& interface = state.config.sip_interfaces[sip_interface_index];
    const StreamId id = ++state.last_id;
    auto connection =
        std::make_unique<State::Connection>(state, id,
                                            Flow{transport,
                                                 sip_interface_index,
                                                 {interface.address, interface.port(transport)},
                                                 remote,
                                                 id});
    connection->is_inbound = true;
    connection->phase = State::Connection::Phase::open;
    state.connections.emplace(id, std::move(connection));
    ++state.inbound;
    ++state.counters.accepted;
    return id;
}

void Connections::stream_opened(StreamId id, Instant now) {
    State& state = *state_;
    State::Connection* const connection = state.find(id);
    if (connection == nullptr || connection->phase != State::Connection::Phase::opening) {
        return;
    }
    connection->phase = State::Connection::Phase::open;
    ++state.counters.opened;
    state.streams->log.info("connections  {} to {} ({}) is open",
                            name_of(connection->flow.transport),
                            connection->flow.remote.to_string(), connection->host);
    const ProxyAndRegistration& page = state.config.proxy_and_registration;
    if (page.use_ping_pong_keep_alive && connection->ping_interval == Milliseconds{0}) {
        connection->ping_interval = page.ping_pong_keep_alive_time;
    }
    state.schedule_ping(*connection, now, now);
    const std::string waiting = std::exchange(connection->waiting, {});
    if (!waiting.empty() && !state.streams->sockets.write(id, waiting)) {
        state.end(*connection,
                  fmt::format("cannot write to {}", connection->flow.remote.to_string()), now);
    }
}

void Connections::stream_received(StreamId id, std::string_view bytes, Instant now) {
    using Kind = StreamFramer::Item::Kind;
    State& state = *state_;
    State::Connection* const connection = state.find(id);
    if (connection == nullptr) {
        return;
    }
    connection->framer.append(bytes);
    // Nothing that the listener may do ends this connection: it lives to the end of the loop.
    for (auto item = connection->framer.next(); item.kind != Kind::nothing;
         item = connection->framer.next()) {
        if (item.kind == Kind::message) {
            connection->is_half_ping = false;
            state.streams->listener.on_message(connection->flow, item.text, now);
        } else if (item.kind == Kind::line_end) {
            state.on_line_end(*connection, now);
        } else {
            ++state.counters.framing_faults;
            state.end(*connection,
                      fmt::format("{} sent what is not SIP: {}",
                                  connection->flow.remote.to_string(), item.text),
                      now);
            return;
        }
    }
}

void Connections::stream_closed(StreamId id, std::string_view reason, Instant now) {
    if (State::Connection* const connection = state_->find(id)) {
        state_->end(*connection, std::string(reason), now);
    }
}

const ConnectionCounters& Connections::counters() const {
    return state_->counters;
}

}  // namespace trunkline::sipstack
