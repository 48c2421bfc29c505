#include "sipstack/transport/server_location.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace trunkline::sipstack {
namespace {

using dataplane::IpAddress;
using std::chrono::minutes;
using std::chrono::seconds;
using State = DnsKnowledge::State;
using Strings = std::vector<std::string>;

constexpr Instant start{std::chrono::hours(5)};

/// DNS by heart. A question that it does not know is answered with a "no".
class Zone {
public:
    void add(const std::string& name, DnsType type, std::vector<DnsRecord> records) {
        answers_[{name, type}] = {std::move(records), true, seconds(60)};
    }
    void addresses(const std::string& name, const Strings& texts) {
        std::vector<DnsRecord> records;
        for (const auto& text : texts) {
            records.emplace_back(*IpAddress::parse(text));
        }
        const bool v6 = !texts.empty() && IpAddress::parse(texts.front())->is_v6();
        add(name, v6 ? DnsType::aaaa : DnsType::a, std::move(records));
    }
    void clear() { answers_.clear(); }

    DnsKnowledge known(const DnsQuestion& question) {
        asked.insert(question);
        if (silent.contains(question)) {
            return {State::failed, nullptr, {}, {}, "timeout"};
        }
        if (awaited.contains(question)) {
            return {};
        }
        const auto found = answers_.find(question);
        return {State::answered,
                found == answers_.end() ? &no_ : &found->second,
                now,
                now + seconds(60),
                {}};
    }
    DnsLookUp look_up() {
        return [this](const DnsQuestion& question) { return known(question); };
    }

    std::set<DnsQuestion> silent, awaited;  ///< nothing was ever known; no answer yet
    std::set<DnsQuestion> asked;
    Instant now = start;

private:
    std::map<DnsQuestion, DnsAnswer> answers_;
    DnsAnswer no_;
};

/// "192.0.2.1:5060 udp 10/20", the last two SRV's priority and weight.
Strings texts(const std::vector<Target>& targets) {
    static constexpr const char* transports[] = {"udp", "tcp", "tls"};
    Strings list;
    for (const auto& target : targets) {
        list.push_back(fmt::format("{} {} {}/{}", target.endpoint.to_string(),
                                   transports[static_cast<int>(target.transport)], target.priority,
                                   target.weight));
    }
    return list;
}

class ServerLocationTest : public testing::Test {
protected:
    ServerLocationTest() {
        zone_.addresses("lab.example", {"192.0.2.1"});
        zone_.addresses("a.lab.example", {"192.0.2.11", "192.0.2.12"});
        zone_.addresses("b.lab.example", {"192.0.2.21"});
        zone_.add(
            "_sip._udp.lab.example", DnsType::srv,
            {SrvRecord{20, 5, 5082, "b.lab.example"}, SrvRecord{10, 3, 5081, "a.lab.example"}});
        zone_.add("_sip._tcp.lab.example", DnsType::srv, {SrvRecord{10, 0, 5083, "a.lab.example"}});
        zone_.add("_sips._tcp.lab.example", DnsType::srv,
                  {SrvRecord{10, 0, 5084, "b.lab.example"}});
        zone_.add("lab.example", DnsType::naptr,
                  {NaptrRecord{50, 60, "s", "SIP+D2U", "", "_sip._udp.lab.example"},
                   NaptrRecord{50, 50, "S", "sip+d2t", "", "_sip._tcp.lab.example"},
                   NaptrRecord{40, 10, "s", "SIP+D2S", "", "_sip._sctp.lab.example"},
                   NaptrRecord{60, 10, "s", "SIPS+D2T", "", "_sips._tcp.lab.example"}});
    }

    static ServerAddress address(ProxyAddress configured,
                                 DnsResolveMethod method = DnsResolveMethod::naptr) {
        return {std::move(configured), method,
                Transport::udp,        5060,
                IpAddress::Family::v4, {Transport::udp, Transport::tcp, Transport::tls}};
    }

    ServerLocation locate(const ServerAddress& address) {
        zone_.asked.clear();
        return locate_servers(address, zone_.look_up());
    }

    Zone zone_;
};

// T132: a numeric host needs no look-up.
TEST_F(ServerLocationTest, AsksNothingForANumericHost) {
    auto numeric = address({"192.0.2.9", {}, {}});
    numeric.configured.weight = 7;
    const auto location = locate(numeric);
    EXPECT_EQ(texts(location.targets), Strings{"192.0.2.9:5060 udp 0/7"});
    EXPECT_EQ(location.resolved_by, "numeric address");
    EXPECT_TRUE(zone_.asked.empty());
    EXPECT_TRUE(location.questions.empty());
}

TEST_F(ServerLocationTest, TakesANumericHostOfTheOtherFamilyForNowhere) {
    const auto location = locate(address({"2001:db8::9", {}, {}}));
    EXPECT_TRUE(location.targets.empty());
    EXPECT_EQ(location.failure, "the SIP interface has no address of that family");
}

// T132: with a port, A or AAAA only.
TEST_F(ServerLocationTest, AsksForAddressesAloneWhenAPortIsConfigured) {
    const auto location = locate(address({"lab.example", 5099, {}}));
    EXPECT_EQ(texts(location.targets), Strings{"192.0.2.1:5099 udp 0/0"});
    EXPECT_EQ(zone_.asked, (std::set<DnsQuestion>{{"lab.example", DnsType::a}}));
}

TEST_F(ServerLocationTest, AsksForAddressesAloneByMethodARecord) {
    const auto location =
        locate(address({"lab.example", {}, Transport::tcp}, DnsResolveMethod::a_record));
    EXPECT_EQ(texts(location.targets), Strings{"192.0.2.1:5060 tcp 0/0"});
    EXPECT_EQ(location.resolved_by, "A lab.example");
    EXPECT_EQ(zone_.asked, (std::set<DnsQuestion>{{"lab.example", DnsType::a}}));
}

TEST_F(ServerLocationTest, AsksForTheFamilyOfTheSipInterface) {
    zone_.addresses("a.lab.example", {"2001:db8::11"});
    auto v6 = address({"a.lab.example", {}, {}}, DnsResolveMethod::a_record);
    v6.family = IpAddress::Family::v6;
    EXPECT_EQ(texts(locate(v6).targets), Strings{"[2001:db8::11]:5060 udp 0/0"});
    EXPECT_EQ(zone_.asked, (std::set<DnsQuestion>{{"a.lab.example", DnsType::aaaa}}));
}

TEST_F(ServerLocationTest, FillsThePortInByTransport) {
    auto tls = address({"lab.example", {}, Transport::tls}, DnsResolveMethod::a_record);
    tls.default_port = 5070;
    EXPECT_EQ(texts(locate(tls).targets), Strings{"192.0.2.1:5071 tls 0/0"});
    tls.configured.port = 5070;
    EXPECT_EQ(texts(locate(tls).targets), Strings{"192.0.2.1:5070 tls 0/0"});
}

// T132: a configured transport skips NAPTR.
TEST_F(ServerLocationTest, SkipsNaptrWhenTheTransportIsConfigured) {
    const auto location = locate(address({"lab.example", {}, Transport::tls}));
    EXPECT_EQ(texts(location.targets), Strings{"192.0.2.21:5084 tls 10/0"});
    EXPECT_EQ(location.resolved_by, "SRV _sips._tcp.lab.example");
    EXPECT_EQ(zone_.asked, (std::set<DnsQuestion>{{"_sips._tcp.lab.example", DnsType::srv},
                                                  {"b.lab.example", DnsType::a}}));
}

// T133: priority ascending. T135: each of several addresses is tried.
TEST_F(ServerLocationTest, TakesSrvTargetsByPriorityAndAllTheirAddresses) {
    const auto location = locate(address({"lab.example", {}, {}}, DnsResolveMethod::srv));
    EXPECT_EQ(texts(location.targets),
              (Strings{"192.0.2.11:5081 udp 10/3", "192.0.2.12:5081 udp 10/3",
                       "192.0.2.21:5082 udp 20/5"}));
    EXPECT_FALSE(zone_.asked.contains({"lab.example", DnsType::naptr}));
    EXPECT_EQ(location.valid_until, start + seconds(60));
}

// T133: a target of "." is no service.
TEST_F(ServerLocationTest, FindsNoServiceWhereSrvSaysSo) {
    zone_.add("_sip._udp.lab.example", DnsType::srv, {SrvRecord{0, 0, 0, ""}});
    const auto location = locate(address({"lab.example", {}, {}}, DnsResolveMethod::srv));
    EXPECT_TRUE(location.targets.empty());
    EXPECT_TRUE(location.no_service);
    EXPECT_FALSE(location.failure.empty());
    EXPECT_FALSE(zone_.asked.contains({"lab.example", DnsType::a}));
}

// T132: SRV -> A/AAAA, the default port.
TEST_F(ServerLocationTest, FallsBackToAddressesWithoutSrvRecords) {
    zone_.add("_sip._udp.lab.example", DnsType::srv, {});
    const auto location = locate(address({"lab.example", {}, {}}, DnsResolveMethod::srv));
    EXPECT_EQ(texts(location.targets), Strings{"192.0.2.1:5060 udp 0/0"});
    EXPECT_EQ(location.resolved_by, "A lab.example");
    EXPECT_EQ(location.failure, "");
}

TEST_F(ServerLocationTest, FallsBackToAddressesWhenSrvFails) {
    zone_.silent = {{"_sip._udp.lab.example", DnsType::srv}};
    const auto location = locate(address({"lab.example", {}, {}}, DnsResolveMethod::srv));
    EXPECT_EQ(texts(location.targets), Strings{"192.0.2.1:5060 udp 0/0"});
    EXPECT_EQ(location.failure, "SRV _sip._udp.lab.example: timeout");
}

// RFC 3263 4.2: where there are SRV records, they alone say where the service is.
TEST_F(ServerLocationTest, DoesNotFallBackWhenSrvTargetsHaveNoAddress) {
    zone_.addresses("a.lab.example", {});
    zone_.addresses("b.lab.example", {});
    const auto location = locate(address({"lab.example", {}, {}}, DnsResolveMethod::srv));
    EXPECT_TRUE(location.targets.empty());
    EXPECT_FALSE(zone_.asked.contains({"lab.example", DnsType::a}));
    EXPECT_EQ(location.failure, "A b.lab.example: no such record");
}

TEST_F(ServerLocationTest, GoesOnWithoutTheSrvTargetThatHasNoAddress) {
    zone_.addresses("a.lab.example", {});
    const auto location = locate(address({"lab.example", {}, {}}, DnsResolveMethod::srv));
    EXPECT_EQ(texts(location.targets), Strings{"192.0.2.21:5082 udp 20/5"});
}

// T132: NAPTR -> SRV -> A/AAAA.
TEST_F(ServerLocationTest, TakesTheNaptrServiceOfLowestOrderAndPreference) {
    const auto location = locate(address({"lab.example", {}, {}}));
    EXPECT_EQ(texts(location.targets),
              (Strings{"192.0.2.11:5083 tcp 10/0", "192.0.2.12:5083 tcp 10/0"}));
    EXPECT_EQ(zone_.asked, (std::set<DnsQuestion>{{"lab.example", DnsType::naptr},
                                                  {"_sip._tcp.lab.example", DnsType::srv},
                                                  {"a.lab.example", DnsType::a}}));
}

TEST_F(ServerLocationTest, GoesToTheNextPreferenceButNotToTheNextOrder) {
    zone_.add("_sip._tcp.lab.example", DnsType::srv, {});
    EXPECT_EQ(locate(address({"lab.example", {}, {}})).resolved_by, "SRV _sip._udp.lab.example");
    zone_.add("_sip._udp.lab.example", DnsType::srv, {});
    const auto location = locate(address({"lab.example", {}, {}}));
    EXPECT_EQ(texts(location.targets), Strings{"192.0.2.1:5060 tcp 0/0"});
    EXPECT_FALSE(zone_.asked.contains({"_sips._tcp.lab.example", DnsType::srv}));
}

TEST_F(ServerLocationTest, LeavesOutTransportsThatTheSipInterfaceHasNoPortFor) {
    auto udp_and_tls = address({"lab.example", {}, {}});
    udp_and_tls.transports = {Transport::udp, Transport::tls};
    EXPECT_EQ(locate(udp_and_tls).resolved_by, "SRV _sip._udp.lab.example");
    udp_and_tls.transports = {Transport::tls};
    EXPECT_EQ(locate(udp_and_tls).resolved_by, "SRV _sips._tcp.lab.example");
}

// T132: sips never resolves to anything but TLS.
TEST_F(ServerLocationTest, NeverLeavesTlsForWhatNaptrOffers) {
    auto tls = address({"lab.example", {}, {}});
    tls.default_transport = Transport::tls;
    EXPECT_EQ(texts(locate(tls).targets), Strings{"192.0.2.21:5084 tls 10/0"});
    zone_.add("lab.example", DnsType::naptr,
              {NaptrRecord{50, 60, "s", "SIP+D2U", "", "_sip._udp.lab.example"}});
    EXPECT_EQ(texts(locate(tls).targets), Strings{"192.0.2.21:5084 tls 10/0"});
    zone_.add("_sips._tcp.lab.example", DnsType::srv, {});
    EXPECT_EQ(texts(locate(tls).targets), Strings{"192.0.2.1:5061 tls 0/0"});
}

TEST_F(ServerLocationTest, FallsBackToSrvOfTheConfiguredTransportWithoutNaptr) {
    zone_.silent = {{"lab.example", DnsType::naptr}};
    auto tcp = address({"lab.example", {}, {}});
    tcp.default_transport = Transport::tcp;
    EXPECT_EQ(locate(tcp).resolved_by, "SRV _sip._tcp.lab.example");
    zone_.silent.clear();
    zone_.add("lab.example", DnsType::naptr, {});
    EXPECT_EQ(locate(tcp).resolved_by, "SRV _sip._tcp.lab.example");
}

TEST_F(ServerLocationTest, TakesTheReplacementOfFlagAForAHost) {
    zone_.add("lab.example", DnsType::naptr,
              {NaptrRecord{1, 1, "a", "SIP+D2T", "", "b.lab.example"}});
    const auto location = locate(address({"lab.example", {}, {}}));
    EXPECT_EQ(texts(location.targets), Strings{"192.0.2.21:5060 tcp 0/0"});
}

TEST_F(ServerLocationTest, IgnoresNaptrRecordsThatDoNotLeadOn) {
    zone_.add("lab.example", DnsType::naptr,
              {NaptrRecord{1, 1, "u", "SIP+D2T", "", "x.example"},
               NaptrRecord{2, 1, "s", "SIP+D2T", "!.*!sip:x!", "x.example"},
               NaptrRecord{3, 1, "s", "SIP+D2T", "", ""},
               NaptrRecord{4, 1, "s", "E2U+sip", "", "x.example"}});
    EXPECT_EQ(locate(address({"lab.example", {}, {}})).resolved_by, "SRV _sip._udp.lab.example");
}

// T137: the identity is the configured domain, not the SRV target.
TEST_F(ServerLocationTest, KeepsTheConfiguredNameAsTheIdentity) {
    const auto location = locate(address({"lab.example", {}, Transport::tls}));
    ASSERT_EQ(location.targets.size(), 1U);
    EXPECT_EQ(location.targets[0].host, "lab.example");
}

TEST_F(ServerLocationTest, IsIncompleteWhileAnAnswerIsAwaited) {
    zone_.awaited = {{"a.lab.example", DnsType::a}};
    const auto location = locate(address({"lab.example", {}, {}}, DnsResolveMethod::srv));
    EXPECT_FALSE(location.complete);
    EXPECT_EQ(location.questions, (std::vector<DnsQuestion>{{"_sip._udp.lab.example", DnsType::srv},
                                                            {"a.lab.example", DnsType::a},
                                                            {"b.lab.example", DnsType::a}}));
    zone_.awaited = {{"_sip._udp.lab.example", DnsType::srv}};
    EXPECT_FALSE(locate(address({"lab.example", {}, {}}, DnsResolveMethod::srv)).complete);
    EXPECT_FALSE(zone_.asked.contains({"lab.example", DnsType::a}));
    zone_.awaited = {{"lab.example", DnsType::naptr}};
    EXPECT_FALSE(locate(address({"lab.example", {}, {}})).complete);
    EXPECT_EQ(zone_.asked.size(), 1U);
}

TEST_F(ServerLocationTest, TakesFiftyNamesAndFiftyAddressesOfEach) {
    std::vector<DnsRecord> hosts;
    for (int i = 0; i < 60; ++i) {
        const auto name = fmt::format("h{}.lab.example", i);
        hosts.emplace_back(SrvRecord{1, 0, 5060, name});
        Strings list;
        for (int j = 0; j < 60; ++j) {
            list.push_back(fmt::format("198.51.{}.{}", 100 + i, j));
        }
        zone_.addresses(name, list);
    }
    zone_.add("_sip._udp.lab.example", DnsType::srv, std::move(hosts));
    const auto location = locate(address({"lab.example", {}, {}}, DnsResolveMethod::srv));
    EXPECT_EQ(location.targets.size(), 50U * 50U);
    EXPECT_EQ(location.questions.size(), 51U);
}

TEST_F(ServerLocationTest, ShowsAnAddressAsItWasConfigured) {
    EXPECT_EQ(address({"lab.example", {}, {}}).to_string(), "lab.example");
    EXPECT_EQ(address({"2001:db8::1", 5070, Transport::tls}).to_string(),
              "[2001:db8::1]:5070;transport=tls");
}

class LocatedAddressTest : public ServerLocationTest {
protected:
    void update(Instant now) {
        zone_.now = now;
        located_.update(zone_.look_up(), now);
    }

    LocatedAddress located_{address({"lab.example", {}, {}}, DnsResolveMethod::srv), minutes(30)};
    const Strings all_{"192.0.2.11:5081 udp 10/3", "192.0.2.12:5081 udp 10/3",
                       "192.0.2.21:5082 udp 20/5"};
};

TEST_F(LocatedAddressTest, SettlesWithTheFirstCompleteLook) {
    zone_.awaited = {{"b.lab.example", DnsType::a}};
    update(start);
    EXPECT_FALSE(located_.is_settled());
    EXPECT_TRUE(located_.targets().empty());
    zone_.awaited.clear();
    update(start);
    EXPECT_TRUE(located_.is_settled());
    EXPECT_EQ(texts(located_.targets()), all_);
}

TEST_F(LocatedAddressTest, KeepsTheListWhileANewNameIsAskedFor) {
    update(start);
    zone_.add("_sip._udp.lab.example", DnsType::srv, {SrvRecord{1, 0, 5060, "c.lab.example"}});
    zone_.awaited = {{"c.lab.example", DnsType::a}};
    update(start + seconds(60));
    EXPECT_EQ(texts(located_.targets()), all_);
    EXPECT_FALSE(located_.is_kept());
    zone_.awaited.clear();
    zone_.addresses("c.lab.example", {"192.0.2.31"});
    update(start + seconds(61));
    EXPECT_EQ(texts(located_.targets()), Strings{"192.0.2.31:5060 udp 1/0"});
}

// T135: the list that worked stays for 30 minutes after its time to live.
TEST_F(LocatedAddressTest, KeepsTheLastListForHalfAnHourWhenDnsLeadsNowhere) {
    update(start);
    zone_.clear();
    const Instant dies = start + seconds(60) + minutes(30);
    for (Instant now = start; now < dies; now += seconds(10)) {
        update(now);
        ASSERT_EQ(texts(located_.targets()), all_);
        EXPECT_TRUE(located_.is_kept());
    }
    update(dies);
    EXPECT_TRUE(located_.targets().empty());
    EXPECT_FALSE(located_.is_kept());
}

TEST_F(LocatedAddressTest, LosesOneTypeWithoutBecomingEmpty) {
    update(start);
    zone_.add("_sip._udp.lab.example", DnsType::srv, {});
    update(start + seconds(60));
    EXPECT_EQ(texts(located_.targets()), Strings{"192.0.2.1:5060 udp 0/0"});
    zone_.addresses("lab.example", {});
    update(start + seconds(120));
    EXPECT_EQ(texts(located_.targets()), Strings{"192.0.2.1:5060 udp 0/0"});
}

// T133: "decidedly not available" holds at once.
TEST_F(LocatedAddressTest, BecomesEmptyWhenSrvSaysThatThereIsNoService) {
    update(start);
    zone_.add("_sip._udp.lab.example", DnsType::srv, {SrvRecord{0, 0, 0, ""}});
    update(start + seconds(60));
    EXPECT_TRUE(located_.targets().empty());
}

class OrderOfPreferenceTest : public ServerLocationTest {
protected:
    Strings order(const std::vector<ServerAddress>& addresses) {
        std::vector<LocatedAddress> rows;
        std::vector<const LocatedAddress*> pointers;
        rows.reserve(addresses.size());
        for (const auto& row : addresses) {
            rows.emplace_back(row, minutes(30)).update(zone_.look_up(), start);
            pointers.push_back(&rows.back());
        }
        return texts(in_order_of_preference(pointers));
    }

    static ServerAddress row(const std::string& host, uint16_t priority, uint16_t weight = 0) {
        return address({host, {}, {}, priority, weight}, DnsResolveMethod::srv);
    }
};

TEST_F(OrderOfPreferenceTest, IsThatOfTheTableWithoutPriorities) {
    EXPECT_EQ(order({row("192.0.2.9", 0, 4), row("192.0.2.8", 0, 6)}),
              (Strings{"192.0.2.9:5060 udp 0/4", "192.0.2.8:5060 udp 0/6"}));
}

TEST_F(OrderOfPreferenceTest, IsByConfiguredPriorityFirst) {
    EXPECT_EQ(
        order({row("192.0.2.9", 2), row("192.0.2.8", 1), row("192.0.2.7", 2)}),
        (Strings{"192.0.2.8:5060 udp 0/0", "192.0.2.9:5060 udp 1/0", "192.0.2.7:5060 udp 1/0"}));
}

TEST_F(OrderOfPreferenceTest, IsByDnsPriorityWithinARow) {
    EXPECT_EQ(
        order(
            {row("192.0.2.9", 0), row("lab.example", 0), row("192.0.2.8", 0), row("192.0.2.7", 0)}),
        (Strings{"192.0.2.9:5060 udp 0/0", "192.0.2.11:5081 udp 1/3", "192.0.2.12:5081 udp 1/3",
                 "192.0.2.21:5082 udp 2/5", "192.0.2.8:5060 udp 3/0", "192.0.2.7:5060 udp 3/0"}));
}

TEST_F(OrderOfPreferenceTest, HasAnEndpointOnce) {
    EXPECT_EQ(order({row("192.0.2.9", 0), row("192.0.2.9", 0)}), Strings{"192.0.2.9:5060 udp 0/0"});
}

}  // namespace
}  // namespace trunkline::sipstack
