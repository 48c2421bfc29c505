#include "board/event_loop.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

namespace trunkline::board {

namespace {

using Clock = std::chrono::steady_clock;  // CLOCK_MONOTONIC, as the timerfd below

/// For what cannot fail in a loop that is used as its header says.
void demand(bool success, const char* what) {
    if (!success) {
        std::perror(what);
        std::abort();
    }
}

}  // namespace

struct EventLoop::State {
    struct Watch {
        int fd;
        std::function<void(uint32_t)> callback;
    };
    struct Timer {
        Clock::time_point due;
        std::chrono::milliseconds period;  // 0: fires once
        std::function<void()> callback;
    };

    int epoll = -1;
    int timer = -1;
    int signals = -1;
    bool stopping = false;
    uint64_t last_id = 0;
    // epoll carries a watch's id, not its descriptor: an event that was fetched before its watch
    // ended must not reach a new watch of the same number.
    std::unordered_map<uint64_t, std::shared_ptr<Watch>> watches;
    std::unordered_map<int, uint64_t> watch_of;
    std::unordered_map<TimerId, std::shared_ptr<Timer>> timers;
    std::set<std::pair<Clock::time_point, TimerId>> schedule;
    std::map<int, std::shared_ptr<std::function<void()>>> signal_callbacks;
    sigset_t signal_set{};

    void arm() const {
        itimerspec when{};  // all zero disarms
        if (!schedule.empty()) {
            using std::chrono::nanoseconds;
            auto due =
                std::chrono::duration_cast<nanoseconds>(schedule.begin()->first.time_since_epoch())
                    .count();
            due = due > 0 ? due : 1;
            when.it_value.tv_sec = due / 1'000'000'000;
            when.it_value.tv_nsec = due % 1'000'000'000;
        }
        demand(timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, nullptr) == 0, "timerfd_settime");
    }

    void run_due_timers() {
        uint64_t expirations = 0;
        if (read(timer, &expirations, sizeof expirations) < 0 && errno != EAGAIN) {
            demand(false, "read of a timerfd");
        }
        const Clock::time_point now = Clock::now();
        // What a callback starts with no delay waits for the next round: no callback can keep the
        // loop from its descriptors.
        const TimerId newest = last_id;
        auto next = schedule.begin();
        while (next != schedule.end() && next->first <= now) {
            const TimerId id = next->second;
            if (id > newest) {
                ++next;
                continue;
            }
            const std::shared_ptr<Timer> due = timers.at(id);
            schedule.erase(next);
            if (due->period.count() == 0) {
                timers.erase(id);
            } else {
                due->due = std::max(due->due + due->period, now + std::chrono::nanoseconds(1));
                schedule.emplace(due->due, id);
            }
            due->callback();
            next = schedule.begin();
        }
        arm();
    }

    void read_signals() {
        signalfd_siginfo info{};
        while (read(signals, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
            const auto found = signal_callbacks.find(static_cast<int>(info.ssi_signo));
            if (found != signal_callbacks.end()) {
                const auto callback = found->second;
                (*callback)();
            }
        }
    }

    TimerId add_timer(std::chrono::milliseconds delay, std::chrono::milliseconds period,
                      std::function<void()> callback) {
        const TimerId id = ++last_id;
        const Clock::time_point due = Clock::now() + delay;
        timers.emplace(id, std::make_shared<Timer>(due, period, std::move(callback)));
        schedule.emplace(due, id);
        arm();
        return id;
    }
};

EventLoop::EventLoop() : state_(std::make_unique<State>()) {
    state_->epoll = epoll_create1(EPOLL_CLOEXEC);
    demand(state_->epoll >= 0, "epoll_create1");
    state_->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    demand(state_->timer >= 0, "timerfd_create");
    sigemptyset(&state_->signal_set);
    State* state = state_.get();
    watch(state_->timer, EPOLLIN, [state](uint32_t) { state->run_due_timers(); });
}

EventLoop::~EventLoop() {
    close(state_->epoll);
    close(state_->timer);
    if (state_->signals >= 0) {
        close(state_->signals);
    }
}

void EventLoop::watch(int fd, uint32_t events, std::function<void(uint32_t)> callback) {
    const uint64_t id = ++state_->last_id;
    epoll_event event{};
    event.events = events;
    event.data.u64 = id;
    demand(epoll_ctl(state_->epoll, EPOLL_CTL_ADD, fd, &event) == 0, "EventLoop::watch");
    state_->watches.emplace(id, std::make_shared<State::Watch>(fd, std::move(callback)));
    state_->watch_of[fd] = id;
}

void EventLoop::change(int fd, uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = state_->watch_of.at(fd);
    demand(epoll_ctl(state_->epoll, EPOLL_CTL_MOD, fd, &event) == 0, "EventLoop::change");
}

void EventLoop::unwatch(int fd) {
    const auto found = state_->watch_of.find(fd);
    if (found == state_->watch_of.end()) {
        return;
    }
    demand(epoll_ctl(state_->epoll, EPOLL_CTL_DEL, fd, nullptr) == 0, "EventLoop::unwatch");
    state_->watches.erase(found->second);
    state_->watch_of.erase(found);
}

EventLoop::TimerId EventLoop::every(std::chrono::milliseconds period,
                                    std::function<void()> callback) {
    period = std::max(period, std::chrono::milliseconds(1));
    return state_->add_timer(period, period, std::move(callback));
}

EventLoop::TimerId EventLoop::after(std::chrono::milliseconds delay,
                                    std::function<void()> callback) {
    return state_->add_timer(delay, std::chrono::milliseconds(0), std::move(callback));
}

void EventLoop::cancel(TimerId id) {
    const auto found = state_->timers.find(id);
    if (found == state_->timers.end()) {
        return;
    }
    state_->schedule.erase({found->second->due, id});
    state_->timers.erase(found);
    state_->arm();
}

void EventLoop::on_signal(int signal, std::function<void()> callback) {
    sigaddset(&state_->signal_set, signal);
    demand(pthread_sigmask(SIG_BLOCK, &state_->signal_set, nullptr) == 0, "pthread_sigmask");
    const int fd = signalfd(state_->signals, &state_->signal_set, SFD_NONBLOCK | SFD_CLOEXEC);
    demand(fd >= 0, "signalfd");
    state_->signal_callbacks[signal] = std::make_shared<std::function<void()>>(std::move(callback));
    if (state_->signals < 0) {
        state_->signals = fd;
        State* state = state_.get();
        watch(fd, EPOLLIN, [state](uint32_t) { state->read_signals(); });
    }
}

void EventLoop::run() {
    state_->stopping = false;
    while (!state_->stopping) {
        run_once(std::chrono::milliseconds(-1));
    }
}

void EventLoop::stop() {
    state_->stopping = true;
}

void EventLoop::run_once(std::chrono::milliseconds timeout) {
    std::array<epoll_event, 32> events;
    const int ready = epoll_wait(state_->epoll, events.data(), static_cast<int>(events.size()),
                                 static_cast<int>(timeout.count()));
    demand(ready >= 0 || errno == EINTR, "epoll_wait");
    for (int i = 0; i < ready; ++i) {
        const auto found = state_->watches.find(events[static_cast<std::size_t>(i)].data.u64);
        if (found == state_->watches.end()) {
            continue;  // ended by a callback of this very round
        }
        const std::shared_ptr<State::Watch> watch = found->second;
        watch->callback(events[static_cast<std::size_t>(i)].events);
    }
}

}  // namespace trunkline::board
