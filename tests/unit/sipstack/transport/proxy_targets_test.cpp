#include "sipstack/transport/proxy_targets.h"

#include "dns_server.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <map>
#include <sstream>

namespace trunkline::sipstack {
namespace {

using dataplane::IpAddress;
using std::chrono::milliseconds;
using Strings = std::vector<std::string>;

class ProxyTargetsTest : public testing::Test {
protected:
    ProxyTargetsTest() {
        config_.sip_interfaces.resize(2);
        config_.sip_interfaces[0].address = *IpAddress::parse("192.0.2.10");
        config_.sip_interfaces[1].address = *IpAddress::parse("2001:db8::10");
        const dataplane::Endpoint servers[] = {server_.endpoint()};
        NameResolver::Pace pace;
        pace.answers.shortest_refresh = milliseconds(10);
        pace.answers.retry = milliseconds(10);
        pace.answers.keep = milliseconds(300);
        pace.first_timeout = milliseconds(50);
        resolver_ = std::move(*NameResolver::create(
            loop_, servers,
            std::make_shared<spdlog::logger>(
                "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(logged_)),
            pace));
    }

    /// lab.example: NAPTR leads to port 5071, SRV to 5072, the address alone to 5060.
    void know_another_target_by_each_method() {
        server_.set("lab.example", DnsType::naptr,
                    {test::naptr_data(1, 1, "s", "SIP+D2U", "_sip._udp.other.example")});
        server_.set("_sip._udp.other.example", DnsType::srv,
                    {test::srv_data(1, 0, 5071, "a.lab.example")});
        server_.set("_sip._udp.lab.example", DnsType::srv,
                    {test::srv_data(1, 0, 5072, "a.lab.example")});
        server_.set_addresses("lab.example", {"192.0.2.1"});
        server_.set_addresses("a.lab.example", {"192.0.2.2"});
    }

    void run() {
        targets_.reset();
        targets_.emplace(config_, *resolver_,
                         ProxyTargets::Listener{[this](const ProxySetTargets& set) {
                                                    ++calls_;
                                                    sets_[set.proxy_set_index] = set.targets;
                                                },
                                                [this](const RegistrarTargets& registrar) {
                                                    registrar_ = registrar.targets;
                                                }});
    }

    /// Runs the loop until the condition holds; false after far longer than it can take.
    template <typename Condition>
    bool reach(Condition condition) {
        for (int turns = 0; turns < 2000 && !condition(); ++turns) {
            loop_.run_once(milliseconds(10));
        }
        return condition();
    }

    static Strings texts(const std::vector<Target>& targets) {
        Strings list;
        for (const auto& target : targets) {
            list.push_back(target.endpoint.to_string());
        }
        return list;
    }

    bool logged(const std::string& text) const {
        return logged_.str().find(text) != std::string::npos;
    }

    board::EventLoop loop_;
    test::DnsServer server_{loop_};
    std::ostringstream logged_;
    std::unique_ptr<NameResolver> resolver_;
    Config config_;
    std::optional<ProxyTargets> targets_;
    int calls_ = 0;
    std::map<uint16_t, std::vector<Target>> sets_;
    std::vector<Target> registrar_;
};

TEST_F(ProxyTargetsTest, KeepsTheOrderAndFillsThePortIn) {
    config_.proxy_sets = {{"ITSP", 0, {{"192.0.2.1", 5070, {}}, {"192.0.2.2", {}, {}}}}};
    run();
    EXPECT_EQ(texts(sets_.at(0)), (Strings{"192.0.2.1:5070", "192.0.2.2:5060"}));
    EXPECT_EQ(server_.questions, 0);
}

TEST_F(ProxyTargetsTest, LeavesOutWhatTheSipInterfaceCannotReach) {
    config_.proxy_sets = {{"four", 0, {{"2001:db8::1", {}, {}}}},
                          {"six", 1, {{"2001:db8::1", {}, {}}, {"192.0.2.1", {}, {}}}}};
    run();
    EXPECT_TRUE(sets_.at(0).empty());
    EXPECT_EQ(texts(sets_.at(1)), Strings{"[2001:db8::1]:5060"});
}

TEST_F(ProxyTargetsTest, TellsTheRegistrarApartFromTheProxySets) {
    config_.proxy_and_registration.registrar = ProxyAddress{"192.0.2.9", 5080, Transport::udp};
    run();
    EXPECT_TRUE(sets_.empty());
    EXPECT_EQ(texts(registrar_), Strings{"192.0.2.9:5080"});
}

TEST_F(ProxyTargetsTest, LooksEachUpByItsOwnMethod) {
    know_another_target_by_each_method();
    config_.proxy_sets = {{"page", 0, {{"lab.example", {}, {}}}},
                          {"own", 0, {{"lab.example", {}, {}}}}};
    config_.proxy_sets[1].dns_resolve_method = DnsResolveMethod::srv;
    config_.proxy_and_registration.proxy_dns_query_type = DnsResolveMethod::naptr;
    config_.proxy_and_registration.registrar = ProxyAddress{"lab.example", {}, {}};
    run();
    EXPECT_TRUE(sets_.empty());
    ASSERT_TRUE(reach([&] { return sets_.size() == 2 && !registrar_.empty(); }));
    EXPECT_EQ(texts(sets_.at(0)), Strings{"192.0.2.2:5071"});
    EXPECT_EQ(texts(sets_.at(1)), Strings{"192.0.2.2:5072"});
    EXPECT_EQ(texts(registrar_), Strings{"192.0.2.1:5060"});
}

TEST_F(ProxyTargetsTest, LooksTheRegistrarUpByThePagesDnsQueryType) {
    know_another_target_by_each_method();
    auto& page = config_.proxy_and_registration;
    page.registrar = ProxyAddress{"lab.example", {}, {}};
    const std::map<DnsResolveMethod, std::string> expected{
        {DnsResolveMethod::a_record, "192.0.2.1:5060"},
        {DnsResolveMethod::srv, "192.0.2.2:5072"},
        {DnsResolveMethod::naptr, "192.0.2.2:5071"}};
    for (const auto& [method, registrar] : expected) {
        page.dns_query_type = method;
        registrar_.clear();
        run();
        ASSERT_TRUE(reach([&] { return !registrar_.empty(); }));
        EXPECT_EQ(texts(registrar_), Strings{registrar});
    }
}

TEST_F(ProxyTargetsTest, LooksUpAnewAfterThePagesRefreshTimeThoughTheAnswerLivesLonger) {
    server_.time_to_live = 86400;
    server_.set_addresses("lab.example", {"192.0.2.1"});
    config_.proxy_sets = {{"one", 0, {{"lab.example", 5060, {}}}}};
    config_.proxy_and_registration.proxy_ip_list_refresh_time = Seconds(1);
    run();
    ASSERT_TRUE(reach([&] { return sets_.size() == 1; }));
    server_.set_addresses("lab.example", {"192.0.2.2"});
    ASSERT_TRUE(reach([&] { return texts(sets_.at(0)) == Strings{"192.0.2.2:5060"}; }));
}

TEST_F(ProxyTargetsTest, TellsAListWhenAllItsNamesAreKnown) {
    server_.set_addresses("one.example", {"192.0.2.1"});
    server_.set_addresses("two.example", {"192.0.2.2"});
    config_.proxy_sets = {
        {"ITSP", 0, {{"one.example", {}, {}}, {"two.example", {}, {}}, {"192.0.2.3", {}, {}}}}};
    run();
    ASSERT_TRUE(reach([&] { return calls_ != 0; }));
    EXPECT_EQ(texts(sets_.at(0)), (Strings{"192.0.2.1:5060", "192.0.2.2:5060", "192.0.2.3:5060"}));
}

TEST_F(ProxyTargetsTest, TellsChangesAndNothingElse) {
    server_.set_addresses("one.example", {"192.0.2.1"});
    config_.proxy_sets = {{"ITSP", 0, {{"one.example", {}, {}}}}};
    run();
    ASSERT_TRUE(reach([&] { return server_.questions >= 10; }));
    EXPECT_EQ(calls_, 1);
    server_.set_addresses("one.example", {"192.0.2.7"});
    ASSERT_TRUE(reach([&] { return calls_ == 2; }));
    EXPECT_EQ(texts(sets_.at(0)), Strings{"192.0.2.7:5060"});
    EXPECT_TRUE(logged("proxy set ITSP: one.example is 192.0.2.7:5060 (A one.example)"));
}

// T135: last-good answers are used when DNS is down, for some time.
TEST_F(ProxyTargetsTest, KeepsWhatWorkedAndDropsItInTheEnd) {
    server_.set_addresses("one.example", {"192.0.2.1"});
    config_.proxy_sets = {{"ITSP", 0, {{"one.example", {}, {}}}}};
    run();
    ASSERT_TRUE(reach([&] { return calls_ == 1; }));
    server_.remove("one.example");
    ASSERT_TRUE(reach([&] { return targets_->status().rows[0].kept; }));
    EXPECT_EQ(calls_, 1);
    EXPECT_TRUE(
        logged("one.example stays 192.0.2.1:5060, as it was: A one.example: the name does "
               "not exist"));
    ASSERT_TRUE(reach([&] { return calls_ == 2; }));
    EXPECT_TRUE(sets_.at(0).empty());
    EXPECT_TRUE(logged("one.example has no address: A one.example: the name does not exist"));
}

TEST_F(ProxyTargetsTest, IsMadeAnewWithWhatTheResolverKnows) {
    server_.time_to_live = 300;
    server_.set_addresses("one.example", {"192.0.2.1"});
    config_.proxy_sets = {{"ITSP", 0, {{"one.example", {}, {}}}}};
    run();
    ASSERT_TRUE(reach([&] { return calls_ == 1; }));
    config_.proxy_sets = {{"new", 0, {{"192.0.2.9", {}, {}}}},
                          {"ITSP", 0, {{"one.example", 5070, {}}}}};
    run();
    EXPECT_EQ(texts(sets_.at(0)), Strings{"192.0.2.9:5060"});
    EXPECT_EQ(texts(sets_.at(1)), Strings{"192.0.2.1:5070"});
    EXPECT_EQ(server_.questions, 1);
}

TEST_F(ProxyTargetsTest, ShowsHowEachAddressStands) {
    server_.time_to_live = 300;
    server_.denial_minimum = 300;
    server_.set("_sip._udp.lab.example", DnsType::srv,
                {test::srv_data(7, 8, 5071, "a.lab.example")});
    server_.set_addresses("a.lab.example", {"192.0.2.2"});
    config_.proxy_sets = {
        {"ITSP", 0, {{"lab.example", {}, {}}, {"nowhere.example", 5080, Transport::udp}}}};
    config_.proxy_sets[0].dns_resolve_method = DnsResolveMethod::srv;
    config_.proxy_and_registration.registrar = ProxyAddress{"192.0.2.9", {}, {}};
    run();
    ASSERT_TRUE(reach([&] { return calls_ == 1; }));
    const auto status = targets_->status();
    ASSERT_EQ(status.rows.size(), 3U);
    const auto& srv = status.rows[0];
    EXPECT_EQ(srv.proxy_set_index, 0);
    EXPECT_EQ(srv.configured, "lab.example");
    EXPECT_EQ(srv.resolved_by, "SRV _sip._udp.lab.example");
    ASSERT_EQ(srv.targets.size(), 1U);
    EXPECT_EQ(srv.targets[0].priority, 7);
    EXPECT_EQ(srv.targets[0].weight, 8);
    ASSERT_TRUE(srv.age && srv.time_to_live);
    EXPECT_LT(*srv.age, Seconds(60));
    EXPECT_GT(*srv.time_to_live, Seconds(240));
    EXPECT_LE(*srv.time_to_live, Seconds(300));
    EXPECT_EQ(srv.failure, "");
    const auto& nowhere = status.rows[1];
    EXPECT_EQ(nowhere.configured, "nowhere.example:5080;transport=udp");
    EXPECT_EQ(nowhere.resolved_by, "");
    EXPECT_TRUE(nowhere.targets.empty());
    EXPECT_EQ(nowhere.failure, "A nowhere.example: the name does not exist");
    const auto& registrar = status.rows[2];
    EXPECT_FALSE(registrar.proxy_set_index);
    EXPECT_EQ(registrar.resolved_by, "numeric address");
    EXPECT_FALSE(registrar.age);
}

TEST_F(ProxyTargetsTest, MayEndWhileQuestionsAreOut) {
    server_.silent = true;
    config_.proxy_sets = {{"ITSP", 0, {{"one.example", {}, {}}}}};
    run();
    ASSERT_TRUE(reach([&] { return server_.questions >= 1; }));
    targets_.reset();
    ASSERT_TRUE(reach([&] { return logged("cannot resolve A one.example"); }));
    EXPECT_EQ(calls_, 0);
}

}  // namespace
}  // namespace trunkline::sipstack
