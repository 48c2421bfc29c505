// The Proxy & Registration page row by row: what a row's value sets, its default, a wrong value.
#include "mgmt/catalogue/catalogue.h"
#include "mgmt/catalogue/sip_choices.h"
#include "mgmt/configuration/summary.h"
#include "samples.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace trunkline::mgmt {
namespace {

using testing::HasSubstr;
using Page = sipstack::ProxyAndRegistration;

constexpr const char* page_path = "signaling_and_media.sip_definitions.proxy_and_registration";

template <typename Field>
std::string shown(const Field& field) {
    if constexpr (std::is_enum_v<Field>) {
        return std::string(name_of(field));
    } else {
        return fmt::format("{}", field);
    }
}
std::string shown(sipstack::Seconds field) {
    return fmt::format("{}", field.count());
}
std::string shown(const sipstack::Secret& field) {
    return field.reveal();
}

template <auto Member>
std::string page(const ApplianceConfig& config) {
    return shown(config.sip.proxy_and_registration.*Member);
}
template <auto Member>
std::string proxy_set(const ApplianceConfig& config) {
    return shown(config.sip.proxy_sets.at(0).*Member);
}
std::string registrar(const ApplianceConfig& config) {
    const auto& registrar = config.sip.proxy_and_registration.registrar;
    return registrar ? fmt::format("{} {}", registrar->host, registrar->port.value_or(0)) : "none";
}
std::string registrar_transport(const ApplianceConfig& config) {
    const auto& registrar = config.sip.proxy_and_registration.registrar;
    return registrar && registrar->transport ? shown(*registrar->transport) : "none";
}
/// The only value that is kept for what does not act yet.
std::string stored(const ApplianceConfig& config) {
    return config.stored.size() == 1 ? to_text(config.stored[0].value) : "nothing";
}

struct Row {
    const char* ini;
    const char* name;
    const char* given;  ///< in YAML; further parameters that it needs may follow it
    std::string (*read)(const ApplianceConfig&);
    const char* set;         ///< what `read` finds then
    const char* by_default;  ///< what `read` finds without it
    const char* wrong;       ///< in YAML
    const char* fault;       ///< what is told of it, after its path
};

const Row rows[]{
    {"IsProxyUsed", "use_default_proxy", "true", page<&Page::use_default_proxy>, "true", "false",
     "maybe", "found 'maybe'; allowed: true, false"},
    {"ProxyName", "proxy_name", "proxy.example", page<&Page::proxy_name>, "proxy.example", "",
     "a b", "found 'a b'; allowed: a host name or IP address of 1..49 characters"},
    {"UseProxyIPasHost", "use_proxy_ip_as_host", "true", page<&Page::use_proxy_ip_as_host>, "true",
     "false", "2", "found '2'; allowed: true, false"},
    {"ProxyRedundancyMode", "redundancy_mode", "homing", page<&Page::redundancy_mode>, "homing",
     "parking", "home", "found 'home'; allowed: parking, homing"},
    {"ProxyIPListRefreshTime", "proxy_ip_list_refresh_time", "5",
     page<&Page::proxy_ip_list_refresh_time>, "5", "60", "4", "found 4; allowed: 5..2000000 s, 0"},
    {"IsFallbackUsed", "enable_fallback_to_routing_table", "true", stored, "true", "nothing", "2",
     "found '2'; allowed: true, false"},
    {"PreferRouteTable", "prefer_routing_table", "true", stored, "true", "nothing", "2",
     "found '2'; allowed: true, false"},
    {"AlwaysSendToProxy", "always_use_proxy", "true", stored, "true", "nothing", "2",
     "found '2'; allowed: true, false"},
    {"SIPReroutingMode", "sip_rerouting_mode", "routing_table", stored, "routing_table", "nothing",
     "contact", "found 'contact'; allowed: standard, proxy, routing_table"},
    {"DNSQueryType", "dns_query_type", "srv", page<&Page::dns_query_type>, "srv", "a_record",
     "aaaa", "found 'aaaa'; allowed: a_record, srv, naptr"},
    {"ProxyDNSQueryType", "proxy_dns_query_type", "naptr", page<&Page::proxy_dns_query_type>,
     "naptr", "a_record", "microsoft",
     "found 'microsoft'; allowed: a_record, srv, naptr; 'microsoft' is not available"},
    {"UseGatewayNameForOptions", "use_gateway_name_for_options", "server",
     page<&Page::use_gateway_name_for_options>, "server", "no", "maybe",
     "found 'maybe'; allowed: no, yes, server"},
    {"HotSwapRtx", "number_of_rtx_before_hot_swap", "30", page<&Page::hot_swap_rtx>, "30", "3",
     "31", "found 31; allowed: 1..30"},
    {"UseRandomUser", "use_random_user", "true", page<&Page::use_random_user>, "true", "false", "2",
     "found '2'; allowed: true, false"},
    {"UnregisterOnStartup", "unregister_on_startup", "true", page<&Page::unregister_on_startup>,
     "true", "false", "2", "found '2'; allowed: true, false"},
    {"SIPGatewayName", "gateway_name", "gw.example", page<&Page::gateway_name>, "gw.example", "",
     "a b", "found 'a b'; allowed: a host name or IP address of 1..100 characters"},
    {"IsRegisterNeeded", "enable_registration", "true, use_default_proxy: true, user_name: gw",
     page<&Page::enable_registration>, "true", "false", "2", "found '2'; allowed: true, false"},
    {"RegistrarName", "registrar_name", "registrar.example", page<&Page::registrar_name>,
     "registrar.example", "", "a b",
     "found 'a b'; allowed: a host name or IP address of 1..100 characters"},
    {"RegistrarIP", "registrar_ip_address", "\"192.0.2.7:5070\"", registrar, "192.0.2.7 5070",
     "none", "\"192.0.2.7:0\"", "found '192.0.2.7:0'; allowed: HOST or HOST:PORT"},
    {"RegistrarTransportType", "registrar_transport_type", "tcp, registrar_ip_address: 192.0.2.7",
     registrar_transport, "tcp", "none", "sctp", "found 'sctp'; allowed: udp, tcp, tls"},
    {"RegistrationTime", "registration_time", "10", page<&Page::registration_time>, "10", "180",
     "9", "found 9; allowed: 10..2000000 s"},
    {"RegistrationTimeDivider", "re_registration_timing", "100",
     page<&Page::re_registration_timing>, "100", "50", "101", "found 101; allowed: 50..100 %"},
    {"RegistrationRetryTime", "registration_retry_time", "3600",
     page<&Page::registration_retry_time>, "3600", "30", "3601", "found 3601; allowed: 10..3600 s"},
    {"MaxRegistrationBackoffTime", "max_registration_backoff_time", "3000000",
     page<&Page::max_registration_backoff_time>, "3000000", "0", "3000001",
     "found 3000001; allowed: 0..3000000 s"},
    {"RegistrationTimeThreshold", "registration_time_threshold", "2000000",
     page<&Page::registration_time_threshold>, "2000000", "0", "2000001",
     "found 2000001; allowed: 0..2000000 s"},
    {"RegisterOnInviteFailure", "re_register_on_invite_failure", "true",
     page<&Page::register_on_invite_failure>, "true", "false", "2",
     "found '2'; allowed: true, false"},
    {"ReRegisterOnConnectionFailure", "re_register_on_connection_failure", "true",
     page<&Page::re_register_on_connection_failure>, "true", "false", "2",
     "found '2'; allowed: true, false"},
    {"GWRegistrationName", "gateway_registration_name", "box",
     page<&Page::gateway_registration_name>, "box", "", "''",
     "found ''; allowed: text of 1..60 characters"},
    {"AuthenticationMode", "registration_mode", "per_endpoint", page<&Page::registration_mode>,
     "per_endpoint", "per_gateway", "per_fxs",
     "found 'per_fxs'; allowed: per_endpoint, per_gateway; 'per_fxs' is not available"},
    {"OOSOnRegistrationFail", "set_out_of_service_on_registration_failure", "true", stored, "true",
     "nothing", "2", "found '2'; allowed: true, false"},
    {"UnregistrationMode", "unregistration_mode", "true", page<&Page::explicit_unregistration>,
     "true", "false", "2", "found '2'; allowed: true, false"},
    {"EmptyAuthorizationHeader", "add_empty_authorization_header", "true",
     page<&Page::add_empty_authorization_header>, "true", "false", "2",
     "found '2'; allowed: true, false"},
    {"InitialRouteHeader", "add_initial_route_header", "true",
     page<&Page::add_initial_route_header>, "true", "false", "2",
     "found '2'; allowed: true, false"},
    {"UsePingPongKeepAlive", "use_ping_pong_keep_alive", "true",
     page<&Page::use_ping_pong_keep_alive>, "true", "false", "2",
     "found '2'; allowed: true, false"},
    {"PingPongKeepAliveTime", "ping_pong_keep_alive_time", "5",
     page<&Page::ping_pong_keep_alive_time>, "5", "120", "4", "found 4; allowed: 5..2000000 s"},
    {"MaxGeneratedRegistersRate", "max_generated_registers_rate", "300",
     page<&Page::max_generated_registers_rate>, "300", "150", "29",
     "found 29; allowed: 30..300 requests"},
    {"GeneratedRegistersInterval", "generated_registers_interval", "5",
     page<&Page::generated_registers_interval>, "5", "1", "6", "found 6; allowed: 1..5 s"},
    {"SyncIMSAccounts", "sync_ims_accounts", "true", page<&Page::sync_ims_accounts>, "true",
     "false", "2", "found '2'; allowed: true, false"},
    {"AccountInviteFailureTriggerCodes", "account_invite_failure_trigger_codes", "[503, 480]",
     page<&Page::account_invite_failure_trigger_codes>, "[503, 480]", "[403, 408, 480]", "[200]",
     "[0]: found 200; allowed: 300..699"},
    {"SubscriptionMode", "subscription_mode", "per_gateway", stored, "per_gateway", "nothing",
     "per_account", "found 'per_account'; allowed: per_endpoint, per_gateway"},
    {"EnableProxyKeepAlive", "enable_proxy_keep_alive", "using_register",
     proxy_set<&sipstack::ProxySet::keep_alive>, "using_register", "disable", "2",
     "found '2'; allowed: disable, using_options, using_register"},
    {"ProxyKeepAliveTime", "proxy_keep_alive_time", "2000000",
     proxy_set<&sipstack::ProxySet::keep_alive_time>, "2000000", "60", "4",
     "found 4; allowed: 5..2000000 s"},
    {"IsProxyHotSwap", "enable_proxy_hot_swap", "true", proxy_set<&sipstack::ProxySet::hot_swap>,
     "true", "false", "2", "found '2'; allowed: true, false"},
    {"EnableProxySRVQuery", "enable_proxy_srv_queries", "true", page<&Page::proxy_dns_query_type>,
     "srv", "a_record", "2", "found '2'; allowed: true, false"},
    {"UserName", "user_name", "gateway", page<&Page::user_name>, "gateway", "", "\"a\\nb\"",
     "found text with a line end or control character; allowed: text of 0..60 characters"},
    {"Password", "password", "sesame", page<&Page::password>, "sesame", "",
     "123456789012345678901234567890123456789012345678901",
     "found a secret of 51 characters; allowed: {file: PATH}, {env: NAME} or text of 0..50"},
    {"Cnonce", "cnonce", "c7f3", page<&Page::cnonce>, "c7f3", "", "''",
     "found ''; allowed: text of 1..64 characters"},
    {"SIPChallengeCachingMode", "challenge_caching_mode", "full",
     page<&Page::challenge_caching_mode>, "full", "none", "all",
     "found 'all'; allowed: none, invite_only, full"},
    {"MutualAuthenticationMode", "mutual_authentication_mode", "mandatory",
     page<&Page::mandatory_mutual_authentication>, "true", "false", "always",
     "found 'always'; allowed: optional, mandatory"},
};

std::string with_page(const Row& row, const char* value) {
    return small_config + fmt::format("  sip_definitions: {{proxy_and_registration: {{{}: {}}}}}\n",
                                      row.name, value);
}

class PageRow : public testing::TestWithParam<Row> {
protected:
    static void SetUpTestSuite() { catalogue = built_in_catalogue(); }

    inline static Catalogue catalogue;
};

TEST_P(PageRow, SetsWhatItSaysOrIsMarked) {
    const Row& row = GetParam();
    ASSERT_STRNE(row.set, row.by_default);
    const auto config = load_config_text(with_page(row, row.given), "f.yaml", "");
    ASSERT_TRUE(config.has_value()) << told(config.error());
    EXPECT_EQ(row.read(*config), row.set);
    const Parameter* parameter = catalogue.table(page_path)->parameter(row.name);
    ASSERT_NE(parameter, nullptr);
    EXPECT_EQ(config->stored.size(), parameter->waits_for.empty() ? 0U : 1U);
    if (!parameter->waits_for.empty()) {
        EXPECT_THAT(config_summary(*config),
                    HasSubstr(fmt::format("not yet in effect: {}.{}: {} (acts with {})\n",
                                          page_path, row.name, row.set, parameter->waits_for)));
    }
}

TEST_P(PageRow, RefusesWhatIsOutsideItsRange) {
    const Row& row = GetParam();
    const std::string separator = row.fault[0] == '[' ? "" : ": ";
    EXPECT_THAT(faults_of(with_page(row, row.wrong)),
                HasSubstr(fmt::format("{}.{}{}{}", page_path, row.name, separator, row.fault)));
}

INSTANTIATE_TEST_SUITE_P(All, PageRow, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.ini); });

TEST(ProxyAndRegistrationPage, RowsHaveTheirDefaultsWhenTheyAreLeftOut) {
    const auto config = load_config_text(small_config, "f.yaml", "");
    ASSERT_TRUE(config.has_value()) << told(config.error());
    for (const Row& row : rows) {
        EXPECT_EQ(row.read(*config), row.by_default) << row.name;
    }
}

TEST(ProxyAndRegistrationPage, RowsHaveTheirNamesInTheCatalogue) {
    const Catalogue catalogue = built_in_catalogue();
    for (const Row& row : rows) {
        const Parameter* parameter = catalogue.table(page_path)->parameter(row.name);
        ASSERT_NE(parameter, nullptr) << row.name;
        EXPECT_EQ(parameter->ini, row.ini);
        EXPECT_FALSE(parameter->web.empty()) << row.name;
        EXPECT_FALSE(parameter->help.empty()) << row.name;
    }
}

TEST(ProxyAndRegistrationPage, HasEveryRowOfTheAppliance) {
    const Catalogue catalogue = built_in_catalogue();
    std::vector<std::string> expected, found;
    for (const Row& row : rows) {
        expected.emplace_back(row.ini);
    }
    for (const Parameter& parameter : catalogue.table(page_path)->parameters) {
        if (!parameter.is_own) {
            found.push_back(parameter.ini);
        }
    }
    EXPECT_EQ(found, expected) << "in the order of the page";
    // Of its 51 rows, one is the link to a table and one the buttons Register and Un-Register.
    EXPECT_EQ(found.size(), 49U);
    EXPECT_EQ(catalogue.table("signaling_and_media.proxy_sets")->ini, "ProxySet");
}

TEST(ProxyAndRegistrationPage, OwnParametersAreSet) {
    const auto config =
        load_config_text(small_config +
                             "  sip_definitions: {proxy_and_registration: {retry_profile: tmedia, "
                             "refused_retry_time: 0, refresh_jitter: "
                             "50, limit_generated_registers: false, prefer_strongest_digest: true, "
                             "allow_basic_authentication: true}}\n",
                         "f.yaml", "");
    ASSERT_TRUE(config.has_value()) << told(config.error());
    const Page& set = config->sip.proxy_and_registration;
    EXPECT_EQ(set.retry_profile, sipstack::RetryProfile::tmedia);
    EXPECT_EQ(set.refused_retry_time.count(), 0);
    EXPECT_EQ(set.refresh_jitter, 50U);
    EXPECT_EQ(set.max_generated_registers_rate, 0U) << "no limit";
    EXPECT_TRUE(set.prefer_strongest_digest);
    EXPECT_TRUE(set.allow_basic_authentication);
}

TEST(ProxyAndRegistrationPage, OwnParametersHaveTheDefaultsOfTheType) {
    const auto config = load_config_text(small_config, "f.yaml", "");
    ASSERT_TRUE(config.has_value()) << told(config.error());
    const Page same, &set = config->sip.proxy_and_registration;
    EXPECT_EQ(set.retry_profile, same.retry_profile);
    EXPECT_EQ(set.refused_retry_time, same.refused_retry_time);
    EXPECT_EQ(set.refresh_jitter, same.refresh_jitter);
    EXPECT_EQ(set.max_generated_registers_rate, same.max_generated_registers_rate);
    EXPECT_EQ(set.prefer_strongest_digest, same.prefer_strongest_digest);
    EXPECT_EQ(set.allow_basic_authentication, same.allow_basic_authentication);
}

TEST(ProxyAndRegistrationPage, ObsoleteRowsLeaveProxySetsAloneThatSayOtherwise) {
    const std::string page_text =
        "  sip_definitions: {proxy_and_registration: {enable_proxy_keep_alive: using_options, "
        "proxy_keep_alive_time: 7, enable_proxy_hot_swap: true, enable_proxy_srv_queries: true, "
        "proxy_dns_query_type: naptr}}\n";
    const auto config = load_config_text(
        replaced(
            small_config, "name: ITSP, sip",
            "name: ITSP, keep_alive: disable, keep_alive_time: 60, proxy_hot_swap: false, sip") +
            page_text,
        "f.yaml", "");
    ASSERT_TRUE(config.has_value()) << told(config.error());
    const sipstack::ProxySet& set = config->sip.proxy_sets[0];
    EXPECT_EQ(set.keep_alive, sipstack::KeepAlive::disable);
    EXPECT_EQ(set.keep_alive_time.count(), 60);
    EXPECT_FALSE(set.hot_swap);
    EXPECT_EQ(config->sip.proxy_and_registration.proxy_dns_query_type,
              sipstack::DnsResolveMethod::naptr);
}

TEST(ProxyAndRegistrationPage, HasTheHotSwapOfItsRegistrarWithoutKeepAlive) {
    const auto hot_swap_with = [](const std::string& given) {
        const auto config = load_config_text(
            small_config + "  sip_definitions: {proxy_and_registration: {" + given + "}}\n",
            "f.yaml", "");
        EXPECT_TRUE(config.has_value()) << told(config.error());
        return config && config->sip.proxy_and_registration.registrar_hot_swap;
    };
    EXPECT_TRUE(hot_swap_with("enable_proxy_hot_swap: true"));
    EXPECT_FALSE(
        hot_swap_with("enable_proxy_hot_swap: true, enable_proxy_keep_alive: using_options"));
    EXPECT_FALSE(hot_swap_with("enable_proxy_hot_swap: false"));
}

}  // namespace
}  // namespace trunkline::mgmt
