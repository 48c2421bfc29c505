// The signaling core of one shard: it owns its transactions, registrations and timers, and shares
// nothing. Pure: time, randomness and the network are handed in; every call is on one thread.
#pragma once

#include "sipstack/administrative_state.h"
#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/message_tap.h"
#include "sipstack/proxy_set/server_news.h"
#include "sipstack/proxy_set/status.h"
#include "sipstack/random.h"
#include "sipstack/registrant_selector.h"
#include "sipstack/registration/durations.h"
#include "sipstack/registration/flow_trace.h"
#include "sipstack/registration/journal.h"
#include "sipstack/registration/redirection_names.h"
#include "sipstack/registration/registrants.h"
#include "sipstack/registration/status.h"
#include "sipstack/transaction/transaction_layer.h"
#include "sipstack/transport/connections.h"
#include "sipstack/transport/sip_interface_counters.h"
#include "sipstack/transport/stun_keep_alive.h"
#include "sipstack/transport/transport.h"
#include "sipstack/unregister_watch.h"

#include <spdlog/logger.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

/// Counted outcomes of received messages; hostile input ends here and nowhere else.
struct ShardCounters {
    uint64_t received = 0;
    uint64_t malformed_answered = 0;  ///< not a Message, but answerable: 400, 416, 505
    uint64_t malformed_dropped = 0;
    uint64_t keepalives = 0;          ///< CRLF-only datagrams and such
    uint64_t responses_not_ours = 0;  ///< Via sent-by is not this appliance (RFC 3261 18.1.2)
    uint64_t requests_answered = 0;
    uint64_t send_failures = 0;
    uint64_t port_closed = 0;      ///< to an additional UDP port that no registration uses
    uint64_t unreachable = 0;      ///< times that the network gave a datagram of ours back
    uint64_t handed_over = 0;      ///< came over a connection of this shard and are another's
    uint64_t hand_over_drops = 0;  ///< of them, and of answers to them, those without room
};

/// What a shard holds at the moment: for tests, which see that nothing stays behind.
struct ShardUsage {
    std::size_t transactions = 0, transactions_on_streams = 0;
    std::size_t waiting = 0, held = 0, lines = 0;  ///< of the pacer
    std::size_t trace_bytes = 0;
    std::size_t timers = 0;
    std::size_t leaving = 0;  ///< registrations that the configuration does not have any more
};

/// What a proxy set's names resolved to, in order of preference. Empty: not resolved (yet).
struct ProxySetTargets {
    uint16_t proxy_set_index = 0;
    using Target = sipstack::Target;
    std::vector<Target> targets;
};

/// The same for the registrar address of the Proxy & Registration page.
struct RegistrarTargets {
    std::vector<Target> targets;
};

/// From a shard to another one: a message that came over a connection of the one and belongs to the
/// other, or what the other sends over that connection.
struct ShardMail {
    enum class Kind : uint8_t { received, to_send };
    Kind kind = Kind::received;
    uint32_t to = 0;  ///< shard
    Flow flow;        ///< as `to` names it
    std::string bytes;
};

/// Told by a shard of what others must know. Called on the shard's thread; never blocks.
class ShardListener {
public:
    virtual ~ShardListener() = default;
    /// Keep-alive of a set that this shard owns has found a server to be online or offline, one
    /// that keep-alive watches gave no answer to a REGISTER, or a 503 set one aside: every other
    /// shard is told by Shard::take_news().
    virtual void on_server_news(const ServerNews& news) = 0;
    /// A redirection leads to a name that is to be looked up: Shard::set_redirection() tells what
    /// it is. Who does not look it up lets the redirection end after
    /// RedirectionNames::longest_look_up.
    virtual void on_redirection_name(const RedirectionName& /*name*/) {}
    /// Shard::take_mail() of that shard is to get it. false: there is no room, or no way.
    virtual bool on_mail(ShardMail&& /*mail*/) { return false; }
};

/// What a shard needs of the world; all of it outlives the shard.
struct ShardServices {
    MessageSender& datagrams;                ///< the way out for UDP
    StreamSockets* streams = nullptr;        ///< for TCP and TLS; nullptr: there are none
    RegistrationJournal* journal = nullptr;  ///< nullptr: nothing is written down
    ShardListener* listener = nullptr;       ///< nullptr: there is no other shard
    MessageTap* tap = nullptr;               ///< nullptr: nobody watches its messages
};

/// Of a registration what there is to choose rows by; it refers to the shard's own.
struct RegistrationGlance {
    std::string_view name, aor;
    RegistrationState state;
    bool registered;
    uint32_t position;  ///< RegistrationStatus::position
    RegistrantKind kind;
};

/// What a changed configuration did to the registrations.
struct ConfigChange {
    std::size_t added = 0, removed = 0, kept = 0;
};

class Shard final : public StreamEvents {
public:
    /// `index` < Config::shards. The shard owns the registrants of shard_of_registrant(). Nothing
    /// is sent before start().
    Shard(uint32_t index, std::shared_ptr<const Config> config, const ShardServices& services,
          Random::Seed seed, std::shared_ptr<spdlog::logger> log, Instant now);
    ~Shard() override;

    /// Takes up what an earlier run wrote down; records of others' registrants are left alone.
    /// Before start().
    void restore(std::span<const RegistrationRecord> records, Instant now);
    /// Begins to register what it owns, as soon as targets are known.
    void start(Instant now);
    void set_targets(const ProxySetTargets& targets, Instant now);
    void set_targets(const RegistrarTargets& targets, Instant now);

    /// Where a name leads that ShardListener::on_redirection_name() was told of.
    void set_redirection(const RedirectionTargets& targets, Instant now);

    /// What another shard found out.
    void take_news(const ServerNews& news, Instant now);
    /// Another configuration with the same SIP interfaces and number of shards: registers what is
    /// new, un-registers what is gone, and leaves alone what stays; its new timing and credentials
    /// hold from its next REGISTER on.
    ConfigChange apply(const Config& config, Instant now);

    /// Locked it un-registers all that registers, and starts no REGISTER but those; unlocked, all
    /// of them register again. What register_now() meant meanwhile waits for that, too.
    void set_administrative_state(AdministrativeState state, Instant now);

    /// The Ethernet link under these IP interfaces (SipInterface::ip_interface_index) is back: see
    /// Registration::link_came_up().
    void link_came_up(std::span<const uint16_t> ip_interfaces, Instant now);

    /// An operator's actions; they return how many registrants they meant.
    std::size_t register_now(const RegistrantSelector& whom, Instant now);
    std::size_t unregister(const RegistrantSelector& whom, Instant now);

    /// A datagram.
    void receive(const Flow& flow, std::string_view bytes, Instant now);
    /// What another shard handed over.
    void take_mail(const ShardMail& mail, Instant now);
    /// The network says that a datagram of ours to `remote` did not arrive (ICMP destination
    /// unreachable). `quoted` is what it gives back of the payload, perhaps cut off; without a
    /// branch of ours in it anyone may have made it up, and it is ignored.
    void unreachable(const dataplane::Endpoint& remote, std::string_view quoted,
                     std::string_view reason, Instant now);

    StreamId stream_accepted(Transport transport, uint16_t sip_interface_index,
                             const dataplane::Endpoint& remote, Instant now) override;
    void stream_opened(StreamId id, Instant now) override;
    void stream_received(StreamId id, std::string_view bytes, Instant now) override;
    void stream_closed(StreamId id, std::string_view reason, Instant now) override;

    void advance(Instant now);
    /// When advance() is next needed; nullopt = only when something arrives.
    std::optional<Instant> next_deadline() const;

    /// Un-registers all bindings that are believed to stand and starts no more.
    void unregister_all(Instant now);
    /// After unregister_all(): every un-REGISTER was answered or given up.
    bool is_quiet() const;
    UnregisterProgress unregister_progress() const;

    std::size_t registration_count() const;
    bool any_registered() const;
    /// `index` < registration_count(), in the order of RegistrationStatus::position.
    RegistrationStatus registration_status(std::size_t index, Instant now) const;
    RegistrationGlance registration_glance(std::size_t index) const;
    /// The index of the one at that position of the configuration; nullopt: it is not here.
    std::optional<std::size_t> registration_at(uint32_t position) const;
    /// The last flows of the registrant of that name, oldest first; nullopt: it is not here.
    std::optional<std::vector<TraceFlow>> trace(std::string_view name) const;
    /// In the order of the configuration.
    std::vector<ProxySetStatus> proxy_sets(Instant now) const;
    const ShardCounters& counters() const;
    const TransactionCounters& transaction_counters() const;
    /// In the order of Config::sip_interfaces.
    std::span<const SipInterfaceCounters> sip_interface_counters() const;
    const RegistrationDurations& registration_durations() const;
    const ConnectionCounters& connection_counters() const;
    const StunCounters& stun_counters() const;
    ShardUsage usage() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace trunkline::sipstack
