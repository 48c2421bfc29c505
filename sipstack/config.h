// What the configuration says about signaling. Names are those of the appliance's tables.
#pragma once

#include "dataplane/address.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

using Seconds = std::chrono::seconds;

enum class Transport : uint8_t { udp, tcp, tls };

/// As in YAML; in a Via header the same in capitals.
constexpr std::string_view to_string(Transport transport) {
    return transport == Transport::udp ? "udp" : (transport == Transport::tcp ? "tcp" : "tls");
}

/// A row of the TLS Contexts table. Files are PEM; empty = none.
struct TlsContext {
    enum class Version : uint8_t { tls1_2, tls1_3 };

    std::string name;
    std::string certificate_file;  ///< ours, with the chain behind it; presented in both roles
    std::string private_key_file;
    std::string trusted_roots_file;  ///< empty = the operating system's
    Version minimum_version = Version::tls1_2;
    std::string client_ciphers = "DEFAULT";  ///< openssl-ciphers(1), for TLS 1.2
    std::string server_ciphers = "DEFAULT";
    bool verify_server = true;  ///< the far side's certificate and its identity (RFC 5922 7)

    bool operator==(const TlsContext&) const = default;
};

enum class AdditionalUdpPortsMode : uint8_t { always_open, open_when_used };

/// A row of the SIP Interfaces table, with the address of its network interface filled in.
struct SipInterface {
    std::string name;
    std::string network_interface;    ///< IP interface name
    uint16_t ip_interface_index = 0;  ///< position in NetworkConfig::ip_interfaces
    dataplane::IpAddress address;
    uint16_t udp_port = 5060;  ///< 0 = off
    uint16_t tcp_port = 0;     ///< 0 = off
    uint16_t tls_port = 0;     ///< 0 = off
    /// Position in Config::tls_contexts; unset = 0.
    std::optional<uint16_t> tls_context_index = {};
    bool tls_mutual_authentication = false;  ///< a client must have a certificate
    /// Ports for accounts and users with udp_port_assignment; first 0 = none. Inclusive.
    uint16_t first_additional_udp_port = 0, last_additional_udp_port = 0;
    AdditionalUdpPortsMode additional_udp_ports_mode = AdditionalUdpPortsMode::always_open;

    /// All UDP ports that SIP comes in on.
    std::vector<uint16_t> udp_ports() const {
        std::vector<uint16_t> ports;
        if (udp_port != 0) {
            ports.push_back(udp_port);
        }
        for (uint32_t port = first_additional_udp_port;
             port != 0 && port <= last_additional_udp_port; ++port) {
            ports.push_back(static_cast<uint16_t>(port));
        }
        return ports;
    }
    /// The listening port of `transport`, 0 = off.
    uint16_t port(Transport transport) const {
        return transport == Transport::udp ? udp_port
                                           : (transport == Transport::tcp ? tcp_port : tls_port);
    }

    bool operator==(const SipInterface&) const = default;
};

/// A row of the Proxy Address table: a numeric host or a name, perhaps with a port.
struct ProxyAddress {
    std::string host;                   ///< no brackets around an IPv6 address
    std::optional<uint16_t> port = {};  ///< as configured; default by transport
    /// Unset = NAPTR's choice, else Config::transport_type.
    std::optional<Transport> transport = {};
    uint16_t priority = 0;  ///< lower first; equal ones in the order of the table
    uint16_t weight = 0;    ///< among equal priorities, for random weights

    bool operator==(const ProxyAddress&) const = default;
};

enum class KeepAlive : uint8_t {
    disable,
    using_options,
    using_register,
    using_options_on_active_server
};
enum class RedundancyMode : uint8_t { parking, homing };
enum class LoadBalancing : uint8_t { disable, round_robin, random_weights };
enum class DnsResolveMethod : uint8_t { a_record, srv, naptr };

/// A row of the Proxy Sets table.
struct ProxySet {
    std::string name;
    uint16_t sip_interface_index = 0;                ///< position in Config::sip_interfaces
    std::vector<ProxyAddress> addresses = {};        ///< in order of preference
    std::optional<uint16_t> tls_context_index = {};  ///< unset = that of the SIP interface
    KeepAlive keep_alive = KeepAlive::disable;
    Seconds keep_alive_time{60};  ///< between two OPTIONS, 5..2000000
    /// At most 3; any other answer means alive.
    std::vector<int> keep_alive_failure_responses = {};
    unsigned success_detection_retries = 1;              ///< 1..100
    Seconds success_detection_interval{10};              ///< 1..200
    int failure_detection_retransmissions = -1;          ///< -1 = TimerSettings::max_transmissions
    std::optional<RedundancyMode> redundancy_mode = {};  ///< unset = the page's
    bool hot_swap = false;
    LoadBalancing load_balancing = LoadBalancing::disable;
    unsigned min_active_servers = 1;  ///< 1..15; fewer online = the set is offline
    /// Unset = the page's proxy_dns_query_type.
    std::optional<DnsResolveMethod> dns_resolve_method = {};
    /// Own: REGISTERs a second towards one address, 0 = the page's rate alone.
    unsigned registration_rate = 0;
    /// Own: REGISTERs towards one address that wait for their answer at a time, 0 = no limit.
    unsigned registration_window = 200;
};

/// IPGroup_RegistrationMode.
enum class IpGroupRegistration : uint8_t { user_initiates, sbc_initiates, not_needed };

struct IpGroup {
    std::string name;
    uint16_t proxy_set_index = 0;  ///< position in Config::proxy_sets
    std::string sip_group_name;    ///< host of Request-URI, From and To; empty = proxy address
    std::string contact_user;
    IpGroupRegistration registration_mode = IpGroupRegistration::user_initiates;
};

enum class DigestAlgorithm : uint8_t { md5, sha256, sha512_256 };

/// A secret as configured. It prints as nothing: only the digest reads it.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    const std::string& reveal() const { return value_; }
    bool empty() const { return value_.empty(); }
    bool operator==(const Secret&) const = default;

private:
    std::string value_;
};

enum class AccountRegister : uint8_t { no, regular, gin };
enum class RegistrarStickiness : uint8_t { disable, enable, enable_for_non_register };
enum class RegistrarSearchMode : uint8_t { current_working_server, according_to_ims };

/// A row of the Accounts table.
struct Account {
    std::string name;
    std::optional<unsigned> served_trunk_group;
    std::optional<uint16_t> served_ip_group_index;
    uint16_t serving_ip_group_index = 0;
    std::string user_name;
    Secret password;
    std::string host_name;     ///< AOR host; empty = SIP group name of the serving IP group
    std::string contact_user;  ///< AOR user; empty = contact user of the serving IP group
    AccountRegister register_mode = AccountRegister::no;
    RegistrarStickiness registrar_stickiness = RegistrarStickiness::disable;
    RegistrarSearchMode registrar_search_mode = RegistrarSearchMode::current_working_server;
    bool re_register_on_invite_failure = false;
    bool reg_event_package_subscription = false;     ///< RFC 3680
    bool register_only_if_served_is_online = false;  ///< Account_RegByServedIPG
    bool udp_port_assignment = false;  ///< an additional UDP port of the SIP interface of its own
    // Own, beside the appliance's columns.
    Secret ha1;  ///< instead of the password: hex of H(user:realm:password)
    DigestAlgorithm ha1_algorithm = DigestAlgorithm::md5;
    Secret aka_key;           ///< K of AKAv1-MD5 (RFC 3310), 32 hex digits; empty = no AKA
    Secret aka_operator_key;  ///< OPc, 32 hex digits
    bool outbound = false;    ///< RFC 5626: +sip.instance and reg-id
    std::string instance_id;  ///< URN of +sip.instance; empty = made of AOR and host name
};

/// A row of the SBC User Information table: a user whom the SBC registers, for an IP group with
/// IpGroupRegistration::sbc_initiates.
struct SbcUser {
    std::string local_user;
    std::string user_name;  ///< empty = local_user
    Secret password;
    uint16_t ip_group_index = 0;
};

/// A row of the gateway's User Information table: credentials of the endpoint with that number.
struct GatewayUser {
    std::string pbx_extension;
    std::string global_phone_number;  ///< AOR user
    std::string display_name;
    std::string user_name;
    Secret password;
};

/// A row of the gateway's Authentication table: credentials of one port of a module.
struct EndpointAuthentication {
    unsigned module = 1;
    unsigned port = 1;  ///< channel of the module, counted over its trunks
    std::string user_name;
    Secret password;
};

/// A row of the gateway's Trunk Group table: a run of channels and their numbers.
struct TrunkGroup {
    unsigned trunk_group_id = 1;
    unsigned module = 1;
    unsigned first_trunk = 1, last_trunk = 1;      ///< inclusive
    unsigned first_channel = 1, last_channel = 1;  ///< inclusive, of every trunk of the run
    std::string phone_number;                      ///< of the first channel; the next ones count up
};

enum class RegistrationMode : uint8_t { per_endpoint, per_gateway, per_account, dont_register };

/// A row of Trunk Group Settings.
struct TrunkGroupSettings {
    unsigned trunk_group_id = 1;
    std::optional<RegistrationMode> registration_mode;  ///< unset = the device's mode
    std::optional<uint16_t> serving_ip_group_index;
    std::string gateway_name;  ///< AOR host of the group; empty = device's gateway name
    std::string contact_user;
};

enum class GatewayNameForOptions : uint8_t { no, yes, server };
enum class ChallengeCachingMode : uint8_t { none, invite_only, full };
/// Who sets the pace after a failure.
enum class RetryProfile : uint8_t {
    mediant,  ///< registration_retry_time, or the back-off up to max_registration_backoff_time
    tmedia,   ///< 5 s after a refusal, after silence (32 s) and after a refused connection
    rfc5626,  ///< 4.5: base 30 s (90 s with another flow up), 1800 s at most, 50..100 % of it
};

/// The Proxy & Registration page, as far as it acts. Defaults are the appliance's.
struct ProxyAndRegistration {
    bool use_default_proxy = false;     ///< IsProxyUsed: proxy set 0 serves the gateway
    std::string proxy_name;             ///< Request-URI host towards the default proxy
    bool use_proxy_ip_as_host = false;  ///< host of From, To: the address that it is sent to
    RedundancyMode redundancy_mode = RedundancyMode::parking;
    Seconds proxy_ip_list_refresh_time{60};  ///< between two look-ups of a name; 0 = by TTL alone
    DnsResolveMethod dns_query_type = DnsResolveMethod::a_record;        ///< registrar, Contact
    DnsResolveMethod proxy_dns_query_type = DnsResolveMethod::a_record;  ///< proxy sets
    GatewayNameForOptions use_gateway_name_for_options = GatewayNameForOptions::no;
    unsigned hot_swap_rtx = 3;     ///< transmissions without answer before the next address, 1..30
    bool use_random_user = false;  ///< Contact user of an account
    bool unregister_on_startup = false;     ///< Contact: * first
    std::string gateway_name;               ///< SIPGatewayName: From host instead of the IP address
    bool enable_registration = false;       ///< IsRegisterNeeded
    std::string registrar_name;             ///< Request-URI host of REGISTER
    std::optional<ProxyAddress> registrar;  ///< RegistrarIP with RegistrarTransportType; unset =
                                            ///< primary proxy
    bool registrar_hot_swap = false;  ///< IsProxyHotSwap for `registrar`, without any proxy set
    Seconds registration_time{180};   ///< Expires asked, 10..2000000
    unsigned re_registration_timing = 50;  ///< percent of the granted time, 50..100
    Seconds registration_retry_time{30};   ///< after a failure, 10..3600
    /// Own: after 403, 404, 604 and refused credentials; 0 = registration_retry_time.
    Seconds refused_retry_time{300};
    Seconds max_registration_backoff_time{0};  ///< 0 = always registration_retry_time
    Seconds registration_time_threshold{0};    ///< 0 = off
    bool register_on_invite_failure = false;
    bool re_register_on_connection_failure = false;
    std::string gateway_registration_name;  ///< AOR user of the device; empty = user_name
    RegistrationMode registration_mode = RegistrationMode::per_gateway;  ///< AuthenticationMode
    bool explicit_unregistration = false;  ///< UnregistrationMode: Contact: * with Expires: 0
    bool add_empty_authorization_header = false;
    bool add_initial_route_header = false;
    bool use_ping_pong_keep_alive = false;  ///< RFC 5626 3.5.1, on TCP and TLS
    Seconds ping_pong_keep_alive_time{120};
    unsigned max_generated_registers_rate = 150;  ///< in an interval, 30..300; 0 = no limit
    Seconds generated_registers_interval{1};      ///< 1..5
    bool sync_ims_accounts = false;
    std::vector<int> account_invite_failure_trigger_codes{403, 408, 480};
    std::string user_name;
    Secret password;
    std::string cnonce;  ///< empty = random and new for each session
    ChallengeCachingMode challenge_caching_mode = ChallengeCachingMode::none;
    // Own, beside the appliance's rows.
    RetryProfile retry_profile = RetryProfile::mediant;
    unsigned refresh_jitter = 10;          ///< percent that a refresh may come early, 0..50
    bool prefer_strongest_digest = false;  ///< instead of the topmost challenge (RFC 8760 2.4)
    bool allow_basic_authentication = false;
    bool mandatory_mutual_authentication = false;  ///< MutualAuthenticationMode: AKA or nothing
};

/// RFC 3261 table 4, as the SIP General page names them.
struct TimerSettings {
    std::chrono::milliseconds t1{500};
    std::chrono::milliseconds t2{4000};
    std::chrono::milliseconds t4{5000};
    /// SIPMaxRtx: transmissions of a request over UDP, the first included; 0 = as many as fit into
    /// 64 * T1 (eleven).
    unsigned max_transmissions = 0;
    Seconds tcp_timeout{0};  ///< timer F over TCP and TLS; 0 = 64 * T1
    /// A 503 without Retry-After puts its sender aside for this long; 0 = it does not.
    Seconds fake_retry_after{0};
};

/// All that the shards need to know. Immutable once handed to them.
struct Config {
    unsigned shards = 1;
    std::string user_agent = "Trunkline/0.1.0";
    Transport transport_type = Transport::udp;  ///< where a row names none
    uint16_t destination_port = 5060;           ///< where a row names none; TLS: one more
    bool enable_sips = false;                   ///< sips: URIs over TLS
    std::vector<TlsContext> tls_contexts;       ///< the first one is the default
    std::vector<SipInterface> sip_interfaces;
    std::vector<ProxySet> proxy_sets;
    std::vector<IpGroup> ip_groups;
    std::vector<Account> accounts;
    std::vector<TrunkGroup> trunk_groups;
    std::vector<TrunkGroupSettings> trunk_group_settings;
    std::vector<SbcUser> sbc_users;
    std::vector<GatewayUser> gateway_users;
    std::vector<EndpointAuthentication> endpoint_authentication;
    ProxyAndRegistration proxy_and_registration;
    TimerSettings timers;
    /// Not an operator's: the additional UDP ports that accounts had before, by the account's name
    /// (kept_udp_ports() of registration/registrants.h). They keep them, wherever their row stands.
    std::map<std::string, uint16_t> kept_udp_ports;
};

}  // namespace trunkline::sipstack
