#include "mgmt/capture/message_capture.h"

#include <algorithm>
#include <ranges>
#include <span>
#include <utility>

namespace trunkline::mgmt {

MessageCapture::MessageCapture() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

void MessageCapture::open(Taps taps, std::vector<std::string> sip_interfaces) {
    const std::lock_guard guard(lock_);
    taps_ = std::move(taps);
    sip_interfaces_ = std::move(sip_interfaces);
    for (const auto& tap : taps_) {
        tap->listen(!sinks_.empty());
    }
    wake_.notify_all();
}

void MessageCapture::add(std::shared_ptr<CaptureSink> sink) {
    const std::lock_guard guard(lock_);
    if (std::ranges::find(sinks_, sink) != sinks_.end()) {
        return;
    }
    if (sinks_.empty()) {
        std::ranges::for_each(taps_, [](const auto& tap) { tap->listen(true); });
    }
    sinks_.push_back(std::move(sink));
    wake_.notify_all();
}

void MessageCapture::remove(const CaptureSink& sink) {
    const std::lock_guard guard(lock_);
    const auto is_it = [&](const auto& other) { return other.get() == &sink; };
    if (std::erase_if(sinks_, is_it) != 0 && sinks_.empty()) {
        std::ranges::for_each(taps_, [](const auto& tap) { tap->listen(false); });
    }
}

sipstack::MessageTap::Counters MessageCapture::counters() const {
    const std::lock_guard guard(lock_);
    sipstack::MessageTap::Counters sum;
    for (const auto& tap : taps_) {
        const auto part = tap->counters();
        sum.shown += part.shown;
        sum.dropped += part.dropped;
    }
    return sum;
}

/// Messages may be left in a tap when the last sink goes: they are not the next one's.
void MessageCapture::run(const std::stop_token& stop) {
    bool is_idle = false;
    while (!stop.stop_requested()) {
        Sinks sinks;
        Taps taps;
        {
            std::unique_lock guard(lock_);
            if (is_idle) {
                wake_.wait_for(guard, stop, period, [] { return false; });
            }
            wake_.wait(guard, stop, [this] { return !sinks_.empty() && !taps_.empty(); });
            sinks = sinks_;
            taps = taps_;
        }
        is_idle = !hand_out(sinks, taps);
    }
}

/// Whether there was anything to hand out.
bool MessageCapture::hand_out(const Sinks& sinks, const Taps& taps) {
    batch_.resize(taps.size() * most_at_once);
    std::size_t count = 0;
    for (const auto& tap : taps) {
        for (std::size_t left = most_at_once; left > 0 && tap->next(batch_[count]); --left) {
            ++count;
        }
    }
    const std::span batch(batch_.data(), count);
    std::ranges::stable_sort(batch, {}, &sipstack::TappedMessage::at);
    for (const auto& message : batch) {
        const CapturedMessage captured{
            message, sipstack::scan_envelope(message.bytes).value_or(sipstack::Envelope{}),
            sip_interfaces_.at(message.flow.sip_interface_index)};
        for (const auto& sink : sinks) {
            sink->take(captured);
        }
    }
    if (count != 0) {
        std::ranges::for_each(sinks, [](const auto& sink) { sink->flush(); });
    }
    return count != 0;
}

}  // namespace trunkline::mgmt
