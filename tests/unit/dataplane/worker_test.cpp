#include "dataplane/worker.h"

#include "bench.h"
#include "board/file_descriptor.h"

#include <rte_interrupts.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <atomic>

namespace trunkline::dataplane::testing {
namespace {

using ::testing::Test;

std::string refusal(const WorkerOptions& options) {
    const auto worker = Worker::create(options);
    return worker ? "" : worker.error().message;
}

TEST(Worker, RefusesPartsThatDoNotFitTogether) {
    Bench bench;
    const WorkerOptions good = bench.worker_options();
    WorkerOptions bad = good;
    bad.pool = nullptr;
    EXPECT_EQ(refusal(bad), "cannot make a worker: it has no packet pool");
    bad = good;
    bad.twin_fds.clear();
    EXPECT_EQ(refusal(bad),
              "cannot make a worker: not every Ethernet device has a kernel twin or none");
    bad = good;
    bad.groups.clear();
    EXPECT_EQ(refusal(bad),
              "cannot make a worker: Ethernet device vlan 1 has no port in GROUP_1 that sends");
    bad = good;
    const std::atomic<board::GroupRoles> idle{{0, 0}};
    bad.groups[0].roles = &idle;
    EXPECT_EQ(refusal(bad),
              "cannot make a worker: Ethernet device vlan 1 has no port in GROUP_1 that sends");
    bad = good;
    bad.network.ip_interfaces[0].device = "vlan 9";
    EXPECT_EQ(refusal(bad),
              "cannot make a worker: IP interface Voice names no Ethernet device: vlan 9");
    bad = good;
    bad.sip_listeners.push_back({9, 5060});
    EXPECT_EQ(refusal(bad), "cannot make a worker: a SIP listener names no IP interface");
    bad = good;
    bad.shard_bells.clear();
    EXPECT_EQ(refusal(bad), "cannot make a worker: not every shard has a doorbell");
    bad = good;
    bad.shards.clear();
    bad.shard_bells.clear();
    EXPECT_EQ(refusal(bad), "cannot make a worker: it has SIP listeners and no shard for them");
    bad = good;
    bad.select_shard = nullptr;
    EXPECT_EQ(refusal(bad), "cannot make a worker: nobody tells which shard a message belongs to");
    bad = good;
    bad.select_sender = nullptr;
    EXPECT_EQ(refusal(bad), "cannot make a worker: nobody tells which shard a message belongs to");
}

TEST(Worker, SeveralLiveInOneProcessEachWithItsOwnCountersAndGraph) {
    Bench first, second({.devices = 2});
    first.inject(UdpFrame{}.build());
    first.walk();
    second.walk();
    EXPECT_EQ(first.received().size(), 1U);
    EXPECT_EQ(first.counter("rx.frames"), 1U);
    EXPECT_EQ(second.counter("rx.frames"), 0U);
}

TEST(Worker, LivesWithoutAPort) {
    Bench bench;
    WorkerOptions options;
    options.pool = bench.worker_options().pool;
    const auto worker = Worker::create(options);
    ASSERT_TRUE(worker) << worker.error().message;
    EXPECT_FALSE((*worker)->walk());
}

TEST(Worker, TellsWhatEachNodeMoved) {
    Bench bench;
    bench.inject(UdpFrame{}.build());
    bench.inject(UdpFrame{}.build());
    bench.walk();
    bench.received();
    const auto statistics = bench.worker().node_statistics();
    for (const char* name : {"rx-0", "ethernet", "ip4", "udp", "sip_door"}) {
        const auto node = std::ranges::find(statistics, name, &NodeStatistics::name);
        ASSERT_NE(node, statistics.end()) << name;
        EXPECT_EQ(node->objects, 2U) << name;
        EXPECT_GE(node->calls, 1U) << name;
    }
}

TEST(Worker, DrawsItsGraph) {
    Bench bench;
    const std::string drawing = bench.worker().drawing();
    for (const char* part : {"Digraph", "\"rx-0\"->\"ethernet\"", "\"udp\"->\"sip_door\""}) {
        EXPECT_NE(drawing.find(part), std::string::npos) << part << " in " << drawing;
    }
}

TEST(Worker, AWalkTellsWhetherAnythingMoved) {
    Bench bench;
    EXPECT_FALSE(bench.worker().walk());
    bench.inject(UdpFrame{}.build());
    EXPECT_TRUE(bench.worker().walk());
    EXPECT_FALSE(bench.worker().walk());
}

/// A driver's callback on DPDK's interrupt thread.
class Driver {
public:
    Driver() {
        rte_intr_type_set(handle_, RTE_INTR_HANDLE_EXT);
        rte_intr_fd_set(handle_, event_.get());
        rte_intr_callback_register(handle_, called, this);
    }
    ~Driver() {
        rte_intr_callback_unregister_sync(handle_, called, this);
        rte_intr_instance_free(handle_);
    }
    void interrupt() const { eventfd_write(event_.get(), 1); }
    int calls() const { return calls_; }
    /// Waits until there were more than `before`.
    void wait(int before) const { calls_.wait(before); }

private:
    static void called(void* argument) {
        auto& mine = *static_cast<Driver*>(argument);
        eventfd_t number = 0;
        eventfd_read(mine.event_.get(), &number);
        ++mine.calls_;
        mine.calls_.notify_one();
    }

    board::FileDescriptor event_{eventfd(0, EFD_NONBLOCK)};
    rte_intr_handle* handle_ = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
    std::atomic<int> calls_ = 0;
};

TEST(Worker, LetsInterruptsThroughNowAndThenWhereTheyMustNotBeBesideABurst) {
    Driver driver;
    Bench bench({.interrupts_end_bursts = true});
    bench.walk();
    for (int round = 0; round < 20; ++round) {
        driver.interrupt();
        for (int looks = 0; looks < 10'000; ++looks) {
            ASSERT_EQ(driver.calls(), round) << "a burst may be under way";
        }
        bench.walk();
        ASSERT_EQ(driver.calls(), round) << "it is not time yet";
        // The event may come behind the gate's own in the first batch.
        for (int batch = 0; batch < 2; ++batch) {
            bench.pass_time(std::chrono::milliseconds(5));
            bench.walk();
        }
        ASSERT_EQ(driver.calls(), round + 1);
    }
}

TEST(Worker, LeavesTheInterruptsOfOtherPortsAloneAndOfAllBeforeItsFirstWalk) {
    for (const bool is_before : {false, true}) {
        Driver driver;
        Bench bench({.interrupts_end_bursts = is_before});
        if (!is_before) {
            bench.walk();
        }
        driver.interrupt();
        driver.wait(0);
        EXPECT_EQ(driver.calls(), 1);
    }
}

TEST(Worker, LeavesTheInterruptsAloneWhenItEnds) {
    Driver driver;
    Bench({.interrupts_end_bursts = true}).walk();
    driver.interrupt();
    driver.wait(0);
    EXPECT_EQ(driver.calls(), 1);
}

}  // namespace
}  // namespace trunkline::dataplane::testing
