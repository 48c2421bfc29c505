#include "sipstack/registration/registrants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// One SIP interface, one proxy set behind a name, one IP group, an otherwise default page.
Config base() {
    Config config;
    SipInterface interface;
    interface.name = "SIPInterface_0";
    interface.address = *dataplane::IpAddress::parse("192.0.2.10");
    config.sip_interfaces.push_back(interface);
    config.proxy_sets.push_back({"ITSP", 0, {{"proxy.example", std::nullopt, Transport::udp}}});
    config.ip_groups.push_back({"ITSP", 0, "lab.example", ""});
    return config;
}

Config with_device() {
    Config config = base();
    config.proxy_and_registration.enable_registration = true;
    config.proxy_and_registration.gateway_registration_name = "gw";
    return config;
}

Config with_trunk_group(std::optional<RegistrationMode> mode, const std::string& number = "2000") {
    Config config = with_device();
    config.trunk_groups.push_back({1, 1, 1, 1, 1, 3, number});
    TrunkGroupSettings settings;
    settings.trunk_group_id = 1;
    settings.registration_mode = mode;
    settings.serving_ip_group_index = 0;
    settings.contact_user = "group1";
    config.trunk_group_settings.push_back(settings);
    return config;
}

Account account(const std::string& name) {
    Account row;
    row.name = name;
    row.user_name = name;
    row.contact_user = "100";
    row.host_name = "lab.example";
    row.password = Secret("secret");
    row.register_mode = AccountRegister::regular;
    return row;
}

std::vector<std::string> names(const Config& config) {
    std::vector<std::string> result;
    for (const Registrant& registrant : registrants(config)) {
        result.push_back(registrant.name);
    }
    return result;
}

std::vector<std::string> aors(const Config& config) {
    std::vector<std::string> result;
    for (const Registrant& registrant : registrants(config)) {
        result.push_back(registrant.aor);
    }
    return result;
}

std::vector<std::string> problem_paths(const Config& config) {
    std::vector<std::string> result;
    for (const ConfigProblem& problem : check(config)) {
        EXPECT_FALSE(problem.problem.empty());
        EXPECT_FALSE(problem.advice.empty());
        result.push_back(problem.path);
    }
    return result;
}

const std::string page_path = "signaling_and_media.sip_definitions.proxy_and_registration";

TEST(Registrants, NothingRegistersUnlessEnabled) {
    Config config = with_trunk_group(RegistrationMode::per_endpoint);
    config.proxy_and_registration.enable_registration = false;
    EXPECT_THAT(registrants(config), IsEmpty());
    EXPECT_THAT(check(config), IsEmpty());
}

TEST(Registrants, AccountsRegisterAlsoWhenRegistrationIsDisabled) {
    Config config = base();
    config.accounts = {account("office"), account("silent")};
    config.accounts[1].register_mode = AccountRegister::no;
    EXPECT_THAT(names(config), ElementsAre("office"));
}

TEST(Registrants, DeviceIsItsNameAtItsAddressByDefault) {
    const auto list = registrants(with_device());
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].kind, RegistrantKind::device);
    EXPECT_EQ(list[0].name, "device");
    EXPECT_EQ(list[0].aor, "sip:gw@192.0.2.10");
    EXPECT_EQ(list[0].contact_user(), "gw");
    EXPECT_EQ(list[0].proxy_set_index, 0);
    // T01: a domain without user part; here the proxy itself, as nothing else is named.
    EXPECT_EQ(list[0].request_uri, "sip:proxy.example");
}

TEST(Registrants, DeviceTakesGatewayAndRegistrarNames) {
    Config config = with_device();
    auto& page = config.proxy_and_registration;
    page.gateway_name = "gw.lab.example";
    page.proxy_name = "proxy-name.example";
    EXPECT_EQ(registrants(config)[0].aor, "sip:gw@gw.lab.example");
    EXPECT_EQ(registrants(config)[0].request_uri, "sip:proxy-name.example");
    page.registrar_name = "registrar-name.example";
    EXPECT_EQ(registrants(config)[0].request_uri, "sip:registrar-name.example");
}

TEST(Registrants, DevicePrefersTheRegistrarAddressToTheProxy) {
    Config config = with_device();
    config.proxy_and_registration.proxy_name = "proxy-name.example";
    config.proxy_and_registration.registrar = ProxyAddress{"192.0.2.99", 5070, Transport::udp};
    const auto list = registrants(config);
    EXPECT_EQ(list[0].proxy_set_index, std::nullopt);
    EXPECT_EQ(list[0].request_uri, "sip:192.0.2.99:5070");
}

TEST(Registrants, DeviceUserFallsBackToTheDigestUserAndTheOtherWayRound) {
    Config config = with_device();
    auto& page = config.proxy_and_registration;
    EXPECT_EQ(registrants(config)[0].credentials.user_name, "gw");
    page.user_name = "digest";
    EXPECT_EQ(registrants(config)[0].credentials.user_name, "digest");
    page.gateway_registration_name.clear();
    EXPECT_EQ(registrants(config)[0].aor, "sip:digest@192.0.2.10");
}

TEST(Registrants, GroupThatFollowsThePerGatewayDeviceHasNoRegistrationOfItsOwn) {
    EXPECT_THAT(names(with_trunk_group(std::nullopt)), ElementsAre("device"));
}

TEST(Registrants, GroupWithItsOwnPerGatewaySettingRegistersOnce) {
    const auto list = registrants(with_trunk_group(RegistrationMode::per_gateway));
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[1].kind, RegistrantKind::trunk_group);
    EXPECT_EQ(list[1].name, "trunk group 1");
    EXPECT_EQ(list[1].aor, "sip:group1@192.0.2.10");
    EXPECT_EQ(list[1].request_uri, "sip:lab.example");
}

TEST(Registrants, PerEndpointRegistersEveryChannelOfEveryTrunkOfTheRun) {
    Config config = with_trunk_group(RegistrationMode::per_endpoint);
    config.trunk_groups[0] = {1, 1, 1, 2, 1, 2, "+4930998"};
    config.trunk_group_settings[0].gateway_name = "pbx.example";
    EXPECT_THAT(names(config), ElementsAre("device", "endpoint +4930998", "endpoint +4930999",
                                           "endpoint +4931000", "endpoint +4931001"));
    EXPECT_EQ(registrants(config)[1].aor, "sip:+4930998@pbx.example");
    EXPECT_EQ(registrants(config)[1].credentials.user_name, "+4930998");
}

TEST(Registrants, DeviceModePerEndpointReachesGroupsWithoutOwnModeAlone) {
    // The manuals' example: per endpoint for all, one group per gateway.
    Config config = with_trunk_group(RegistrationMode::per_gateway);
    config.proxy_and_registration.registration_mode = RegistrationMode::per_endpoint;
    config.trunk_groups.push_back({2, 1, 2, 2, 1, 2, "3000"});
    EXPECT_THAT(names(config), ElementsAre("trunk group 1", "endpoint 3000", "endpoint 3001"));
}

TEST(Registrants, PerAccountAndDontRegisterGroupsStaySilent) {
    EXPECT_THAT(names(with_trunk_group(RegistrationMode::per_account)), ElementsAre("device"));
    EXPECT_THAT(names(with_trunk_group(RegistrationMode::dont_register)), ElementsAre("device"));
}

TEST(Registrants, EndpointsPreferServingGroupThenDefaultProxyThenRegistrar) {
    Config config = with_trunk_group(RegistrationMode::per_endpoint);
    auto& page = config.proxy_and_registration;
    config.proxy_sets.push_back({"other", 0, {{"192.0.2.50", std::nullopt, Transport::udp}}});
    config.ip_groups[0].proxy_set_index = 1;
    page.use_default_proxy = true;
    page.registrar = ProxyAddress{"192.0.2.99", std::nullopt, Transport::udp};
    EXPECT_EQ(registrants(config)[1].proxy_set_index, 1);
    config.trunk_group_settings[0].serving_ip_group_index.reset();
    EXPECT_EQ(registrants(config)[1].proxy_set_index, 0);
    page.use_default_proxy = false;
    EXPECT_EQ(registrants(config)[1].proxy_set_index, std::nullopt);
}

TEST(Registrants, AccountHostFallsBackToGroupNameThenProxyHost) {
    Config config = base();
    config.accounts = {account("office")};
    EXPECT_THAT(aors(config), ElementsAre("sip:100@lab.example"));
    config.accounts[0].host_name.clear();
    config.ip_groups[0].sip_group_name = "group.example";
    EXPECT_THAT(aors(config), ElementsAre("sip:100@group.example"));
    config.ip_groups[0].sip_group_name.clear();
    EXPECT_THAT(aors(config), ElementsAre("sip:100@proxy.example"));
    EXPECT_EQ(registrants(config)[0].request_uri, "sip:proxy.example");
}

TEST(Registrants, AccountUserFallsBackToGroupThenDigestUser) {
    Config config = base();
    config.accounts = {account("office")};
    config.accounts[0].contact_user.clear();
    config.ip_groups[0].contact_user = "from-group";
    EXPECT_THAT(aors(config), ElementsAre("sip:from-group@lab.example"));
    config.ip_groups[0].contact_user.clear();
    EXPECT_THAT(aors(config), ElementsAre("sip:office@lab.example"));
}

TEST(Registrants, UriTextIsEscapedAndBracketed) {
    // T16, T20: neither a blank nor a line end nor an '@' of the configuration reaches a header.
    Config config = base();
    config.sip_interfaces[0].address = *dataplane::IpAddress::parse("2001:db8::10");
    config.accounts = {account("office")};
    config.accounts[0].contact_user = "a b@c\r\n%41";
    config.accounts[0].host_name = "2001:db8::5";
    EXPECT_THAT(aors(config), ElementsAre("sip:a%20b%40c%0D%0A%41@[2001:db8::5]"));
}

TEST(Registrants, NumbersCountUpAndKeepTheirShape) {
    EXPECT_EQ(next_number("2000"), "2001");
    EXPECT_EQ(next_number("0099"), "0100");
    EXPECT_EQ(next_number("099"), "100");
    EXPECT_EQ(next_number("999"), "1000");
    EXPECT_EQ(next_number("+99"), "+100");
    EXPECT_TRUE(is_countable("+0"));
    EXPECT_FALSE(is_countable(""));
    EXPECT_FALSE(is_countable("+"));
    EXPECT_FALSE(is_countable("12a"));
    EXPECT_FALSE(is_countable("1+2"));
}

TEST(Registrants, StayOnTheirShardWhateverStandsAroundThem) {
    Config config = base();
    for (const char* name : {"a", "b", "c"}) {
        config.accounts.push_back(account(name));
        config.accounts.back().contact_user = name;
    }
    const auto before = registrants(config);
    config.accounts.erase(config.accounts.begin());
    const auto after = registrants(config);
    ASSERT_EQ(after.size(), 2U);
    for (std::size_t at = 0; at < after.size(); ++at) {
        EXPECT_EQ(after[at].key(), before[at + 1].key());
        EXPECT_EQ(shard_of_registrant(after[at], 7), shard_of_registrant(before[at + 1], 7));
        EXPECT_LT(shard_of_registrant(after[at], 7), 7U);
        EXPECT_EQ(after[at].position, at);
    }
}

TEST(RegistrantsCheck, SoundConfigurationHasNoProblem) {
    Config config = with_trunk_group(RegistrationMode::per_endpoint);
    config.accounts = {account("office")};
    EXPECT_THAT(check(config), IsEmpty());
}

TEST(RegistrantsCheck, NumberThatCannotCountIsRefused) {
    const Config config = with_trunk_group(RegistrationMode::per_endpoint, "20x0");
    EXPECT_THAT(problem_paths(config),
                ElementsAre("signaling_and_media.gateway.trunk_groups[0].phone_number"));
    EXPECT_THAT(names(config), ElementsAre("device"));
}

TEST(RegistrantsCheck, NumberIsOfNoConcernWhenEndpointsDoNotRegister) {
    EXPECT_THAT(check(with_trunk_group(RegistrationMode::per_gateway, "main line")), IsEmpty());
}

TEST(RegistrantsCheck, AbsurdRunsAreRefused) {
    Config config = with_trunk_group(RegistrationMode::per_endpoint);
    config.trunk_groups[0].last_trunk = 4'000'000'000U;
    EXPECT_THAT(problem_paths(config), ElementsAre("signaling_and_media.gateway.trunk_groups[0]"));
    config.trunk_groups[0] = {1, 1, 2, 1, 1, 1, "2000"};
    EXPECT_THAT(problem_paths(config), ElementsAre("signaling_and_media.gateway.trunk_groups[0]"));
}

TEST(RegistrantsCheck, RegistrantWithoutUserIsRefused) {
    Config config = with_trunk_group(RegistrationMode::per_gateway);
    config.proxy_and_registration.gateway_registration_name.clear();
    config.trunk_group_settings[0].contact_user.clear();
    config.accounts = {account("")};
    config.accounts[0].contact_user.clear();
    EXPECT_THAT(problem_paths(config),
                ElementsAre(page_path + ".gateway_registration_name",
                            "signaling_and_media.gateway.trunk_group_settings[0].contact_user",
                            "signaling_and_media.accounts[0].contact_user"));
}

TEST(RegistrantsCheck, RegistrationWithoutServerIsRefused) {
    Config config = with_device();
    config.proxy_sets.clear();
    config.ip_groups.clear();
    config.trunk_groups.push_back({1, 1, 1, 1, 1, 3, "2000"});
    config.trunk_group_settings.push_back({1, RegistrationMode::per_endpoint, {}, "", ""});
    EXPECT_THAT(problem_paths(config), ElementsAre(page_path + ".registrar_ip_address",
                                                   "signaling_and_media.gateway.trunk_groups[0]"));
}

TEST(RegistrantsCheck, ServerThatCannotBeReachedIsRefused) {
    Config config = with_device();
    config.proxy_sets[0].addresses[0].host = "2001:db8::1";
    EXPECT_THAT(problem_paths(config), ElementsAre(page_path));
    config.proxy_sets[0].addresses[0] = {"proxy.example", std::nullopt, Transport::tcp};
    EXPECT_THAT(problem_paths(config), ElementsAre(page_path));
    config.proxy_sets[0].addresses.clear();
    EXPECT_THAT(problem_paths(config), ElementsAre(page_path));
    config = with_device();
    config.sip_interfaces[0].udp_port = 0;
    EXPECT_THAT(problem_paths(config), ElementsAre(page_path));
    config = with_device();
    config.proxy_and_registration.gateway_name = "two words";
    EXPECT_THAT(problem_paths(config), ElementsAre(page_path));
}

TEST(RegistrantsCheck, TwoRegistrantsOfOneNameAreRefused) {
    Config config = base();
    config.accounts = {account("office"), account("again")};
    EXPECT_THAT(problem_paths(config), ElementsAre("signaling_and_media.accounts[1]"));
    EXPECT_THAT(names(config), ElementsAre("office"));
}

TEST(RegistrantsCheck, SettingsNeedTheirTrunkGroupAndAreUnique) {
    Config config = with_trunk_group(RegistrationMode::per_gateway);
    config.trunk_group_settings.push_back(config.trunk_group_settings[0]);
    config.trunk_group_settings.push_back(config.trunk_group_settings[0]);
    config.trunk_group_settings[2].trunk_group_id = 9;
    EXPECT_THAT(problem_paths(config),
                ElementsAre("signaling_and_media.gateway.trunk_group_settings[1].trunk_group",
                            "signaling_and_media.gateway.trunk_group_settings[2].trunk_group"));
}

TEST(RegistrationStatusText, StatesAndKindsAreSpelt) {
    EXPECT_EQ(to_string(RegistrationState::registered), "REGISTERED");
    EXPECT_EQ(to_string(RegistrationState::failed), "FAILED");
    EXPECT_EQ(to_string(RegistrantKind::trunk_group), "trunk group");
}

}  // namespace
}  // namespace trunkline::sipstack
