#include "sipstack/transport/name_resolver.h"

#include "dns_server.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

namespace trunkline::sipstack {
namespace {

using dataplane::IpAddress;
using std::chrono::milliseconds;
using std::chrono::seconds;
using State = DnsKnowledge::State;

const DnsQuestion address{"registrar.lab.example", DnsType::a};
const DnsQuestion service{"_sip._udp.lab.example", DnsType::srv};

class NameResolverTest : public testing::Test {
protected:
    NameResolverTest() {
        pace_.answers.shortest_refresh = milliseconds(10);
        pace_.answers.retry = milliseconds(10);
        pace_.first_timeout = milliseconds(50);
    }

    void create() {
        const dataplane::Endpoint servers[] = {server_.endpoint()};
        auto created = NameResolver::create(loop_, servers, log_, pace_);
        ASSERT_TRUE(created);
        resolver_ = std::move(*created);
    }

    void follow(const DnsQuestion& question = address, seconds refresh = seconds(60)) {
        if (!resolver_) {
            create();
        }
        following_.push_back(resolver_->follow(question, refresh, [this] { ++calls_; }));
    }

    std::vector<DnsRecord> records(const DnsQuestion& question = address) const {
        const auto known = resolver_->known(question);
        return known.state == State::answered ? known.answer->records : std::vector<DnsRecord>();
    }

    /// Runs the loop until the condition holds; false after far longer than it can take.
    template <typename Condition>
    bool reach(Condition condition) {
        for (int turns = 0; turns < 2000 && !condition(); ++turns) {
            loop_.run_once(milliseconds(10));
        }
        return condition();
    }

    bool logged(const std::string& text) const {
        return logged_.str().find(text) != std::string::npos;
    }

    static std::vector<DnsRecord> only(std::string_view text) { return {*IpAddress::parse(text)}; }

    board::EventLoop loop_;
    test::DnsServer server_{loop_};
    std::ostringstream logged_;
    std::shared_ptr<spdlog::logger> log_ = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(logged_));
    NameResolver::Pace pace_;
    std::unique_ptr<NameResolver> resolver_;
    std::vector<NameResolver::Subscription> following_;
    int calls_ = 0;
};

TEST_F(NameResolverTest, TellsRecordsOfEachTypeWithTheirTimeToLive) {
    const DnsQuestion v6{"registrar.lab.example", DnsType::aaaa};
    const DnsQuestion naptr{"lab.example", DnsType::naptr};
    server_.time_to_live = 300;
    server_.set_addresses(address.name, {"192.0.2.1", "192.0.2.2"});
    server_.set(v6.name, v6.type, {test::address_data("2001:db8::1")});
    server_.set(service.name, service.type, {test::srv_data(1, 2, 5070, "a.lab.example")});
    server_.set(naptr.name, naptr.type, {test::naptr_data(1, 2, "s", "SIP+D2U", service.name)});
    for (const auto& question : {address, v6, service, naptr}) {
        follow(question);
    }
    EXPECT_EQ(resolver_->known(address).state, State::asking);
    ASSERT_TRUE(reach([&] { return calls_ == 4; }));
    EXPECT_EQ(records(), (std::vector<DnsRecord>{*IpAddress::parse("192.0.2.1"),
                                                 *IpAddress::parse("192.0.2.2")}));
    EXPECT_EQ(records(v6), only("2001:db8::1"));
    EXPECT_EQ(records(service), std::vector<DnsRecord>{(SrvRecord{1, 2, 5070, "a.lab.example"})});
    EXPECT_EQ(records(naptr),
              std::vector<DnsRecord>{(NaptrRecord{1, 2, "s", "SIP+D2U", "", service.name})});
    const auto known = resolver_->known(address);
    EXPECT_EQ(known.valid_until - known.answered_at, seconds(300));
}

// T135: the time to live is honoured.
TEST_F(NameResolverTest, AsksAgainWhenTheTimeToLiveIsOver) {
    server_.set_addresses(address.name, {"192.0.2.1"});
    follow();
    ASSERT_TRUE(reach([&] { return records() == only("192.0.2.1"); }));
    server_.set_addresses(address.name, {"192.0.2.2"});
    EXPECT_TRUE(reach([&] { return records() == only("192.0.2.2"); }));
}

TEST_F(NameResolverTest, AsksAgainWhenTheRefreshTimeIsOver) {
    server_.time_to_live = 86'400;
    server_.set_addresses(address.name, {"192.0.2.1"});
    follow(address, seconds(1));
    EXPECT_TRUE(reach([&] { return server_.questions >= 2; }));
}

TEST_F(NameResolverTest, AsksOnceForAllWhoFollow) {
    server_.time_to_live = 300;
    server_.set_addresses(address.name, {"192.0.2.1"});
    for (int i = 0; i < 1000; ++i) {
        follow();
    }
    ASSERT_TRUE(reach([&] { return calls_ == 1000; }));
    EXPECT_EQ(server_.questions, 1);
    follow();
    EXPECT_EQ(records(), only("192.0.2.1"));
    EXPECT_EQ(server_.questions, 1);
}

TEST_F(NameResolverTest, AsksSoManyQuestionsAtATime) {
    pace_.queries_at_a_time = 2;
    server_.silent = true;
    const int names = 5;
    for (int i = 0; i < names; ++i) {
        follow({"n" + std::to_string(i) + ".lab.example", DnsType::a});
    }
    ASSERT_TRUE(reach([&] { return calls_ >= 1; }));
    EXPECT_EQ(server_.asked.size(), 2U);
    server_.silent = false;
    EXPECT_TRUE(reach([&] { return server_.asked.size() == names; }));
}

// T135: last-good answers are used when DNS is down.
TEST_F(NameResolverTest, KeepsTheLastAnswerWhileDnsIsSilentOrFails) {
    server_.set_addresses(address.name, {"192.0.2.1"});
    follow();
    ASSERT_TRUE(reach([&] { return calls_ == 1; }));
    server_.silent = true;
    ASSERT_TRUE(reach([&] { return logged("keeping the last answer"); }));
    EXPECT_EQ(records(), only("192.0.2.1"));
    EXPECT_FALSE(resolver_->known(address).failure.empty());
    server_.silent = false;
    server_.failing = true;
    ASSERT_TRUE(reach([&] { return logged("refuse or fail"); }));
    EXPECT_EQ(records(), only("192.0.2.1"));
    server_.failing = false;
    ASSERT_TRUE(reach([&] { return logged("is answered again"); }));
    EXPECT_EQ(resolver_->known(address).failure, "");
}

TEST_F(NameResolverTest, LosesTheLastAnswerSomeTimeAfterItsTimeToLive) {
    pace_.answers.keep = milliseconds(300);
    server_.set_addresses(address.name, {"192.0.2.1"});
    follow();
    ASSERT_TRUE(reach([&] { return calls_ == 1; }));
    server_.silent = true;
    EXPECT_TRUE(reach([&] { return resolver_->known(address).state == State::failed; }));
}

TEST_F(NameResolverTest, TellsThatPatienceIsOverWhileTheQueryIsOut) {
    pace_.answers.patience = milliseconds(20);
    pace_.first_timeout = seconds(60);
    server_.silent = true;
    follow();
    ASSERT_TRUE(reach([&] { return calls_ == 1; }));
    EXPECT_EQ(resolver_->known(address).state, State::failed);
    EXPECT_EQ(server_.questions, 1);
}

TEST_F(NameResolverTest, AsksAgainUntilTheNameExists) {
    follow();
    ASSERT_TRUE(reach([&] { return server_.questions >= 4; }));
    EXPECT_FALSE(resolver_->known(address).answer->name_exists);
    EXPECT_EQ(logged_.str(), "");
    server_.set_addresses(address.name, {"192.0.2.1"});
    EXPECT_TRUE(reach([&] { return records() == only("192.0.2.1"); }));
}

TEST_F(NameResolverTest, FetchesATruncatedAnswerOverTcp) {
    server_.truncating = true;
    std::vector<test::Bytes> many;
    for (unsigned i = 0; i < 40; ++i) {
        many.push_back(test::srv_data(1, i, 5060, "a-rather-long-name.lab.example"));
    }
    server_.set(service.name, service.type, many);
    follow(service);
    EXPECT_TRUE(reach([&] { return records(service).size() == many.size(); }));
    EXPECT_GE(server_.over_tcp, 1);
}

TEST_F(NameResolverTest, StopsToAskWhenNobodyFollows) {
    server_.set_addresses(address.name, {"192.0.2.1"});
    follow();
    ASSERT_TRUE(reach([&] { return calls_ == 1; }));
    following_.clear();
    ASSERT_TRUE(reach([&] { return resolver_->known(address).state == State::asking; }));
    server_.asked.clear();
    follow(service);  // something to wait for
    ASSERT_TRUE(reach([&] { return server_.asked[service] >= 5; }));
    EXPECT_FALSE(server_.asked.contains(address));
    EXPECT_EQ(following_.size(), 1U);
}

TEST_F(NameResolverTest, MayStopFollowingWithinTheCallback) {
    create();
    NameResolver::Subscription own;
    own = resolver_->follow(address, seconds(60), [&] {
        own.reset();
        ++calls_;
    });
    ASSERT_TRUE(reach([&] { return calls_ == 1; }));
    EXPECT_TRUE(reach([&] { return resolver_->known(address).state == State::asking; }));
    EXPECT_EQ(calls_, 1);
}

TEST_F(NameResolverTest, ReportsANameThatCannotBeAskedFor) {
    const DnsQuestion bad{"bad..name", DnsType::a};
    follow(bad);
    EXPECT_EQ(calls_, 0);
    ASSERT_TRUE(reach([&] { return calls_ >= 1; }));
    EXPECT_EQ(resolver_->known(bad).state, State::failed);
    EXPECT_TRUE(logged("cannot resolve A bad..name"));
}

TEST_F(NameResolverTest, MayEndWhileAQuestionIsOut) {
    server_.silent = true;
    follow();
    ASSERT_TRUE(reach([&] { return server_.questions >= 1; }));
    resolver_.reset();
    loop_.run_once(milliseconds(100));
    EXPECT_EQ(calls_, 0);
}

}  // namespace
}  // namespace trunkline::sipstack
