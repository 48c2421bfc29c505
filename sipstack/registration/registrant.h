// One who registers, as the configuration makes him (registrants.h), and the names by which he is
// known again.
#pragma once

#include "sipstack/config.h"
#include "sipstack/digest/digest.h"
#include "sipstack/rare.h"
#include "sipstack/registration/status.h"
#include "sipstack/shared_text.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

/// One REGISTER to keep alive. URIs are complete and escaped.
struct Registrant {
    std::string name;        ///< "device", "trunk group 1", "endpoint 2001", the account's name
    std::string aor;         ///< To and From: "sip:user@host"
    SharedText request_uri;  ///< "sip:host", never with a user part (RFC 3261 10.2)
    Credentials credentials;
    RegistrantKind kind = RegistrantKind::device;
    uint16_t sip_interface_index = 0;
    /// Whose servers serve it; unset: the registrar address of the Proxy & Registration page.
    std::optional<uint16_t> proxy_set_index;
    std::optional<uint16_t> tls_context_index;  ///< unset = that of the SIP interface
    uint16_t local_udp_port = 0;  ///< an additional UDP port of its own; 0 = the interface's
    std::optional<unsigned> trunk_group;  ///< that it stands for, for operators' actions
    bool host_from_server = false;        ///< UseProxyIPasHost: URIs name the server's address
    bool random_contact_user = false;     ///< UseRandomUser
    bool gin = false;                     ///< RFC 6140
    bool outbound = false;                ///< RFC 5626
    Rare<std::string> instance_id;        ///< of outbound: "urn:uuid:..."
    RegistrarStickiness stickiness = RegistrarStickiness::disable;
    RegistrarSearchMode search_mode = RegistrarSearchMode::current_working_server;
    bool reg_event_subscription = false;
    /// Registers only while this proxy set is online (Account_RegByServedIPG).
    std::optional<uint16_t> only_while_online;
    uint32_t position = 0;  ///< in the list of all registrants

    /// Names the binding that it keeps: equal after a change of the configuration when the same
    /// binding is meant.
    std::string key() const;
    /// User of the Contact, whose host and port are those of the SIP interface: the AOR's.
    std::string_view contact_user() const;
    void append_key(std::string& text) const;
};

/// For Config::kept_udp_ports: what the keys of registrants before say.
std::map<std::string, uint16_t> kept_udp_ports(std::span<const std::string> keys);

/// The shard that owns a registrant: by a hash of its key, so that it stays where it is when the
/// configuration around it changes.
uint32_t shard_of_registrant(const Registrant& registrant, unsigned shards);

}  // namespace trunkline::sipstack
