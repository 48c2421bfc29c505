// Whose credentials a registrant has, and what of an account ends up in its registrant.
#include "sipstack/registration/registrants.h"
#include "tests/unit/sipstack/registration/registration_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

/// Endpoint 2000 of trunk group 1 at IP group "ITSP"; no account registers.
Config with_endpoint() {
    Config config = RegistrationBench::default_config();
    config.accounts.clear();
    auto& page = config.proxy_and_registration;
    page.enable_registration = true;
    page.registration_mode = RegistrationMode::per_endpoint;
    page.user_name = "page";
    page.password = Secret("of page");
    config.trunk_groups.push_back({1, 2, 1, 1, 5, 5, "2000"});
    config.trunk_group_settings.push_back({1, {}, 0, "", ""});
    return config;
}

Account account(const std::string& user, std::optional<unsigned> trunk_group) {
    Account row;
    row.user_name = user;
    row.password = Secret("of account");
    row.served_trunk_group = trunk_group;
    return row;
}

std::string digest_user(const Config& config) {
    return registrants(config).at(0).credentials.user_name;
}

// The appliance's order, from the last resort to the first choice.
TEST(CredentialLookup, PrefersTheAccountOfBothPartiesThenOfTheServerThenTheEndpointThenThePage) {
    Config config = with_endpoint();
    EXPECT_EQ(digest_user(config), "page");
    GatewayUser user;
    user.global_phone_number = "2000";
    user.user_name = "user information";
    user.password = Secret("u");
    config.gateway_users.push_back(user);
    EXPECT_EQ(digest_user(config), "user information");
    config.endpoint_authentication.push_back({2, 5, "port", Secret("p")});
    EXPECT_EQ(digest_user(config), "port");
    config.accounts.push_back(account("of server", {}));
    EXPECT_EQ(digest_user(config), "of server");
    config.accounts.push_back(account("of both", 1));
    EXPECT_EQ(digest_user(config), "of both");
    EXPECT_EQ(registrants(config).at(0).credentials.password, Secret("of account"));
}

TEST(CredentialLookup, PassesOverWhatIsForOthers) {
    Config config = with_endpoint();
    config.ip_groups.push_back({"other", 0, "", ""});
    config.endpoint_authentication.push_back({2, 6, "other port", Secret("p")});
    config.endpoint_authentication.push_back({1, 5, "other module", Secret("p")});
    config.accounts.push_back(account("other trunk group", 9));
    config.accounts.push_back(account("no secret", 1));
    config.accounts.back().password = Secret();
    config.accounts.push_back(account("other server", 1));
    config.accounts.back().serving_ip_group_index = 1;
    config.accounts.push_back(account("for an IP group", {}));
    config.accounts.back().served_ip_group_index = 1;
    EXPECT_EQ(digest_user(config), "page");
}

TEST(CredentialLookup, AnAccountsHa1IsASecretToo) {
    Config config = with_endpoint();
    config.accounts.push_back(account("hashed", 1));
    config.accounts[0].password = Secret();
    config.accounts[0].ha1 = Secret("939e7578ed9e3c518a452acee763bce9");
    EXPECT_EQ(digest_user(config), "hashed");
}

TEST(UserInformation, RegistersTheUsersOfIpGroupsThatTheSbcRegisters) {
    Config config = RegistrationBench::default_config();
    config.accounts.clear();
    config.ip_groups.push_back({"B", 0, "b.example", ""});
    config.ip_groups.push_back({"C", 0, "c.example", ""});
    config.ip_groups[0].registration_mode = IpGroupRegistration::sbc_initiates;
    config.ip_groups[2].registration_mode = IpGroupRegistration::not_needed;
    config.sbc_users = {{"300", "digest300", Secret("s"), 0},
                        {"301", "", Secret("t"), 0},
                        {"302", "", Secret("u"), 1},
                        {"303", "", Secret("v"), 2}};
    const auto list = registrants(config);
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].kind, RegistrantKind::user);
    EXPECT_EQ(list[0].name, "user 300");
    EXPECT_EQ(list[0].aor, "sip:300@lab.example");
    EXPECT_EQ(list[0].contact_user(), "300");
    EXPECT_EQ(list[0].credentials.user_name, "digest300");
    EXPECT_EQ(list[0].credentials.password, Secret("s"));
    EXPECT_EQ(list[1].credentials.user_name, "301");
}

Registrant outbound(const std::string& name, const std::string& user = "100") {
    Config config = RegistrationBench::default_config();
    config.accounts[0].outbound = true;
    config.accounts[0].name = name;
    config.accounts[0].contact_user = user;
    return registrants(config).at(0);
}

TEST(InstanceId, IsAUuidOfTheAccountThatStays) {
    const std::string id = *outbound("office").instance_id;
    EXPECT_THAT(id, MatchesRegex("urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-"
                                 "[0-9a-f]{12}"));
    EXPECT_EQ(*outbound("office").instance_id, id);
    EXPECT_NE(*outbound("other").instance_id, id);
    EXPECT_NE(*outbound("office", "101").instance_id, id);
    EXPECT_FALSE(registrants(RegistrationBench::default_config()).at(0).instance_id);
}

TEST(InstanceId, IsTheConfiguredOneWhereThereIsOne) {
    Config config = RegistrationBench::default_config();
    config.accounts[0].outbound = true;
    config.accounts[0].instance_id = "urn:imei:1";
    EXPECT_EQ(*registrants(config).at(0).instance_id, "urn:imei:1");
}

// T12
TEST(Sips, IsForTlsAloneAndOnlyWhereEnabled) {
    Config config = RegistrationBench::default_config();
    config.sip_interfaces[0].tls_port = 5061;
    config.proxy_sets[0].addresses[0].transport = Transport::tls;
    EXPECT_EQ(registrants(config).at(0).aor, "sip:100@lab.example");
    config.enable_sips = true;
    EXPECT_EQ(registrants(config).at(0).aor, "sips:100@lab.example");
    EXPECT_EQ(registrants(config).at(0).request_uri, "sips:lab.example");
    config.proxy_sets[0].addresses[0].transport = Transport::udp;
    EXPECT_EQ(registrants(config).at(0).aor, "sip:100@lab.example");
}

TEST(AdditionalUdpPorts, AreGivenInOrderAndRefusedWhenThereIsNoneLeft) {
    Config config = RegistrationBench::default_config();
    config.sip_interfaces[0].first_additional_udp_port = 6000;
    config.sip_interfaces[0].last_additional_udp_port = 6001;
    config.accounts[0].udp_port_assignment = true;
    for (const char* name : {"b", "c"}) {
        config.accounts.push_back(config.accounts[0]);
        config.accounts.back().name = name;
    }
    const auto list = registrants(config);
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].local_udp_port, 6000);
    EXPECT_EQ(list[1].local_udp_port, 6001);
    const auto problems = check(config);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].path, "signaling_and_media.accounts[2].udp_port_assignment");
    config.accounts.pop_back();
    EXPECT_THAT(check(config), IsEmpty());
}

/// Names and ports of the accounts, in the order of the table.
std::vector<std::string> ports_of(const Config& config) {
    std::vector<std::string> list;
    for (const Registrant& registrant : registrants(config)) {
        list.push_back(fmt::format("{} {}", registrant.name, registrant.local_udp_port));
    }
    return list;
}

Config with_port_users(std::initializer_list<const char*> names) {
    Config config = RegistrationBench::default_config();
    config.sip_interfaces[0].first_additional_udp_port = 6000;
    config.sip_interfaces[0].last_additional_udp_port = 6003;
    const Account form = config.accounts[0];
    config.accounts.clear();
    for (const char* name : names) {
        config.accounts.push_back(form);
        config.accounts.back().name = name;
        config.accounts.back().contact_user = name;
        config.accounts.back().udp_port_assignment = true;
    }
    return config;
}

std::map<std::string, uint16_t> kept_from(const Config& config) {
    std::vector<std::string> keys;
    for (const Registrant& registrant : registrants(config)) {
        keys.push_back(registrant.key());
    }
    return kept_udp_ports(keys);
}

TEST(AdditionalUdpPorts, StayWithTheAccountsThatStay) {
    const auto before = kept_from(with_port_users({"a", "b", "c"}));
    Config config = with_port_users({"new", "c", "a"});
    config.kept_udp_ports = before;
    EXPECT_THAT(ports_of(config), ElementsAre("new 6001", "c 6002", "a 6000"));
    config = with_port_users({"a", "x", "b", "c"});
    config.kept_udp_ports = before;
    EXPECT_THAT(ports_of(config), ElementsAre("a 6000", "x 6003", "b 6001", "c 6002"));
    EXPECT_THAT(check(config), IsEmpty());
    // Who is there no more, or registers no more, holds no port.
    config = with_port_users({"x", "y", "b", "z"});
    config.kept_udp_ports = before;
    config.accounts[2].udp_port_assignment = false;
    EXPECT_THAT(ports_of(config), ElementsAre("x 6000", "y 6001", "b 0", "z 6002"));
}

TEST(AdditionalUdpPorts, AreGivenAnewWhenTheInterfaceHasOthers) {
    const auto before = kept_from(with_port_users({"a", "b"}));
    Config config = with_port_users({"b", "a"});
    config.kept_udp_ports = before;
    config.sip_interfaces[0].first_additional_udp_port = 6001;
    EXPECT_THAT(ports_of(config), ElementsAre("b 6001", "a 6002"));
}

TEST(AdditionalUdpPorts, OfKeysThatAreNoneAreIgnored) {
    const std::vector<std::string> keys = {"",
                                           "account|a|x|70000",
                                           "account|b|x|0",
                                           "user|c|6000",
                                           "account|d|x|",
                                           "account|e|x|6000"};
    EXPECT_THAT(kept_udp_ports(keys), ElementsAre(std::pair("e", 6000)));
}

}  // namespace
}  // namespace trunkline::sipstack
