#include "dataplane/forwarding.h"

#include "bench.h"
#include "dataplane/packet_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

namespace trunkline::dataplane {
namespace {

using testing::RingPort;

/// One Ethernet device on a port whose far side is the test's, without a kernel twin.
class ForwardingTest : public ::testing::Test {
protected:
    ForwardingTest() {
        options_.network.kernel_twin = KernelTwin::none;
        options_.network.ethernet_devices.push_back({"vlan 1", "GROUP_1"});
        options_.network.ip_interfaces.push_back(
            {"Voice", 0, *IpPrefix::parse("192.0.2.10/24"), {}, "vlan 1", {}});
        board::PortTraits port;
        port.dpdk_port = port_.id();
        options_.groups = {{"GROUP_1", {port}}};
        options_.shards = 3;
        options_.select_shard = [](std::string_view, uint32_t) { return 0U; };
        options_.select_sender = [](std::string_view, uint32_t) {
            return std::optional<uint32_t>();
        };
        options_.pool = pool_->get();
    }

    board::Expected<std::unique_ptr<Forwarding>> create() {
        return Forwarding::create(options_, loop_, log_);
    }

    const std::shared_ptr<spdlog::logger> log_ =
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>());
    board::EventLoop loop_;
    board::Expected<PacketPool> pool_ = PacketPool::create("forwarding_test", 1023);
    RingPort port_{pool_->get()};
    Forwarding::Options options_;
};

TEST_F(ForwardingTest, HasAWorkerWithALinkToEachShard) {
    const auto forwarding = create();
    ASSERT_TRUE(forwarding) << forwarding.error().message;
    EXPECT_EQ((*forwarding)->links().size(), 3U);
    EXPECT_FALSE((*forwarding)->worker().walk());
    EXPECT_EQ((*forwarding)->resolver().counters().requests, 0U);
}

TEST_F(ForwardingTest, RefusesATwinForADeviceWithoutAnAddress) {
    options_.network.kernel_twin = KernelTwin::tap;
    options_.network.ip_interfaces.clear();
    const auto forwarding = create();
    ASSERT_FALSE(forwarding);
    EXPECT_EQ(forwarding.error().message,
              "Ethernet device 'vlan 1' has no IP interface; give it a row in "
              "ip_network.ip_interfaces or remove it");
}

}  // namespace
}  // namespace trunkline::dataplane
