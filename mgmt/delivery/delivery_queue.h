// The way of messages to a server outside: a bounded queue, and a thread that empties it over UDP,
// TCP or TLS. Nobody waits for it; where the server is away, what there is room for waits.
#pragma once

#include "mgmt/delivery/delivery_connection.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace trunkline::mgmt {

class DeliveryQueue {
public:
    /// What is more is dropped, and counted.
    static constexpr std::size_t most_waiting = 4096, most_bytes_waiting = std::size_t{16} << 20;
    /// What the end waits at most for what waits to be sent, beside one call that is under way.
    static constexpr std::chrono::milliseconds farewell{1000};
    /// Between tries of a server that does not take a connection; doubles up to the longest.
    static constexpr std::chrono::milliseconds first_pause{500}, longest_pause{30'000};

    struct Counters {
        uint64_t sent = 0, dropped = 0;
    };

    /// Its sockets are in the network namespace of the thread that constructs this. `tell` is
    /// called on the sender's thread when the server fails, once until it takes messages again.
    explicit DeliveryQueue(std::function<void(const std::string& trouble)> tell);
    ~DeliveryQueue();
    DeliveryQueue(const DeliveryQueue&) = delete;
    DeliveryQueue& operator=(const DeliveryQueue&) = delete;

    /// From now on messages go there, also those that wait; nullopt: nowhere. Any thread.
    void set_server(std::optional<DeliveryServer> server);
    /// How much of the room a message may take: what comes in floods leaves some for the rest.
    enum class Room : uint8_t { half, all };
    /// Any thread; waits for nothing. A message that a datagram of UDP cannot take would stand in
    /// front of all others for good.
    void send(std::string message, Room room = Room::all);
    Counters counters() const;

private:
    struct Work {
        DeliveryServer server;
        uint64_t server_number;  ///< which of the servers that were set
        std::string message;
    };

    void run(const std::stop_token& stop);
    std::optional<Work> wait_for_work(const std::stop_token& stop);
    /// false: the message could not be sent, and may be later.
    bool deliver(const Work& work);
    void take_back(Work work);
    void pause(const std::stop_token& stop, uint64_t server_number);

    const std::function<void(const std::string&)> tell_;
    mutable std::mutex lock_;
    std::condition_variable_any wake_;
    // Behind the lock:
    std::optional<DeliveryServer> server_;
    uint64_t server_number_ = 0;
    std::deque<std::string> waiting_;
    std::size_t bytes_waiting_ = 0;
    Counters counters_;
    std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::time_point::max();
    // The thread's own:
    std::unique_ptr<DeliveryConnection> connection_;
    uint64_t connected_to_ = 0;  ///< number of the server
    std::chrono::milliseconds pause_ = first_pause;
    bool is_in_trouble_ = false;

    std::jthread thread_;  ///< last: it uses all of the above
};

}  // namespace trunkline::mgmt
