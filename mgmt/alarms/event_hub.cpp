#include "mgmt/alarms/event_hub.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace trunkline::mgmt {

EventHub::Listener::Outcome EventHub::Listener::next(Event& event,
                                                     std::chrono::milliseconds patience) {
    std::unique_lock guard(lock_);
    wake_.wait_for(guard, patience, [this] { return over_ || fell_behind_ || !waiting_.empty(); });
    if (over_) {
        return Outcome::over;
    }
    if (!waiting_.empty()) {
        event = std::move(waiting_.front());
        waiting_.pop_front();
        return Outcome::event;
    }
    return fell_behind_ ? Outcome::fell_behind : Outcome::nothing;
}

void EventHub::publish(const std::string& kind, const nlohmann::json& data) {
    const std::lock_guard guard(lock_);
    const Event event{next_id_++, kind,
                      data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
    kept_.push_back(event);
    if (kept_.size() > most_kept) {
        kept_.pop_front();
    }
    std::erase_if(listeners_, [](const auto& listener) { return listener.expired(); });
    for (const auto& weak : listeners_) {
        const auto listener = weak.lock();
        if (!listener) {
            continue;
        }
        const std::lock_guard own(listener->lock_);
        if (listener->waiting_.size() >= most_waiting) {
            listener->fell_behind_ = true;
        }
        if (!listener->fell_behind_) {
            listener->waiting_.push_back(event);
        }
        listener->wake_.notify_one();
    }
}

std::shared_ptr<EventHub::Listener> EventHub::listen(std::optional<uint64_t> last_id) {
    const std::lock_guard guard(lock_);
    auto listener = std::make_shared<Listener>();
    listener->over_ = is_closed_;
    if (last_id) {
        std::ranges::copy_if(kept_, std::back_inserter(listener->waiting_),
                             [&](const Event& event) { return event.id > *last_id; });
    }
    listeners_.push_back(listener);
    return listener;
}

std::size_t EventHub::listeners() const {
    const std::lock_guard guard(lock_);
    return static_cast<std::size_t>(std::ranges::count_if(
        listeners_, [](const auto& listener) { return !listener.expired(); }));
}

void EventHub::close() {
    const std::lock_guard guard(lock_);
    is_closed_ = true;
    for (const auto& weak : listeners_) {
        if (const auto listener = weak.lock()) {
            const std::lock_guard own(listener->lock_);
            listener->over_ = true;
            listener->wake_.notify_one();
        }
    }
}

}  // namespace trunkline::mgmt
