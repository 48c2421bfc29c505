// What the configuration says about signaling. Names are those of the appliance's tables.
#pragma once

#include "dataplane/address.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trunkline::sipstack {

using Seconds = std::chrono::seconds;

enum class Transport : uint8_t { udp, tcp, tls };

/// A row of the SIP Interfaces table, with the address of its network interface filled in.
struct SipInterface {
    std::string name;
    std::string network_interface;    ///< IP interface name
    uint16_t ip_interface_index = 0;  ///< position in NetworkConfig::ip_interfaces
    dataplane::IpAddress address;
    uint16_t udp_port = 5060;  ///< 0 = off
};

/// A row of the Proxy Address table: a numeric host or a name, perhaps with a port.
struct ProxyAddress {
    std::string host;              ///< no brackets around an IPv6 address
    std::optional<uint16_t> port;  ///< as configured; default by transport
    Transport transport = Transport::udp;
};

struct ProxySet {
    std::string name;
    uint16_t sip_interface_index = 0;     ///< position in Config::sip_interfaces
    std::vector<ProxyAddress> addresses;  ///< in order of preference
};

struct IpGroup {
    std::string name;
    uint16_t proxy_set_index = 0;  ///< position in Config::proxy_sets
    std::string sip_group_name;    ///< host of Request-URI, From and To; empty = proxy address
    std::string contact_user;
};

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

enum class AccountRegister : uint8_t { no, regular };

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

/// The Proxy & Registration page, as far as it acts. Defaults are the appliance's.
struct ProxyAndRegistration {
    bool use_default_proxy = false;         ///< IsProxyUsed: proxy set 0 serves the gateway
    std::string proxy_name;                 ///< Request-URI host towards the default proxy
    std::string gateway_name;               ///< SIPGatewayName: From host instead of the IP address
    bool enable_registration = false;       ///< IsRegisterNeeded
    std::string registrar_name;             ///< Request-URI host of REGISTER
    std::optional<ProxyAddress> registrar;  ///< RegistrarIP; unset = primary proxy
    Seconds registration_time{180};         ///< Expires asked, 10..2000000
    unsigned re_registration_timing = 50;   ///< percent of the granted time, 50..100
    Seconds registration_retry_time{30};    ///< after a failure, 10..3600
    Seconds registration_time_threshold{0};  ///< 0 = off
    std::string gateway_registration_name;   ///< AOR user of the device; empty = user_name
    RegistrationMode registration_mode = RegistrationMode::per_gateway;  ///< AuthenticationMode
    std::string user_name;
    Secret password;
    Seconds proxy_ip_list_refresh_time{60};  ///< between two look-ups of a name; 0 = by TTL alone
};

/// RFC 3261 table 4, as the SIP General page names them.
struct TimerSettings {
    std::chrono::milliseconds t1{500};
    std::chrono::milliseconds t2{4000};
    std::chrono::milliseconds t4{5000};
};

/// All that the shards need to know. Immutable once handed to them.
struct Config {
    unsigned shards = 1;
    std::string user_agent = "Trunkline/0.1.0";
    std::vector<SipInterface> sip_interfaces;
    std::vector<ProxySet> proxy_sets;
    std::vector<IpGroup> ip_groups;
    std::vector<Account> accounts;
    std::vector<TrunkGroup> trunk_groups;
    std::vector<TrunkGroupSettings> trunk_group_settings;
    ProxyAndRegistration proxy_and_registration;
    TimerSettings timers;
};

}  // namespace trunkline::sipstack
