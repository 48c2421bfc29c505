#include "dataplane/idle.h"

#include "bench.h"
#include "dataplane/dpdk_thread.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

namespace trunkline::dataplane::testing {
namespace {

using board::PowerProfile;

/// A descriptor that is readable or not.
class Signal {
public:
    Signal() : fd_(eventfd(0, EFD_NONBLOCK)) {}
    ~Signal() { close(fd_); }
    int fd() const { return fd_; }
    void raise() const {
        const uint64_t one = 1;
        EXPECT_EQ(write(fd_, &one, sizeof(one)), static_cast<ssize_t>(sizeof(one)));
    }

private:
    int fd_;
};

TEST(Idle, WaitsAfterTheProfilesRunOfIdleWalks) {
    Doorbell bell;
    Idle idle(PowerProfile::balanced, {}, {}, bell);
    const uint32_t run = idle_rule(PowerProfile::balanced).idle_walks;
    for (int round = 0; round < 2; ++round) {
        for (uint32_t i = 1; i < run; ++i) {
            EXPECT_FALSE(idle.time_to_wait(true));
        }
        EXPECT_TRUE(idle.time_to_wait(true));
        EXPECT_TRUE(idle.time_to_wait(true)) << "and goes on until something moves";
        EXPECT_FALSE(idle.time_to_wait(false));
    }
}

TEST(Idle, TheBusyProfileNeverWaits) {
    Doorbell bell;
    Idle idle(PowerProfile::busy, {}, {}, bell);
    for (int i = 0; i < 100'000; ++i) {
        ASSERT_FALSE(idle.time_to_wait(true));
    }
}

TEST(Idle, APacketOnAPortOrATwinEndsTheWait) {
    for (const bool on_port : {true, false}) {
        Doorbell bell;
        const Signal port, twin;
        Idle idle(PowerProfile::balanced, std::array{port.fd()}, std::array{twin.fd()}, bell);
        (on_port ? port : twin).raise();
        idle.wait(std::nullopt);  // would not return otherwise
    }
}

TEST(Idle, ADescriptorOfSomebodyElseEndsTheWait) {
    Doorbell bell;
    const Signal port, other;
    Idle idle(PowerProfile::balanced, std::array{port.fd()}, {}, bell);
    idle.watch(other.fd());
    other.raise();
    idle.wait(std::nullopt);  // would not return otherwise
}

TEST(Idle, TheDoorbellEndsTheWaitAndIsReadEmpty) {
    Doorbell bell;
    const Signal port;
    Idle idle(PowerProfile::balanced, std::array{port.fd()}, {}, bell);
    bell.ring();
    idle.wait(std::nullopt);  // rung before
    std::thread ringer([&] { bell.ring(); });
    idle.wait(std::nullopt);  // rung before or meanwhile
    ringer.join();
    EXPECT_TRUE(bell.prepare_to_sleep()) << "no ring is left over";
}

TEST(Idle, ALimitEndsTheWait) {
    Doorbell bell;
    const Signal port;
    Idle idle(PowerProfile::balanced, std::array{port.fd()}, {}, bell);
    idle.wait(std::chrono::milliseconds(1));
    idle.wait(std::chrono::nanoseconds(-5));  // a deadline that has passed
}

TEST(Idle, APortWithoutADescriptorIsLookedAfterByNaps) {
    Doorbell bell;
    Idle idle(PowerProfile::power_save, std::array{-1}, {}, bell);
    for (int i = 0; i < 30; ++i) {
        idle.wait(std::nullopt);
    }
}

TEST(Idle, ADescriptorInErrorDoesNotMakeItSpin) {
    std::array<int, 2> pair{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
    close(pair[1]);  // poll(2) says POLLHUP at once and always
    Doorbell bell;
    Idle idle(PowerProfile::balanced, std::array{pair[0]}, {}, bell);
    int waits = 0;
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
    while (std::chrono::steady_clock::now() < end) {
        idle.wait(std::nullopt);
        ++waits;
    }
    EXPECT_LT(waits, 50);
    close(pair[0]);
}

TEST(WorkerIdle, HeldPacketsAndFragmentsBoundTheWait) {
    const Signal never;
    for (const bool fragment : {true, false}) {
        Bench bench(
            {.neighbours = false, .power_profile = PowerProfile::balanced, .wait_fd = never.fd()});
        if (fragment) {
            UdpFrame whole;
            whole.payload.assign(2000, '0');
            bench.inject(fragments_of(whole, 1448)[0]);
            bench.walk();
            bench.pass_time(std::chrono::milliseconds(14'999));
        } else {
            bench.shard_sends("0", "192.0.2.10", "192.0.2.99");
            bench.walk();
            bench.pass_time(std::chrono::milliseconds(3499));
        }
        bench.walk();
        for (int i = 0; i < 70; ++i) {
            bench.worker().wait(true, std::nullopt);  // nothing but the deadline ends it
        }
    }
}

TEST(WorkerIdle, TellsWhetherItSleptAndWakesForADescriptor) {
    const Signal never, stream;
    Bench bench({.power_profile = PowerProfile::balanced, .wait_fd = never.fd()});
    bench.worker().watch(stream.fd());
    EXPECT_FALSE(bench.worker().wait(false, std::nullopt));
    stream.raise();
    int waits = 1;
    while (!bench.worker().wait(true, std::nullopt)) {
        ++waits;
    }
    EXPECT_EQ(waits, 64);
}

TEST(WorkerIdle, NoDatagramIsSleptThrough) {
    const Signal never;
    Bench bench({.power_profile = PowerProfile::balanced, .wait_fd = never.fd()});
    std::atomic<bool> stop{false};
    std::thread thread([&] {
        const auto registered = DpdkThread::enter();
        ASSERT_TRUE(registered);
        while (!stop.load()) {
            const bool moved = bench.worker().walk();
            bench.worker().wait(!moved, std::nullopt);
        }
    });
    int sent = 0;
    for (int i = 0; i < 3000 && sent == i; ++i) {
        bench.shard_sends("0", "192.0.2.10", "192.0.2.20");
        bench.worker().doorbell().ring();
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (sent == i && std::chrono::steady_clock::now() < deadline) {
            sent += static_cast<int>(bench.sent().size());
        }
    }
    EXPECT_EQ(sent, 3000) << "the worker slept through a ring";
    stop = true;
    bench.worker().doorbell().ring();
    thread.join();
}

}  // namespace
}  // namespace trunkline::dataplane::testing
