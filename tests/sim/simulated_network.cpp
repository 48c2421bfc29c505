#include "tests/sim/simulated_network.h"

namespace trunkline::sim {

SimulatedNetwork::SimulatedNetwork(uint64_t seed) : random_(sipstack::Random::seed_from(seed)) {}

void SimulatedNetwork::set_conditions(const dataplane::IpAddress& from,
                                      const dataplane::IpAddress& to,
                                      const LinkConditions& conditions) {
    links_[{from, to}] = conditions;
}

bool SimulatedNetwork::happens(double probability) {
    constexpr uint64_t resolution = 1'000'000;
    const auto threshold = static_cast<uint64_t>(probability * static_cast<double>(resolution));
    return random_.between(0, resolution - 1) < threshold;
}

void SimulatedNetwork::transmit(Datagram datagram, Instant now) {
    const auto link = links_.find({datagram.from.address, datagram.to.address});
    const LinkConditions conditions = link == links_.end() ? LinkConditions{} : link->second;
    if (happens(conditions.duplication)) {
        ++duplicated_;
        fly(datagram, conditions, now);
    }
    fly(std::move(datagram), conditions, now);
}

void SimulatedNetwork::fly(Datagram datagram, const LinkConditions& conditions, Instant now) {
    const auto delay =
        static_cast<int64_t>(random_.between(static_cast<uint64_t>(conditions.min_delay.count()),
                                             static_cast<uint64_t>(conditions.max_delay.count())));
    if (happens(conditions.loss)) {
        ++lost_;
        return;
    }
    in_flight_.push({now + Milliseconds(delay), sequence_++, std::move(datagram)});
}

std::optional<Instant> SimulatedNetwork::next_delivery() const {
    return in_flight_.empty() ? std::nullopt : std::optional(in_flight_.top().due);
}

std::optional<Datagram> SimulatedNetwork::take_due(Instant now) {
    if (in_flight_.empty() || in_flight_.top().due > now) {
        return std::nullopt;
    }
    Datagram datagram = in_flight_.top().datagram;
    in_flight_.pop();
    return datagram;
}

}  // namespace trunkline::sim
