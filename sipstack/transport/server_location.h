// Where a configured host name leads: RFC 3263 4.1 and 4.2 over answers that are handed in, and the
// list that worked, kept while DNS says nothing better. Pure: no socket, no clock.
//
// | configured                 | asked                                                       |
// |----------------------------|-------------------------------------------------------------|
// | numeric host               | nothing                                                     |
// | a port, or method a_record | A or AAAA of the host                                       |
// | method srv, or a transport | SRV of the transport; A or AAAA of each target              |
// | method naptr               | NAPTR; SRV (flag "s") or A or AAAA (flag "a") of the first  |
// |                            | replacement of the lowest order in use that leads somewhere |
//
// Falls back from NAPTR to SRV of the configured transport, and from SRV to A or AAAA of the host
// with the default port; both when there is no such record and when DNS does not say.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/transport/kept_answer.h"
#include "sipstack/transport/transport.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trunkline::sipstack {

/// A row of the Proxy Address table, or the registrar's address, with what the way to it depends
/// on.
struct ServerAddress {
    ProxyAddress configured;
    DnsResolveMethod method = DnsResolveMethod::a_record;
    Transport default_transport = Transport::udp;  ///< Config::transport_type
    uint16_t default_port = 5060;                  ///< Config::destination_port; TLS: one more
    dataplane::IpAddress::Family family{};         ///< of the SIP interface; the other is left out
    std::vector<Transport> transports;             ///< that the SIP interface has a port for

    static ServerAddress of(const Config& config, const SipInterface& sip_interface,
                            ProxyAddress configured, DnsResolveMethod method);
    /// As it was configured: "sip.lab.example:5070;transport=tcp".
    std::string to_string() const;
};

/// What is known of a question now. It is called for every question that matters; one that was not
/// asked yet is `asking`.
using DnsLookUp = std::function<DnsKnowledge(const DnsQuestion&)>;

/// Limits of the appliance, for one configured address: SRV targets, and addresses of each name.
inline constexpr std::size_t max_host_names = 50;
inline constexpr std::size_t max_addresses_of_name = 50;

struct ServerLocation {
    /// In order of preference; Target::priority is that of the SRV record (0 without), weight too
    /// (without: of the row), host is the configured one whatever DNS says (RFC 5922 7).
    std::vector<Target> targets;
    bool by_srv = false;                 ///< the priorities are DNS's
    bool complete = true;                ///< false: an answer that matters is awaited
    bool no_service = false;             ///< SRV says "decidedly not available" (RFC 2782: ".")
    std::vector<DnsQuestion> questions;  ///< that matter, each once; all want to be followed
    std::string resolved_by;             ///< "SRV _sip._udp.lab.example", "numeric address"
    std::string failure;                 ///< what DNS failed to say, or why there are no targets
    bool dns_failed = false;             ///< it is silent, or its server fails
    std::optional<Instant> answered_at;  ///< the oldest of the answers that led to the targets
    std::optional<Instant> valid_until;  ///< the first of them to run out
};

/// One pass over what is known. Called again whenever something new is.
ServerLocation locate_servers(const ServerAddress& address, const DnsLookUp& look_up);

/// The targets of one configured address as answers come and go.
///
/// The list follows DNS as long as that leads anywhere. When it leads nowhere - DNS silent until
/// the answers died, or a "no" for every way - the last list stands until `keep` after its answers'
/// time to live, then it becomes empty: a zone that lost its records for a moment does not take the
/// service down. Only an SRV target of "." empties it at once.
class LocatedAddress {
public:
    LocatedAddress(ServerAddress address, Milliseconds keep)
        : address_(std::move(address)), keep_(keep) {}

    /// Looks at what is known by now. While an answer is awaited the list stays as it is.
    void update(const DnsLookUp& look_up, Instant now);

    const ServerAddress& address() const { return address_; }
    const std::vector<Target>& targets() const { return targets_; }
    bool by_srv() const { return by_srv_; }
    /// The first look is complete, with targets or without.
    bool is_settled() const { return settled_; }
    /// DNS leads nowhere now, and `targets` is what it was before.
    bool is_kept() const { return kept_; }
    /// Of the last update().
    const ServerLocation& location() const { return location_; }

private:
    ServerAddress address_;
    Milliseconds keep_;
    ServerLocation location_;
    std::vector<Target> targets_;
    bool by_srv_ = false;
    bool settled_ = false;
    bool kept_ = false;
    Instant good_until_{};  ///< of `targets_`
};

/// The targets of a whole list, sorted by the configured priority of their row, then by the order
/// of the rows, then by SRV priority; an endpoint with a transport stands once. Target::priority
/// becomes the level from 0: rows without SRV share it when their configured priority is equal; a
/// row by SRV has levels of its own.
std::vector<Target> in_order_of_preference(std::span<const LocatedAddress* const> addresses);

}  // namespace trunkline::sipstack
