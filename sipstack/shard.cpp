#include "sipstack/shard.h"

#include "sipstack/message/envelope.h"
#include "sipstack/message/lexical.h"
#include "sipstack/message/message.h"
#include "sipstack/message/response.h"
#include "sipstack/message/writer.h"
#include "sipstack/registration/registrants.h"
#include "sipstack/registration/registration.h"
#include "sipstack/shard_key.h"
#include "sipstack/timer_wheel.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <span>
#include <string>

namespace trunkline::sipstack {
namespace {

/// All that is served so far; ACK is absorbed and CANCEL finds nothing to cancel.
constexpr std::string_view allowed_methods = "OPTIONS";
constexpr std::string_view accepted_bodies = "application/sdp";

/// Counts what the transport refuses.
class CountingSender final : public MessageSender {
public:
    CountingSender(MessageSender& sender, uint64_t& failures)
        : sender_(sender), failures_(failures) {}

    bool send(const Flow& flow, std::string_view bytes) override {
        const bool is_sent = sender_.send(flow, bytes);
        failures_ += is_sent ? 0 : 1;
        return is_sent;
    }

private:
    MessageSender& sender_;
    uint64_t& failures_;
};

bool has_sip_scheme(std::string_view uri) {
    const std::string_view scheme = uri.substr(0, uri.find(':'));
    return equal_nocase(scheme, "sip") || equal_nocase(scheme, "sips");
}

/// A To tag without state: a repetition of the request gets the same (RFC 3261 8.2.7).
std::string stateless_tag(std::string_view call_id) {
    return fmt::format("{:x}", std::hash<std::string_view>{}(call_id));
}

std::string joined(const std::vector<std::string_view>& rows) {
    std::string text;
    for (const std::string_view row : rows) {
        text += text.empty() ? "" : ", ";
        text += row;
    }
    return text;
}

}  // namespace

struct Shard::State final : ConnectionListener {
    State(uint32_t shard_index, std::shared_ptr<const Config> shared_config,
          MessageSender& datagrams, Random::Seed seed, std::shared_ptr<spdlog::logger> logger,
          Instant now, StreamSockets* streams)
        : index(shard_index),
          config(std::move(shared_config)),
          log(std::move(logger)),
          wheel(now),
          generator(seed),
          connections(streams == nullptr ? Connections(*config, datagrams)
                                         : Connections(*config, datagrams,
                                                       {*streams, wheel, generator, *log, *this})),
          sender(connections, counters.send_failures),
          transactions(wheel, sender, config->timers) {
        const RegistrationContext context{*config, index, wheel, generator, transactions, *log};
        std::vector<Registrant> all = registrants(*config);
        for (std::size_t position = 0; position < all.size(); ++position) {
            if (shard_of_registrant(position, config->shards) == index) {
                registrations.emplace_back(std::move(all[position]), context);
            }
        }
    }

    void set_targets(std::optional<uint16_t> proxy_set_index, std::span<const Target> targets,
                     Instant now) {
        for (Registration& registration : registrations) {
            if (registration.registrant().proxy_set_index == proxy_set_index) {
                registration.set_targets(targets, now);
            }
        }
    }

    void receive(const Flow& flow, std::string_view bytes, Instant now);
    void on_message(const Flow& flow, std::string_view bytes, Instant now) override {
        receive(flow, bytes, now);
    }
    void on_connection_failed(StreamId id, std::string_view reason, Instant now) override;
    void refuse_malformed(const Flow& flow, std::string_view bytes, const ParseFault& fault);
    void receive_response(const Message& response, const Flow& flow, Instant now);
    void receive_request(const Message& request, const Flow& flow, Instant now);
    std::string answer_to(const Message& request, const Flow& flow);
    bool is_ours(const Via& via, Transport transport) const;

    const uint32_t index;
    const std::shared_ptr<const Config> config;
    const std::shared_ptr<spdlog::logger> log;
    ShardCounters counters;
    TimerWheel wheel;
    Random generator;
    Connections connections;
    CountingSender sender;
    TransactionLayer transactions;
    std::deque<Registration> registrations;
};

void Shard::State::receive(const Flow& flow, std::string_view bytes, Instant now) {
    ++counters.received;
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

void Shard::State::refuse_malformed(const Flow& flow, std::string_view bytes,
                                    const ParseFault& fault) {
    const auto envelope = scan_envelope(bytes);
    if (fault.status == 0 || !envelope) {
        ++counters.malformed_dropped;
        return;
    }
    auto answer = response_to(bytes, *envelope, fault.status, fault.reason,
                              stateless_tag(envelope->call_id), flow);
    if (!answer) {
        ++counters.malformed_dropped;
        return;
    }
    ++counters.malformed_answered;
    sender.send(answer->flow, answer->writer.header("Server", config->user_agent).finish());
}

/// The sent-by that we write into requests over `transport` (RFC 3261 18.1.1).
bool Shard::State::is_ours(const Via& via, Transport transport) const {
    const uint16_t default_port = transport == Transport::tls ? 5061 : 5060;
    const auto address = dataplane::IpAddress::parse(via.host);
    return std::any_of(config->sip_interfaces.begin(), config->sip_interfaces.end(),
                       [&](const SipInterface& interface) {
                           return address == interface.address &&
                                  via.port.value_or(default_port) == interface.port(transport);
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
    if (!transactions.receive_request(request, flow, now)) {
        return;
    }
    ++counters.requests_answered;
    const auto way = connections.way_back(flow, request.vias().front(), now);
    // Where there is no way back the attempt to send finds so, and counts it.
    transactions.respond(request, way.value_or(flow), answer_to(request, flow), now);
}

/// What went over a connection that is no more.
void Shard::State::on_connection_failed(StreamId id, std::string_view reason, Instant now) {
    transactions.connection_lost(id, reason, now);
}

/// The inspections of RFC 3261 8.2 in their order.
std::string Shard::State::answer_to(const Message& request, const Flow& flow) {
    const auto begin = [&](int status) {
        auto writer =
            response_to(request, status, reason_phrase(status), make_tag(index, generator), flow);
        writer.header("Server", config->user_agent);
        return writer;
    };
    if (request.method() == "CANCEL") {
        return begin(481).finish();
    }
    if (request.method() != "OPTIONS") {
        return begin(405).header("Allow", allowed_methods).finish();
    }
    if (!has_sip_scheme(request.request_uri())) {
        return begin(416).finish();
    }
    const std::string required = joined(request.rows("Require"));
    if (!required.empty()) {
        return begin(420).header("Unsupported", required).finish();
    }
    return begin(200)
        .header("Allow", allowed_methods)
        .header("Accept", accepted_bodies)
        .header("Supported", "")
        .finish();
}

Shard::Shard(uint32_t index, std::shared_ptr<const Config> config, MessageSender& datagrams,
             Random::Seed seed, std::shared_ptr<spdlog::logger> log, Instant now,
             StreamSockets* streams)
    : state_(std::make_unique<State>(index, std::move(config), datagrams, seed, std::move(log), now,
                                     streams)) {}

Shard::~Shard() = default;

void Shard::start(Instant now) {
    for (Registration& registration : state_->registrations) {
        registration.start(now);
    }
}

void Shard::set_targets(const ProxySetTargets& targets, Instant now) {
    state_->set_targets(targets.proxy_set_index, targets.targets, now);
}

void Shard::set_targets(const RegistrarTargets& targets, Instant now) {
    state_->set_targets(std::nullopt, targets.targets, now);
}

void Shard::receive(const Flow& flow, std::string_view bytes, Instant now) {
    state_->receive(flow, bytes, now);
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
    for (Registration& registration : state_->registrations) {
        registration.unregister(now);
    }
}

bool Shard::is_quiet() const {
    return std::all_of(state_->registrations.begin(), state_->registrations.end(),
                       [](const Registration& registration) { return registration.is_quiet(); });
}

bool Shard::any_registered() const {
    return std::ranges::any_of(state_->registrations, &Registration::is_registered);
}

std::size_t Shard::registration_count() const {
    return state_->registrations.size();
}

RegistrationStatus Shard::registration_status(std::size_t position, Instant now) const {
    return state_->registrations.at(position).status(now);
}

const ShardCounters& Shard::counters() const {
    return state_->counters;
}

const TransactionCounters& Shard::transaction_counters() const {
    return state_->transactions.counters();
}

const ConnectionCounters& Shard::connection_counters() const {
    return state_->connections.counters();
}

}  // namespace trunkline::sipstack
