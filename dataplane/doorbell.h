// Wakes a thread that waits in poll(2) or epoll(7); costs a load when the thread is awake.
#pragma once

#include <atomic>

namespace trunkline::dataplane {

/// One sleeper, any number of ringers. The sleeper says prepare_to_sleep(), looks at its queues
/// once more, waits on fd(), and says awake(). A ringer puts its element in the queue first, then
/// rings.
class Doorbell {
public:
    Doorbell();  ///< aborts when no descriptor is to be had: nothing could run
    ~Doorbell();
    Doorbell(const Doorbell&) = delete;
    Doorbell& operator=(const Doorbell&) = delete;

    int fd() const { return fd_; }
    void prepare_to_sleep();
    void awake();
    void ring();

private:
    int fd_;
    std::atomic<bool> sleeping_{false};
};

}  // namespace trunkline::dataplane
