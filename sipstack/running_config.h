// The configuration that the shards run by, from power-on through every change: where its servers
// are, and what stays with whom when it becomes another one.
#pragma once

#include "sipstack/config.h"
#include "sipstack/registration/journal_record.h"
#include "sipstack/shard_group.h"
#include "sipstack/transport/name_resolver.h"
#include "sipstack/transport/proxy_targets.h"
#include "sipstack/transport/redirection_lookup.h"

#include <spdlog/logger.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trunkline::sipstack {

/// Names all registrants that `config` has (Registrant::key()), in their order.
std::vector<std::string> registrant_keys(const Config& config);

/// All of it on the control thread.
class RunningConfig {
public:
    /// What is referred to outlives this.
    RunningConfig(ShardGroup& shards, NameResolver& names, std::shared_ptr<spdlog::logger> log);

    /// Once, when the shards' threads run: they take those of `config` who are theirs to register,
    /// take up what `remembered` says of before and register, and names are followed. The shards
    /// were made with the rest of it (without_registrants()).
    void start(Config config, std::vector<RegistrationRecord> remembered);

    /// The shards go over to another configuration; `done` when all have, with what it made of
    /// their registrations, summed up. What is bound at power-on is in it as it was then.
    using Applied = std::function<void(const ConfigChange& change)>;
    void apply(Config config, Applied done);

    /// How its names were resolved. After start().
    ProxyTargetsStatus targets() const { return targets_->status(); }
    /// Each name has been answered or has failed: the shards know which servers are configured, and
    /// so who may have credentials. After start().
    bool knows_servers() const;

private:
    std::shared_ptr<const Config> take(Config whole);
    void follow_names();

    ShardGroup& shards_;
    NameResolver& names_;
    const std::shared_ptr<spdlog::logger> log_;
    std::shared_ptr<const Config> config_;       ///< without_registrants()
    std::map<std::string, uint16_t> udp_ports_;  ///< Config::kept_udp_ports of the next change
    std::optional<ProxyTargets> targets_;
    std::optional<RedirectionLookup> redirections_;
};

}  // namespace trunkline::sipstack
