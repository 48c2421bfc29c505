// Brings the SIP messages of all shards to those who watch: a thread that empties the shards' taps
// (sipstack/message_tap.h) and hands each message to every sink. Shards wait for nobody; while
// nobody watches, the taps are shut and the thread sleeps.
#pragma once

#include "mgmt/capture/captured_message.h"
#include "sipstack/message_tap.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace trunkline::mgmt {

class MessageCapture {
public:
    using Taps = std::vector<std::shared_ptr<sipstack::MessageTap>>;

    /// Between two looks at taps that were empty.
    static constexpr std::chrono::milliseconds period{20};
    /// Messages that are put in the order of their times at once, of each tap.
    static constexpr std::size_t most_at_once = 256;

    MessageCapture();

    /// What there is to watch, and the names of the SIP interfaces. Once.
    void open(Taps taps, std::vector<std::string> sip_interfaces);
    /// From now on the sink gets every message, each once. Any thread.
    void add(std::shared_ptr<CaptureSink> sink);
    /// No more of them, but for some that are under way. Any thread.
    void remove(const CaptureSink& sink);

    /// What the taps showed, and what they dropped as they were full. Any thread.
    sipstack::MessageTap::Counters counters() const;

private:
    using Sinks = std::vector<std::shared_ptr<CaptureSink>>;

    void run(const std::stop_token& stop);
    bool hand_out(const Sinks& sinks, const Taps& taps);

    mutable std::mutex lock_;
    std::condition_variable_any wake_;
    // Behind the lock:
    Taps taps_;
    Sinks sinks_;
    // The thread's own once it is open:
    std::vector<std::string> sip_interfaces_;
    std::vector<sipstack::TappedMessage> batch_;

    std::jthread thread_;  ///< last: it uses all of the above
};

}  // namespace trunkline::mgmt
