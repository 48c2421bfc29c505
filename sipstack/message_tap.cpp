#include "sipstack/message_tap.h"

#include "sipstack/message/parse_fault.h"
#include "sipstack/transport/stun.h"

#include <cstring>
#include <type_traits>

namespace trunkline::sipstack {

namespace {

/// What stands before a message's bytes in the ring.
struct Heading {
    std::chrono::nanoseconds at;
    Flow flow;
    uint64_t listening;
    MessageDirection direction;
};
static_assert(std::is_trivially_copyable_v<Heading>);

}  // namespace

MessageTap::MessageTap(std::size_t ring_bytes, WallClock clock)
    : clock_(clock), ring_(ring_bytes) {}

void MessageTap::record(MessageDirection direction, const Flow& flow, std::string_view bytes) {
    if (is_stun(bytes) || is_keepalive(bytes)) {
        return;
    }
    const Heading heading{clock_(), flow, listening_.load(std::memory_order_relaxed), direction};
    const bool is_taken =
        ring_.push({reinterpret_cast<const char*>(&heading), sizeof heading}, bytes);
    (is_taken ? shown_ : dropped_).fetch_add(1, std::memory_order_relaxed);
}

void MessageTap::listen(bool wanted) {
    listening_.store(wanted ? ++times_ : nobody, std::memory_order_relaxed);
}

bool MessageTap::next(TappedMessage& message) {
    while (ring_.pop(record_)) {
        Heading heading{};
        std::memcpy(&heading, record_.data(), sizeof heading);
        if (heading.listening != times_.load()) {
            continue;  // left behind when somebody listened before
        }
        message.at = heading.at;
        message.direction = heading.direction;
        message.flow = heading.flow;
        message.bytes.assign(record_, sizeof heading);
        return true;
    }
    return false;
}

MessageTap::Counters MessageTap::counters() const {
    return {shown_.load(std::memory_order_relaxed), dropped_.load(std::memory_order_relaxed)};
}

}  // namespace trunkline::sipstack
