// The SIP messages that one client watches as they come and go. What he does not take in time is
// dropped, and he is told how many it was.
#pragma once

#include "mgmt/capture/capture_filter.h"
#include "mgmt/capture/captured_message.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <utility>

namespace trunkline::mgmt {

class LiveTrace final : public CaptureSink {
public:
    static constexpr std::size_t most_waiting = 1024, most_bytes_waiting = std::size_t{4} << 20;

    struct Heard {
        sipstack::TappedMessage message;
        std::string sip_interface;
    };
    enum class Outcome { message, dropped, nothing, over };

    /// `dropped` counts what this one and others drop; it outlives this.
    LiveTrace(CaptureFilter filter, std::atomic<uint64_t>& dropped)
        : filter_(std::move(filter)), dropped_(dropped) {}

    void take(const CapturedMessage& message) override;

    /// Waits for the next message, for `patience` at most; on one thread. dropped: `lost` messages
    /// were dropped before those that come now. over: the trace was ended.
    Outcome next(Heard& heard, uint64_t& lost, std::chrono::milliseconds patience);
    /// Any thread.
    void end();

private:
    const CaptureFilter filter_;
    std::atomic<uint64_t>& dropped_;
    std::mutex lock_;
    std::condition_variable wake_;
    std::deque<Heard> waiting_;
    std::size_t bytes_waiting_ = 0;
    uint64_t lost_ = 0;  ///< behind all that wait
    bool is_over_ = false;
};

}  // namespace trunkline::mgmt
