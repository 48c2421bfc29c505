#include "mgmt/configuration/checks_signaling.h"

#include "mgmt/catalogue/sip_choices.h"
#include "mgmt/configuration/named.h"
#include "sipstack/registration/registrants.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace trunkline::mgmt {

namespace {

using dataplane::IpAddress;
using sipstack::Transport;

std::string on_page(std::string_view parameter) {
    return fmt::format("signaling_and_media.sip_definitions.proxy_and_registration.{}", parameter);
}

std::string named_of(std::string_view table, std::string_view parameter,
                     std::string_view value = "") {
    return named(fmt::format("signaling_and_media.{}.{}", table, parameter), value);
}

bool probes_with_options(sipstack::KeepAlive keep_alive) {
    return keep_alive == sipstack::KeepAlive::using_options ||
           keep_alive == sipstack::KeepAlive::using_options_on_active_server;
}

class SignalingChecks : private CheckContext {
public:
    SignalingChecks(const ApplianceConfig& config, const CheckContext& context)
        : CheckContext(context), config_(config) {}

    void run() {
        check_tls_contexts();
        check_sip_interfaces();
        check_proxy_sets();
        check_registrar();
        check_accounts();
        check_trunk_group_settings();
        check_sbc_users();
        check_authentication();
        check_timers();
        check_registrants();
    }

private:
    void check_tls_contexts() {
        for (std::size_t at = 0; at < config_.sip.tls_contexts.size(); ++at) {
            const auto& context = config_.sip.tls_contexts[at];
            const std::string path = fmt::format("ip_network.tls_contexts[{}]", at);
            if (!right({path}) ||
                context.certificate_file.empty() == context.private_key_file.empty()) {
                continue;
            }
            const bool no_key = context.private_key_file.empty();
            const std::string certificate = named("ip_network.tls_contexts.certificate_file");
            const std::string key = named("ip_network.tls_contexts.private_key_file");
            complain(path, (no_key ? certificate : key) + " alone",
                     certificate + " and " + key + " together, or neither");
        }
    }

    void check_sip_interfaces() {
        for (std::size_t at = 0; at < config_.sip.sip_interfaces.size(); ++at) {
            const auto& interface = config_.sip.sip_interfaces[at];
            const std::string path = fmt::format("signaling_and_media.sip_interfaces[{}]", at);
            if (!right({path + ".network_interface"}) ||
                interface.ip_interface_index >= config_.network.ip_interfaces.size()) {
                continue;
            }
            const auto& below = config_.network.ip_interfaces[interface.ip_interface_index];
            const std::string below_path =
                fmt::format("ip_network.ip_interfaces[{}]", interface.ip_interface_index);
            if (right({below_path + ".application_types"}) &&
                !below.carries(dataplane::ApplicationType::control)) {
                complain(path + ".network_interface", in_quotes(below.name),
                         "an IP interface whose " +
                             named("ip_network.ip_interfaces.application_types") + " have control");
            }
            if (right({below_path + ".address"}) && interface.address.is_set()) {
                check_ports(interface, path);
            }
        }
    }

    void check_ports(const sipstack::SipInterface& interface, const std::string& path) {
        take_port(interface, "udp", interface.udp_port, path + ".udp_port");
        for (unsigned port = interface.first_additional_udp_port;
             port != 0 && port <= interface.last_additional_udp_port; ++port) {
            if (!take_port(interface, "udp", static_cast<uint16_t>(port),
                           path + ".additional_udp_ports")) {
                break;
            }
        }
        // TLS runs over TCP: they share its ports.
        take_port(interface, "tcp", interface.tcp_port, path + ".tcp_port");
        take_port(interface, "tcp", interface.tls_port, path + ".tls_port");
        if (interface.tls_port != 0 && config_.sip.tls_contexts.empty() &&
            right({path + ".tls_port", "ip_network.tls_contexts"})) {
            complain(path + ".tls_port", fmt::format("{}", interface.tls_port),
                     "0, as there is no TLS context",
                     "add one to " + named("ip_network.tls_contexts"));
        }
    }

    /// False when another one has it already.
    bool take_port(const sipstack::SipInterface& interface, std::string_view protocol,
                   uint16_t port, const std::string& path) {
        if (port == 0 || !right({path})) {
            return true;
        }
        const auto [known, is_new] =
            names_of_ports_.emplace(std::tuple(interface.address, protocol, port), interface.name);
        if (!is_new) {
            complain(path, fmt::format("{}", port), "each port of an address once",
                     fmt::format("'{}' listens on it already", known->second));
        }
        return is_new;
    }

    void check_proxy_sets() {
        for (std::size_t at = 0; at < config_.sip.proxy_sets.size(); ++at) {
            const auto& set = config_.sip.proxy_sets[at];
            const std::string path = fmt::format("signaling_and_media.proxy_sets[{}]", at);
            if (!right({path}) || set.sip_interface_index >= config_.sip.sip_interfaces.size()) {
                continue;
            }
            check_redundancy(set, path);
            for (std::size_t row = 0; row < set.addresses.size(); ++row) {
                const std::string row_path = fmt::format("{}.proxy_addresses[{}]", path, row);
                check_proxy_address(set.addresses[row], set.sip_interface_index,
                                    row_path + ".address", row_path + ".transport");
            }
        }
    }

    void check_redundancy(const sipstack::ProxySet& set, const std::string& path) {
        const std::string page = on_page("redundancy_mode");
        const auto mode =
            set.redundancy_mode.value_or(config_.sip.proxy_and_registration.redundancy_mode);
        if (mode != sipstack::RedundancyMode::homing || !right({page})) {
            return;
        }
        if (set.keep_alive == sipstack::KeepAlive::using_register) {
            complain(path + ".keep_alive", in_quotes(std::string(name_of(set.keep_alive))),
                     "it with " + named_of("proxy_sets", "redundancy_mode", "parking") + " only",
                     "homing needs " + named_of("proxy_sets", "keep_alive", "using_options"));
        } else if (set.redundancy_mode && !probes_with_options(set.keep_alive)) {
            complain(path + ".redundancy_mode", "'homing' without OPTIONS",
                     "it with " + named_of("proxy_sets", "keep_alive", "using_options") + " only");
        }
    }

    void check_registrar() {
        const std::string path = on_page("registrar_ip_address");
        const std::string transport_path = on_page("registrar_transport_type");
        if (!right({path, transport_path, "signaling_and_media.sip_interfaces"})) {
            return;
        }
        const auto& registrar = config_.sip.proxy_and_registration.registrar;
        if (!registrar && given(transport_path)) {
            complain(transport_path, "a transport without a registrar",
                     "it with " + named(path) + " only",
                     "the transport of a proxy stands beside its address");
        }
        if (registrar && !config_.sip.sip_interfaces.empty()) {
            check_proxy_address(*registrar, 0, path, transport_path);
        }
    }

    void check_proxy_address(const sipstack::ProxyAddress& proxy, uint16_t interface_index,
                             const std::string& path, const std::string& transport_path) {
        const auto& interface = config_.sip.sip_interfaces[interface_index];
        const std::string interface_path =
            fmt::format("signaling_and_media.sip_interfaces[{}]", interface_index);
        if (const auto address = IpAddress::parse(proxy.host)) {
            check_numeric_address(*address, proxy.host, interface.address, path);
        }
        if (proxy.transport && interface.port(*proxy.transport) == 0 && right({interface_path})) {
            const std::string name(name_of(*proxy.transport));
            const bool no_context =
                *proxy.transport == Transport::tls && config_.sip.tls_contexts.empty();
            complain(
                transport_path, in_quotes(name),
                fmt::format("a transport that SIP interface {} has", in_quotes(interface.name)),
                no_context ? "add a row to " + named("ip_network.tls_contexts")
                           : "give it a " + named_of("sip_interfaces", name + "_port"));
        }
    }

    void check_numeric_address(const IpAddress& address, const std::string& text,
                               const IpAddress& own, const std::string& path) {
        if (is_unspecified(address) || address.is_multicast()) {
            complain(path, text, "the address of one host");
        } else if (own.is_set() && address.family != own.family) {
            complain(path, text,
                     fmt::format("an {} address or a name", own.is_v4() ? "IPv4" : "IPv6"),
                     "the SIP interface's address is " + own.to_string());
        }
    }

    void check_accounts() {
        for (std::size_t at = 0; at < config_.sip.accounts.size(); ++at) {
            const auto& account = config_.sip.accounts[at];
            const std::string path = fmt::format("signaling_and_media.accounts[{}]", at);
            if (!right({path})) {
                continue;
            }
            check_ha1(account, path);
            if (account.aka_key.empty() != account.aka_operator_key.empty()) {
                const bool no_operator = account.aka_operator_key.empty();
                complain(path + (no_operator ? ".aka_key" : ".aka_operator_key"),
                         "one key of AKA alone",
                         named_of("accounts", "aka_key") + " and " +
                             named_of("accounts", "aka_operator_key") + " together");
            }
            if (account.register_only_if_served_is_online && !account.served_ip_group_index) {
                constexpr std::string_view parameter = "reg_by_served_ip_group_status";
                complain(fmt::format("{}.{}", path, parameter),
                         named_of("accounts", parameter, "register_only_if_online"),
                         "it with " + named_of("accounts", "served_ip_group") + " only");
            }
            check_udp_port_assignment(account, path);
        }
    }

    void check_ha1(const sipstack::Account& account, const std::string& path) {
        constexpr std::size_t md5_digits = 32, sha_digits = 64;
        if (account.ha1.empty()) {
            return;
        }
        if (!account.password.empty()) {
            complain(path + ".ha1",
                     named_of("accounts", "password") + " and " + named_of("accounts", "ha1"),
                     "one of them", "take one out");
        }
        const bool is_md5 = account.ha1_algorithm == sipstack::DigestAlgorithm::md5;
        const std::size_t wanted = is_md5 ? md5_digits : sha_digits;
        if (account.ha1.reveal().size() != wanted) {
            complain(
                path + ".ha1", fmt::format("{} digits", account.ha1.reveal().size()),
                fmt::format("{} digits with {}", wanted,
                            named_of("accounts", "ha1_algorithm", name_of(account.ha1_algorithm))));
        }
    }

    void check_udp_port_assignment(const sipstack::Account& account, const std::string& path) {
        if (!account.udp_port_assignment ||
            !right({"signaling_and_media.ip_groups", "signaling_and_media.proxy_sets",
                    "signaling_and_media.sip_interfaces"})) {
            return;
        }
        const auto& group = config_.sip.ip_groups[account.serving_ip_group_index];
        const auto& set = config_.sip.proxy_sets[group.proxy_set_index];
        const auto& interface = config_.sip.sip_interfaces[set.sip_interface_index];
        if (interface.first_additional_udp_port == 0) {
            complain(path + ".udp_port_assignment",
                     named_of("accounts", "udp_port_assignment", "true"),
                     "it with a SIP interface that has " +
                         named_of("sip_interfaces", "additional_udp_ports") + " only",
                     "give them to " + in_quotes(interface.name));
        }
    }

    void check_trunk_group_settings() {
        std::set<unsigned> known;
        for (std::size_t at = 0; at < config_.sip.trunk_group_settings.size(); ++at) {
            const std::string path =
                fmt::format("signaling_and_media.gateway.trunk_group_settings[{}].trunk_group", at);
            const unsigned group = config_.sip.trunk_group_settings[at].trunk_group_id;
            if (right({path}) && !known.insert(group).second) {
                complain(path, fmt::format("{} a second time", group), "each trunk group once");
            }
        }
    }

    void check_sbc_users() {
        std::set<std::pair<uint16_t, std::string>> known;
        for (std::size_t at = 0; at < config_.sip.sbc_users.size(); ++at) {
            const auto& user = config_.sip.sbc_users[at];
            const std::string path =
                fmt::format("signaling_and_media.sbc.user_information[{}]", at);
            if (!right({path, "signaling_and_media.ip_groups"})) {
                continue;
            }
            if (!known.emplace(user.ip_group_index, user.local_user).second) {
                complain(path + ".local_user", in_quotes(user.local_user) + " a second time",
                         "each user of an IP group once");
            }
            const auto& group = config_.sip.ip_groups[user.ip_group_index];
            if (group.registration_mode != sipstack::IpGroupRegistration::sbc_initiates) {
                complain(path + ".ip_group", in_quotes(group.name),
                         "an IP group with " +
                             named_of("ip_groups", "registration_mode", "sbc_initiates"));
            }
        }
    }

    void check_authentication() {
        std::set<std::pair<unsigned, unsigned>> known;
        for (std::size_t at = 0; at < config_.sip.endpoint_authentication.size(); ++at) {
            const auto& row = config_.sip.endpoint_authentication[at];
            const std::string path =
                fmt::format("signaling_and_media.gateway.authentication[{}]", at);
            if (right({path}) && !known.emplace(row.module, row.port).second) {
                complain(path + ".port",
                         fmt::format("port {} of module {} a second time", row.port, row.module),
                         "each port once");
            }
        }
    }

    void check_timers() {
        const std::string path = "signaling_and_media.sip_definitions.general";
        const auto& timers = config_.sip.timers;
        if (right({path}) && timers.t2 < timers.t1) {
            complain(path + ".t2", fmt::format("{}", timers.t2.count()),
                     fmt::format("at least {}, which is {} ms",
                                 named_of("sip_definitions.general", "t1"), timers.t1.count()));
        }
    }

    void check_registrants() {
        // Its rows refer to each other by position: it is asked about right tables alone.
        if (!right({"signaling_and_media", "ip_network"})) {
            return;
        }
        for (const sipstack::ConfigProblem& problem : sipstack::check(config_.sip)) {
            complain(problem.path, problem.problem, "", problem.advice);
        }
    }

    const ApplianceConfig& config_;
    std::map<std::tuple<IpAddress, std::string_view, uint16_t>, std::string> names_of_ports_;
};

}  // namespace

void check_signaling(const ApplianceConfig& config, const CheckContext& context) {
    SignalingChecks(config, context).run();
}

}  // namespace trunkline::mgmt
