// The control thread's loop: descriptors and timers, one callback at a time (epoll(7),
// timerfd_create(2), signalfd(2)). Nothing on a packet's path goes through it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace trunkline::board {

/// Used by one thread. A callback may watch, unwatch, start and cancel whatever it likes, itself
/// included. No error comes out of it: when the kernel has no descriptor left for the loop, or a
/// descriptor is watched twice, nothing could go on, and it aborts with a line.
class EventLoop {
public:
    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// `events` as in epoll_ctl(2) (EPOLLIN, EPOLLOUT). One watch a descriptor; the caller keeps
    /// the descriptor open until unwatch().
    void watch(int fd, uint32_t events, std::function<void(uint32_t events)> callback);
    void change(int fd, uint32_t events);
    void unwatch(int fd);

    using TimerId = uint64_t;  ///< never 0
    /// The first call comes after one period. A late loop calls once, not once a missed period.
    TimerId every(std::chrono::milliseconds period, std::function<void()> callback);
    TimerId after(std::chrono::milliseconds delay, std::function<void()> callback);
    /// An id that is gone already is fine.
    void cancel(TimerId id);

    /// Calls back for SIGINT, SIGTERM... The signal is blocked in the calling thread here and
    /// stays so; block it in all other threads before they are made.
    void on_signal(int signal, std::function<void()> callback);

    /// Runs until stop() is called from a callback.
    void run();
    void stop();
    /// Runs what is ready, waiting `timeout` at most; for tests and teardown.
    void run_once(std::chrono::milliseconds timeout);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace trunkline::board
