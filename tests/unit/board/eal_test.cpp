// EAL starts once in a process: meson runs each of these tests in its own.
#include "board/eal.h"

#include "board/file_descriptor.h"
#include "tests/unit/board/hugepages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rte_interrupts.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <semaphore>

namespace trunkline::board {
namespace {

using testing::HasSubstr;

BoardConfig small() {
    BoardConfig config;
    config.memory_megabytes = 32;
    return config;
}

std::string threads_allowed_cpus() {
    std::string all;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream status(task.path() / "status");
        for (std::string line; std::getline(status, line);) {
            if (line.starts_with("Cpus_allowed_list:") &&
                task.path().filename() != std::to_string(getpid())) {
                all += line + "\n";
            }
        }
    }
    return all;
}

bool can_allocate() {
    void* memory = rte_malloc(nullptr, 1 << 20, 0);
    rte_free(memory);
    return memory != nullptr;
}

TEST(EalStart, WithoutHugepagesLeavesNoFileAndGivesTheAffinityBack) {
    cpu_set_t before;
    CPU_ZERO(&before);
    ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
    const bool folder_before = std::filesystem::exists("/var/run/dpdk");
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    const test::SpareHugepages steady(0);  // the pool must not change between look and start
    BoardConfig config = small();
    config.memory_megabytes = test::more_than_the_free_hugepages();
    {
        const auto eal = Eal::start(config);
        ASSERT_TRUE(eal) << eal.error().message;
        EXPECT_EQ((*eal)->memory_mode(), MemoryMode::no_huge);
        EXPECT_TRUE(can_allocate());
        EXPECT_EQ(rte_get_main_lcore(), 0u);
        // EAL's threads: one CPU each, so no comma and no range.
        EXPECT_EQ(threads_allowed_cpus().find_first_of(",-"), std::string::npos);
        const std::string prefix = "/var/run/dpdk/trunkline-" + std::to_string(getpid());
        EXPECT_FALSE(std::filesystem::exists(prefix));
        const auto second = Eal::start(config);
        ASSERT_FALSE(second);
        EXPECT_THAT(second.error().message, HasSubstr("DPDK starts once in a process"));
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
    cpu_set_t after;
    CPU_ZERO(&after);
    ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
    EXPECT_TRUE(CPU_EQUAL(&before, &after));
    EXPECT_TRUE(folder_before || !std::filesystem::exists("/var/run/dpdk"));
}

TEST(EalStart, WithHugepagesGivesThemBack) {
    const test::SpareHugepages pages(16);  // as much as small() wants, too little for others
    if (!pages.available()) {
        GTEST_SKIP() << "this machine gives no hugepages (/sys is read-only or memory is short)";
    }
    const uint64_t free_before = test::free_hugepages();
    {
        const auto eal = Eal::start(small());
        ASSERT_TRUE(eal) << eal.error().message;
        EXPECT_EQ((*eal)->memory_mode(), MemoryMode::hugepages);
        EXPECT_TRUE(can_allocate());
        EXPECT_LT(test::free_hugepages(), free_before);
    }
    // What EAL mapped goes with the process; no file holds it.
    EXPECT_FALSE(
        std::filesystem::exists("/dev/hugepages/trunkline-" + std::to_string(getpid()) + "map_0"));
}

TEST(EalStart, TwoInstancesRunSideBySide) {
    const test::SpareHugepages steady(0);  // the pool must not change between look and start
    std::array<int, 2> started{};
    std::array<int, 2> finish{};
    ASSERT_EQ(pipe(started.data()), 0);
    ASSERT_EQ(pipe(finish.data()), 0);
    const pid_t child = fork();
    if (child == 0) {
        close(finish[1]);
        const auto eal = Eal::start(small());
        const char result = eal && can_allocate() ? '1' : '0';
        char end = 0;
        const bool told = write(started[1], &result, 1) == 1;
        _exit(told && read(finish[0], &end, 1) == 0 ? 0 : 1);
    }
    char result = 0;
    ASSERT_EQ(read(started[0], &result, 1), 1);
    EXPECT_EQ(result, '1');
    {
        const auto eal = Eal::start(small());
        ASSERT_TRUE(eal) << eal.error().message;
        EXPECT_TRUE(can_allocate());
    }
    close(finish[1]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST(EalStart, EndsAfterTheCallbacksThatUseItsMemory) {
    auto eal = Eal::start(small());
    ASSERT_TRUE(eal) << eal.error().message;
    struct Work {
        FileDescriptor event{eventfd(0, 0)};
        volatile uint32_t* memory = nullptr;
        std::binary_semaphore begun{0};
        std::atomic<bool> done = false;
    } work;
    work.memory = static_cast<uint32_t*>(rte_zmalloc(nullptr, sizeof(uint32_t), 0));
    const auto read_for_long = [](void* argument) {
        auto& mine = *static_cast<Work*>(argument);
        eventfd_t number = 0;
        eventfd_read(mine.event.get(), &number);
        mine.begun.release();
        constexpr uint32_t reads = 500'000'000;
        uint32_t sum = 0;
        for (uint32_t i = 0; i < reads; ++i) {
            sum += *mine.memory;
        }
        mine.done = sum == 0;
    };
    rte_intr_handle* handle = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
    rte_intr_type_set(handle, RTE_INTR_HANDLE_EXT);
    rte_intr_fd_set(handle, work.event.get());
    ASSERT_EQ(rte_intr_callback_register(handle, read_for_long, &work), 0);
    eventfd_write(work.event.get(), 1);
    work.begun.acquire();
    eal->reset();
    EXPECT_TRUE(work.done);
    rte_intr_instance_free(handle);
}

TEST(EalStart, MoreMemoryThanThereIsIsAnErrorWithDpdksReasonAndAnAdvice) {
    BoardConfig config = small();
    config.memory_megabytes = 500'000'000;
    testing::internal::CaptureStderr();
    const auto eal = Eal::start(config);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    ASSERT_FALSE(eal);
    EXPECT_THAT(eal.error().message, HasSubstr("cannot start DPDK: "));
    EXPECT_THAT(eal.error().message, HasSubstr("EAL: "));
    EXPECT_THAT(eal.error().message, HasSubstr("appliance.memory_megabytes"));
}

}  // namespace
}  // namespace trunkline::board
