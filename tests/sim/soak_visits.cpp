// What comes to a SoakRun's appliance from outside: requests of peers by datagrams and connections,
// whole, in halves and none at all, and where names of redirections lead.
#include "tests/sim/soak_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trunkline::sim {

using namespace std::chrono_literals;

void SoakRun::redirect_to_name(const PlannedFault& fault, Registrar& registrar) {
    constexpr std::array<std::string_view, 7> names{"near",    "far",   "several", "late",
                                                    "nowhere", "never", "crowd#"};
    constexpr std::array<int, 3> statuses{301, 302, 305};
    registrar.policy.refusal =
        Refusal{statuses[fault.detail % statuses.size()],
                fmt::format("Contact: <sip:{}.example>\r\n", names[fault.detail % names.size()])};
}

void SoakRun::hear_of_names() {
    while (const auto answer = names_.take_due(now_)) {
        if (stalled_until_[answer->shard]) {
            kept_back_[answer->shard].names.push_back(answer->targets);
            continue;
        }
        hear_of_name(answer->shard, answer->targets);
    }
}

void SoakRun::hear_of_name(std::size_t shard, const sipstack::RedirectionTargets& targets) {
    step(fmt::format("{} is looked up: {} addresses", targets.name.host, targets.targets.size()));
    names_.heard(shard, targets, now_);
    shards_[shard]->set_redirection(targets, now_);
}

/// Every request was answered by the step that read it.
void SoakRun::settle() {
    if (const auto fault = requests_.settle()) {
        invariants_.complain(*fault, "peer", now_);
    }
    if (const auto fault = subscriptions_.settle()) {
        invariants_.complain(*fault, "registrar", now_);
    }
}

std::optional<uint64_t> SoakRun::connection_for(const PlannedFault& fault, bool is_ours) {
    const dataplane::Endpoint server = registrars_[fault.registrar]->server.endpoint();
    const std::size_t shard = fault.detail % shards_.size();
    if (is_ours) {
        return streams_.find(server, shard);
    }
    const dataplane::Endpoint peer{server.address, ++last_peer_port_};
    streams_.set_conditions(peer, scenario_.link);
    visits_.push_back(streams_.connect(peer, shard));
    return visits_.back();
}

void SoakRun::visit(const PlannedFault& fault) {
    using sipstack::Transport;
    if (shards_.empty()) {
        return;
    }
    const dataplane::Endpoint server = registrars_[fault.registrar]->server.endpoint();
    const bool is_garbage = fault.fault == Fault::garbage;
    const bool is_ours = fault.fault == Fault::request_on_our_connection ||
                         (is_garbage && fault.detail / 16 % 2 == 0);
    const unsigned count = random_.between(1, 5);
    if (fault.fault == Fault::request_by_datagram) {
        for (unsigned number = 0; number < count; ++number) {
            const std::string request =
                requests_.make(server, appliance_endpoint(), Transport::udp);
            transmit({server, appliance_endpoint(), request});
            if (random_.between(0, 2) == 0) {
                network_.transmit({server, appliance_endpoint(), request}, now_ + 500ms);
            }
        }
        met(fault.fault, count);
        return;
    }
    const auto connection = connection_for(fault, is_ours);
    if (!connection) {
        return;
    }
    met(fault.fault);
    const auto write = [&](std::string_view bytes) {
        streams_.write(*connection, bytes, Milliseconds(random_.between(0, 3) * 700));
    };
    for (unsigned number = 0; number < count; ++number) {
        if (random_.between(0, 3) == 0) {
            write("\r\n\r\n");
        }
        write(requests_.make(server, appliance_endpoint(), Transport::tcp));
    }
    if (fault.fault == Fault::half_request) {
        const std::string last = requests_.make(server, appliance_endpoint(), Transport::tcp);
        write(last.substr(0, random_.between(1, last.size() - 1)));
    } else if (is_garbage) {
        write("SIP? \r\nContent-Length: many\r\n\r\n");
    }
    if (!is_ours && random_.between(0, 1) == 0) {
        streams_.close(*connection, "connection closed");
    }
}

/// All peers go; nothing of their connections may stay.
void SoakRun::end_visits() {
    for (const uint64_t connection : visits_) {
        streams_.close(connection, "connection closed");
    }
}

void SoakRun::expect_no_connection_lost() {
    for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
        const auto& counters = shards_[shard]->connection_counters();
        const uint64_t open = counters.opened + counters.accepted - counters.ended;
        if (open != streams_.open(shard)) {
            invariants_.complain(
                fmt::format("{} connections are open and {} known", streams_.open(shard), open),
                "shard", now_);
        }
    }
    for (const uint64_t connection : visits_) {
        if (streams_.id_of(connection) != 0) {
            invariants_.complain("a connection of a peer stays although it has gone", "shard",
                                 now_);
        }
    }
}

}  // namespace trunkline::sim
