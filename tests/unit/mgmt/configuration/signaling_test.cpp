// The tables of signaling: what their columns set, and what is wrong of them together.
#include "mgmt/configuration/notes.h"
#include "mgmt/configuration/summary.h"
#include "samples.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace trunkline::mgmt {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

ApplianceConfig loaded(const std::string& text, const std::string& folder = "") {
    auto config = load_config_text(text, "f.yaml", folder);
    EXPECT_TRUE(config.has_value()) << told(config.error());
    return config ? *std::move(config) : ApplianceConfig{};
}

/// small_config with more columns in the only row of a table.
std::string with_sip_interface(const std::string& columns) {
    return replaced(small_config, "udp_port: 5060", columns);
}
std::string with_proxy_set(const std::string& columns) {
    return replaced(small_config, "name: ITSP, sip", "name: ITSP, " + columns + ", sip");
}
std::string with_proxy_address(const std::string& columns) {
    return replaced(small_config, "{address: 192.0.2.1}", "{" + columns + "}");
}
std::string with_account(const std::string& columns) {
    return replaced(small_config, "register: regular", columns);
}
std::string with_tls_context(std::string text, const std::string& columns) {
    return replaced(std::move(text), "signaling_and_media:\n",
                    "  tls_contexts: [{name: default" + columns + "}]\nsignaling_and_media:\n");
}

class TlsFiles : public ConfigFolder {};

TEST_F(TlsFiles, TlsContextsArriveWithTheirFilesBesideTheConfiguration) {
    for (const char* name : {"a.crt", "a.key", "roots.pem"}) {
        write(name, "PEM");
    }
    const auto config = loaded(
        with_tls_context(small_config,
                         ", tls_version: tls1_3, certificate_file: a.crt, private_key_file: a.key, "
                         "trusted_roots_file: roots.pem, verify_server_certificate: false, "
                         "ciphers_server: HIGH, ciphers_client: ECDHE, ocsp_port: 2561}, {name: b"),
        folder_.string());
    ASSERT_EQ(config.sip.tls_contexts.size(), 2U);
    const sipstack::TlsContext& context = config.sip.tls_contexts[0];
    EXPECT_EQ(context.name, "default");
    EXPECT_EQ(context.minimum_version, sipstack::TlsContext::Version::tls1_3);
    EXPECT_EQ(context.certificate_file, (folder_ / "a.crt").string());
    EXPECT_EQ(context.private_key_file, (folder_ / "a.key").string());
    EXPECT_EQ(context.trusted_roots_file, (folder_ / "roots.pem").string());
    EXPECT_FALSE(context.verify_server);
    EXPECT_EQ(context.server_ciphers, "HIGH");
    EXPECT_EQ(context.client_ciphers, "ECDHE");
    const sipstack::TlsContext same, &other = config.sip.tls_contexts[1];
    EXPECT_EQ(other.minimum_version, same.minimum_version);
    EXPECT_EQ(other.certificate_file, "");
    EXPECT_EQ(other.server_ciphers, same.server_ciphers);
    EXPECT_EQ(other.client_ciphers, same.client_ciphers);
    EXPECT_TRUE(other.verify_server);
    EXPECT_THAT(config_summary(config),
                HasSubstr("not yet in effect: ip_network.tls_contexts[0].ocsp_port: 2561 (acts "
                          "with OCSP)\n"));
}

TEST_F(TlsFiles, TlsFilesThatCannotBeReadAreFaults) {
    std::filesystem::create_directory(folder_ / "folder");
    const auto faults = [&](const std::string& file) {
        return faults_of(with_tls_context(small_config, ", trusted_roots_file: " + file),
                         folder_.string());
    };
    EXPECT_EQ(faults("none.pem"),
              "f.yaml:11:54: ip_network.tls_contexts[0].trusted_roots_file: found the unreadable "
              "file '" +
                  (folder_ / "none.pem").string() +
                  "' (No such file or directory); allowed: the path of a readable file, of 1..4095 "
                  "characters\n");
    EXPECT_THAT(faults("folder"), HasSubstr("(it is a folder)"));
    EXPECT_THAT(faults("/dev/null"), HasSubstr("(it is no regular file)"));
    write("a.crt", "PEM");
    EXPECT_THAT(
        faults_of(with_tls_context(small_config, ", certificate_file: a.crt"), folder_.string()),
        HasSubstr("ip_network.tls_contexts[0]: found certificate_file alone; allowed: "
                  "certificate_file and private_key_file together, or neither"));
}

TEST(SipInterfaces, HavePortsOfTheirOwn) {
    const auto config = loaded(with_tls_context(
        with_sip_interface("udp_port: 5070, tcp_port: 5071, tls_port: 5072, additional_udp_ports: "
                           "6000-6099, additional_udp_ports_mode: open_when_used, tls_context: "
                           "default, tls_mutual_authentication: true"),
        ""));
    const sipstack::SipInterface& interface = config.sip.sip_interfaces[0];
    EXPECT_EQ(interface.udp_port, 5070);
    EXPECT_EQ(interface.tcp_port, 5071);
    EXPECT_EQ(interface.tls_port, 5072);
    EXPECT_EQ(interface.first_additional_udp_port, 6000);
    EXPECT_EQ(interface.last_additional_udp_port, 6099);
    EXPECT_EQ(interface.additional_udp_ports_mode,
              sipstack::AdditionalUdpPortsMode::open_when_used);
    EXPECT_EQ(interface.tls_context_index, 0);
    EXPECT_TRUE(interface.tls_mutual_authentication);
}

TEST(SipInterfaces, ListenOnTcpAndWithATlsContextOnTls) {
    const auto without = loaded(with_sip_interface("udp_port: 5070")).sip.sip_interfaces[0];
    EXPECT_EQ(without.tcp_port, 5060);
    EXPECT_EQ(without.tls_port, 0);
    EXPECT_EQ(without.first_additional_udp_port, 0);
    EXPECT_FALSE(without.tls_context_index.has_value());
    EXPECT_FALSE(without.tls_mutual_authentication);
    const auto with = loaded(with_tls_context(small_config, "")).sip.sip_interfaces[0];
    EXPECT_EQ(with.tcp_port, 5060);
    EXPECT_EQ(with.tls_port, 5061);
}

TEST(SipInterfaces, ListenOnUdpAloneWhereTheKernelHasNoAddress) {
    const auto interface = loaded(replaced(with_tls_context(small_config, ""), "ip_network:\n",
                                           "ip_network:\n  kernel_twin: none\n"))
                               .sip.sip_interfaces[0];
    EXPECT_EQ(interface.udp_port, 5060);
    EXPECT_EQ(interface.tcp_port, 0);
    EXPECT_EQ(interface.tls_port, 0);
}

TEST(SipInterfaces, AreSummarisedWithTheirPorts) {
    EXPECT_THAT(config_summary(loaded(small_config)),
                HasSubstr("192.0.2.10, UDP 5060, TCP 5060\n"));
}

TEST(ProxySets, HaveEveryColumn) {
    const auto config = loaded(with_tls_context(
        with_proxy_set("tls_context: default, keep_alive: using_options, keep_alive_time: 5, "
                       "keep_alive_failure_responses: [486, 503], success_detection_retries: 100, "
                       "success_detection_interval: 200, failure_detection_retransmissions: 255, "
                       "redundancy_mode: homing, proxy_hot_swap: true, load_balancing_method: "
                       "round_robin, min_active_servers: 15, dns_resolve_method: srv, "
                       "registration_rate: 50, registration_window: 0"),
        ""));
    const sipstack::ProxySet& set = config.sip.proxy_sets[0];
    EXPECT_EQ(set.tls_context_index, 0);
    EXPECT_EQ(set.keep_alive, sipstack::KeepAlive::using_options);
    EXPECT_EQ(set.keep_alive_time.count(), 5);
    EXPECT_THAT(set.keep_alive_failure_responses, ElementsAre(486, 503));
    EXPECT_EQ(set.success_detection_retries, 100U);
    EXPECT_EQ(set.success_detection_interval.count(), 200);
    EXPECT_EQ(set.failure_detection_retransmissions, 255);
    EXPECT_EQ(set.redundancy_mode, sipstack::RedundancyMode::homing);
    EXPECT_TRUE(set.hot_swap);
    EXPECT_EQ(set.load_balancing, sipstack::LoadBalancing::round_robin);
    EXPECT_EQ(set.min_active_servers, 15U);
    EXPECT_EQ(set.dns_resolve_method, sipstack::DnsResolveMethod::srv);
    EXPECT_EQ(set.registration_rate, 50U);
    EXPECT_EQ(set.registration_window, 0U);
}

TEST(ProxySets, DefaultsOfTheCatalogueAreThoseOfTheType) {
    const auto config = loaded(small_config);
    const sipstack::ProxySet same, &set = config.sip.proxy_sets[0];
    EXPECT_EQ(set.tls_context_index, same.tls_context_index);
    EXPECT_EQ(set.keep_alive, same.keep_alive);
    EXPECT_EQ(set.keep_alive_time, same.keep_alive_time);
    EXPECT_EQ(set.keep_alive_failure_responses, same.keep_alive_failure_responses);
    EXPECT_EQ(set.success_detection_retries, same.success_detection_retries);
    EXPECT_EQ(set.success_detection_interval, same.success_detection_interval);
    EXPECT_EQ(set.failure_detection_retransmissions, same.failure_detection_retransmissions);
    EXPECT_EQ(set.redundancy_mode, same.redundancy_mode);
    EXPECT_EQ(set.hot_swap, same.hot_swap);
    EXPECT_EQ(set.load_balancing, same.load_balancing);
    EXPECT_EQ(set.min_active_servers, same.min_active_servers);
    EXPECT_EQ(set.dns_resolve_method, same.dns_resolve_method);
    EXPECT_EQ(set.registration_rate, same.registration_rate);
    EXPECT_EQ(set.registration_window, same.registration_window);
    EXPECT_FALSE(set.addresses[0].transport.has_value()) << "NAPTR or sip_transport_type decides";
    EXPECT_EQ(set.addresses[0].priority, 0);
    EXPECT_EQ(set.addresses[0].weight, 0);
}

TEST(ProxySets, HaveAddressesWithPriorityAndWeight) {
    const auto config = loaded(
        with_proxy_address("address: a.example, transport: udp, priority: 65535, weight: 7"));
    const sipstack::ProxyAddress& address = config.sip.proxy_sets[0].addresses[0];
    EXPECT_EQ(address.transport, sipstack::Transport::udp);
    EXPECT_EQ(address.priority, 65535);
    EXPECT_EQ(address.weight, 7);
}

TEST(IpGroups, SayWhoRegistersTheirUsers) {
    const auto config = loaded(replaced(small_config, "proxy_set: ITSP,",
                                        "proxy_set: ITSP, type: user, registration_mode: "
                                        "sbc_initiates, authentication_mode: sbc_as_client,"));
    EXPECT_EQ(config.sip.ip_groups[0].registration_mode,
              sipstack::IpGroupRegistration::sbc_initiates);
    EXPECT_EQ(loaded(small_config).sip.ip_groups[0].registration_mode,
              sipstack::IpGroupRegistration::user_initiates);
    ASSERT_EQ(config.stored.size(), 1U);
    EXPECT_EQ(config.stored[0].path, "signaling_and_media.ip_groups[0].authentication_mode");
    EXPECT_EQ(to_text(config.stored[0].value), "sbc_as_client");
}

TEST(Accounts, HaveEveryColumn) {
    const std::string key(32, 'a');
    const auto config = loaded(replaced(
        with_account(
            "register: gin, registrar_stickiness: enable_for_non_register_requests, "
            "registrar_search_mode: according_to_ims, re_register_on_invite_failure: true, "
            "reg_event_package_subscription: true, served_ip_group: ITSP, "
            "reg_by_served_ip_group_status: register_only_if_online, udp_port_assignment: "
            "true, aka_key: " +
            key + ", aka_operator_key: " + key + ", outbound: true, instance_id: \"urn:uuid:1\""),
        "udp_port: 5060", "udp_port: 5060, additional_udp_ports: 6000-6001"));
    const sipstack::Account& account = config.sip.accounts[0];
    EXPECT_EQ(account.register_mode, sipstack::AccountRegister::gin);
    EXPECT_EQ(account.registrar_stickiness, sipstack::RegistrarStickiness::enable_for_non_register);
    EXPECT_EQ(account.registrar_search_mode, sipstack::RegistrarSearchMode::according_to_ims);
    EXPECT_TRUE(account.re_register_on_invite_failure);
    EXPECT_TRUE(account.reg_event_package_subscription);
    EXPECT_TRUE(account.register_only_if_served_is_online);
    EXPECT_TRUE(account.udp_port_assignment);
    EXPECT_EQ(account.aka_key.reveal(), key);
    EXPECT_EQ(account.aka_operator_key.reveal(), key);
    EXPECT_TRUE(account.outbound);
    EXPECT_EQ(account.instance_id, "urn:uuid:1");
}

TEST(Accounts, DefaultsOfTheCatalogueAreThoseOfTheType) {
    const auto config = loaded(small_config);
    const sipstack::Account same, &account = config.sip.accounts[0];
    EXPECT_EQ(account.registrar_stickiness, same.registrar_stickiness);
    EXPECT_EQ(account.registrar_search_mode, same.registrar_search_mode);
    EXPECT_EQ(account.re_register_on_invite_failure, same.re_register_on_invite_failure);
    EXPECT_EQ(account.reg_event_package_subscription, same.reg_event_package_subscription);
    EXPECT_EQ(account.register_only_if_served_is_online, same.register_only_if_served_is_online);
    EXPECT_EQ(account.udp_port_assignment, same.udp_port_assignment);
    EXPECT_EQ(account.ha1_algorithm, same.ha1_algorithm);
    EXPECT_TRUE(account.ha1.empty());
    EXPECT_TRUE(account.aka_key.empty());
    EXPECT_EQ(account.outbound, same.outbound);
    EXPECT_EQ(account.instance_id, same.instance_id);
}

TEST(Accounts, MayHaveAHashInsteadOfAPassword) {
    const std::string hash(64, '0');
    const auto config = loaded(replaced(small_config, "password: Sesam0effne",
                                        "ha1: '" + hash + "', ha1_algorithm: sha_256"));
    EXPECT_EQ(config.sip.accounts[0].ha1.reveal(), hash);
    EXPECT_EQ(config.sip.accounts[0].ha1_algorithm, sipstack::DigestAlgorithm::sha256);
}

TEST(Users, TablesOfUsersArrive) {
    const auto config = loaded(
        replaced(small_config, "proxy_set: ITSP,",
                 "proxy_set: ITSP, registration_mode: sbc_initiates,") +
        "  sbc: {user_information: [{local_user: alice, user_name: a, password: s1, ip_group: "
        "ITSP}, {local_user: bob, ip_group: ITSP}]}\n"
        "  gateway:\n"
        "    user_information: [{pbx_extension: \"100\", global_phone_number: \"+15550100\", "
        "display_name: One, user_name: u, password: s2}]\n"
        "    authentication: [{module: 2, port: 31, user_name: p, password: s3}, {port: 31}]\n");
    ASSERT_EQ(config.sip.sbc_users.size(), 2U);
    EXPECT_EQ(config.sip.sbc_users[0].local_user, "alice");
    EXPECT_EQ(config.sip.sbc_users[0].user_name, "a");
    EXPECT_EQ(config.sip.sbc_users[0].password.reveal(), "s1");
    EXPECT_EQ(config.sip.sbc_users[1].user_name, "");
    EXPECT_EQ(config.sip.sbc_users[1].ip_group_index, 0);
    ASSERT_EQ(config.sip.gateway_users.size(), 1U);
    EXPECT_EQ(config.sip.gateway_users[0].pbx_extension, "100");
    EXPECT_EQ(config.sip.gateway_users[0].global_phone_number, "+15550100");
    EXPECT_EQ(config.sip.gateway_users[0].display_name, "One");
    EXPECT_EQ(config.sip.gateway_users[0].user_name, "u");
    EXPECT_EQ(config.sip.gateway_users[0].password.reveal(), "s2");
    ASSERT_EQ(config.sip.endpoint_authentication.size(), 2U);
    EXPECT_EQ(config.sip.endpoint_authentication[0].module, 2U);
    EXPECT_EQ(config.sip.endpoint_authentication[0].port, 31U);
    EXPECT_EQ(config.sip.endpoint_authentication[0].user_name, "p");
    EXPECT_EQ(config.sip.endpoint_authentication[0].password.reveal(), "s3");
    EXPECT_EQ(config.sip.endpoint_authentication[1].module, 1U);
}

TEST(SipGeneral, SetsTimersAndTransports) {
    const auto with = [](const std::string& text) {
        return loaded(small_config + "  sip_definitions: {general: {" + text + "}}\n").sip;
    };
    EXPECT_EQ(with("sip_maximum_rtx: 30").timers.max_transmissions, 30U);
    EXPECT_EQ(with("tcp_timeout: 40").timers.tcp_timeout.count(), 40);
    EXPECT_EQ(with("fake_retry_after: 3600").timers.fake_retry_after.count(), 3600);
    EXPECT_EQ(with("sip_transport_type: udp").transport_type, sipstack::Transport::udp);
    EXPECT_EQ(with("sip_destination_port: 5080").destination_port, 5080);
    EXPECT_TRUE(with("enable_sips: true").enable_sips);
    const sipstack::Config by_default = with("");
    EXPECT_EQ(by_default.timers.max_transmissions, 7U);
    EXPECT_EQ(by_default.timers.tcp_timeout.count(), 0);
    EXPECT_EQ(by_default.timers.fake_retry_after.count(), 0);
    EXPECT_EQ(by_default.transport_type, sipstack::Transport::udp);
    EXPECT_EQ(by_default.destination_port, 5060);
    EXPECT_FALSE(by_default.enable_sips);
}

// TD3: with the profile a silence lasts 64 * T1, unless an operator says how often is enough.
TEST(SipGeneral, HasNoMaximumOfTransmissionsWithTheProfileOfTmedia) {
    const auto with = [](const std::string& general) {
        return loaded(small_config +
                      "  sip_definitions: {proxy_and_registration: {retry_profile: tmedia}" +
                      general + "}\n")
            .sip.timers.max_transmissions;
    };
    EXPECT_EQ(with(""), 0U);
    EXPECT_EQ(with(", general: {sip_maximum_rtx: 7}"), 7U);
}

TEST(Administration, HasAJournalThatMayBeOff) {
    EXPECT_EQ(loaded("administration: {registration_journal: /tmp/j}\n")
                  .administration.registration_journal,
              "/tmp/j");
    EXPECT_EQ(
        loaded("administration: {registration_journal: ''}\n").administration.registration_journal,
        "");
    EXPECT_EQ(loaded("administration: {registration_journal: /tmp/j}\n")
                  .administration.registration_journal_retry_time,
              std::chrono::seconds(60));
    EXPECT_EQ(loaded("administration: {registration_journal_retry_time: 5}\n")
                  .administration.registration_journal_retry_time,
              std::chrono::seconds(5));
}

struct Together {
    const char* name;
    std::string text;
    const char* fault;  ///< in what is told
};

class WrongTogether : public testing::TestWithParam<Together> {};

TEST_P(WrongTogether, IsToldOnce) {
    const auto config = load_config_text(GetParam().text, "f.yaml", "");
    ASSERT_FALSE(config.has_value());
    EXPECT_THAT(told(config.error()), HasSubstr(GetParam().fault));
    EXPECT_EQ(config.error().size(), 1U) << told(config.error());
    EXPECT_THAT(told(config.error()), Not(HasSubstr("5e5a")));
}

const Together wrong_together[]{
    {"HomingWithoutOptions", with_proxy_set("redundancy_mode: homing"),
     "proxy_sets[0].redundancy_mode: found 'homing' without OPTIONS; allowed: it with keep_alive: "
     "using_options only"},
    {"RegisterKeepAliveWithHoming",
     with_proxy_set("redundancy_mode: homing, keep_alive: using_register"),
     "proxy_sets[0].keep_alive: found 'using_register'; allowed: it with redundancy_mode: parking "
     "only"},
    {"RegisterKeepAliveWithHomingOfThePage",
     with_proxy_set("keep_alive: using_register") +
         "  sip_definitions: {proxy_and_registration: {redundancy_mode: homing}}\n",
     "proxy_sets[0].keep_alive: found 'using_register'"},
    {"FourFailureResponses", with_proxy_set("keep_alive_failure_responses: [400, 486, 500, 503]"),
     "found a list of 4; allowed: a list of 0..3, each: 201..699"},
    {"FailureResponse200", with_proxy_set("keep_alive_failure_responses: [200]"),
     "keep_alive_failure_responses[0]: found 200; allowed: 201..699"},
    {"TlsWithoutContext", with_proxy_address("address: 192.0.2.1, transport: tls"),
     "proxy_addresses[0].transport: found 'tls'; allowed: a transport that SIP interface "
     "'SIPInterface_0' has; add a row to ip_network.tls_contexts"},
    {"TlsWithoutPort",
     with_tls_context(replaced(with_proxy_address("address: 192.0.2.1, transport: tls"),
                               "udp_port: 5060", "tls_port: 0"),
                      ""),
     "found 'tls'; allowed: a transport that SIP interface 'SIPInterface_0' has; give it a "
     "tls_port"},
    {"TcpWithoutPort",
     replaced(with_proxy_address("address: 192.0.2.1, transport: tcp"), "udp_port: 5060",
              "tcp_port: 0"),
     "found 'tcp'; allowed: a transport that SIP interface 'SIPInterface_0' has; give it a "
     "tcp_port"},
    {"RegistrarOverTcpWithoutPort",
     with_sip_interface("tcp_port: 0") +
         "  sip_definitions: {proxy_and_registration: {registrar_ip_address: 192.0.2.7, "
         "registrar_transport_type: tcp}}\n",
     "registrar_transport_type: found 'tcp'; allowed: a transport that SIP interface"},
    {"RegistrarTransportWithoutRegistrar",
     small_config +
         "  sip_definitions: {proxy_and_registration: {registrar_transport_type: udp}}\n",
     "registrar_transport_type: found a transport without a registrar; allowed: it with "
     "registrar_ip_address only"},
    {"TlsPortWithoutContext", with_sip_interface("tls_port: 5061"),
     "sip_interfaces[0].tls_port: found 5061; allowed: 0, as there is no TLS context; add one to "
     "ip_network.tls_contexts"},
    {"TlsPortIsTheTcpPort", with_tls_context(with_sip_interface("tls_port: 5060"), ""),
     "tls_port: found 5060; allowed: each port of an address once"},
    {"AdditionalPortIsTheUdpPort", with_sip_interface("additional_udp_ports: 5059-5061"),
     "additional_udp_ports: found 5060; allowed: each port of an address once"},
    {"AdditionalPortsUpsideDown", with_sip_interface("additional_udp_ports: 6001-6000"),
     "additional_udp_ports: found '6001-6000'; allowed: FIRST-LAST within 1..65534"},
    {"Ha1AndPassword", with_account("register: regular, ha1: 5e5a5e5a5e5a5e5a5e5a5e5a5e5a5e5a"),
     "accounts[0].ha1: found password and ha1; allowed: one of them; take one out"},
    {"Ha1OfAnotherAlgorithm",
     replaced(small_config, "password: Sesam0effne",
              "ha1: 5e5a5e5a5e5a5e5a5e5a5e5a5e5a5e5a, ha1_algorithm: sha_512_256"),
     "accounts[0].ha1: found 32 digits; allowed: 64 digits with ha1_algorithm: sha_512_256"},
    {"Ha1OfLetters",
     replaced(small_config, "password: Sesam0effne", "ha1: 5e5a5e5a5e5a5e5a5e5a5e5a5e5a5xyz"),
     "accounts[0].ha1: found a secret of another form; allowed: {file: PATH}, {env: NAME} or "
     "32..64 characters that are hexadecimal digits"},
    {"AkaKeyAlone", with_account("register: regular, aka_key: 5e5a5e5a5e5a5e5a5e5a5e5a5e5a5e5a"),
     "accounts[0].aka_key: found one key of AKA alone; allowed: aka_key and aka_operator_key "
     "together"},
    {"InstanceThatIsNoUrn", with_account("register: regular, instance_id: uuid:1"),
     "instance_id: found 'uuid:1'; allowed: a URN of 1..128 characters"},
    {"ServedStatusWithoutServed",
     with_account("register: regular, reg_by_served_ip_group_status: register_only_if_online"),
     "reg_by_served_ip_group_status: found reg_by_served_ip_group_status: "
     "register_only_if_online; allowed: it with "
     "served_ip_group only"},
    {"PortAssignmentWithoutPorts", with_account("register: regular, udp_port_assignment: true"),
     "udp_port_assignment: found udp_port_assignment: true; allowed: it with a SIP interface that "
     "has "
     "additional_udp_ports only; give them to 'SIPInterface_0'"},
    {"SbcUserOfAnotherMode",
     small_config + "  sbc: {user_information: [{local_user: alice, ip_group: ITSP}]}\n",
     "user_information[0].ip_group: found 'ITSP'; allowed: an IP group with registration_mode: "
     "sbc_initiates"},
    {"SbcUserTwice",
     replaced(small_config, "proxy_set: ITSP,",
              "proxy_set: ITSP, registration_mode: sbc_initiates,") +
         "  sbc: {user_information: [{local_user: alice, ip_group: ITSP}, {local_user: alice, "
         "ip_group: ITSP}]}\n",
     "user_information[1].local_user: found 'alice' a second time; allowed: each user of an IP "
     "group once"},
    {"PortOfAModuleTwice",
     small_config + "  gateway: {authentication: [{port: 1}, {module: 1, port: 1}]}\n",
     "authentication[1].port: found port 1 of module 1 a second time; allowed: each port once"},
};

INSTANTIATE_TEST_SUITE_P(All, WrongTogether, testing::ValuesIn(wrong_together),
                         [](const auto& wrong) { return std::string(wrong.param.name); });

std::vector<std::string> notes_of(const std::string& text, const std::string& origin = "f.yaml") {
    const Catalogue catalogue = built_in_catalogue();
    const auto config = load_configuration_text(text, origin, "", catalogue);
    EXPECT_TRUE(config.has_value()) << told(config.error().faults);
    return config ? config_notes(*config, catalogue) : std::vector<std::string>{};
}

TEST(ConfigNotes, SaysNothingOfAPlainConfiguration) {
    EXPECT_THAT(notes_of((small_config)), IsEmpty());
}

TEST(ConfigNotes, SayWhatActsLessThanItSeems) {
    const std::string two = "address: 192.0.2.1}, {address: 192.0.2.2";
    EXPECT_THAT(
        notes_of((with_proxy_address(two) +
                  "  sip_definitions: {proxy_and_registration: {redundancy_mode: homing}}\n")),
        ElementsAre("signaling_and_media.proxy_sets[0]: it does not go home without "
                    "keep_alive: using_options"));
    EXPECT_THAT(notes_of((replaced(with_proxy_address(two), "name: ITSP, sip",
                                   "name: ITSP, load_balancing_method: random_weights, "
                                   "sip"))),
                ElementsAre("signaling_and_media.proxy_sets[0]: load_balancing_method: "
                            "random_weights without a weight share alike"));
    EXPECT_THAT(notes_of((replaced(with_proxy_address("address: a.example"), "name: ITSP, sip",
                                   "name: ITSP, load_balancing_method: random_weights, "
                                   "sip"))),
                ElementsAre("signaling_and_media.proxy_sets[0]: load_balancing_method: "
                            "random_weights come from SRV "
                            "records, and none are asked for"));
    EXPECT_THAT(notes_of((with_proxy_set("keep_alive: using_options, proxy_hot_swap: true") +
                          "  sip_definitions: {proxy_and_registration: {enable_registration: "
                          "true, registrar_ip_address: r.example, user_name: gw}}\n")),
                ElementsAre(HasSubstr("a registrar_ip_address that is a name is not swapped")));
    EXPECT_THAT(
        notes_of(small_config.substr(0, small_config.find("  proxy_sets:")) +
                 "  sip_definitions: {proxy_and_registration: {enable_registration: true, "
                 "registrar_ip_address: r.example, user_name: gw, enable_proxy_hot_swap: true, "
                 "enable_proxy_keep_alive: using_options}}\n"),
        ElementsAre(AllOf(HasSubstr("proxy_and_registration: enable_proxy_keep_alive is on"),
                          HasSubstr("a registrar_ip_address that is a name is not swapped"))));
    const auto tls = notes_of(with_tls_context(small_config, ""));
    EXPECT_THAT(tls, ElementsAre(HasSubstr("has no certificate_file")));
    EXPECT_THAT(config_summary(loaded(small_config), tls),
                HasSubstr("\nnote: signaling_and_media.sip_interfaces[0]: TLS "
                          "context 'default' has no certificate_file"));
}

TEST(ConfigNotes, NameTheRowByItsNumber) {
    EXPECT_THAT(
        notes_of(with_tls_context(
            replaced(small_config, "{name: SIPInterface_0", "{row: 7, name: SIPInterface_0"), "")),
        ElementsAre(HasSubstr("signaling_and_media.sip_interfaces[7]: ")));
}

}  // namespace
}  // namespace trunkline::mgmt
