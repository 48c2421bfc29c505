// TCP under virtual time between the shards of an appliance and servers, from a seed: connections
// that are accepted, refused or never answered, bytes that come in order but cut and joined at any
// place, and ends of all kinds.
#pragma once

#include "dataplane/address.h"
#include "sipstack/instant.h"
#include "sipstack/random.h"
#include "sipstack/transport/transport.h"
#include "tests/sim/simulated_network.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::sim {

/// What a server makes of connections.
enum class Reach : uint8_t {
    open,
    refusing,  ///< new ones alone
    cut,       ///< nothing passes either way; what is sent meanwhile comes later
};

/// What happens at one end of a connection, in the order of time.
struct StreamEvent {
    enum class Kind : uint8_t { accepted, opened, to_shard, to_server, ended };
    Kind kind = Kind::opened;
    uint64_t connection = 0;
    std::size_t shard = 0;
    sipstack::StreamId id = 0;  ///< the shard's
    dataplane::Endpoint server{};
    Instant began{};         ///< of the connection
    std::string bytes = {};  ///< or the reason of an end
};

/// Sees what shards do with their streams, before anything becomes of it.
class StreamObserver {
public:
    virtual ~StreamObserver() = default;
    virtual void on_written(std::size_t shard, sipstack::StreamId id,
                            const dataplane::Endpoint& server, std::string_view bytes) = 0;
    /// `was_open`: the shard had been told that it is.
    virtual void on_closed(std::size_t shard, sipstack::StreamId id, bool was_open) = 0;
};

class SimulatedStreams {
public:
    /// `now` is read at every call; both outlive the object.
    SimulatedStreams(const Instant& now, uint64_t seed, StreamObserver& observer);
    ~SimulatedStreams();

    /// The stream sockets of that shard; they live as long as this.
    sipstack::StreamSockets& sockets(std::size_t shard);
    /// The appliance has ended: so have its connections, without a word to it.
    void drop_all();

    /// Loss is delay here.
    void set_conditions(const dataplane::Endpoint& server, const LinkConditions& conditions);
    void set_reach(const dataplane::Endpoint& server, Reach reach);

    // The server's end. A connection that is no more is ignored.
    /// It begins `after` now.
    void write(uint64_t connection, std::string_view bytes, Milliseconds after = Milliseconds{0});
    /// Ends behind what was written.
    void close(uint64_t connection, std::string_view reason);
    void close_all(const dataplane::Endpoint& server, std::string_view reason);
    /// The server knows none of its connections any more; what is written to one resets it. Returns
    /// how many there were.
    std::size_t forget_all(const dataplane::Endpoint& server);
    /// A peer connects to that shard.
    uint64_t connect(const dataplane::Endpoint& peer, std::size_t shard);
    /// The shard's name for it; 0: it does not want it.
    void accept(uint64_t connection, sipstack::StreamId id);
    /// One of that shard that is open and known to the server; nullopt: there is none.
    std::optional<uint64_t> find(const dataplane::Endpoint& server, std::size_t shard) const;
    /// 0: the shard does not know it, yet or any more.
    sipstack::StreamId id_of(uint64_t connection) const;
    /// That the shard was told are open.
    std::size_t open(std::size_t shard) const;

    std::optional<Instant> next_event() const;
    /// The next event whose time has come; nullopt: none is due.
    std::optional<StreamEvent> take_due();

    uint64_t opened() const { return opened_; }
    uint64_t refused() const { return refused_; }
    uint64_t held_back() const { return held_back_; }  ///< by cut links

private:
    class Sockets;
    struct Direction {
        Instant last_arrival{};
        std::string held_back;  ///< by a cut link
    };
    struct Connection {
        std::size_t shard = 0;
        sipstack::StreamId id = 0;
        dataplane::Endpoint server{};
        Instant began{};
        bool is_open = false;
        bool waits_for_link = false;  ///< to be opened
        bool is_forgotten = false;
        bool is_ending = false;
        Direction to_shard, to_server;
    };
    struct Server {
        LinkConditions conditions{};
        Reach reach = Reach::open;
    };

    void open(std::size_t shard, sipstack::StreamId id, const dataplane::Endpoint& server);
    bool write_as(std::size_t shard, sipstack::StreamId id, std::string_view bytes);
    void forget(std::size_t shard, sipstack::StreamId id);
    void connect(uint64_t number, Connection& connection);
    void fly(uint64_t number, StreamEvent::Kind kind, std::string_view bytes, Milliseconds after);
    void schedule(uint64_t number, Direction& direction, StreamEvent event, Milliseconds after);
    Milliseconds delay(const Server& server);
    bool is_alive(const StreamEvent& event) const;

    const Instant& now_;
    sipstack::Random random_;
    StreamObserver& observer_;
    std::vector<std::unique_ptr<Sockets>> sockets_;
    std::map<uint64_t, Connection> connections_;
    std::map<std::pair<std::size_t, sipstack::StreamId>, uint64_t> numbers_;
    std::map<dataplane::Endpoint, Server> servers_;
    std::map<std::pair<Instant, uint64_t>, StreamEvent> events_;  ///< by time and order
    uint64_t last_number_ = 0;
    uint64_t sequence_ = 0;
    uint64_t opened_ = 0, refused_ = 0, held_back_ = 0;
};

/// Takes the first whole SIP message off the front of a stream's bytes, with the line ends before
/// it; nullopt: there is none yet. `line_ends` counts those.
std::optional<std::string> take_message(std::string& bytes, unsigned& line_ends);

}  // namespace trunkline::sim
