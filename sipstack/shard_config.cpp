#include "sipstack/shard_config.h"

#include <algorithm>

namespace trunkline::sipstack {

PacerLimits page_limits(const Config& config) {
    const auto& page = config.proxy_and_registration;
    const auto interval = static_cast<double>(page.generated_registers_interval.count());
    return {page.max_generated_registers_rate / interval / config.shards, 0};
}

Config without_registrants(const Config& config) {
    Config rest;
    rest.shards = config.shards;
    rest.user_agent = config.user_agent;
    rest.transport_type = config.transport_type;
    rest.destination_port = config.destination_port;
    rest.enable_sips = config.enable_sips;
    rest.tls_contexts = config.tls_contexts;
    rest.sip_interfaces = config.sip_interfaces;
    rest.proxy_sets = config.proxy_sets;
    rest.ip_groups = config.ip_groups;
    rest.proxy_and_registration = config.proxy_and_registration;
    rest.timers = config.timers;
    return rest;
}

std::vector<Registrant> own_registrants(const Config& config, uint32_t index) {
    std::vector<Registrant> own = registrants(config);
    std::erase_if(own, [&](const Registrant& registrant) {
        return shard_of_registrant(registrant, config.shards) != index;
    });
    return own;
}

bool has_subscriber(const Config& config) {
    return std::ranges::any_of(config.accounts, &Account::reg_event_package_subscription);
}

}  // namespace trunkline::sipstack
