#include "board/network_namespace.h"
#include "dataplane/kernel/next_hop_resolver.h"
#include "dataplane/kernel/rtnetlink.h"
#include "tests/unit/board/eal_environment.h"
#include "tests/unit/board/network_lab.h"
#include "tests/unit/dataplane/kernel_fake_lan.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>
#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <thread>

namespace trunkline::dataplane {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::FakeLan;
using test::TestNamespace;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Kind = NextHopUpdate::Kind;

const auto* const environment = testing::AddGlobalTestEnvironment(new test::EalEnvironment);

const MacAddress port_mac = *MacAddress::parse("02:00:00:00:00:01");
const MacAddress gateway_mac = *MacAddress::parse("02:00:00:00:00:fe");
const MacAddress peer_mac = *MacAddress::parse("02:00:00:00:00:99");
const MacAddress other_mac = *MacAddress::parse("02:00:00:00:00:98");

IpAddress ip(std::string_view text) {
    return *IpAddress::parse(text);
}

std::shared_ptr<spdlog::logger> silent_log() {
    return std::make_shared<spdlog::logger>("test",
                                            std::make_shared<spdlog::sinks::null_sink_mt>());
}

/// A twin on a LAN with hosts, and a resolver whose worker is the test.
class ResolverTest : public testing::Test {
protected:
    explicit ResolverTest(uint32_t capacity = 1024) : space_("resolver") {
        config_.network_namespace = space_.name();
        config_.ethernet_devices = {{"vlan 1", "GROUP_1", 1, 1500}};
        config_.ip_interfaces = {
            {"Voice", 0, *IpPrefix::parse("192.0.2.10/24"), ip("192.0.2.1"), "vlan 1", {}},
            {"Voice6", 0, *IpPrefix::parse("2001:db8::10/64"), ip("2001:db8::1"), "vlan 1", {}}};
        auto twin = Twin::create(config_.ethernet_devices[0], port_mac, config_.ip_interfaces,
                                 space_.name());
        EXPECT_TRUE(twin) << twin.error().message;
        twins_.push_back(*std::move(twin));
        // Neighbours that do not answer are given up in tens of milliseconds.
        test::write_setting(space_, "ipv4/neigh/voice/retrans_time_ms", "10");
        test::write_setting(space_, "ipv6/neigh/voice/retrans_time_ms", "10");
        lan_ = std::make_unique<FakeLan>(twins_[0]->fd());
        lan_->add_host(ip("192.0.2.1"), gateway_mac);
        lan_->add_host(ip("192.0.2.99"), peer_mac);
        lan_->add_host(ip("2001:db8::1"), gateway_mac);
        lan_->add_host(ip("2001:db8::99"), peer_mac);
        loop_.watch(twins_[0]->fd(), EPOLLIN, [this](uint32_t) { lan_->pump(); });
        channel_ = *NextHopChannel::create(0, capacity);
        auto resolver =
            NextHopResolver::create(config_, twins_, *channel_, worker_bell_, loop_, silent_log());
        EXPECT_TRUE(resolver) << resolver.error().message;
        resolver_ = *std::move(resolver);
        settle_events();
    }
    ~ResolverTest() override {
        resolver_.reset();
        loop_.unwatch(twins_[0]->fd());
    }

    /// The twin's own birth is news to the resolver: read it before a test looks. It is over when
    /// no address is tentative any more, which a busy kernel takes its time for.
    void settle_events() {
        const auto end = steady_clock::now() + std::chrono::seconds(10);
        while (!space_.ip("-o addr show dev voice tentative").empty()) {
            ASSERT_LT(steady_clock::now(), end) << "addresses stay tentative";
            loop_.run_once(milliseconds(1));
        }
        for (int i = 0; i < 20; ++i) {
            loop_.run_once(milliseconds(1));
        }
        std::array<NextHopUpdate, 64> ignored;
        while (channel_->updates.pop(ignored) > 0) {
        }
        if (worker_bell_.prepare_to_sleep()) {
            worker_bell_.awake();
        }
    }

    void ask(std::string_view destination, uint16_t device = 0) {
        const IpAddress address = ip(destination);
        const IpAddress source = ip(address.is_v4() ? "192.0.2.10" : "2001:db8::10");
        ask(NextHopRequest{address, source, device});
    }
    void ask(const NextHopRequest& request) {
        ASSERT_TRUE(channel_->requests.push(request));
        channel_->requests_bell.ring();
    }

    /// The next update, with the loop running; fails the test after ten seconds.
    NextHopUpdate next_update() {
        NextHopUpdate update;
        const auto end = steady_clock::now() + std::chrono::seconds(10);
        while (channel_->updates.pop(std::span(&update, 1)) == 0) {
            if (steady_clock::now() > end) {
                ADD_FAILURE() << "no update comes";
                return {};
            }
            loop_.run_once(milliseconds(10));
        }
        return update;
    }
    void expect_flush() { EXPECT_EQ(next_update().kind, Kind::flush); }
    /// Passes over further flushes: one change of the kernel's may be several events.
    NextHopUpdate next_answer() {
        NextHopUpdate update;
        do {
            update = next_update();
        } while (update.kind == Kind::flush && !HasFailure());
        return update;
    }
    void expect_resolved(std::string_view destination, const MacAddress& mac) {
        const NextHopUpdate update = next_answer();
        EXPECT_EQ(update.kind, Kind::resolved);
        EXPECT_EQ(update.destination, ip(destination));
        EXPECT_EQ(update.mac, mac) << update.mac.to_string();
        EXPECT_EQ(update.device, 0);
    }
    void expect_unreachable(std::string_view destination) {
        const NextHopUpdate update = next_answer();
        EXPECT_EQ(update.kind, Kind::unreachable);
        EXPECT_EQ(update.destination, ip(destination));
    }

    TestNamespace space_;
    NetworkConfig config_;
    board::EventLoop loop_;
    std::vector<std::unique_ptr<Twin>> twins_;
    std::unique_ptr<FakeLan> lan_;
    std::unique_ptr<NextHopChannel> channel_;
    Doorbell worker_bell_;
    std::unique_ptr<NextHopResolver> resolver_;
};

TEST_F(ResolverTest, ANeighbourOnTheLinkIsResolvedByArp) {
    ask("192.0.2.99");
    expect_resolved("192.0.2.99", peer_mac);
    EXPECT_THAT(space_.ip("neigh show 192.0.2.99 dev voice"), HasSubstr("managed"));
    EXPECT_EQ(resolver_->counters().requests, 1u);
    EXPECT_EQ(resolver_->counters().resolved, 1u);
    EXPECT_EQ(resolver_->followed(), 1u);
}

TEST_F(ResolverTest, AFarDestinationGetsTheGatewaysAddress) {
    ask("198.51.100.7");
    expect_resolved("198.51.100.7", gateway_mac);
    ask("203.0.113.7");  // the same gateway: known by now
    expect_resolved("203.0.113.7", gateway_mac);
    EXPECT_EQ(lan_->questions(ip("192.0.2.1")), 1);
}

TEST_F(ResolverTest, Ipv6GoesTheSameWays) {
    ask("2001:db8::99");
    expect_resolved("2001:db8::99", peer_mac);
    ask("2001:db8:1::7");
    expect_resolved("2001:db8:1::7", gateway_mac);
}

TEST_F(ResolverTest, WakesTheWorkerThatSleeps) {
    ASSERT_TRUE(worker_bell_.prepare_to_sleep());
    ask("192.0.2.99");
    expect_resolved("192.0.2.99", peer_mac);
    epoll_event event{};
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    ASSERT_EQ(epoll_ctl(epoll, EPOLL_CTL_ADD, worker_bell_.fd(), &event), 0);
    event.events = EPOLLIN;
    ASSERT_EQ(epoll_ctl(epoll, EPOLL_CTL_MOD, worker_bell_.fd(), &event), 0);
    EXPECT_EQ(epoll_wait(epoll, &event, 1, 10'000), 1);
    close(epoll);
    worker_bell_.awake();
}

TEST_F(ResolverTest, ANeighbourThatDoesNotAnswerIsUnreachableAndAskedForAfresh) {
    ask("192.0.2.50");
    expect_unreachable("192.0.2.50");
    EXPECT_EQ(resolver_->followed(), 0u);
    EXPECT_THAT(space_.ip("neigh"), Not(HasSubstr("192.0.2.50")));
    ask("2001:db8::50");
    expect_unreachable("2001:db8::50");
    lan_->add_host(ip("192.0.2.50"), other_mac);
    ask("192.0.2.50");
    expect_resolved("192.0.2.50", other_mac);
}

TEST_F(ResolverTest, SilenceOfTheKernelItselfEndsAfterThreeSeconds) {
    test::write_setting(space_, "ipv4/neigh/voice/mcast_solicit", "100000");
    ask("192.0.2.50");
    expect_unreachable("192.0.2.50");
}

TEST_F(ResolverTest, WithoutARouteADestinationIsUnreachable) {
    space_.ip("route del default");
    expect_flush();
    ask("198.51.100.7");
    expect_unreachable("198.51.100.7");
    space_.ip("route add blackhole 198.51.100.0/24");
    expect_flush();
    ask("198.51.100.8");
    expect_unreachable("198.51.100.8");
}

TEST_F(ResolverTest, RefusesWhatNoNeighbourCanBeFor) {
    for (const char* address : {"224.0.0.1", "255.255.255.255", "192.0.2.255", "127.0.0.1",
                                "0.0.0.0", "192.0.2.10", "ff02::1", "::1", "::"}) {
        ask(address);
        expect_unreachable(address);
    }
    ask("192.0.2.99", 7);
    EXPECT_EQ(next_answer().kind, Kind::unreachable);
    ask({{}, {}, 0});
    EXPECT_EQ(next_answer().kind, Kind::unreachable);
    ask({ip("198.51.100.7"), ip("203.0.113.1"), 0});  // a source that is not ours
    expect_unreachable("198.51.100.7");
    EXPECT_EQ(resolver_->followed(), 0u);
}

TEST_F(ResolverTest, AnAddressThatMovesToAnotherMacIsToldUnasked) {
    ask("192.0.2.99");
    expect_resolved("192.0.2.99", peer_mac);
    lan_->send(test::arp_request(other_mac, ip("192.0.2.99"), ip("192.0.2.99")));
    expect_resolved("192.0.2.99", other_mac);
}

TEST_F(ResolverTest, AMoveOfTheGatewayIsToldForEveryDestinationBehindIt) {
    ask("198.51.100.7");
    expect_resolved("198.51.100.7", gateway_mac);
    ask("198.51.100.8");
    expect_resolved("198.51.100.8", gateway_mac);
    lan_->send(test::arp_request(other_mac, ip("192.0.2.1"), ip("192.0.2.1")));
    expect_resolved("198.51.100.7", other_mac);
    expect_resolved("198.51.100.8", other_mac);
}

TEST_F(ResolverTest, RoutesAndRulesFlushWhatTheWorkerKnows) {
    lan_->add_host(ip("192.0.2.2"), other_mac);
    ask("198.51.100.7");
    expect_resolved("198.51.100.7", gateway_mac);
    space_.ip("route add 198.51.100.0/24 via 192.0.2.2");
    expect_flush();
    EXPECT_EQ(resolver_->followed(), 0u);
    ask("198.51.100.7");
    expect_resolved("198.51.100.7", other_mac);
    space_.ip("rule add from 192.0.2.10 to 198.51.100.0/24 unreachable");
    expect_flush();
    ask("198.51.100.7");
    expect_unreachable("198.51.100.7");
    space_.ip("-6 rule add to 2001:db8:1::/64 unreachable");
    expect_flush();
    space_.ip("-6 route add 2001:db8:2::/64 dev voice");
    expect_flush();
}

TEST_F(ResolverTest, ARequestThatWaitsIsAnsweredAlsoWhenAFlushComesBetween) {
    lan_->remove_host(ip("192.0.2.99"));
    test::write_setting(space_, "ipv4/neigh/voice/mcast_solicit", "100000");
    ask("192.0.2.99");
    while (lan_->questions(ip("192.0.2.99")) == 0) {
        loop_.run_once(milliseconds(10));
    }
    space_.ip("route add 203.0.113.0/24 via 192.0.2.1");
    expect_flush();
    lan_->add_host(ip("192.0.2.99"), peer_mac);
    expect_resolved("192.0.2.99", peer_mac);
}

TEST_F(ResolverTest, ALinkThatWasDownComesBackWithItsAddressesAndRoutes) {
    ask("198.51.100.7");
    expect_resolved("198.51.100.7", gateway_mac);
    space_.ip("link set voice down");
    expect_flush();
    ask("198.51.100.7");
    expect_unreachable("198.51.100.7");
    space_.ip("link set voice up");
    expect_flush();
    const auto end = steady_clock::now() + std::chrono::seconds(10);
    while (space_.ip("route").find("default via 192.0.2.1") == std::string::npos &&
           steady_clock::now() < end) {
        loop_.run_once(milliseconds(10));
    }
    settle_events();
    ask("198.51.100.7");
    expect_resolved("198.51.100.7", gateway_mac);
    ask("2001:db8:1::7");
    expect_resolved("2001:db8:1::7", gateway_mac);
}

TEST_F(ResolverTest, ATwinThatSomebodyGivesAnotherMacHasItsOwnAgainAndStillResolves) {
    ask("192.0.2.99");
    expect_resolved("192.0.2.99", peer_mac);
    space_.ip("link set voice address 02:00:00:00:00:77");
    const auto end = steady_clock::now() + std::chrono::seconds(10);
    while (space_.ip("link show voice").find(port_mac.to_string()) == std::string::npos) {
        ASSERT_LT(steady_clock::now(), end) << space_.ip("link show voice");
        loop_.run_once(milliseconds(10));
    }
    settle_events();
    ask("198.51.100.7");
    expect_resolved("198.51.100.7", gateway_mac);
}

TEST_F(ResolverTest, AMacThatChangedBeforeItListenedIsPutRightToo) {
    resolver_.reset();
    space_.ip("link set voice address 02:00:00:00:00:77");
    auto resolver =
        NextHopResolver::create(config_, twins_, *channel_, worker_bell_, loop_, silent_log());
    ASSERT_TRUE(resolver) << resolver.error().message;
    EXPECT_THAT(space_.ip("link show voice"), HasSubstr(port_mac.to_string()));
}

TEST_F(ResolverTest, ANeighbourThatAnOperatorDeletesIsAskedForAgain) {
    ask("192.0.2.99");
    expect_resolved("192.0.2.99", peer_mac);
    lan_->add_host(ip("192.0.2.99"), other_mac);
    space_.ip("neigh del 192.0.2.99 dev voice");
    expect_resolved("192.0.2.99", other_mac);
    EXPECT_EQ(lan_->questions(ip("192.0.2.99")), 2);
}

TEST_F(ResolverTest, ANeighbourSetByHandIsUsedAndLeftAsItIs) {
    space_.ip("neigh add 192.0.2.50 lladdr 02:00:00:00:00:98 nud permanent dev voice");
    settle_events();
    ask("192.0.2.50");
    expect_resolved("192.0.2.50", other_mac);
    EXPECT_EQ(lan_->questions(ip("192.0.2.50")), 0);
    EXPECT_THAT(space_.ip("neigh show 192.0.2.50 dev voice"), HasSubstr("PERMANENT"));
}

TEST_F(ResolverTest, MoreEventsThanTheSocketHoldsFlushEverything) {
    ask("192.0.2.99");
    expect_resolved("192.0.2.99", peer_mac);
    {
        const auto scope = board::NetworkNamespaceScope::enter(space_.name());
        auto kernel = Rtnetlink::open();
        ASSERT_TRUE(kernel);
        const IpPrefix everything = *IpPrefix::parse("0.0.0.0/0");
        for (uint32_t metric = 1; metric <= 5000; ++metric) {
            ASSERT_TRUE(kernel->set_route(twins_[0]->interface_index(), everything, ip("192.0.2.1"),
                                          100'000 + metric));
        }
    }
    expect_flush();
    EXPECT_GE(resolver_->counters().events_lost, 1u);
    ask("192.0.2.99");
    expect_resolved("192.0.2.99", peer_mac);
}

TEST_F(ResolverTest, FollowsABoundedNumberOfDestinations) {
    constexpr unsigned most = 16384;
    std::size_t highest = 0;
    bool flushed_when_full = false;
    // A flood of events may be lost, which is a flush as well, and then it takes longer.
    for (unsigned i = 0; i < 4 * most && !flushed_when_full; ++i) {
        const bool is_full = resolver_->followed() == most;
        ask(fmt::format("198.{}.{}.{}", 18 + i / 65536, i / 256 % 256, i % 256));
        flushed_when_full = next_update().kind == Kind::flush && is_full;
        highest = std::max(highest, resolver_->followed());
    }
    EXPECT_TRUE(flushed_when_full);
    EXPECT_EQ(highest, most);
    EXPECT_LT(resolver_->followed(), 1000u);
}

/// The worker's ring holds three updates.
class SmallRingTest : public ResolverTest {
protected:
    SmallRingTest() : ResolverTest(4) {}
};

TEST_F(SmallRingTest, UpdatesThatFindTheRingFullAreCountedAndComeLater) {
    ask("198.51.100.1");
    ask("198.51.100.2");
    ask("198.51.100.3");
    const auto end = steady_clock::now() + std::chrono::seconds(10);
    while (resolver_->counters().resolved < 3 && steady_clock::now() < end) {
        loop_.run_once(milliseconds(10));
    }
    EXPECT_EQ(resolver_->counters().updates_delayed, 0u);
    ask("198.51.100.4");
    ask("198.51.100.5");
    while (resolver_->counters().resolved < 5 && steady_clock::now() < end) {
        loop_.run_once(milliseconds(10));
    }
    EXPECT_EQ(resolver_->counters().updates_delayed, 2u);
    for (const char* address :
         {"198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4", "198.51.100.5"}) {
        expect_resolved(address, gateway_mac);
    }
}

TEST_F(SmallRingTest, AFlushLosesNoAnswerThatWaitsForRoom) {
    const auto end = steady_clock::now() + std::chrono::seconds(10);
    const auto run_until = [&](uint64_t NextHopResolver::Counters::*counter, uint64_t value) {
        while (resolver_->counters().*counter < value && steady_clock::now() < end) {
            loop_.run_once(milliseconds(10));
        }
        ASSERT_GE(resolver_->counters().*counter, value);
    };
    const std::array addresses{"198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4",
                               "198.51.100.5"};
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        ask(addresses[i]);
        run_until(&NextHopResolver::Counters::resolved, i + 1);
    }
    run_until(&NextHopResolver::Counters::updates_delayed, 2);
    space_.ip("route add 203.0.113.0/24 via 192.0.2.1");
    run_until(&NextHopResolver::Counters::flushes, 1);
    for (const char* const address : addresses) {
        expect_resolved(address, gateway_mac);
    }
}

TEST(StaticNeighbours, AnswerWhereThereIsNoTwinAndNeedNoKernel) {
    NetworkConfig config;
    config.kernel_twin = KernelTwin::none;
    config.network_namespace = "trunkline-nowhere";
    config.ethernet_devices = {{"vlan 1", "GROUP_1", 1, 1500}, {"vlan 2", "GROUP_2", 1, 1500}};
    config.ip_interfaces = {
        {"Voice", 0, *IpPrefix::parse("192.0.2.10/24"), std::nullopt, "vlan 2", {}}};
    config.static_neighbours = {{"vlan 2", ip("192.0.2.99"), peer_mac}};
    const auto channel = *NextHopChannel::create(1);
    board::EventLoop loop;
    Doorbell worker_bell;
    const auto resolver =
        NextHopResolver::create(config, {}, *channel, worker_bell, loop, silent_log());
    ASSERT_TRUE(resolver) << resolver.error().message;
    for (const uint16_t device : {1, 0}) {
        ASSERT_TRUE(channel->requests.push({ip("192.0.2.99"), ip("192.0.2.10"), device}));
    }
    channel->requests_bell.ring();
    NextHopUpdate update;
    while (channel->updates.pop(std::span(&update, 1)) == 0) {
        loop.run_once(milliseconds(100));
    }
    EXPECT_EQ(update.kind, Kind::resolved);
    EXPECT_EQ(update.mac, peer_mac);
    EXPECT_EQ(update.device, 1);
    ASSERT_EQ(channel->updates.pop(std::span(&update, 1)), 1u);
    EXPECT_EQ(update.kind, Kind::unreachable);
    EXPECT_EQ(update.device, 0);
}

TEST(NextHopResolver, AnUnknownNamespaceIsAnError) {
    const TestNamespace space("resolver-error");
    NetworkConfig config;
    config.network_namespace = space.name();
    config.ethernet_devices = {{"vlan 1", "GROUP_1", 1, 1500}};
    std::vector<std::unique_ptr<Twin>> twins;
    auto twin = Twin::create(config.ethernet_devices[0], port_mac, {}, space.name());
    ASSERT_TRUE(twin) << twin.error().message;
    EXPECT_EQ((*twin)->name(), "vlan_1");
    twins.push_back(*std::move(twin));
    config.network_namespace = "trunkline-nowhere";
    const auto channel = *NextHopChannel::create(2);
    board::EventLoop loop;
    Doorbell worker_bell;
    const auto resolver =
        NextHopResolver::create(config, twins, *channel, worker_bell, loop, silent_log());
    ASSERT_FALSE(resolver);
    EXPECT_THAT(resolver.error().message, HasSubstr("ip netns add trunkline-nowhere"));
}

}  // namespace
}  // namespace trunkline::dataplane
