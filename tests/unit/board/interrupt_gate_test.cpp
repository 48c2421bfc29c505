// EAL starts once in a process: this test has one of its own.
#include "board/interrupt_gate.h"

#include "board/eal.h"

#include <gtest/gtest.h>
#include <rte_interrupts.h>
#include <sys/eventfd.h>

#include <atomic>
#include <optional>

namespace trunkline::board {
namespace {

/// Somebody else's callback on DPDK's interrupt thread.
struct Other {
    FileDescriptor event{eventfd(0, EFD_NONBLOCK)};
    rte_intr_handle* handle = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
    std::atomic<int> calls = 0;

    Other() {
        rte_intr_type_set(handle, RTE_INTR_HANDLE_EXT);
        rte_intr_fd_set(handle, event.get());
        rte_intr_callback_register(handle, called, this);
    }
    ~Other() {
        rte_intr_callback_unregister_sync(handle, called, this);
        rte_intr_instance_free(handle);
    }
    static void called(void* argument) {
        auto& mine = *static_cast<Other*>(argument);
        eventfd_t number = 0;
        eventfd_read(mine.event.get(), &number);
        ++mine.calls;
        mine.calls.notify_one();
    }
};

TEST(InterruptGate, CallbacksRunWhenTheyAreLetThroughAlone) {
    BoardConfig config;
    config.memory_megabytes = 32;
    const auto eal = Eal::start(config);
    ASSERT_TRUE(eal) << eal.error().message;
    Other other;
    std::optional<InterruptGate> gate(std::in_place);
    for (int round = 0; round < 200; ++round) {
        eventfd_write(other.event.get(), 1);
        for (int looks = 0; looks < 10'000; ++looks) {
            ASSERT_EQ(other.calls, round) << "while the gate is closed";
        }
        // The event may come behind the gate's own in the first batch.
        gate->let_through();
        gate->let_through();
        ASSERT_EQ(other.calls, round + 1);
    }
    gate.reset();
    const int before = other.calls;
    eventfd_write(other.event.get(), 1);
    other.calls.wait(before);
    EXPECT_EQ(other.calls, before + 1);
}

}  // namespace
}  // namespace trunkline::board
