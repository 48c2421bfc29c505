// Where a redirection leads: a URI of a 3xx turned into a target (RFC 3261 8.1.3.4).
#pragma once

#include "sipstack/config.h"
#include "sipstack/message/message.h"
#include "sipstack/message/uri.h"
#include "sipstack/proxy_set/proxy_set_state.h"
#include "sipstack/registration/redirection_names.h"
#include "sipstack/transport/transport.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trunkline::sipstack {

/// Where a 3xx points: the sip and sips URIs of its Contacts, those with the highest q first, then
/// in order. Without those whose transport is none that we have.
std::vector<SipUri> redirections(const Message& response);

/// A numeric host leads there; a name when it is that of one of `servers`. `transport` is that of
/// the request, where the URI says none. A maddr stands for the host (RFC 3263 4). nullopt: the
/// name must be looked up.
std::optional<Target> target_of(const SipUri& uri, Transport transport,
                                std::span<const ProxyServer> servers);

/// What decides where a URI leads that target_of() does not know; nullopt: its host is no name of
/// DNS.
std::optional<RedirectionName> name_of(const SipUri& uri, uint16_t sip_interface_index);

/// Scheme, host and port of `uri`: a Request-URI for REGISTER (10.2).
std::string host_uri(const SipUri& uri);

}  // namespace trunkline::sipstack
