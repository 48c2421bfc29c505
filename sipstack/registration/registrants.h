// Who registers: the configuration turned into the ordered list of registrants.
//
// Pure: the same configuration gives the same list, so every shard computes it and takes its part.
// Names and precedences are those of mediant-class appliances. What a registrant then does is
// registration.h.
#pragma once

#include "sipstack/config.h"
#include "sipstack/digest/digest.h"
#include "sipstack/registration/status.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

/// One REGISTER to keep alive. URIs are complete and escaped.
struct Registrant {
    RegistrantKind kind = RegistrantKind::device;
    std::string name;          ///< "device", "trunk group 1", "endpoint 2001", the account's name
    std::string aor;           ///< To and From: "sip:user@host"
    std::string request_uri;   ///< "sip:host", never with a user part (RFC 3261 10.2)
    std::string contact_user;  ///< its host and port are those of the SIP interface
    Credentials credentials;
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
    std::string instance_id;              ///< of outbound: "urn:uuid:..."
    RegistrarStickiness stickiness = RegistrarStickiness::disable;
    RegistrarSearchMode search_mode = RegistrarSearchMode::current_working_server;
    bool reg_event_subscription = false;
    /// Registers only while this proxy set is online (Account_RegByServedIPG).
    std::optional<uint16_t> only_while_online;
    uint32_t position = 0;  ///< in the list of all registrants

    /// Names the binding that it keeps: equal after a change of the configuration when the same
    /// binding is meant.
    std::string key() const;
};

/// An inconsistency that only shows when the tables are read together.
struct ConfigProblem {
    std::string path;     ///< "signaling_and_media.accounts[0].contact_user"
    std::string problem;  ///< what is wrong
    std::string advice;   ///< what to write instead
};

/// In order: the device, the trunk groups with their endpoints, the accounts, the users whom the
/// SBC registers. Rows that check() complains about yield no registrant. The indices of `config`
/// must be in range.
std::vector<Registrant> registrants(const Config& config);

/// All that would make a registrant impossible or ambiguous; empty: the configuration can run.
std::vector<ConfigProblem> check(const Config& config);

/// For Config::kept_udp_ports: what the keys of registrants before say.
std::map<std::string, uint16_t> kept_udp_ports(std::span<const std::string> keys);

/// The shard that owns a registrant: by a hash of its key, so that it stays where it is when the
/// configuration around it changes.
uint32_t shard_of_registrant(const Registrant& registrant, unsigned shards);

/// `number` + 1 with its leading zeros and plus kept: "0099" -> "0100", "+99" -> "+100".
/// Precondition: is_countable(number).
std::string next_number(std::string_view number);
/// Digits, perhaps after one plus: a number that can count up.
bool is_countable(std::string_view number);

/// The user part of a SIP URI: what RFC 3261 25.1 does not allow there is percent-escaped.
std::string escape_user(std::string_view user);

/// An IPv6 literal gets its brackets, all else stays.
std::string uri_host(std::string_view host);

}  // namespace trunkline::sipstack
