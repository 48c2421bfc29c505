#include "mgmt/alarms/conditions.h"

#include "mgmt/alarms/certificate_end.h"
#include "tests/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace trunkline::mgmt {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using std::chrono::days;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::vector<SeenLink> links{{"GE_1", true}, {"GE_2", false}, {"GE_3", false}};

TEST(LinkConditions, NameThePortsWithoutALink) {
    const auto found = link_conditions(links);
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].source, "Board#1/EthernetLink#1");
    EXPECT_EQ(found[0].severity, AlarmSeverity::minor);
    EXPECT_THAT(found[0].description, HasSubstr("GE_2 link is down"));
}

TEST(LinkConditions, LeaveOutPortsThatAreDisabled) {
    const std::vector<SeenLink> disabled{{"GE_1", false, board::Source::reported, false}};
    EXPECT_THAT(link_conditions(disabled), IsEmpty());
}

TEST(GroupConditions, NameTheGroupsWithoutAnyLink) {
    const std::vector<board::EthernetGroup> groups{
        {"GROUP_1", {"GE_1", "GE_2"}}, {"GROUP_2", {"GE_3"}}, {"GROUP_3", {}}};
    const auto found = group_conditions(groups, links);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].source, "Board#1/EthernetGroup#1");
    EXPECT_EQ(found[0].severity, AlarmSeverity::major);
    EXPECT_EQ(found[0].description, "Ethernet Group GROUP_2 is Down");
}

TEST(GroupConditions, SayWhatALabInjectedAsItsLinksDo) {
    const std::vector<SeenLink> cut{{"GE_1", false, board::Source::injected}, {"GE_2", false}};
    const std::vector<board::EthernetGroup> groups{{"GROUP_1", {"GE_1", "GE_2"}},
                                                   {"GROUP_2", {"GE_2"}}};
    const auto of_groups = group_conditions(groups, cut);
    ASSERT_THAT(of_groups, SizeIs(2));
    EXPECT_EQ(of_groups[0].description, "Ethernet Group GROUP_1 is Down (injected)");
    EXPECT_EQ(of_groups[1].description, "Ethernet Group GROUP_2 is Down");
    const auto of_links = link_conditions(cut);
    ASSERT_THAT(of_links, SizeIs(2));
    EXPECT_THAT(of_links[0].description, HasSubstr("link is down (injected)"));
    EXPECT_THAT(of_links[1].description, Not(HasSubstr("injected")));
}

TEST(RefusedConfigurationConditions, TellTheReasonUntilItGoes) {
    const tests::TemporaryFolder folder;
    const std::string startup = folder.path() / "startup.yaml";
    EXPECT_THAT(refused_configuration_conditions(startup), IsEmpty());
    std::ofstream(startup + ".refused") << "startup.yaml.refused-1 is not used: wrong\nmore\n";
    const auto found = refused_configuration_conditions(startup);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].source, "System#0");
    EXPECT_EQ(found[0].severity, AlarmSeverity::critical);
    EXPECT_EQ(found[0].description,
              "Board Config Error: startup.yaml.refused-1 is not used: wrong");
}

json set_of(const char* keep_alive, std::vector<bool> online) {
    json servers = json::array();
    for (const bool one : online) {
        servers.push_back({{"online", one}});
    }
    return {{"name", "ITSP"}, {"keep_alive", keep_alive}, {"servers", servers}};
}

TEST(AdminStateConditions, SayThatTheApplianceIsLocked) {
    EXPECT_THAT(admin_state_conditions(sipstack::AdministrativeState::unlocked), IsEmpty());
    const auto found = admin_state_conditions(sipstack::AdministrativeState::locked);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].source, "System#0");
    EXPECT_EQ(found[0].severity, AlarmSeverity::major);
    EXPECT_EQ(found[0].description, "Locked");
}

TEST(ProxyConditions, AreMajorWhenNoServerIsLeft) {
    const json sets{set_of("using_options", {true, true}), set_of("using_options", {true, false}),
                    set_of("using_options", {false, false}), set_of("disable", {false})};
    const auto found = proxy_conditions(sets);
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].source, "System#0/ProxyConnection#1");
    EXPECT_EQ(found[0].severity, AlarmSeverity::minor);
    EXPECT_THAT(found[0].description, HasSubstr("): Proxy lost. looking for another proxy"));
    EXPECT_EQ(found[1].source, "System#0/ProxyConnection#2");
    EXPECT_EQ(found[1].severity, AlarmSeverity::major);
    EXPECT_THAT(found[1].description, HasSubstr("): Proxy not found. Use internal routing"));
}

TEST(DnsConditions, AreOfTheInterfaceThatHasTheServers) {
    const auto set = [](bool failed) {
        return json{{"names", {{{"dns_failed", false}}, {{"dns_failed", failed}}}}};
    };
    EXPECT_THAT(dns_conditions({set(false), set(false)}, 2), IsEmpty());
    const auto found = dns_conditions({set(false), set(true)}, 2);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].source, "Board#1/ipInterface#2");
    EXPECT_EQ(found[0].severity, AlarmSeverity::minor);
}

TEST(CertificateConditions, GrowWorseAsTheEndComesNear) {
    constexpr std::chrono::system_clock::time_point now{days(20'000)};
    struct Case {
        std::chrono::seconds left;
        AlarmSeverity severity;
        const char* text;
    };
    for (const auto& [left, severity, text] :
         {Case{days(60) - 1s, AlarmSeverity::minor, "will expire in 59 days"},
          Case{days(7), AlarmSeverity::minor, "will expire in 7 days"},
          Case{days(7) - 1s, AlarmSeverity::major, "will expire in 6 days"},
          Case{1s, AlarmSeverity::major, "will expire in less than a day"},
          Case{-1s, AlarmSeverity::critical, "has expired 1 days ago"}}) {
        const std::vector<CertificateEnd> ends{{3, "Trunks", now + left}};
        const auto found = certificate_conditions(ends, now);
        ASSERT_THAT(found, SizeIs(1)) << text;
        EXPECT_EQ(found[0].source, "Board#1/CertificateExpiry#3");
        EXPECT_EQ(found[0].severity, severity) << text;
        EXPECT_THAT(found[0].description, HasSubstr("TLS context 3 (Trunks) "));
        EXPECT_THAT(found[0].description, HasSubstr(text));
    }
    const std::vector<CertificateEnd> long_yet{{3, "Trunks", now + days(60)}};
    EXPECT_THAT(certificate_conditions(long_yet, now), IsEmpty());
}

TEST(CertificateEnd, OfWhatIsNoCertificateIsUnknown) {
    EXPECT_FALSE(certificate_end("/nowhere/certificate.pem"));
    const std::string file = testing::TempDir() + "no_certificate.pem";
    std::ofstream(file) << "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n";
    EXPECT_FALSE(certificate_end(file));
}

}  // namespace
}  // namespace trunkline::mgmt
