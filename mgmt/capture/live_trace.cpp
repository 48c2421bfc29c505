#include "mgmt/capture/live_trace.h"

namespace trunkline::mgmt {

/// While some are lost nothing is added, so that the gap stays one and stays where it is.
void LiveTrace::take(const CapturedMessage& captured) {
    if (!filter_.matches(captured)) {
        return;
    }
    const std::lock_guard guard(lock_);
    if (lost_ != 0 || waiting_.size() >= most_waiting || bytes_waiting_ >= most_bytes_waiting) {
        ++lost_;
        ++dropped_;
        return;
    }
    waiting_.push_back({captured.message, std::string(captured.sip_interface)});
    bytes_waiting_ += captured.message.bytes.size();
    wake_.notify_one();
}

LiveTrace::Outcome LiveTrace::next(Heard& heard, uint64_t& lost,
                                   std::chrono::milliseconds patience) {
    std::unique_lock guard(lock_);
    wake_.wait_for(guard, patience, [this] { return is_over_ || lost_ != 0 || !waiting_.empty(); });
    if (is_over_) {
        return Outcome::over;
    }
    if (!waiting_.empty()) {
        heard = std::move(waiting_.front());
        waiting_.pop_front();
        bytes_waiting_ -= heard.message.bytes.size();
        return Outcome::message;
    }
    lost = std::exchange(lost_, 0);
    return lost != 0 ? Outcome::dropped : Outcome::nothing;
}

void LiveTrace::end() {
    const std::lock_guard guard(lock_);
    is_over_ = true;
    wake_.notify_one();
}

}  // namespace trunkline::mgmt
