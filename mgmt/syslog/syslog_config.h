// The Syslog Settings, as far as they act.
#pragma once

#include "dataplane/address.h"
#include "mgmt/delivery/delivery_protocol.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace trunkline::mgmt {

/// Numbers of RFC 5424 6.2.1.
enum class SyslogSeverity : uint8_t {
    emergency,
    alert,
    critical,
    error,
    warning,
    notice,
    informational,
    debug
};

struct SyslogConfig {
    bool enabled = false;
    std::optional<dataplane::IpAddress> server;  ///< nullopt: nothing is sent
    uint16_t port = 514;
    DeliveryProtocol protocol = DeliveryProtocol::udp;
    std::size_t tls_context_index = 0;  ///< of sipstack::Config::tls_contexts; for TLS alone
    SyslogSeverity least = SyslogSeverity::notice;
    bool has_sip_messages = false;

    /// Whether anything is sent.
    bool sends() const { return enabled && server.has_value(); }
};

}  // namespace trunkline::mgmt
