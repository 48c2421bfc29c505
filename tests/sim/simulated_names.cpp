#include "tests/sim/simulated_names.h"

#include <algorithm>
#include <utility>

namespace trunkline::sim {

using namespace std::chrono_literals;
using sipstack::RedirectionName;
using sipstack::RedirectionNames;
using sipstack::RedirectionTargets;
using sipstack::Target;

SimulatedNames::SimulatedNames(uint64_t seed, std::vector<Target> registrars,
                               const dataplane::Endpoint& stranger)
    : random_(sipstack::Random::seed_from(seed)),
      registrars_(std::move(registrars)),
      stranger_{stranger} {}

Target SimulatedNames::registrar() {
    return registrars_[random_.between(0, registrars_.size() - 1)];
}

std::vector<Target> SimulatedNames::resolve(std::string_view kind) {
    const Target nobody{{dataplane::IpAddress::v4(0xcb007163), 5060}};
    if (kind == "near" || kind == "late") {
        return {registrar()};
    }
    if (kind == "far") {
        return {stranger_};
    }
    if (kind == "several") {
        return {nobody, registrar()};
    }
    if (kind == "nowhere") {
        return {};
    }
    return {random_.between(0, 1) == 0 ? stranger_ : registrar()};
}

void SimulatedNames::ask(std::size_t shard, const RedirectionName& name, Instant now) {
    std::size_t awaited = 0, alive = 0;
    for (const auto& [key, known] : known_) {
        const bool is_of_shard = key.first == shard;
        alive += is_of_shard && now < known.until ? 1 : 0;
        awaited +=
            is_of_shard && known.is_awaited && now < known.asked + RedirectionNames::longest_look_up
                ? 1
                : 0;
    }
    const auto [known, is_new] = known_.try_emplace({shard, name});
    // What it knows it may have had to forget for others.
    const bool may_be_forgotten = alive >= RedirectionNames::max_names;
    if (awaited >= RedirectionNames::max_names ||
        (!is_new && now < known->second.until && !may_be_forgotten)) {
        ++needless_;
    }
    known->second = {now, now + RedirectionNames::longest_look_up + RedirectionNames::shortest_life,
                     true};
    const std::string_view kind =
        std::string_view(name.host).substr(0, name.host.find_first_of("0123456789."));
    if (kind == "never") {
        return;
    }
    RedirectionTargets targets{name, resolve(kind), Milliseconds(random_.between(0, 120'000))};
    const Milliseconds delay(kind == "late" ? random_.between(5000, 15'000)
                                            : random_.between(0, 300));
    answers_.emplace(now + delay, Answer{shard, std::move(targets)});
}

std::optional<Instant> SimulatedNames::next_answer() const {
    return answers_.empty() ? std::nullopt : std::optional(answers_.begin()->first);
}

std::optional<SimulatedNames::Answer> SimulatedNames::take_due(Instant now) {
    if (answers_.empty() || answers_.begin()->first > now) {
        return std::nullopt;
    }
    return std::move(answers_.extract(answers_.begin()).mapped());
}

void SimulatedNames::drop_all() {
    answers_.clear();
    known_.clear();
}

void SimulatedNames::heard(std::size_t shard, const RedirectionTargets& targets, Instant now) {
    const auto known = known_.find({shard, targets.name});
    if (known == known_.end()) {
        return;
    }
    if (now >= known->second.asked + RedirectionNames::longest_look_up) {
        return;  // too late
    }
    known->second.is_awaited = false;
    known->second.until = now + std::clamp(targets.time_to_live, RedirectionNames::shortest_life,
                                           RedirectionNames::longest_life);
}

}  // namespace trunkline::sim
