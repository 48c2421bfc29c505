// What a SoakRun's network carries, by datagrams and by streams, and how its registrars answer.
#include "sipstack/message/envelope.h"
#include "sipstack/shard_key.h"
#include "tests/sim/soak_parts.h"

#include <fmt/format.h>

#include <algorithm>

namespace trunkline::sim {
namespace {

using namespace std::chrono_literals;

/// "REGISTER 3 of sip:user1@lab.example" or "401 to ..."
std::string summary(std::string_view bytes) {
    const auto envelope = sipstack::scan_envelope(bytes);
    if (!envelope) {
        return "?";
    }
    const std::string what = envelope->is_request ? "" : fmt::format("{} to ", envelope->status);
    const std::string_view to = envelope->to.substr(0, envelope->to.find('>'));
    return fmt::format("{}{} of {}, {}", what, envelope->cseq, to.substr(to.find('<') + 1),
                       envelope->call_id.substr(0, 12));
}

std::string aor_of(std::string_view bytes) {
    const auto envelope = sipstack::scan_envelope(bytes);
    const std::string_view to = envelope ? envelope->to : "";
    const std::size_t begin = to.find('<') + 1;
    return std::string(to.substr(begin, to.find('>') - begin));
}

}  // namespace

void SoakRun::set_conditions(const dataplane::Endpoint& server, const LinkConditions& conditions) {
    network_.set_conditions(appliance_endpoint().address, server.address, conditions);
    network_.set_conditions(server.address, appliance_endpoint().address, conditions);
    streams_.set_conditions(server, conditions);
}

void SoakRun::transmit(Datagram datagram) {
    const bool is_ours = datagram.from.address == appliance_endpoint().address;
    const dataplane::Endpoint& far_side = is_ours ? datagram.to : datagram.from;
    for (const auto& registrar : registrars_) {
        if (registrar->server.endpoint() != far_side) {
            continue;
        }
        if (registrar->is_cut_off) {
            met(Fault::cut);
            return;
        }
        if (registrar->link_fault == Fault::reordering) {
            met(Fault::reordering);
        }
    }
    network_.transmit(std::move(datagram), now_);
}

/// A message leaves the appliance.
void SoakRun::judge_sent(const Departure& way, const Datagram& datagram) {
    const std::string_view bytes = datagram.bytes;
    if (bytes.starts_with("REGISTER")) {
        const std::string aor = aor_of(bytes);
        invariants_.sent(way, bytes, now_);
        if (bytes.find("\r\nExpires: 0\r\n") == std::string_view::npos) {
            judge_served(aor);
        }
        const auto fault =
            way.stream == 0 ? own_ports_.sent(aor, datagram) : std::optional<std::string>();
        if (fault) {
            invariants_.complain(*fault, aor, now_);
        }
    } else if (bytes.starts_with("SUBSCRIBE")) {
        judge_subscribe(way, bytes);
    } else if (bytes.starts_with("SIP/2.0")) {
        fast_paths_.answered(bytes);
        if (answers_notify(bytes)) {
            return;
        }
        if (const auto fault = requests_.answered(bytes, now_)) {
            invariants_.complain(*fault, "peer", now_);
        }
    }
}

/// Of what the appliance sends: to look at each would take too much of the soak's time.
void SoakRun::compare_readings(std::string_view bytes) {
    constexpr uint64_t messages_between_looks = 4;
    if (++messages_ % messages_between_looks == 0) {
        fast_paths_.read(bytes);
    }
}

void SoakRun::deliver(const Datagram& datagram) {
    note(datagram.bytes);
    if (datagram.to.address != appliance_endpoint().address) {
        compare_readings(datagram.bytes);
        for (const auto& registrar : registrars_) {
            if (registrar->server.endpoint() == datagram.to) {
                serve(*registrar, {datagram});
            }
        }
        return;
    }
    if (shards_.empty()) {
        return;
    }
    const std::size_t shard =
        sipstack::owning_shard(datagram.bytes, static_cast<uint32_t>(shards_.size()));
    if (stalled_until_[shard]) {
        kept_back_[shard].datagrams.push_back(datagram);
    } else {
        hand_over(shard, datagram);
    }
}

void SoakRun::hand_over(std::size_t shard, const Datagram& datagram) {
    heard(datagram);
    shards_[shard]->receive({sipstack::Transport::udp, 0, datagram.to, datagram.from},
                            datagram.bytes, now_);
    settle();
    look_at(aor_of(datagram.bytes));
}

/// A whole message is about to reach its shard.
void SoakRun::heard(const Datagram& datagram) {
    tell("receives", datagram);
    fast_paths_.received(datagram.from, datagram.bytes);
    requests_.delivered(datagram.bytes);
    subscriptions_.delivered(datagram.bytes);
    see_who_rests(datagram, aor_of(datagram.bytes));
    const auto envelope = sipstack::scan_envelope(datagram.bytes);
    std::optional<Instant> granted;
    for (const auto& registrar : registrars_) {
        if (registrar->server.endpoint() == datagram.from && envelope) {
            granted = registrar->server.granted_until(envelope->branch);
        }
    }
    invariants_.delivered(datagram.bytes, granted, now_);
}

// Streams.

void SoakRun::on_written(std::size_t shard, sipstack::StreamId id,
                         const dataplane::Endpoint& server, std::string_view bytes) {
    std::string rest(bytes);
    unsigned line_ends = 0;
    while (auto message = take_message(rest, line_ends)) {
        const Datagram datagram{appliance_endpoint(), server, std::move(*message)};
        tell("writes", datagram);
        note(datagram.bytes);
        judge_sent({static_cast<uint32_t>(shard), server, id, waited_}, datagram);
    }
}

void SoakRun::on_closed(std::size_t shard, sipstack::StreamId id, bool was_open) {
    step(fmt::format("connection {} of shard {} is no more", id, shard));
    invariants_.stream_ended(static_cast<uint32_t>(shard), id, was_open, now_);
}

void SoakRun::handle(const StreamEvent& event) {
    if (event.kind == StreamEvent::Kind::to_server) {
        serve_stream(event);
        return;
    }
    if (stalled_until_[event.shard]) {
        kept_back_[event.shard].events.push_back(event);
        return;
    }
    sipstack::Shard& shard = *shards_[event.shard];
    const sipstack::StreamId id = streams_.id_of(event.connection);
    switch (event.kind) {
        case StreamEvent::Kind::accepted:
            step(fmt::format("connection from {}", event.server.to_string()));
            streams_.accept(event.connection,
                            shard.stream_accepted(sipstack::Transport::tcp, 0, event.server, now_));
            return;
        case StreamEvent::Kind::opened:
            step(fmt::format("connection to {} is open", event.server.to_string()));
            waited_ = now_ - event.began;
            shard.stream_opened(id, now_);
            waited_ = 0ms;
            return;
        case StreamEvent::Kind::ended:
            step(event.bytes);
            inboxes_.erase(event.connection);
            shard.stream_closed(id, event.bytes, now_);
            return;
        default:
            if (id != 0) {
                hand_over_stream(event, id);
            }
            return;
    }
}

void SoakRun::hand_over_stream(const StreamEvent& event, sipstack::StreamId id) {
    Inboxes& inboxes = inboxes_[event.connection];
    inboxes.of_appliance += event.bytes;
    std::vector<std::string> whose;
    unsigned line_ends = 0;
    while (auto message = take_message(inboxes.of_appliance, line_ends)) {
        if (!sipstack::scan_envelope(*message)) {
            break;  // the shard ends the connection there, and reads no further
        }
        note(*message);
        whose.push_back(aor_of(*message));
        heard({event.server, appliance_endpoint(), std::move(*message)});
    }
    if (whose.size() > 1) {
        at_rest_.clear();  // what comes first may change that
    }
    shards_[event.shard]->stream_received(id, event.bytes, now_);
    settle();
    for (const std::string& aor : whose) {
        look_at(aor);
    }
}

void SoakRun::serve_stream(const StreamEvent& event) {
    for (const auto& registrar : registrars_) {
        if (registrar->server.endpoint() != event.server) {
            continue;
        }
        auto& [of_appliance, inbox, line_ends] = inboxes_[event.connection];
        inbox += event.bytes;
        while (auto message = take_message(inbox, line_ends)) {
            note(*message);
            compare_readings(*message);
            serve(*registrar,
                  {{appliance_endpoint(), event.server, std::move(*message)}, event.connection});
        }
        // A ping is two (RFC 5626 3.5.1).
        for (; line_ends >= 2 && !registrar->is_stopped; line_ends -= 2) {
            streams_.write(event.connection, "\r\n");
        }
    }
}

// The registrars.

void SoakRun::serve(Registrar& registrar, const Arrival& arrival) {
    if (arrival.message.bytes.starts_with("SIP/2.0")) {
        hear_of_notify(registrar, arrival.message.bytes);
        return;
    }
    if (registrar.is_stopped) {
        met(Fault::stopped);
        return;
    }
    const uint64_t oddities = registrar.oddities();
    const uint64_t requests = registrar.server.counters().requests;
    auto response = registrar.server.receive(arrival.message.bytes, now_,
                                             {arrival.message.from, arrival.connection});
    if (!response) {
        return;
    }
    if (registrar.policy_fault && registrar.oddities() != oddities) {
        met(*registrar.policy_fault);
    }
    const bool is_new = registrar.server.counters().requests != requests;
    if (!is_new && registrar.manners_fault == Fault::silent) {
        met(Fault::silent);
        return;
    }
    answer(registrar, arrival, std::move(*response));
    send_notifies(registrar);
}

void SoakRun::answer(Registrar& registrar, const Arrival& request, std::string response) {
    const Datagram datagram{request.message.to, request.message.from, std::move(response)};
    tell("is to receive", datagram);
    const std::optional<Fault> manners =
        random_.between(0, 1) == 0 ? registrar.manners_fault : std::nullopt;
    const auto send = [&](std::string bytes, Milliseconds after) {
        if (request.connection != 0) {
            streams_.write(request.connection, bytes, after);
        } else if (after == 0ms) {
            transmit({datagram.from, datagram.to, std::move(bytes)});
        } else {
            network_.transmit({datagram.from, datagram.to, std::move(bytes)}, now_ + after);
        }
    };
    const auto later = [&](uint64_t most) {
        send(datagram.bytes, Milliseconds(random_.between(0, most)));
    };
    const bool is_of_streams = manners == Fault::cut_message || manners == Fault::half_closed;
    if (!manners || (is_of_streams && request.connection == 0)) {
        send(datagram.bytes, 0ms);
        return;
    }
    met(*manners);
    switch (*manners) {
        case Fault::late:
            later(40'000);
            return;
        case Fault::twice:
            send(datagram.bytes, 0ms);
            later(2'000);
            return;
        case Fault::provisional: {
            std::string trying = datagram.bytes;
            trying.replace(0, trying.find('\r'), "SIP/2.0 100 Trying");
            send(std::move(trying), 0ms);
            later(10'000);
            return;
        }
        case Fault::cut_message:
            send(datagram.bytes.substr(0, random_.between(1, datagram.bytes.size() - 1)), 0ms);
            streams_.close(request.connection, "connection reset");
            return;
        case Fault::half_closed:
            send(datagram.bytes, 0ms);
            streams_.close(request.connection, "connection closed");
            return;
        default:
            return;  // silence
    }
}

void SoakRun::tell(std::string_view what, const Datagram& datagram) {
    if (kept_steps_ != 0) {
        const bool sends = datagram.from.address == appliance_endpoint().address;
        step(fmt::format("{} {} {} {}", what, sends ? "to" : "from",
                         (sends ? datagram.to : datagram.from).to_string(),
                         summary(datagram.bytes)));
    }
}

}  // namespace trunkline::sim
