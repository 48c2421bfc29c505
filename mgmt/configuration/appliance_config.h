// The whole configuration of an appliance: what each floor below needs, filled in by mgmt.
#pragma once

#include "board/config.h"
#include "dataplane/config.h"
#include "mgmt/access/local_users.h"
#include "mgmt/capture/capture_config.h"
#include "mgmt/catalogue/value.h"
#include "mgmt/log_format.h"
#include "mgmt/snmp/snmp_config.h"
#include "mgmt/syslog/syslog_config.h"
#include "sipstack/config.h"

#include <optional>
#include <string>
#include <vector>

namespace trunkline::mgmt {

struct AdministrationConfig {
    /// Unix socket that answers `trunkline show ...`.
    std::string local_socket = "/run/trunkline/trunkline.sock";
    std::string log_level = "info";  ///< spdlog's names: trace, debug, info, warning, error
    LogFormat log_format = LogFormat::text;
    /// Keeps the state of the registrations over a restart; empty = it is not kept.
    std::string registration_journal = "/var/lib/trunkline/registrations.journal";
    /// Between a failure to write it and the next try.
    sipstack::Seconds registration_journal_retry_time{60};
    /// Where the management port listens (HTTPS); nullopt: there is none.
    std::optional<HostPort> listen;
    /// Holds the management port's certificate and key, and the password made at the first start.
    std::string folder = "/var/lib/trunkline";
    std::vector<LocalUser> local_users;
    /// Key of the secrets that leave the appliance (access/sealing.h).
    std::string sealing_key = "/var/lib/trunkline/sealing.key";
    std::string backup_folder;  ///< has ini.ini for those who fetch it; empty = there is none
    SyslogConfig syslog;
    SnmpConfig snmp;
    CaptureConfig capture;
};

/// What the appliance may do beyond what its hardware model is made for.
struct LicenseConfig {
    unsigned registered_users = 0;  ///< that may register; counts where it is more than the model's
};

/// The obsolete rows of the Proxy & Registration page: defaults of the proxy sets' own columns.
struct ProxySetDefaults {
    sipstack::KeepAlive keep_alive = sipstack::KeepAlive::disable;
    sipstack::Seconds keep_alive_time{60};
    bool hot_swap = false;
    bool srv_queries = false;
};

/// A parameter that the file sets and that does not act yet, wholly or in part.
struct StoredValue {
    std::string path;  ///< "signaling_and_media.accounts[2].application_type"
    Value value;
    std::string waits_for;  ///< what it acts with: "calls"
};

struct ApplianceConfig {
    board::BoardConfig board;
    dataplane::NetworkConfig network;
    sipstack::Config sip;
    LicenseConfig license;
    AdministrationConfig administration;
    ProxySetDefaults proxy_set_defaults;  ///< filled into sip.proxy_sets already
    std::vector<StoredValue> stored;      ///< in the order of the catalogue
    /// What the file has that was read and does not act as written, a line each.
    std::vector<std::string> notes;
};

}  // namespace trunkline::mgmt
