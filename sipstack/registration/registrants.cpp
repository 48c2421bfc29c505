#include "sipstack/registration/registrants.h"

#include "sipstack/digest/hash.h"
#include "sipstack/message/lexical.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace trunkline::sipstack {
namespace {

constexpr uint16_t default_port = 5060;
constexpr uint64_t max_endpoints_per_run = 65536;

const std::string page_path = "signaling_and_media.sip_definitions.proxy_and_registration";

bool is_alphanumeric(char character) {
    const char lower_case = to_lower(character);
    return is_digit(character) || (lower_case >= 'a' && lower_case <= 'z');
}

/// A name or a literal that may stand in a URI.
bool is_host(std::string_view host) {
    if (dataplane::IpAddress::parse(host)) {
        return true;
    }
    return !host.empty() && std::all_of(host.begin(), host.end(), [](char character) {
        return is_alphanumeric(character) || character == '.' || character == '-' ||
               character == '_';
    });
}

template <typename... Strings>
const std::string& first_set(const std::string& first, const Strings&... others) {
    if constexpr (sizeof...(others) == 0) {
        return first;
    } else {
        return first.empty() ? first_set(others...) : first;
    }
}

/// Where a registrant's REGISTER goes and what its Request-URI names.
struct Server {
    uint16_t sip_interface_index = 0;
    std::optional<uint16_t> proxy_set_index;
    const ProxyAddress* address = nullptr;  ///< the first of the set; nullptr: the set is empty
    std::string domain;                     ///< configured Request-URI host; may be empty
    std::optional<uint16_t> ip_group_index = std::nullopt;  ///< through which it was found
};

/// Walks the tables once and collects both the registrants and what is wrong with them.
class Survey {
public:
    explicit Survey(const Config& config) : config_(config), page_(config.proxy_and_registration) {
        for (const GatewayUser& user : config_.gateway_users) {
            users_.try_emplace(user.global_phone_number, &user);
        }
        for (const Account& account : config_.accounts) {
            if (has_secret(account) && !account.served_ip_group_index) {
                accounts_.try_emplace({account.serving_ip_group_index, account.served_trunk_group},
                                      &account);
            }
        }
        reserve_kept_ports();
        if (page_.enable_registration) {
            add_device();
            add_trunk_groups();
        }
        check_trunk_group_settings();
        for (std::size_t index = 0; index < config_.accounts.size(); ++index) {
            add_account(index);
        }
        for (std::size_t index = 0; index < config_.sbc_users.size(); ++index) {
            add_sbc_user(index);
        }
    }

    std::vector<Registrant> registrants;
    std::vector<ConfigProblem> problems;

private:
    void complain(std::string path, std::string problem, std::string advice) {
        problems.push_back({std::move(path), std::move(problem), std::move(advice)});
    }

    Server server_of_proxy_set(uint16_t index, std::string domain) const {
        const ProxySet& set = config_.proxy_sets.at(index);
        return {set.sip_interface_index, index,
                set.addresses.empty() ? nullptr : &set.addresses.front(), std::move(domain)};
    }

    Server server_of_ip_group(uint16_t index) const {
        const IpGroup& group = config_.ip_groups.at(index);
        Server server = server_of_proxy_set(group.proxy_set_index, group.sip_group_name);
        server.ip_group_index = index;
        return server;
    }

    Server default_proxy() const {
        return server_of_proxy_set(0, first_set(page_.registrar_name, page_.proxy_name));
    }

    /// RegistrarIP, else the primary proxy.
    std::optional<Server> registrar() const {
        if (page_.registrar && !config_.sip_interfaces.empty()) {
            return Server{0, std::nullopt, &*page_.registrar, page_.registrar_name};
        }
        if (!page_.registrar && !config_.proxy_sets.empty()) {
            return default_proxy();
        }
        return std::nullopt;
    }

    /// The order differs by mode: a lone REGISTER prefers the registrar, endpoints the proxy.
    std::optional<Server> server_of_trunk_group(const TrunkGroupSettings* settings,
                                                RegistrationMode mode) const {
        if (settings != nullptr && settings->serving_ip_group_index) {
            return server_of_ip_group(*settings->serving_ip_group_index);
        }
        if (mode == RegistrationMode::per_endpoint && page_.use_default_proxy &&
            !config_.proxy_sets.empty()) {
            return default_proxy();
        }
        return registrar();
    }

    const TrunkGroupSettings* settings_of(unsigned trunk_group_id) const {
        const auto& rows = config_.trunk_group_settings;
        const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& row) {
            return row.trunk_group_id == trunk_group_id;
        });
        return found == rows.end() ? nullptr : &*found;
    }

    /// The device's own name in AORs: the gateway name, else its address.
    std::string device_host(const Server& server, const std::string& gateway_name) const {
        const std::string& name = first_set(gateway_name, page_.gateway_name);
        return name.empty()
                   ? config_.sip_interfaces.at(server.sip_interface_index).address.to_uri_host()
                   : uri_host(name);
    }

    Credentials page_credentials(const std::string& aor_user) const {
        Credentials credentials;
        credentials.user_name = first_set(page_.user_name, aor_user);
        credentials.password = page_.password;
        return credentials;
    }

    static bool has_secret(const Account& account) {
        return !account.password.empty() || !account.ha1.empty() || !account.aka_key.empty();
    }

    /// The appliance's order: an account that serves this trunk group at this IP group, an account
    /// of the IP group that serves nobody in particular, what belongs to the endpoint itself, the
    /// page's user.
    Credentials gateway_credentials(const Server& server, std::optional<unsigned> trunk_group,
                                    const std::string& user,
                                    const Credentials* of_endpoint = nullptr) const {
        for (const auto& served : {trunk_group, std::optional<unsigned>()}) {
            const auto account = accounts_.find(std::pair(server.ip_group_index, served));
            if (account != accounts_.end()) {
                return credentials_of(*account->second,
                                      first_set(account->second->user_name, user));
            }
        }
        return of_endpoint != nullptr ? *of_endpoint : page_credentials(user);
    }

    /// The row of the Authentication table for that port of the module, else the number's row of
    /// the gateway's user information.
    std::optional<Credentials> endpoint_credentials(unsigned module, uint64_t port,
                                                    const std::string& number) const {
        const auto filled = [&](const std::string& user_name, const Secret& password) {
            Credentials credentials;
            credentials.user_name = first_set(user_name, number);
            credentials.password = password;
            return credentials;
        };
        for (const EndpointAuthentication& row : config_.endpoint_authentication) {
            if (row.module == module && row.port == port) {
                return filled(row.user_name, row.password);
            }
        }
        const auto user = users_.find(number);
        if (user != users_.end() && !user->second->password.empty()) {
            return filled(user->second->user_name, user->second->password);
        }
        return std::nullopt;
    }

    /// Checks and completes a registrant; `path` is that of the row it comes from.
    void add(Registrant registrant, const std::string& path, const std::string& user,
             const std::string& aor_host, const Server& server) {
        if (!can_send(path, aor_host, server)) {
            return;
        }
        const std::string_view scheme =
            config_.enable_sips && transport_of(server) == Transport::tls ? "sips" : "sip";
        registrant.aor = fmt::format("{}:{}@{}", scheme, escape_user(user), aor_host);
        registrant.request_uri = shared(fmt::format("{}:{}", scheme, request_host(server)));
        registrant.sip_interface_index = server.sip_interface_index;
        registrant.proxy_set_index = server.proxy_set_index;
        if (server.proxy_set_index) {
            registrant.tls_context_index =
                config_.proxy_sets.at(*server.proxy_set_index).tls_context_index;
        }
        registrant.position = static_cast<uint32_t>(registrants.size());
        if (is_first_of_its_name(path, registrant)) {
            registrants.push_back(std::move(registrant));
        }
    }

    Transport transport_of(const Server& server) const {
        return server.address->transport.value_or(config_.transport_type);
    }

    static std::string request_host(const Server& server) {
        if (!server.domain.empty()) {
            return uri_host(server.domain);
        }
        std::string host = uri_host(server.address->host);
        if (server.address->port.value_or(default_port) != default_port) {
            host += fmt::format(":{}", *server.address->port);
        }
        return host;
    }

    bool can_send(const std::string& path, const std::string& aor_host, const Server& server) {
        if (server.address == nullptr) {
            complain(path,
                     fmt::format("proxy set '{}' that serves it has no address",
                                 config_.proxy_sets.at(*server.proxy_set_index).name),
                     "add an address to it");
            return false;
        }
        const SipInterface& interface = config_.sip_interfaces.at(server.sip_interface_index);
        // Without a configured transport DNS chooses among the ports that the interface has.
        const bool any_port =
            interface.udp_port != 0 || interface.tcp_port != 0 || interface.tls_port != 0;
        const bool has_port =
            server.address->transport ? interface.port(*server.address->transport) != 0 : any_port;
        if (!has_port) {
            const Transport transport = transport_of(server);
            const std::string_view name = to_string(transport);
            complain(path,
                     fmt::format("SIP interface '{}' has its {} port off", interface.name, name),
                     fmt::format("give that interface a {} port", name));
            return false;
        }
        const auto literal = dataplane::IpAddress::parse(server.address->host);
        if (literal && literal->family != interface.address.family) {
            complain(
                path,
                fmt::format("{} cannot be reached from {} of SIP interface '{}'",
                            server.address->host, interface.address.to_string(), interface.name),
                "use an address of the same family, or a SIP interface that has one");
            return false;
        }
        for (const std::string& host : {aor_host, request_host(server)}) {
            if (!is_uri_host(host)) {
                complain(path, fmt::format("'{}' is no host name", host),
                         "write a DNS name or an IP address");
                return false;
            }
        }
        return true;
    }

    /// As is_host(), with brackets and perhaps a port.
    static bool is_uri_host(std::string_view host) {
        if (host.starts_with('[')) {
            return host.find(']') != std::string_view::npos &&
                   is_host(host.substr(1, host.find(']') - 1));
        }
        return is_host(host.substr(0, host.find(':')));
    }

    /// Equal texts once.
    const SharedText& shared(const std::string& text) {
        return texts_.try_emplace(text, text).first->second;
    }

    /// Two registrants with one AOR, Contact and server would undo each other's binding.
    bool is_first_of_its_name(const std::string& path, const Registrant& registrant) {
        const auto [place, is_new] =
            names_.try_emplace(std::tuple(registrant.aor, std::string(registrant.request_uri),
                                          registrant.sip_interface_index,
                                          registrant.proxy_set_index, registrant.local_udp_port),
                               path);
        if (!is_new) {
            complain(path,
                     fmt::format("{} is registered by {} already", registrant.aor, place->second),
                     "give one of them another user or host");
        }
        return is_new;
    }

    void add_device() {
        if (page_.registration_mode != RegistrationMode::per_gateway) {
            return;
        }
        const auto server = registrar();
        const std::string& user = first_set(page_.gateway_registration_name, page_.user_name);
        if (!server) {
            complain(page_path + ".registrar_ip_address",
                     "registration is enabled, but there is nowhere to register",
                     "name a registrar, or add a proxy set");
        } else if (user.empty()) {
            complain(page_path + ".gateway_registration_name",
                     "the device's registration has no user",
                     "give the device a gateway registration name or a user name, or have it "
                     "not register");
        } else {
            Registrant device;
            device.kind = RegistrantKind::device;
            device.name = "device";
            device.credentials = gateway_credentials(*server, std::nullopt, user);
            device.host_from_server = page_.use_proxy_ip_as_host;
            add(std::move(device), page_path, user, device_host(*server, {}), *server);
        }
    }

    void add_trunk_groups() {
        std::vector<unsigned> done;
        for (const TrunkGroup& group : config_.trunk_groups) {
            if (std::find(done.begin(), done.end(), group.trunk_group_id) == done.end()) {
                done.push_back(group.trunk_group_id);
                add_trunk_group(group.trunk_group_id);
            }
        }
    }

    void add_trunk_group(unsigned id) {
        const TrunkGroupSettings* settings = settings_of(id);
        const bool has_own_mode = settings != nullptr && settings->registration_mode;
        const RegistrationMode mode =
            has_own_mode ? *settings->registration_mode : page_.registration_mode;
        if (mode == RegistrationMode::per_gateway && has_own_mode) {
            add_lone_trunk_group(*settings);
        } else if (mode == RegistrationMode::per_endpoint) {
            add_endpoints(id, settings);
        }
        // Per gateway without an own mode: the device's REGISTER stands for the group. Per account:
        // the accounts stand for it.
    }

    std::string settings_path(const TrunkGroupSettings& settings) const {
        return fmt::format("signaling_and_media.gateway.trunk_group_settings[{}]",
                           &settings - config_.trunk_group_settings.data());
    }

    void add_lone_trunk_group(const TrunkGroupSettings& settings) {
        const auto server = server_of_trunk_group(&settings, RegistrationMode::per_gateway);
        const std::string& user =
            first_set(settings.contact_user, page_.gateway_registration_name, page_.user_name);
        const std::string path = settings_path(settings);
        if (!server) {
            complain(path + ".serving_ip_group", "the trunk group has nowhere to register",
                     "name a serving IP group, a registrar, or add a proxy set");
        } else if (user.empty()) {
            complain(path + ".contact_user", "the trunk group's registration has no user",
                     "give it a contact user, or the device a gateway registration name");
        } else {
            Registrant group;
            group.kind = RegistrantKind::trunk_group;
            group.name = fmt::format("trunk group {}", settings.trunk_group_id);
            group.trunk_group = settings.trunk_group_id;
            group.credentials = gateway_credentials(*server, group.trunk_group, user);
            group.host_from_server = page_.use_proxy_ip_as_host;
            add(std::move(group), path, user, device_host(*server, settings.gateway_name), *server);
        }
    }

    void add_endpoints(unsigned id, const TrunkGroupSettings* settings) {
        const auto server = server_of_trunk_group(settings, RegistrationMode::per_endpoint);
        for (std::size_t row = 0; row < config_.trunk_groups.size(); ++row) {
            const TrunkGroup& run = config_.trunk_groups[row];
            if (run.trunk_group_id != id) {
                continue;
            }
            const std::string path =
                fmt::format("signaling_and_media.gateway.trunk_groups[{}]", row);
            if (!server) {
                complain(path, "its endpoints have nowhere to register",
                         "name a serving IP group in the settings of its trunk group, a "
                         "registrar, or add a proxy set");
            } else {
                add_run(path, run, *server,
                        device_host(*server, settings != nullptr ? settings->gateway_name : ""));
            }
        }
    }

    void add_run(const std::string& path, const TrunkGroup& run, const Server& server,
                 const std::string& host) {
        if (run.last_trunk < run.first_trunk || run.last_channel < run.first_channel) {
            complain(path, "its last trunk or channel comes before the first",
                     "write the lower number first");
            return;
        }
        if (!is_countable(run.phone_number)) {
            complain(path + ".phone_number",
                     fmt::format("'{}' cannot be counted up for the endpoints", run.phone_number),
                     "write digits, perhaps after a plus, or choose another registration mode");
            return;
        }
        const uint64_t count = (uint64_t{run.last_trunk} - run.first_trunk + 1) *
                               (uint64_t{run.last_channel} - run.first_channel + 1);
        if (count > max_endpoints_per_run) {
            complain(path, fmt::format("it has {} endpoints", count),
                     fmt::format("split it into rows of at most {}", max_endpoints_per_run));
            return;
        }
        std::string number = run.phone_number;
        for (uint64_t channel = 0; channel < count; ++channel) {
            const auto own = endpoint_credentials(run.module, run.first_channel + channel, number);
            Registrant endpoint;
            endpoint.kind = RegistrantKind::endpoint;
            endpoint.name = "endpoint " + number;
            endpoint.trunk_group = run.trunk_group_id;
            endpoint.credentials =
                gateway_credentials(server, run.trunk_group_id, number, own ? &*own : nullptr);
            endpoint.host_from_server = page_.use_proxy_ip_as_host;
            add(std::move(endpoint), path, number, host, server);
            number = next_number(number);
        }
    }

    void check_trunk_group_settings() {
        const auto& rows = config_.trunk_group_settings;
        for (const TrunkGroupSettings& settings : rows) {
            const auto is_same_group = [&](const auto& row) {
                return row.trunk_group_id == settings.trunk_group_id;
            };
            if (settings_of(settings.trunk_group_id) != &settings) {
                complain(settings_path(settings) + ".trunk_group",
                         fmt::format("trunk group {} has settings above already",
                                     settings.trunk_group_id),
                         "keep one row a trunk group");
            } else if (std::none_of(config_.trunk_groups.begin(), config_.trunk_groups.end(),
                                    is_same_group)) {
                complain(settings_path(settings) + ".trunk_group",
                         fmt::format("there is no trunk group {}", settings.trunk_group_id),
                         "add it to the trunk groups, or remove this row");
            }
        }
    }

    void add_account(std::size_t index) {
        const Account& account = config_.accounts[index];
        if (account.register_mode == AccountRegister::no) {
            return;
        }
        const std::string path = fmt::format("signaling_and_media.accounts[{}]", index);
        const IpGroup& group = config_.ip_groups.at(account.serving_ip_group_index);
        const Server server = server_of_ip_group(account.serving_ip_group_index);
        const std::string& user =
            first_set(account.contact_user, group.contact_user, account.user_name);
        if (user.empty()) {
            complain(path + ".contact_user", "the account registers, but has no user",
                     "set contact_user or user_name");
            return;
        }
        const std::string& proxy_host = server.address != nullptr ? server.address->host : user;
        const std::string& host = first_set(account.host_name, group.sip_group_name, proxy_host);
        Registrant registrant;
        registrant.kind = RegistrantKind::account;
        registrant.name = account_name(index);
        registrant.trunk_group = account.served_trunk_group;
        registrant.credentials = credentials_of(account, first_set(account.user_name, user));
        registrant.random_contact_user = page_.use_random_user;
        registrant.gin = account.register_mode == AccountRegister::gin;
        registrant.outbound = account.outbound;
        if (account.outbound) {
            registrant.instance_id =
                first_set(account.instance_id, instance_of(registrant.name, user, host));
        }
        registrant.stickiness = account.registrar_stickiness;
        registrant.search_mode = account.registrar_search_mode;
        registrant.reg_event_subscription = account.reg_event_package_subscription;
        registrant.host_from_server = page_.use_proxy_ip_as_host && account.host_name.empty();
        if (account.register_only_if_served_is_online && account.served_ip_group_index) {
            registrant.only_while_online =
                config_.ip_groups.at(*account.served_ip_group_index).proxy_set_index;
        }
        if (account.udp_port_assignment) {
            const auto port = additional_port(registrant.name, server.sip_interface_index);
            if (!port) {
                complain(path + ".udp_port_assignment",
                         fmt::format("SIP interface '{}' has no additional UDP port left",
                                     config_.sip_interfaces.at(server.sip_interface_index).name),
                         "widen its additional_udp_ports");
                return;
            }
            registrant.local_udp_port = *port;
        }
        add(std::move(registrant), path, user, uri_host(host), server);
    }

    /// A UUID made of the account's own words: the same after every restart (RFC 5626 4.1).
    static std::string instance_of(const std::string& name, const std::string& user,
                                   const std::string& host) {
        const std::string digits =
            hash_hex(DigestAlgorithm::sha256, fmt::format("{}\n{}\n{}", name, user, host));
        // RFC 4122 4.3: version 5 and its variant in a name-based UUID.
        return fmt::format("urn:uuid:{}-{}-5{}-8{}-{}", digits.substr(0, 8), digits.substr(8, 4),
                           digits.substr(13, 3), digits.substr(17, 3), digits.substr(20, 12));
    }

    std::string account_name(std::size_t index) const {
        const std::string& name = config_.accounts[index].name;
        return name.empty() ? fmt::format("account {}", index) : name;
    }

    /// Before any is given out: a new account must not take the port of one behind it.
    void reserve_kept_ports() {
        if (config_.kept_udp_ports.empty()) {
            return;
        }
        for (std::size_t index = 0; index < config_.accounts.size(); ++index) {
            const Account& account = config_.accounts[index];
            if (!account.udp_port_assignment || account.register_mode == AccountRegister::no) {
                continue;
            }
            const uint16_t at =
                server_of_ip_group(account.serving_ip_group_index).sip_interface_index;
            const SipInterface& interface = config_.sip_interfaces.at(at);
            std::string name = account_name(index);
            const auto kept = config_.kept_udp_ports.find(name);
            if (kept != config_.kept_udp_ports.end() &&
                kept->second >= interface.first_additional_udp_port &&
                kept->second <= interface.last_additional_udp_port) {
                ports_taken_.try_emplace({at, kept->second}, std::move(name));
            }
        }
    }

    /// The port that the account had, else the lowest that nobody has.
    std::optional<uint16_t> additional_port(const std::string& name, uint16_t sip_interface_index) {
        const auto kept = config_.kept_udp_ports.find(name);
        if (kept != config_.kept_udp_ports.end()) {
            const auto place = ports_taken_.find({sip_interface_index, kept->second});
            if (place != ports_taken_.end() && place->second == name) {
                return kept->second;
            }
        }
        const SipInterface& interface = config_.sip_interfaces.at(sip_interface_index);
        if (interface.first_additional_udp_port == 0) {
            return std::nullopt;
        }
        uint32_t& next = next_port_[sip_interface_index];
        next = std::max<uint32_t>(next, interface.first_additional_udp_port);
        for (; next <= interface.last_additional_udp_port; ++next) {
            const auto port = static_cast<uint16_t>(next);
            if (ports_taken_.try_emplace({sip_interface_index, port}, name).second) {
                return port;
            }
        }
        return std::nullopt;
    }

    void add_sbc_user(std::size_t index) {
        const SbcUser& user = config_.sbc_users[index];
        const IpGroup& group = config_.ip_groups.at(user.ip_group_index);
        if (group.registration_mode != IpGroupRegistration::sbc_initiates) {
            return;
        }
        const std::string path = fmt::format("signaling_and_media.sbc.user_information[{}]", index);
        const Server server = server_of_ip_group(user.ip_group_index);
        const std::string& proxy_host =
            server.address != nullptr ? server.address->host : user.local_user;
        Registrant registrant;
        registrant.kind = RegistrantKind::user;
        registrant.name = "user " + user.local_user;
        registrant.credentials.user_name = first_set(user.user_name, user.local_user);
        registrant.credentials.password = user.password;
        registrant.host_from_server = page_.use_proxy_ip_as_host;
        add(std::move(registrant), path, user.local_user,
            uri_host(first_set(group.sip_group_name, proxy_host)), server);
    }

    const Config& config_;
    const ProxyAndRegistration& page_;
    std::map<std::tuple<std::string, std::string, uint16_t, std::optional<uint16_t>, uint16_t>,
             std::string>
        names_;
    std::map<std::string, SharedText> texts_;
    std::map<std::string_view, const GatewayUser*> users_;  ///< by global phone number
    /// With a secret, by serving IP group and served trunk group; unset: they serve nobody.
    std::map<std::pair<std::optional<uint16_t>, std::optional<unsigned>>, const Account*> accounts_;
    /// Additional UDP ports by SIP interface, and the account that has each.
    std::map<std::pair<uint16_t, uint16_t>, std::string> ports_taken_;
    std::map<uint16_t, uint32_t> next_port_;  ///< all below are taken; by SIP interface
};

}  // namespace

std::vector<Registrant> registrants(const Config& config) {
    return std::move(Survey(config).registrants);
}

std::vector<ConfigProblem> check(const Config& config) {
    return std::move(Survey(config).problems);
}

bool is_countable(std::string_view number) {
    if (number.starts_with('+')) {
        number.remove_prefix(1);
    }
    return !number.empty() && std::all_of(number.begin(), number.end(), is_digit);
}

std::string next_number(std::string_view number) {
    std::string next(number);
    std::size_t place = next.size();
    while (place > 0 && next[place - 1] == '9') {
        next[--place] = '0';
    }
    if (place > 0 && is_digit(next[place - 1])) {
        ++next[place - 1];
    } else {
        next.insert(place, 1, '1');
    }
    return next;
}

std::string escape_user(std::string_view user) {
    // unreserved and user-unreserved of RFC 3261 25.1.
    constexpr std::string_view allowed = "-_.!~*'()&=+$,;?/";
    std::string escaped;
    escaped.reserve(user.size());
    for (std::size_t index = 0; index < user.size(); ++index) {
        const char character = user[index];
        const bool is_escape = character == '%' && index + 2 < user.size() &&
                               hex_value(user[index + 1]) >= 0 && hex_value(user[index + 2]) >= 0;
        if (is_alphanumeric(character) || is_escape || allowed.find(character) != allowed.npos) {
            escaped += character;
        } else {
            escaped += fmt::format("%{:02X}", static_cast<unsigned char>(character));
        }
    }
    return escaped;
}

std::string uri_host(std::string_view host) {
    return host.find(':') == std::string_view::npos ? std::string(host) : fmt::format("[{}]", host);
}

}  // namespace trunkline::sipstack
