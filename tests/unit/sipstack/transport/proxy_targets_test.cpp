#include "sipstack/transport/proxy_targets.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <map>

namespace trunkline::sipstack {
namespace {

using dataplane::IpAddress;

/// Numeric hosts alone: names are the resolver's to test.
class ProxyTargetsTest : public testing::Test {
protected:
    ProxyTargetsTest() {
        config_.sip_interfaces.resize(2);
        config_.sip_interfaces[0].address = *IpAddress::parse("192.0.2.10");
        config_.sip_interfaces[1].address = *IpAddress::parse("2001:db8::10");
    }

    void run() {
        const ProxyTargets targets(
            config_, **resolver_,
            {[this](const ProxySetTargets& set) { sets_[set.proxy_set_index] = set.targets; },
             [this](const RegistrarTargets& registrar) { registrar_ = registrar.targets; }});
    }

    board::EventLoop loop_;
    board::Expected<std::unique_ptr<NameResolver>> resolver_ = NameResolver::create(
        loop_, {},
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>()),
        {});
    Config config_;
    std::map<uint16_t, std::vector<ProxySetTargets::Target>> sets_;
    std::vector<ProxySetTargets::Target> registrar_;
};

TEST_F(ProxyTargetsTest, KeepsTheOrderAndFillsThePortIn) {
    config_.proxy_sets = {{"ITSP", 0, {{"192.0.2.1", 5070, {}}, {"192.0.2.2", {}, {}}}}};
    run();
    ASSERT_EQ(sets_[0].size(), 2U);
    EXPECT_EQ(sets_[0][0].endpoint.to_string(), "192.0.2.1:5070");
    EXPECT_EQ(sets_[0][1].endpoint.to_string(), "192.0.2.2:5060");
}

TEST_F(ProxyTargetsTest, LeavesOutWhatTheSipInterfaceCannotReach) {
    config_.proxy_sets = {{"four", 0, {{"2001:db8::1", {}, {}}}},
                          {"six", 1, {{"2001:db8::1", {}, {}}, {"192.0.2.1", {}, {}}}}};
    run();
    EXPECT_TRUE(sets_.at(0).empty());
    ASSERT_EQ(sets_.at(1).size(), 1U);
    EXPECT_EQ(sets_.at(1)[0].endpoint.to_string(), "[2001:db8::1]:5060");
}

TEST_F(ProxyTargetsTest, TellsTheRegistrarApartFromTheProxySets) {
    config_.proxy_and_registration.registrar = ProxyAddress{"192.0.2.9", 5080, Transport::udp};
    run();
    EXPECT_TRUE(sets_.empty());
    ASSERT_EQ(registrar_.size(), 1U);
    EXPECT_EQ(registrar_[0].endpoint.to_string(), "192.0.2.9:5080");
}

}  // namespace
}  // namespace trunkline::sipstack
