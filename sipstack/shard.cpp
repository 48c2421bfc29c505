#include "sipstack/shard.h"

#include "sipstack/message/envelope.h"
#include "sipstack/message/message.h"
#include "sipstack/proxy_set/keep_alive_watch.h"
#include "sipstack/proxy_set/proxy_sets.h"
#include "sipstack/registration/pacer.h"
#include "sipstack/registration/registrants.h"
#include "sipstack/registration/registration.h"
#include "sipstack/request_answers.h"
#include "sipstack/shard_config.h"
#include "sipstack/shard_key.h"
#include "sipstack/timer_wheel.h"
#include "sipstack/transport/stun.h"
#include "sipstack/transport/stun_keep_alive.h"
#include "sipstack/transport/tapped_sender.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_map>

namespace trunkline::sipstack {
namespace {

/// Whoever is gone from the configuration and un-registered is forgotten within this time.
constexpr Milliseconds between_forgetting{1000};

class NoJournal final : public RegistrationJournal {
public:
    void save(const RegistrationRecord& /*record*/) override {}
    void erase(std::string_view /*key*/) override {}
};

}  // namespace

struct Shard::State final : ConnectionListener {
    State(uint32_t shard_index, const Config& whole_config, const ShardServices& services,
          Random::Seed seed, std::shared_ptr<spdlog::logger> logger, Instant now)
        : index(shard_index),
          config(without_registrants(whole_config)),
          log(std::move(logger)),
          listener(services.listener),
          wheel(now, Pacer::max_catch_up),
          generator(seed),
          connections(services.streams == nullptr
                          ? Connections(config, services.datagrams)
                          : Connections(config, services.datagrams,
                                        {*services.streams, wheel, generator, *log, *this})),
          tap(services.tap != nullptr ? *services.tap : no_tap),
          interface_counters(config.sip_interfaces.size()),
          sender(connections, tap, counters.send_failures, interface_counters),
          stun_keep_alive(shard_index, sender, wheel, generator,
                          [this](const Flow& flow, std::string_view reason, Instant at) {
                              tell_of_failed(flow, reason, at);
                          }),
          transactions(wheel, sender, config.timers, generator.next()),
          proxy_sets(
              config, generator, [this](ProxySets::Index set) { changed(set); },
              [this](const ServerNews& news) { tell(news); }),
          keep_alive_watch(proxy_sets, [this](uint16_t set, const Target& server,
                                              bool online) { found_online(set, server, online); }),
          redirection_names(
              wheel,
              [this](const RedirectionName& name) {
                  if (listener != nullptr) {
                      listener->on_redirection_name(name);
                  }
              },
              [this](Instant at) {
                  for (const auto& registration : registrations) {
                      registration->redirection_name_known(at);
                  }
              }),
          pacer(wheel, page_limits(config)),
          journal(services.journal != nullptr ? *services.journal : no_journal),
          answers(index, config, generator, reg_event_dialogs, administrative_state) {
        answers.set_subscriber(has_subscriber(whole_config));
        for (Registrant& registrant : own_registrants(whole_config, index)) {
            add(std::move(registrant));
        }
    }

    RegistrationContext make_registration_context() {
        return {config,
                index,
                wheel,
                generator,
                transactions,
                connections,
                stun_keep_alive,
                proxy_sets,
                redirection_names,
                pacer,
                trace,
                journal,
                attempts,
                durations,
                scratch_record,
                reg_event_dialogs,
                administrative_state,
                *log};
    }
    Registration& add(Registrant registrant) {
        registrations.push_back(
            std::make_unique<Registration>(std::move(registrant), registration_context));
        note_port(*registrations.back());
        return *registrations.back();
    }
    void note_port(Registration& registration) {
        if (const uint16_t port = registration.registrant().local_udp_port; port != 0) {
            by_port[{registration.registrant().sip_interface_index, port}] = &registration;
        }
    }
    bool is_closed(const Flow& flow) const;

    /// Many registrations may have to follow, and each may change the set again: not within the
    /// call that found the change.
    void changed(ProxySets::Index set) {
        changed_sets.insert(set);
        wheel.schedule(follow_changes_timer, wheel.now());
    }
    void follow_changes(Instant now);
    void forget_those_that_left(Instant now);
    std::unique_ptr<Registration> take_back(const Registrant& registrant);
    void watch_proxy_sets(Instant now) {
        keep_alive_watch.start(
            {config, index, wheel, generator, transactions, connections, answers.allow()}, now);
    }
    void found_online(uint16_t set, const Target& server, bool online);
    void tell(const ServerNews& news) {
        if (listener != nullptr) {
            listener->on_server_news(news);
        }
    }
    ConfigChange apply(const Config& whole_config, Instant now);
    std::set<uint16_t> proxy_sets_in_use() const;
    template <typename Action>
    std::size_t for_each(const RegistrantSelector& whom, Action action);

    void receive(const Flow& flow, std::string_view bytes, Instant now);
    void on_message(const Flow& flow, std::string_view bytes, Instant now) override;
    bool on_other_shards(const Flow& flow, std::string_view bytes) override;
    bool hand_over(ShardMail&& mail);
    void on_connection_failed(const Flow& flow, std::string_view reason, Instant now) override;
    void tell_of_failed(const Flow& flow, std::string_view reason, Instant now);
    void refuse_malformed(const Flow& flow, std::string_view bytes, const ParseFault& fault);
    void receive_response(const Message& response, const Flow& flow, Instant now);
    void receive_request(const Message& request, const Flow& flow, Instant now);
    bool is_ours(const Via& via, Transport transport) const;

    const uint32_t index;
    Config config;  ///< without_registrants(); replaced in place, as its parts are referred to
    const std::shared_ptr<spdlog::logger> log;
    ShardListener* const listener;
    ShardCounters counters;
    TimerWheel wheel;
    Random generator;
    Connections connections;
    MessageTap no_tap{0, nullptr};
    MessageTap& tap;
    std::vector<SipInterfaceCounters> interface_counters;
    TappedSender sender;
    StunKeepAlive stun_keep_alive;
    TransactionLayer transactions;
    ProxySets proxy_sets;
    KeepAliveWatch keep_alive_watch;
    RedirectionNames redirection_names;
    Pacer pacer;
    FlowTrace trace;
    NoJournal no_journal;
    RegistrationJournal& journal;
    RegistrationAttempts attempts;
    RegistrationDurations durations;
    RegistrationRecord scratch_record;
    RegEventDialogs reg_event_dialogs;
    AdministrativeState administrative_state = AdministrativeState::unlocked;
    RequestAnswers answers;
    std::set<ProxySets::Index> changed_sets;
    /// Due at once is due at the wheel's last step; what follows happens now.
    Timer follow_changes_timer{[this](Instant) { follow_changes(wheel.target()); }};
    Timer forget_timer{[this](Instant now) { forget_those_that_left(now); }};
    bool started = false;
    const RegistrationContext registration_context = make_registration_context();
    std::vector<std::unique_ptr<Registration>> registrations;  ///< by position
    std::vector<std::unique_ptr<Registration>> leaving;        ///< gone from the configuration
    /// Those with a UDP port of their own, by SIP interface and port.
    std::map<std::pair<uint16_t, uint16_t>, Registration*> by_port;
};

void Shard::State::follow_changes(Instant now) {
    std::set<ProxySets::Index> sets;
    sets.swap(changed_sets);
    for (const ProxySets::Index set : sets) {
        for (const auto& registration : registrations) {
            registration->proxy_set_changed(set, now);
        }
    }
    keep_alive_watch.follow_servers(now);
}

/// Again and again, as each un-registers in its own time.
void Shard::State::forget_those_that_left(Instant now) {
    std::erase_if(leaving, [&](const auto& registration) {
        if (!registration->is_quiet()) {
            return false;
        }
        journal.erase(registration->registrant().key());
        return true;
    });
    if (!leaving.empty()) {
        wheel.schedule(forget_timer, now + between_forgetting);
    }
}

/// Whom an earlier change removed and this one brings back: it is the same binding, which two would
/// dispute. nullptr: it has not been here, or is forgotten.
std::unique_ptr<Registration> Shard::State::take_back(const Registrant& registrant) {
    const auto found = std::ranges::find_if(leaving, [&](const auto& registration) {
        return registration->registrant().key() == registrant.key();
    });
    if (found == leaving.end()) {
        return nullptr;
    }
    std::unique_ptr<Registration> registration = std::move(*found);
    leaving.erase(found);
    return registration;
}

void Shard::State::found_online(uint16_t set, const Target& server, bool online) {
    proxy_sets.set_online(set, server, online);
    log->warn("proxy set  {}: {} is {}", config.proxy_sets.at(set).name,
              server.endpoint.to_string(), online ? "online" : "offline");
    tell({set, server, online});
}

std::set<uint16_t> Shard::State::proxy_sets_in_use() const {
    std::set<uint16_t> sets;
    for (const auto* all : {&registrations, &leaving}) {
        for (const auto& registration : *all) {
            const Registrant& who = registration->registrant();
            for (const auto& set : {who.proxy_set_index, who.only_while_online}) {
                if (set) {
                    sets.insert(*set);
                }
            }
        }
    }
    return sets;
}

ConfigChange Shard::State::apply(const Config& whole_config, Instant now) {
    ConfigChange change;
    config = without_registrants(whole_config);
    answers.set_subscriber(has_subscriber(whole_config));
    pacer.set_limits(page_limits(config));
    keep_alive_watch.stop();
    const auto places_of_sets = proxy_sets.follow_config(proxy_sets_in_use());
    for (const auto* all : {&registrations, &leaving}) {
        for (const auto& registration : *all) {
            registration->follow_proxy_sets(places_of_sets);
        }
    }
    auto before = std::exchange(registrations, {});  // those that stay are moved out of it
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t place = 0; place < before.size(); ++place) {
        places.emplace(before[place]->registrant().key(), place);
    }
    by_port.clear();
    std::vector<Registration*> added;
    for (Registrant& registrant : own_registrants(whole_config, index)) {
        const auto known = places.find(registrant.key());
        if (known == places.end() || !before[known->second]) {
            if (auto back = take_back(registrant)) {
                registrations.push_back(std::move(back));
                registrations.back()->adopt(std::move(registrant), now);
                note_port(*registrations.back());
                added.push_back(registrations.back().get());
            } else {
                added.push_back(&add(std::move(registrant)));
            }
            continue;
        }
        registrations.push_back(std::move(before[known->second]));
        registrations.back()->adopt(std::move(registrant), now);
        note_port(*registrations.back());
        ++change.kept;
    }
    change.added = added.size();
    for (auto& registration : before) {
        if (registration) {
            ++change.removed;
            registration->unregister(now);
            leaving.push_back(std::move(registration));
        }
    }
    if (started) {
        watch_proxy_sets(now);
        for (Registration* registration : added) {
            if (registration->is_ending()) {
                registration->register_now(now);
            } else {
                registration->start(now);
            }
        }
    }
    forget_those_that_left(now);
    changed(std::nullopt);
    return change;
}

template <typename Action>
std::size_t Shard::State::for_each(const RegistrantSelector& whom, Action action) {
    std::size_t count = 0;
    for (const auto& registration : registrations) {
        if (whom.matches(registration->registrant())) {
            action(*registration);
            ++count;
        }
    }
    return count;
}

/// An additional UDP port that is open while it is used alone.
bool Shard::State::is_closed(const Flow& flow) const {
    const SipInterface& interface = config.sip_interfaces.at(flow.sip_interface_index);
    if (flow.transport != Transport::udp || flow.local.port == interface.udp_port ||
        interface.additional_udp_ports_mode == AdditionalUdpPortsMode::always_open) {
        return false;
    }
    const auto user = by_port.find({flow.sip_interface_index, flow.local.port});
    if (user != by_port.end() && user->second->uses_its_port()) {
        return false;
    }
    return std::ranges::none_of(leaving, [&](const auto& registration) {
        const Registrant& gone = registration->registrant();
        return gone.sip_interface_index == flow.sip_interface_index &&
               gone.local_udp_port == flow.local.port && !registration->is_quiet();
    });
}

void Shard::State::receive(const Flow& flow, std::string_view bytes, Instant now) {
    ++counters.received;
    ++interface_counters[flow.sip_interface_index].received;
    if (is_closed(flow)) {
        ++counters.port_closed;
        return;
    }
    if (flow.transport == Transport::udp && is_stun(bytes)) {
        stun_keep_alive.receive(flow, bytes, now);
        return;
    }
    if (is_keepalive(bytes)) {
        ++counters.keepalives;
        return;
    }
    const auto message = Message::parse(bytes);
    if (!message) {
        refuse_malformed(flow, bytes, message.error());
    } else if (message->is_request()) {
        receive_request(*message, flow, now);
    } else {
        receive_response(*message, flow, now);
    }
}

/// Off a connection of this shard, which whoever connects does not choose: a request within a
/// dialog, and an answer over a connection of its own, may be another's.
void Shard::State::on_message(const Flow& flow, std::string_view bytes, Instant now) {
    tap.show(MessageDirection::received, flow, bytes);
    const auto owner = named_shard(bytes, config.shards);
    if (!owner || *owner == index) {
        receive(flow, bytes, now);
        return;
    }
    ShardMail mail{ShardMail::Kind::received, *owner, flow, std::string(bytes)};
    mail.flow.stream = other_shards_stream(index, flow.stream);
    counters.handed_over += hand_over(std::move(mail)) ? 1 : 0;
}

bool Shard::State::on_other_shards(const Flow& flow, std::string_view bytes) {
    ShardMail mail{ShardMail::Kind::to_send, *shard_of_stream(flow.stream), flow,
                   std::string(bytes)};
    mail.flow.stream = own_stream(flow.stream);
    return hand_over(std::move(mail));
}

bool Shard::State::hand_over(ShardMail&& mail) {
    const bool is_taken = listener != nullptr && listener->on_mail(std::move(mail));
    counters.hand_over_drops += is_taken ? 0 : 1;
    return is_taken;
}

void Shard::State::refuse_malformed(const Flow& flow, std::string_view bytes,
                                    const ParseFault& fault) {
    const auto answer = answers.to_malformed(flow, bytes, fault);
    if (!answer) {
        ++counters.malformed_dropped;
        return;
    }
    ++counters.malformed_answered;
    sender.send(answer->flow, answer->text);
}

/// The sent-by that we write into requests over `transport` (RFC 3261 18.1.1).
bool Shard::State::is_ours(const Via& via, Transport transport) const {
    const uint16_t default_port = transport == Transport::tls ? 5061 : 5060;
    const auto address = dataplane::IpAddress::parse(via.host);
    const uint16_t port = via.port.value_or(default_port);
    return std::any_of(config.sip_interfaces.begin(), config.sip_interfaces.end(),
                       [&](const SipInterface& interface) {
                           const bool is_additional = transport == Transport::udp &&
                                                      interface.first_additional_udp_port != 0 &&
                                                      port >= interface.first_additional_udp_port &&
                                                      port <= interface.last_additional_udp_port;
                           return address == interface.address &&
                                  (port == interface.port(transport) || is_additional);
                       });
}

void Shard::State::receive_response(const Message& response, const Flow& flow, Instant now) {
    // A second Via would mean that the response was for somebody behind us (RFC 3261 8.1.3.3).
    if (response.vias().size() != 1 || !is_ours(response.vias().front(), flow.transport)) {
        ++counters.responses_not_ours;
        return;
    }
    transactions.receive_response(response, flow, now);
}

void Shard::State::receive_request(const Message& request, const Flow& flow, Instant now) {
    const auto transaction = transactions.receive_request(request, flow, now);
    if (!transaction) {
        return;
    }
    ++counters.requests_answered;
    const auto way = connections.way_back(flow, request.vias().front(), now);
    // Where there is no way back the attempt to send finds so, and counts it.
    transactions.respond(*transaction, request, way.value_or(flow), answers.to(request, flow, now),
                         now);
}

/// What went over a connection that is no more.
void Shard::State::on_connection_failed(const Flow& flow, std::string_view reason, Instant now) {
    transactions.connection_lost(flow.stream, reason, now);
    tell_of_failed(flow, reason, now);
}

void Shard::State::tell_of_failed(const Flow& flow, std::string_view reason, Instant now) {
    for (const auto* all : {&registrations, &leaving}) {
        for (const auto& registration : *all) {
            registration->flow_failed(flow, reason, now);
        }
    }
}

Shard::Shard(uint32_t index, std::shared_ptr<const Config> config, const ShardServices& services,
             Random::Seed seed, std::shared_ptr<spdlog::logger> log, Instant now)
    : state_(std::make_unique<State>(index, *config, services, seed, std::move(log), now)) {}

Shard::~Shard() = default;

void Shard::restore(std::span<const RegistrationRecord> records, Instant now) {
    std::unordered_map<std::string_view, const RegistrationRecord*> by_key;
    for (const RegistrationRecord& record : records) {
        by_key[record.key] = &record;
    }
    for (const auto& registration : state_->registrations) {
        const auto found = by_key.find(registration->registrant().key());
        if (found != by_key.end()) {
            registration->restore(*found->second, now);
        }
    }
}

void Shard::start(Instant now) {
    state_->started = true;
    state_->watch_proxy_sets(now);
    for (const auto& registration : state_->registrations) {
        registration->start(now);
    }
}

void Shard::set_targets(const ProxySetTargets& targets, Instant now) {
    state_->wheel.advance(now);
    if (targets.proxy_set_index >= state_->proxy_sets.size()) {
        return;  // of a configuration before this one
    }
    state_->proxy_sets.set_targets(targets.proxy_set_index, targets.targets);
    state_->wheel.advance(now);
}

void Shard::set_targets(const RegistrarTargets& targets, Instant now) {
    state_->wheel.advance(now);
    state_->proxy_sets.set_targets(std::nullopt, targets.targets);
    state_->wheel.advance(now);
}

void Shard::set_redirection(const RedirectionTargets& targets, Instant now) {
    state_->wheel.advance(now);
    state_->redirection_names.answered(targets, now);
}

void Shard::take_news(const ServerNews& news, Instant now) {
    state_->wheel.advance(now);
    state_->proxy_sets.take_news(news);
}

ConfigChange Shard::apply(const Config& config, Instant now) {
    state_->wheel.advance(now);
    return state_->apply(config, now);
}

void Shard::set_administrative_state(AdministrativeState state, Instant now) {
    state_->wheel.advance(now);
    state_->administrative_state = state;
    for (const auto& registration : state_->registrations) {
        registration->administrative_state_changed(now);
    }
}

void Shard::link_came_up(std::span<const uint16_t> ip_interfaces, Instant now) {
    state_->wheel.advance(now);
    for (const auto& registration : state_->registrations) {
        registration->link_came_up(ip_interfaces, now);
    }
}

std::size_t Shard::register_now(const RegistrantSelector& whom, Instant now) {
    return state_->for_each(whom,
                            [&](Registration& registration) { registration.register_now(now); });
}

std::size_t Shard::unregister(const RegistrantSelector& whom, Instant now) {
    return state_->for_each(whom,
                            [&](Registration& registration) { registration.unregister(now); });
}

void Shard::receive(const Flow& flow, std::string_view bytes, Instant now) {
    state_->tap.show(MessageDirection::received, flow, bytes);
    state_->receive(flow, bytes, now);
}

void Shard::take_mail(const ShardMail& mail, Instant now) {
    if (mail.kind == ShardMail::Kind::received) {
        state_->receive(mail.flow, mail.bytes, now);
    } else {
        state_->sender.send(mail.flow, mail.bytes);
    }
}

void Shard::unreachable(const dataplane::Endpoint& remote, std::string_view quoted,
                        std::string_view reason, Instant now) {
    ++state_->counters.unreachable;
    const auto envelope = scan_envelope(quoted);
    if (!envelope || !envelope->is_request || envelope->branch.empty()) {
        return;
    }
    state_->transactions.unreachable(envelope->branch, envelope->method, remote, reason, now);
}

StreamId Shard::stream_accepted(Transport transport, uint16_t sip_interface_index,
                                const dataplane::Endpoint& remote, Instant now) {
    return state_->connections.stream_accepted(transport, sip_interface_index, remote, now);
}

void Shard::stream_opened(StreamId id, Instant now) {
    state_->connections.stream_opened(id, now);
    for (const auto* all : {&state_->registrations, &state_->leaving}) {
        for (const auto& registration : *all) {
            registration->connection_opened(id, now);
        }
    }
}

void Shard::stream_received(StreamId id, std::string_view bytes, Instant now) {
    state_->connections.stream_received(id, bytes, now);
}

void Shard::stream_closed(StreamId id, std::string_view reason, Instant now) {
    state_->connections.stream_closed(id, reason, now);
}

void Shard::advance(Instant now) {
    state_->wheel.advance(now);
}

std::optional<Instant> Shard::next_deadline() const {
    return state_->wheel.next_deadline();
}

void Shard::unregister_all(Instant now) {
    for (const auto& registration : state_->registrations) {
        registration->unregister(now);
    }
}

bool Shard::is_quiet() const {
    const auto is_quiet = [](const auto& registration) { return registration->is_quiet(); };
    return std::ranges::all_of(state_->registrations, is_quiet) &&
           std::ranges::all_of(state_->leaving, is_quiet);
}

UnregisterProgress Shard::unregister_progress() const {
    UnregisterProgress progress;
    for (const auto* all : {&state_->registrations, &state_->leaving}) {
        for (const auto& registration : *all) {
            progress.unfinished += registration->is_quiet() ? 0 : 1;
            progress.out += registration->has_request_out() ? 1 : 0;
            progress.left += registration->leaves_binding() ? 1 : 0;
        }
    }
    return progress;
}

bool Shard::any_registered() const {
    return std::ranges::any_of(state_->registrations, [](const auto& registration) {
        return registration->is_registered();
    });
}

std::size_t Shard::registration_count() const {
    return state_->registrations.size();
}

RegistrationStatus Shard::registration_status(std::size_t index, Instant now) const {
    return state_->registrations.at(index)->status(now);
}

RegistrationGlance Shard::registration_glance(std::size_t index) const {
    const Registration& registration = *state_->registrations.at(index);
    const Registrant& registrant = registration.registrant();
    return {registrant.name,     registrant.aor, registration.state(), registration.is_registered(),
            registrant.position, registrant.kind};
}

std::optional<std::size_t> Shard::registration_at(uint32_t position) const {
    const auto& all = state_->registrations;
    const auto found = std::ranges::lower_bound(all, position, {}, [](const auto& registration) {
        return registration->registrant().position;
    });
    return found != all.end() && (*found)->registrant().position == position
               ? std::optional(static_cast<std::size_t>(found - all.begin()))
               : std::nullopt;
}

std::optional<std::vector<TraceFlow>> Shard::trace(std::string_view name) const {
    for (const auto& registration : state_->registrations) {
        if (registration->registrant().name == name) {
            return registration->flows();
        }
    }
    return std::nullopt;
}

std::vector<ProxySetStatus> Shard::proxy_sets(Instant now) const {
    std::vector<ProxySetStatus> rows;
    for (uint16_t set = 0; set < state_->proxy_sets.size(); ++set) {
        rows.push_back(state_->proxy_sets.state(set).status(now));
    }
    return rows;
}

const ShardCounters& Shard::counters() const {
    return state_->counters;
}

const TransactionCounters& Shard::transaction_counters() const {
    return state_->transactions.counters();
}

std::span<const SipInterfaceCounters> Shard::sip_interface_counters() const {
    return state_->interface_counters;
}

const RegistrationDurations& Shard::registration_durations() const {
    return state_->durations;
}

const ConnectionCounters& Shard::connection_counters() const {
    return state_->connections.counters();
}

const StunCounters& Shard::stun_counters() const {
    return state_->stun_keep_alive.counters();
}

ShardUsage Shard::usage() const {
    const State& state = *state_;
    return {state.transactions.live(), state.transactions.on_streams(),
            state.pacer.waiting(),     state.pacer.held(),
            state.pacer.lines(),       state.trace.bytes(),
            state.wheel.size(),        state.leaving.size()};
}

}  // namespace trunkline::sipstack
