#include "sipstack/running_config.h"

#include "board/file_descriptor.h"
#include "dataplane/packet_pool.h"
#include "dataplane/shard_links.h"
#include "sipstack/shard_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <spdlog/sinks/null_sink.h>
#include <sys/socket.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace trunkline::sipstack {
namespace {

using dataplane::IpAddress;
using std::chrono::milliseconds;
using testing::ElementsAre;

Config with_accounts(std::initializer_list<const char*> names) {
    Config config;
    config.shards = 2;
    SipInterface& interface = config.sip_interfaces.emplace_back();
    interface.address = IpAddress::v4(0xc000020a);
    interface.first_additional_udp_port = 6000;
    interface.last_additional_udp_port = 6007;
    config.proxy_sets.push_back({"ITSP", 0, {{"192.0.2.1", 5070, Transport::udp}}});
    config.ip_groups.push_back({"ITSP", 0, "lab.example", ""});
    for (const char* name : names) {
        Account& account = config.accounts.emplace_back();
        account.name = name;
        account.contact_user = name;
        account.register_mode = AccountRegister::regular;
        account.udp_port_assignment = true;
    }
    return config;
}

/// Two shards without threads; the test is all of them, and the control thread.
class RunningConfigTest : public ::testing::Test {
protected:
    void start(const Config& config, std::vector<RegistrationRecord> remembered = {}) {
        const auto shared = std::make_shared<const Config>(without_registrants(config));
        for (uint32_t i = 0; i < config.shards; ++i) {
            ShardThread::Options options;
            options.index = i;
            options.config = shared;
            options.link = &links_->link(i);
            options.worker_bell = &worker_bell_;
            options.bell = &links_->bell(i);
            options.control_bell = &shards_.control_bell();
            options.pool = pool_->get();
            options.log = log_;
            shards_.add(std::move(*ShardThread::create(options)));
        }
        running_.emplace(shards_, **names_, log_);
        running_->start(config, std::move(remembered));
        turn();
    }

    void turn() {
        for (const auto& shard : shards_.shards()) {
            turn(*shard);
        }
    }
    void turn(ShardThread& shard) {
        shard.turn(monotonic_now());
        loop_.run_once(milliseconds(0));
    }

    std::optional<ConfigChange> apply(const Config& config) {
        std::optional<ConfigChange> told;
        running_->apply(config, [&told](const ConfigChange& change) { told = change; });
        turn();
        return told;
    }

    bool any_registered() {
        bool any = false;
        shards_.tell([&any](Shard& shard, Instant) { any |= shard.any_registered(); });
        turn();
        return any;
    }

    const std::shared_ptr<spdlog::logger> log_ =
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>());
    board::EventLoop loop_;
    board::Expected<dataplane::PacketPool> pool_ =
        dataplane::PacketPool::create("running_config_test", 255);
    board::Expected<dataplane::ShardLinks> links_ = dataplane::ShardLinks::create(0, 2);
    dataplane::Doorbell worker_bell_;
    board::Expected<std::unique_ptr<NameResolver>> names_ =
        NameResolver::create(loop_, {}, log_, {});
    ShardGroup shards_{loop_};
    std::optional<RunningConfig> running_;
};

TEST_F(RunningConfigTest, SumsUpWhatAChangeMadeOfTheRegistrationsOfAllShards) {
    start(with_accounts({"a", "b", "c", "d", "e", "f"}));
    const auto change = apply(with_accounts({"a", "b", "c", "d", "e", "x", "y"}));
    ASSERT_TRUE(change);
    EXPECT_EQ(change->kept, 5U);
    EXPECT_EQ(change->added, 2U);
    EXPECT_EQ(change->removed, 1U);
}

TEST_F(RunningConfigTest, IsDoneWithAChangeWhenTheLastShardIs) {
    start(with_accounts({"a"}));
    bool done = false;
    running_->apply(with_accounts({"b"}), [&done](const ConfigChange&) { done = true; });
    turn(*shards_.shards()[0]);
    EXPECT_FALSE(done);
    turn(*shards_.shards()[1]);
    EXPECT_TRUE(done);
}

TEST_F(RunningConfigTest, LeavesAccountsTheirUdpPortsWhereverTheirRowsStand) {
    start(with_accounts({"a", "b", "c"}));
    // Given anew, the ports would be others, and so would be the bindings.
    auto change = apply(with_accounts({"new", "c", "a", "b"}));
    ASSERT_TRUE(change);
    EXPECT_EQ(change->kept, 3U);
    EXPECT_EQ(change->added, 1U);
    // What a change gave counts in the next one.
    change = apply(with_accounts({"b", "new"}));
    ASSERT_TRUE(change);
    EXPECT_EQ(change->kept, 2U);
    EXPECT_EQ(change->added, 0U);
}

TEST_F(RunningConfigTest, FollowsTheNamesOfTheConfigurationThatRuns) {
    Config config = with_accounts({"a"});
    start(config);
    ASSERT_EQ(running_->targets().rows.size(), 1U);
    EXPECT_THAT(running_->targets().rows[0].configured, testing::HasSubstr("192.0.2.1"));
    config.proxy_sets[0].addresses[0].host = "192.0.2.9";
    ASSERT_TRUE(apply(config));
    ASSERT_EQ(running_->targets().rows.size(), 1U);
    EXPECT_THAT(running_->targets().rows[0].configured, testing::HasSubstr("192.0.2.9"));
}

TEST_F(RunningConfigTest, KnowsNoServersBeforeTheirNamesAreAnswered) {
    const board::FileDescriptor silent(::socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(::bind(silent.get(), generic, size), 0);
    ASSERT_EQ(::getsockname(silent.get(), generic, &size), 0);
    const std::vector<dataplane::Endpoint> servers = {
        {*IpAddress::parse("127.0.0.1"), ntohs(address.sin_port)}};
    names_ = NameResolver::create(loop_, servers, log_, {});
    Config config = with_accounts({"a"});
    config.proxy_sets[0].addresses[0].host = "registrar.lab.example";
    start(config);
    EXPECT_FALSE(running_->knows_servers());
    ASSERT_TRUE(apply(with_accounts({"a"})));
    EXPECT_TRUE(running_->knows_servers()) << "a numeric address";
}

TEST_F(RunningConfigTest, TakesUpWhatIsRemembered) {
    const Config config = with_accounts({"a"});
    RegistrationRecord record;
    record.key = registrant_keys(config).front();
    record.call_id = "before";
    record.cseq = 7;
    record.granted = Seconds(3600);
    record.expires_at = monotonic_now() + Seconds(3600);
    record.refresh_at = monotonic_now() + Seconds(1800);
    record.target = {{IpAddress::v4(0xc0000201), 5070}, Transport::udp};
    start(config, {record});
    EXPECT_TRUE(any_registered());
}

}  // namespace
}  // namespace trunkline::sipstack
