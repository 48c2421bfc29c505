// Wakes a thread that waits in poll(2) or epoll(7); costs a load when it has been rung already.
#pragma once

#include <atomic>
#include <cstdint>

namespace trunkline::dataplane {

/// One sleeper, any number of ringers. A ringer puts its element in a queue first, then rings. The
/// sleeper looks at its queues, and when they are empty:
///
///     if (bell.prepare_to_sleep()) { poll bell.fd() ... ; bell.awake(); }
///     look at the queues again
///
/// A ring between two looks at the queues is remembered, so that it is never slept through, and the
/// queues need no second look before the sleep.
class Doorbell {
public:
    Doorbell();  ///< aborts when no descriptor is to be had: nothing could run
    ~Doorbell();
    Doorbell(const Doorbell&) = delete;
    Doorbell& operator=(const Doorbell&) = delete;

    /// Readable after a ring that found a sleeper.
    int fd() const { return fd_; }
    /// false: someone rang since the last awake(); look at the queues instead.
    bool prepare_to_sleep();
    void awake();
    void ring();

private:
    enum class State : uint8_t { awake, rung, sleeping };
    int fd_;
    std::atomic<State> state_{State::awake};
};

}  // namespace trunkline::dataplane
