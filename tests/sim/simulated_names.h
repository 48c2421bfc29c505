// The DNS that looks up names of redirections for the shards, under virtual time: at once, late or
// never, to a registrar, a stranger, nobody, or nothing.
#pragma once

#include "dataplane/address.h"
#include "sipstack/instant.h"
#include "sipstack/random.h"
#include "sipstack/registration/redirection_names.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::sim {

using sipstack::Instant;
using sipstack::Milliseconds;

class SimulatedNames {
public:
    struct Answer {
        std::size_t shard = 0;
        sipstack::RedirectionTargets targets;
    };

    /// Where names may lead: the configured registrars, and the one that is not.
    SimulatedNames(uint64_t seed, std::vector<sipstack::Target> registrars,
                   const dataplane::Endpoint& stranger);

    /// What the first label of a name, without digits, makes of it: "near" is a registrar, "far"
    /// the stranger, "several" nobody and then a registrar; "late" is like near, after 5 to 15 s;
    /// "nowhere" has no address; "never" gets no answer; any other is near or far.
    void ask(std::size_t shard, const sipstack::RedirectionName& name, Instant now);
    std::optional<Instant> next_answer() const;
    std::optional<Answer> take_due(Instant now);
    /// The appliance has ended.
    void drop_all();

    /// An answer has reached its shard.
    void heard(std::size_t shard, const sipstack::RedirectionTargets& targets, Instant now);
    /// Look-ups that a shard began although it knew the answer, was waiting for it, or had as many
    /// names as it may have.
    uint64_t needless() const { return needless_; }

private:
    /// What a shard knows of a name.
    struct Known {
        Instant asked{};
        Instant until{};  ///< it need not ask before
        bool is_awaited = true;
    };
    sipstack::Target registrar();
    std::vector<sipstack::Target> resolve(std::string_view kind);

    sipstack::Random random_;
    const std::vector<sipstack::Target> registrars_;
    const sipstack::Target stranger_;
    std::multimap<Instant, Answer> answers_;  ///< by when they are given
    std::map<std::pair<std::size_t, sipstack::RedirectionName>, Known> known_;
    uint64_t needless_ = 0;
};

}  // namespace trunkline::sim
