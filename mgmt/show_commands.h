// The appliance's side of the `show` commands: asks shards and worker, answers in JSON.
#pragma once

#include "board/port_set.h"
#include "dataplane/kernel/next_hop_resolver.h"
#include "dataplane/worker.h"
#include "mgmt/command_table.h"
#include "mgmt/configuration/appliance_config.h"
#include "sipstack/shard_group.h"
#include "sipstack/transport/proxy_targets.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <memory>

namespace trunkline::mgmt {

/// Lives on the control thread. Rows are copied out by the shards themselves, as tasks.
class ShowCommands {
public:
    struct Sources {
        sipstack::ShardGroup& shards;
        const dataplane::Worker& worker;
        const dataplane::NextHopResolver& resolver;
        const board::PortSet& ports;
        std::function<sipstack::ProxyTargetsStatus()> names;  ///< how names were resolved
        std::function<const ApplianceConfig&()> config;       ///< the running one
    };
    /// What `sources` refers to outlives this.
    explicit ShowCommands(Sources sources);

    /// "show registration" -> {"ok": true, "registrations": [row...], "total", "registered"}, in
    /// the order of the configuration. What it asks for, all of it optional: "name", that one
    /// alone; "text", in the name or the address of record; "state"; "sort" and "order", as in
    /// registration_query.h; "offset" and "limit", a page of those that match. The counts are of
    /// all that match. "show trace" with "name" -> {"ok": true, "flows"}, for an Administrator;
    /// "show proxy-sets" -> {"ok": true, "proxy_sets"}; "show not-in-effect" -> {"ok": true,
    /// "parameters"}; "show counters" -> {"ok": true, ...} as in counters_view.h; "show
    /// ethernet-groups" -> {"ok": true, "groups": ethernet_group_view()}.
    void add_to(CommandTable& table);

private:
    void show_registration(const nlohmann::json& request, Reply reply);
    void show_trace(const nlohmann::json& request, Reply reply);
    void show_proxy_sets(Reply reply);
    void show_counters(Reply reply);

    const Sources sources_;
};

}  // namespace trunkline::mgmt
