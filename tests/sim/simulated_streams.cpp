#include "tests/sim/simulated_streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace trunkline::sim {

using namespace std::chrono_literals;
using dataplane::Endpoint;
using sipstack::StreamId;
using Kind = StreamEvent::Kind;

/// One shard's side.
class SimulatedStreams::Sockets final : public sipstack::StreamSockets {
public:
    Sockets(SimulatedStreams& streams, std::size_t shard) : streams_(streams), shard_(shard) {}

    void open(StreamId id, const sipstack::StreamPeer& peer) override {
        streams_.open(shard_, id, peer.remote);
    }
    bool write(StreamId id, std::string_view bytes) override {
        return streams_.write_as(shard_, id, bytes);
    }
    void close(StreamId id) override { streams_.forget(shard_, id); }

private:
    SimulatedStreams& streams_;
    const std::size_t shard_;
};

SimulatedStreams::SimulatedStreams(const Instant& now, uint64_t seed, StreamObserver& observer)
    : now_(now), random_(sipstack::Random::seed_from(seed)), observer_(observer) {}

SimulatedStreams::~SimulatedStreams() = default;

sipstack::StreamSockets& SimulatedStreams::sockets(std::size_t shard) {
    while (sockets_.size() <= shard) {
        sockets_.push_back(std::make_unique<Sockets>(*this, sockets_.size()));
    }
    return *sockets_[shard];
}

void SimulatedStreams::drop_all() {
    connections_.clear();
    numbers_.clear();
    events_.clear();
}

void SimulatedStreams::set_conditions(const Endpoint& server, const LinkConditions& conditions) {
    servers_[server].conditions = conditions;
}

void SimulatedStreams::set_reach(const Endpoint& server, Reach reach) {
    servers_[server].reach = reach;
    if (reach == Reach::cut) {
        return;
    }
    for (auto& [number, connection] : connections_) {
        if (connection.server != server) {
            continue;
        }
        if (std::exchange(connection.waits_for_link, false)) {
            connect(number, connection);
        }
        fly(number, Kind::to_server, std::exchange(connection.to_server.held_back, {}), 0ms);
        fly(number, Kind::to_shard, std::exchange(connection.to_shard.held_back, {}), 0ms);
    }
}

void SimulatedStreams::open(std::size_t shard, StreamId id, const Endpoint& server) {
    const uint64_t number = ++last_number_;
    Connection& connection = connections_[number];
    connection.shard = shard;
    connection.id = id;
    connection.server = server;
    connection.began = now_;
    numbers_[{shard, id}] = number;
    connect(number, connection);
}

void SimulatedStreams::connect(uint64_t number, Connection& connection) {
    switch (servers_[connection.server].reach) {
        case Reach::open:
            schedule(number, connection.to_shard, {.kind = Kind::opened}, 0ms);
            return;
        case Reach::refusing:
            connection.is_ending = true;
            ++refused_;
            schedule(
                number, connection.to_shard,
                {.kind = Kind::ended,
                 .bytes = fmt::format("connection refused by {}", connection.server.to_string())},
                0ms);
            return;
        case Reach::cut:
            connection.waits_for_link = true;
            return;
    }
}

bool SimulatedStreams::write_as(std::size_t shard, StreamId id, std::string_view bytes) {
    const auto found = numbers_.find({shard, id});
    if (found == numbers_.end()) {
        return false;
    }
    const uint64_t number = found->second;
    Connection& connection = connections_.at(number);
    observer_.on_written(shard, id, connection.server, bytes);
    if (connection.is_forgotten) {
        close(number, "connection reset");
        return true;
    }
    fly(number, Kind::to_server, bytes, 0ms);
    return true;
}

void SimulatedStreams::forget(std::size_t shard, StreamId id) {
    const auto found = numbers_.find({shard, id});
    if (found != numbers_.end()) {
        const bool was_open = connections_.at(found->second).is_open;
        connections_.erase(found->second);
        numbers_.erase(found);
        observer_.on_closed(shard, id, was_open);
    }
}

void SimulatedStreams::write(uint64_t connection, std::string_view bytes, Milliseconds after) {
    const auto found = connections_.find(connection);
    if (found != connections_.end() && !found->second.is_ending && !found->second.is_forgotten) {
        fly(connection, Kind::to_shard, bytes, after);
    }
}

void SimulatedStreams::close(uint64_t connection, std::string_view reason) {
    const auto found = connections_.find(connection);
    if (found == connections_.end() || std::exchange(found->second.is_ending, true)) {
        return;
    }
    schedule(connection, found->second.to_shard,
             {.kind = Kind::ended,
              .bytes = fmt::format("{} by {}", reason, found->second.server.to_string())},
             0ms);
}

void SimulatedStreams::close_all(const Endpoint& server, std::string_view reason) {
    for (const auto& [number, connection] : connections_) {
        if (connection.server == server) {
            close(number, reason);
        }
    }
}

std::size_t SimulatedStreams::forget_all(const Endpoint& server) {
    std::size_t count = 0;
    for (auto& [number, connection] : connections_) {
        if (connection.server == server && !connection.waits_for_link) {
            connection.is_forgotten = true;
            ++count;
        }
    }
    return count;
}

uint64_t SimulatedStreams::connect(const Endpoint& peer, std::size_t shard) {
    const uint64_t number = ++last_number_;
    Connection& connection = connections_[number];
    connection.shard = shard;
    connection.server = peer;
    connection.began = now_;
    schedule(number, connection.to_shard, {.kind = Kind::accepted}, 0ms);
    return number;
}

void SimulatedStreams::accept(uint64_t connection, StreamId id) {
    if (id == 0) {
        connections_.erase(connection);
        return;
    }
    Connection& accepted = connections_.at(connection);
    accepted.id = id;
    accepted.is_open = true;
    numbers_[{accepted.shard, id}] = connection;
}

std::optional<uint64_t> SimulatedStreams::find(const Endpoint& server, std::size_t shard) const {
    const auto found = std::ranges::find_if(connections_, [&](const auto& item) {
        const Connection& connection = item.second;
        return connection.server == server && connection.shard == shard && connection.is_open &&
               !connection.is_ending && !connection.is_forgotten;
    });
    return found == connections_.end() ? std::nullopt : std::optional(found->first);
}

StreamId SimulatedStreams::id_of(uint64_t connection) const {
    const auto found = connections_.find(connection);
    return found == connections_.end() ? 0 : found->second.id;
}

std::size_t SimulatedStreams::open(std::size_t shard) const {
    return static_cast<std::size_t>(std::ranges::count_if(connections_, [&](const auto& item) {
        return item.second.shard == shard && item.second.is_open;
    }));
}

/// Cuts the bytes into segments, which arrive one behind the other.
void SimulatedStreams::fly(uint64_t number, Kind kind, std::string_view bytes, Milliseconds after) {
    Connection& connection = connections_.at(number);
    Direction& direction = kind == Kind::to_shard ? connection.to_shard : connection.to_server;
    if (servers_[connection.server].reach == Reach::cut) {
        direction.held_back += bytes;
        ++held_back_;
        return;
    }
    while (!bytes.empty()) {
        const std::size_t longest = random_.between(0, 9) == 0 ? 3 : bytes.size();
        const bool is_whole = random_.between(0, 1) == 0;
        const std::size_t size =
            is_whole ? bytes.size() : random_.between(1, std::min(longest, bytes.size()));
        schedule(number, direction, {.kind = kind, .bytes = std::string(bytes.substr(0, size))},
                 after);
        bytes.remove_prefix(size);
    }
}

void SimulatedStreams::schedule(uint64_t number, Direction& direction, StreamEvent event,
                                Milliseconds after) {
    const Connection& connection = connections_.at(number);
    direction.last_arrival =
        std::max(direction.last_arrival, now_ + after + delay(servers_[connection.server]));
    event.connection = number;
    event.shard = connection.shard;
    event.id = connection.id;
    event.server = connection.server;
    event.began = connection.began;
    events_[{direction.last_arrival, sequence_++}] = std::move(event);
}

Milliseconds SimulatedStreams::delay(const Server& server) {
    const LinkConditions& link = server.conditions;
    const auto way =
        static_cast<int64_t>(random_.between(static_cast<uint64_t>(link.min_delay.count()),
                                             static_cast<uint64_t>(link.max_delay.count())));
    const bool is_lost = random_.between(0, 999'999) < static_cast<uint64_t>(link.loss * 1e6);
    const auto again = is_lost ? static_cast<int64_t>(random_.between(200, 3000)) : 0;
    return Milliseconds(way + again);
}

std::optional<Instant> SimulatedStreams::next_event() const {
    return events_.empty() ? std::nullopt : std::optional(events_.begin()->first.first);
}

bool SimulatedStreams::is_alive(const StreamEvent& event) const {
    const auto found = connections_.find(event.connection);
    return found != connections_.end() &&
           !(found->second.is_forgotten && event.kind == Kind::to_server);
}

/// Segments that come at the same time are sometimes one.
std::optional<StreamEvent> SimulatedStreams::take_due() {
    while (!events_.empty() && events_.begin()->first.first <= now_) {
        StreamEvent event = std::move(events_.extract(events_.begin()).mapped());
        if (!is_alive(event)) {
            continue;
        }
        if (event.kind == Kind::opened) {
            connections_.at(event.connection).is_open = true;
            ++opened_;
        }
        const bool has_bytes = event.kind == Kind::to_shard || event.kind == Kind::to_server;
        for (auto next = events_.begin();
             has_bytes && next != events_.end() && next->first.first <= now_ &&
             next->second.connection == event.connection && next->second.kind == event.kind &&
             random_.between(0, 1) == 0;
             next = events_.begin()) {
            event.bytes += next->second.bytes;
            events_.erase(next);
        }
        return event;
    }
    return std::nullopt;
}

std::optional<std::string> take_message(std::string& bytes, unsigned& line_ends) {
    while (bytes.starts_with("\r\n")) {
        bytes.erase(0, 2);
        ++line_ends;
    }
    const std::size_t header_end = bytes.find("\r\n\r\n");
    if (header_end == std::string::npos) {
        return std::nullopt;
    }
    constexpr std::string_view name = "\r\nContent-Length:";
    std::size_t length = 0;
    if (const std::size_t row = bytes.find(name); row < header_end) {
        const std::size_t digits = bytes.find_first_not_of(' ', row + name.size());
        std::from_chars(bytes.data() + digits, bytes.data() + bytes.size(), length);
    }
    const std::size_t size = header_end + 4 + length;
    if (bytes.size() < size) {
        return std::nullopt;
    }
    std::string message = bytes.substr(0, size);
    bytes.erase(0, size);
    return message;
}

}  // namespace trunkline::sim
