#include "sipstack/registration/redirection_names.h"

#include <algorithm>
#include <utility>

namespace trunkline::sipstack {

RedirectionNames::RedirectionNames(TimerWheel& wheel, Ask ask, Listener listener)
    : wheel_(wheel), ask_(std::move(ask)), listener_(std::move(listener)) {}

std::optional<std::span<const Target>> RedirectionNames::find(const RedirectionName& name,
                                                              Instant now) {
    const auto known = names_.find(name);
    if (known != names_.end() && (known->second.is_asking || now < known->second.until)) {
        return known->second.is_asking
                   ? std::nullopt
                   : std::optional(std::span<const Target>(known->second.targets));
    }
    if (known == names_.end() && !make_room(now)) {
        return std::span<const Target>();
    }
    names_[name] = {true, now + longest_look_up, {}};
    schedule();
    ask_(name);
    return std::nullopt;
}

/// What is nearest to its end goes first; a look-up that somebody waits for stays.
bool RedirectionNames::make_room(Instant now) {
    std::erase_if(names_, [now](const auto& item) {
        return !item.second.is_asking && item.second.until <= now;
    });
    if (names_.size() < max_names) {
        return true;
    }
    const auto first = std::ranges::min_element(names_, {}, [](const auto& item) {
        return std::pair(item.second.is_asking, item.second.until);
    });
    if (first->second.is_asking) {
        return false;
    }
    names_.erase(first);
    return true;
}

void RedirectionNames::answered(const RedirectionTargets& answer, Instant now) {
    const auto known = names_.find(answer.name);
    if (known == names_.end() || !known->second.is_asking) {
        return;
    }
    const std::size_t count = std::min(answer.targets.size(), max_targets);
    known->second = {false,
                     now + std::clamp(answer.time_to_live, shortest_life, longest_life),
                     {answer.targets.begin(), answer.targets.begin() + static_cast<long>(count)}};
    schedule();
    listener_(now);
}

void RedirectionNames::end_look_ups(Instant now) {
    for (auto& [name, entry] : names_) {
        if (entry.is_asking && entry.until <= now) {
            entry = {false, now + shortest_life, {}};
        }
    }
    schedule();
    listener_(now);
}

/// To the end of the oldest look-up.
void RedirectionNames::schedule() {
    std::optional<Instant> first;
    for (const auto& [name, entry] : names_) {
        if (entry.is_asking) {
            first = std::min(first.value_or(entry.until), entry.until);
        }
    }
    if (first) {
        wheel_.schedule(timer_, *first);
    } else {
        timer_.cancel();
    }
}

}  // namespace trunkline::sipstack
