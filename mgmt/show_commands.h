// The appliance's side of the `show` commands: asks shards and worker, answers in JSON.
#pragma once

#include "board/port.h"
#include "dataplane/kernel/next_hop_resolver.h"
#include "dataplane/worker.h"
#include "mgmt/local_socket.h"
#include "sipstack/shard_group.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <span>

namespace trunkline::mgmt {

/// Lives on the control thread. Rows are copied out by the shards themselves, as tasks.
class ShowCommands {
public:
    /// The arguments outlive this.
    ShowCommands(sipstack::ShardGroup& shards, const dataplane::Worker& worker,
                 const dataplane::NextHopResolver& resolver,
                 std::span<const std::unique_ptr<board::Port>> ports);

    /// {"command": "show registration"} -> {"ok": true, "registrations": [row...]}, in the order of
    /// the configuration; {"command": "show counters"} -> {"ok": true, "nodes", "counters",
    /// "ports", "shards"}; anything else -> {"ok": false, "error"}.
    void answer(const nlohmann::json& request, Reply reply);

private:
    void show_registration(Reply reply);
    void show_counters(Reply reply);

    sipstack::ShardGroup& shards_;
    const dataplane::Worker& worker_;
    const dataplane::NextHopResolver& resolver_;
    std::span<const std::unique_ptr<board::Port>> ports_;
};

}  // namespace trunkline::mgmt
