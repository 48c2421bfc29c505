#include "sipstack/transport/redirection_lookup.h"

#include "dns_server.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <optional>

namespace trunkline::sipstack {
namespace {

using std::chrono::milliseconds;
using Strings = std::vector<std::string>;

class RedirectionLookupTest : public testing::Test {
protected:
    RedirectionLookupTest() {
        auto config = std::make_shared<Config>();
        config->sip_interfaces.resize(1);
        config->sip_interfaces[0].address = *dataplane::IpAddress::parse("192.0.2.10");
        config->sip_interfaces[0].tcp_port = 5060;
        config->proxy_and_registration.dns_query_type = DnsResolveMethod::naptr;
        config_ = config;
        const dataplane::Endpoint servers[] = {server_.endpoint()};
        NameResolver::Pace pace;
        pace.first_timeout = milliseconds(20);
        pace.answers.patience = milliseconds(200);
        resolver_ = std::move(
            *NameResolver::create(loop_, servers,
                                  std::make_shared<spdlog::logger>(
                                      "test", std::make_shared<spdlog::sinks::null_sink_mt>()),
                                  pace));
        lookup_.emplace(config, *resolver_);
        server_.time_to_live = 77;
    }

    /// "192.0.2.1:5060 udp" for each target.
    Strings look_up(const RedirectionName& name) {
        answer_.reset();
        lookup_->look_up(name, [this](const RedirectionTargets& found) { answer_ = found; });
        for (int turns = 0; turns < 2000 && !answer_; ++turns) {
            loop_.run_once(milliseconds(10));
        }
        EXPECT_TRUE(answer_);
        EXPECT_EQ(answer_->name, name);
        EXPECT_EQ(lookup_->under_way(), 0U);
        Strings texts;
        for (const Target& target : answer_->targets) {
            texts.push_back(
                fmt::format("{} {}", target.endpoint.to_string(), to_string(target.transport)));
        }
        return texts;
    }

    std::shared_ptr<Config> config_;
    board::EventLoop loop_;
    test::DnsServer server_{loop_};
    std::unique_ptr<NameResolver> resolver_;
    std::optional<RedirectionLookup> lookup_;
    std::optional<RedirectionTargets> answer_;
};

// T132
TEST_F(RedirectionLookupTest, GoesByNaptrAndSrvToAddresses) {
    server_.set("far.example", DnsType::naptr,
                {test::naptr_data(1, 1, "s", "SIP+D2T", "_sip._tcp.far.example")});
    server_.set(
        "_sip._tcp.far.example", DnsType::srv,
        {test::srv_data(1, 0, 5071, "a.far.example"), test::srv_data(2, 0, 5072, "b.far.example")});
    server_.set_addresses("a.far.example", {"192.0.2.1"});
    server_.set_addresses("b.far.example", {"192.0.2.2"});
    EXPECT_EQ(look_up({"far.example", std::nullopt, std::nullopt, 0}),
              (Strings{"192.0.2.1:5071 tcp", "192.0.2.2:5072 tcp"}));
    EXPECT_LE(answer_->time_to_live, Seconds(77));
    EXPECT_GT(answer_->time_to_live, Seconds(60));
    EXPECT_EQ(answer_->targets[0].host, "far.example") << "whom TLS expects there";
}

TEST_F(RedirectionLookupTest, GoesAsFarAsThePagesDnsQueryType) {
    server_.set("far.example", DnsType::naptr,
                {test::naptr_data(1, 1, "s", "SIP+D2T", "_sip._tcp.far.example")});
    server_.set("_sip._tcp.far.example", DnsType::srv,
                {test::srv_data(1, 0, 5071, "a.far.example")});
    server_.set("_sip._udp.far.example", DnsType::srv,
                {test::srv_data(1, 0, 5072, "a.far.example")});
    server_.set_addresses("far.example", {"192.0.2.3"});
    server_.set_addresses("a.far.example", {"192.0.2.1"});
    config_->proxy_and_registration.dns_query_type = DnsResolveMethod::srv;
    EXPECT_EQ(look_up({"far.example", std::nullopt, std::nullopt, 0}),
              Strings{"192.0.2.1:5072 udp"});
    config_->proxy_and_registration.dns_query_type = DnsResolveMethod::a_record;
    EXPECT_EQ(look_up({"far.example", std::nullopt, std::nullopt, 0}),
              Strings{"192.0.2.3:5060 udp"});
}

// T132
TEST_F(RedirectionLookupTest, TakesThePortAndTransportOfTheUri) {
    server_.set_addresses("far.example", {"192.0.2.1"});
    EXPECT_EQ(look_up({"far.example", 5090, Transport::tcp, 0}), Strings{"192.0.2.1:5090 tcp"});
    EXPECT_EQ(server_.questions, 1) << "a port asks for addresses alone";
}

TEST_F(RedirectionLookupTest, FindsNothingWhereThereIsNothing) {
    EXPECT_EQ(look_up({"far.example", std::nullopt, std::nullopt, 0}), Strings{});
}

TEST_F(RedirectionLookupTest, EndsWhenDnsIsSilent) {
    server_.silent = true;
    EXPECT_EQ(look_up({"far.example", 5060, Transport::udp, 0}), Strings{});
}

TEST_F(RedirectionLookupTest, MayEndBeforeItsAnswer) {
    server_.silent = true;
    bool is_called = false;
    lookup_->look_up({"far.example", 5060, Transport::udp, 0},
                     [&](const RedirectionTargets&) { is_called = true; });
    EXPECT_EQ(lookup_->under_way(), 1U);
    lookup_.reset();
    loop_.run_once(milliseconds(0));
    EXPECT_FALSE(is_called);
}

}  // namespace
}  // namespace trunkline::sipstack
