#include "dataplane/worker.h"

#include "bench.h"

#include <algorithm>

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
    bad.devices.clear();
    EXPECT_EQ(refusal(bad), "cannot make a worker: not every Ethernet device has a port");
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

}  // namespace
}  // namespace trunkline::dataplane::testing
