#include "board/event_loop.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <vector>

namespace trunkline::board {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds long_wait{10000};

/// An eventfd that is readable from the start.
class ReadyFd {
public:
    ReadyFd() : fd_(eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC)) {}
    ~ReadyFd() { close(fd_); }
    operator int() const { return fd_; }

private:
    int fd_;
};

TEST(EventLoop, CallsBackForAReadyDescriptorUntilUnwatched) {
    EventLoop loop;
    ReadyFd fd;
    int calls = 0;
    loop.watch(fd, EPOLLIN, [&](uint32_t events) {
        EXPECT_TRUE(events & EPOLLIN);
        ++calls;
    });
    loop.run_once(long_wait);
    EXPECT_EQ(calls, 1);
    loop.unwatch(fd);
    loop.run_once(milliseconds(0));
    EXPECT_EQ(calls, 1);
    loop.unwatch(fd);  // unknown by now: nothing happens
}

TEST(EventLoop, ChangeDecidesWhatIsWaitedFor) {
    EventLoop loop;
    ReadyFd fd;
    uint32_t seen = 0;
    loop.watch(fd, 0, [&](uint32_t events) { seen |= events; });
    loop.run_once(milliseconds(0));
    EXPECT_EQ(seen, 0u);
    loop.change(fd, EPOLLOUT);
    loop.run_once(long_wait);
    EXPECT_EQ(seen, static_cast<uint32_t>(EPOLLOUT));
}

TEST(EventLoop, ACallbackMayUnwatchItselfAndOthersOfTheSameRound) {
    EventLoop loop;
    ReadyFd first, second;
    int calls = 0;
    const auto end_both = [&](uint32_t) {
        ++calls;
        loop.unwatch(first);
        loop.unwatch(second);
    };
    loop.watch(first, EPOLLIN, end_both);
    loop.watch(second, EPOLLIN, end_both);
    loop.run_once(long_wait);
    loop.run_once(milliseconds(0));
    EXPECT_EQ(calls, 1);
}

TEST(EventLoop, AnEventOfAnEndedWatchNeverReachesANewOneOfTheSameDescriptor) {
    EventLoop loop;
    ReadyFd first, second;
    int old_calls = 0, new_calls = 0;
    const auto replace_both = [&](uint32_t) {
        ++old_calls;
        for (const int fd : {int{first}, int{second}}) {
            loop.unwatch(fd);
            loop.watch(fd, 0, [&](uint32_t) { ++new_calls; });
        }
    };
    loop.watch(first, EPOLLIN, replace_both);
    loop.watch(second, EPOLLIN, replace_both);
    loop.run_once(long_wait);
    EXPECT_EQ(old_calls, 1);
    EXPECT_EQ(new_calls, 0);
}

TEST(EventLoop, TimersFireInTheOrderOfTheirDelays) {
    EventLoop loop;
    std::vector<int> order;
    loop.after(milliseconds(3), [&] {
        order.push_back(3);
        loop.stop();
    });
    loop.after(milliseconds(1), [&] { order.push_back(1); });
    loop.after(milliseconds(2), [&] { order.push_back(2); });
    loop.run();
    EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST(EventLoop, APeriodicTimerFiresUntilCancelledByItself) {
    EventLoop loop;
    int calls = 0;
    EventLoop::TimerId id = 0;
    id = loop.every(milliseconds(1), [&] {
        if (++calls == 3) {
            loop.cancel(id);
            loop.after(milliseconds(5), [&] { loop.stop(); });
        }
    });
    loop.run();
    EXPECT_EQ(calls, 3);
}

TEST(EventLoop, ACancelledTimerStaysSilentAlsoFromACallbackOfTheSameRound) {
    EventLoop loop;
    int calls = 0;
    EventLoop::TimerId first = 0, second = 0;
    first = loop.after(milliseconds(0), [&] {
        ++calls;
        loop.cancel(second);
    });
    second = loop.after(milliseconds(0), [&] {
        ++calls;
        loop.cancel(first);
    });
    loop.after(milliseconds(1), [&] { loop.stop(); });
    loop.run();
    EXPECT_EQ(calls, 1);
    loop.cancel(12345);
}

TEST(EventLoop, ATimerThatRestartsWithoutDelayDoesNotStarveDescriptors) {
    EventLoop loop;
    ReadyFd fd;
    std::function<void()> again = [&] { loop.after(milliseconds(0), again); };
    again();
    loop.watch(fd, EPOLLIN, [&](uint32_t) { loop.stop(); });
    loop.run();
}

TEST(EventLoop, SignalsComeAsCallbacks) {
    EventLoop loop;
    std::vector<int> seen;
    loop.on_signal(SIGUSR1, [&] { seen.push_back(SIGUSR1); });
    loop.on_signal(SIGUSR2, [&] {
        seen.push_back(SIGUSR2);
        loop.stop();
    });
    pthread_kill(pthread_self(), SIGUSR1);
    pthread_kill(pthread_self(), SIGUSR2);
    loop.run();
    EXPECT_EQ(seen, (std::vector{SIGUSR1, SIGUSR2}));
}

TEST(EventLoopDeathTest, WatchingADescriptorTwiceAborts) {
    EventLoop loop;
    ReadyFd fd;
    loop.watch(fd, EPOLLIN, [](uint32_t) {});
    EXPECT_DEATH(loop.watch(fd, EPOLLIN, [](uint32_t) {}), "EventLoop::watch");
}

}  // namespace
}  // namespace trunkline::board
