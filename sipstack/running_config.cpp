#include "sipstack/running_config.h"

#include "sipstack/registration/registrants.h"
#include "sipstack/shard_config.h"

#include <malloc.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace trunkline::sipstack {
namespace {

/// The additional UDP ports that `config` gives, by the accounts' names.
std::map<std::string, uint16_t> udp_ports_of(const Config& config) {
    if (std::ranges::none_of(config.accounts, &Account::udp_port_assignment)) {
        return {};
    }
    return kept_udp_ports(registrant_keys(config));
}

/// Reading a configuration and finding out who registers take several times what stays, which the
/// allocator would keep.
void give_back_memory() {
    malloc_trim(0);
}

}  // namespace

std::vector<std::string> registrant_keys(const Config& config) {
    std::vector<std::string> keys;
    std::ranges::transform(registrants(config), std::back_inserter(keys), &Registrant::key);
    return keys;
}

RunningConfig::RunningConfig(ShardGroup& shards, NameResolver& names,
                             std::shared_ptr<spdlog::logger> log)
    : shards_(shards), names_(names), log_(std::move(log)) {}

/// The whole of it lives until the last shard has taken what it needs: many accounts are many
/// bytes. What is needed here of it is kept.
std::shared_ptr<const Config> RunningConfig::take(Config whole) {
    config_ = std::make_shared<const Config>(without_registrants(whole));
    udp_ports_ = udp_ports_of(whole);
    return std::make_shared<const Config>(std::move(whole));
}

void RunningConfig::start(Config config, std::vector<RegistrationRecord> remembered) {
    shards_.ask(
        [whole = take(std::move(config)),
         records = std::make_shared<const std::vector<RegistrationRecord>>(std::move(remembered))](
            std::size_t, Shard& shard, Instant now) {
            shard.apply(*whole, now);
            shard.restore(*records, now);
            shard.start(now);
            return true;
        },
        give_back_memory);
    follow_names();
}

void RunningConfig::apply(Config config, Applied done) {
    config.kept_udp_ports = udp_ports_;
    const auto changes = std::make_shared<std::vector<ConfigChange>>(shards_.shards().size());
    shards_.ask(
        [changes, whole = take(std::move(config))](std::size_t index, Shard& shard, Instant now) {
            (*changes)[index] = shard.apply(*whole, now);
            return true;
        },
        [this, changes, done = std::move(done)] {
            ConfigChange sum;
            for (const ConfigChange& change : *changes) {
                sum.added += change.added;
                sum.removed += change.removed;
                sum.kept += change.kept;
            }
            log_->info("configuration  applied: {} new, {} removed, {} kept", sum.added,
                       sum.removed, sum.kept);
            follow_names();
            done(sum);
            give_back_memory();
        });
}

bool RunningConfig::knows_servers() const {
    return std::ranges::all_of(targets().rows, [](const ProxyTargetsStatus::Row& row) {
        return !row.resolved_by.empty() || !row.failure.empty();
    });
}

/// Those of the configuration that runs now, until it is another one.
void RunningConfig::follow_names() {
    targets_.reset();
    const auto tell = [this](const auto& targets) {
        shards_.tell([targets](Shard& shard, Instant now) { shard.set_targets(targets, now); });
    };
    targets_.emplace(*config_, names_, ProxyTargets::Listener{tell, tell});
    redirections_.emplace(config_, names_);
    shards_.look_up_names_by([this](const RedirectionName& name, ShardGroup::Answer answer) {
        redirections_->look_up(name, std::move(answer));
    });
}

}  // namespace trunkline::sipstack
