#include "mgmt/show_commands.h"

#include "mgmt/registration_view.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

constexpr std::size_t rows_a_turn = 256;

json counters_of(const sipstack::ShardCounters& counters) {
    return {{"received", counters.received},
            {"malformed_answered", counters.malformed_answered},
            {"malformed_dropped", counters.malformed_dropped},
            {"keepalives", counters.keepalives},
            {"responses_not_ours", counters.responses_not_ours},
            {"requests_answered", counters.requests_answered},
            {"send_failures", counters.send_failures}};
}

}  // namespace

ShowCommands::ShowCommands(sipstack::ShardGroup& shards, const dataplane::Worker& worker,
                           std::span<const std::unique_ptr<board::Port>> ports)
    : shards_(shards), worker_(worker), ports_(ports) {}

void ShowCommands::answer(const json& request, Reply reply) {
    const auto asked = request.is_object() ? request.find("command") : request.end();
    const std::string command =
        asked != request.end() && asked->is_string() ? asked->get<std::string>() : "";
    if (command == "show registration") {
        show_registration(std::move(reply));
    } else if (command == "show counters") {
        show_counters(std::move(reply));
    } else {
        reply({{"ok", false},
               {"error", "unknown command '" + command +
                             "'; known are 'show registration' and 'show counters'"}});
    }
}

void ShowCommands::show_registration(Reply reply) {
    using Rows = std::vector<std::vector<sipstack::RegistrationStatus>>;
    const auto rows = std::make_shared<Rows>(shards_.shards().size());
    shards_.ask(
        [rows](std::size_t index, sipstack::Shard& shard, sipstack::Instant now) {
            auto& own = (*rows)[index];
            const std::size_t count = shard.registration_count();
            const std::size_t end = std::min(count, own.size() + rows_a_turn);
            while (own.size() < end) {
                own.push_back(shard.registration_status(own.size(), now));
            }
            return own.size() == count;
        },
        [rows, reply = std::move(reply)] {
            // Position p of the configuration lives on shard p modulo the number of shards.
            std::size_t total = 0;
            for (const auto& own : *rows) {
                total += own.size();
            }
            json list = json::array();
            for (std::size_t p = 0; p < total; ++p) {
                list.push_back(to_json((*rows)[p % rows->size()][p / rows->size()]));
            }
            reply({{"ok", true}, {"registrations", std::move(list)}});
        });
}

void ShowCommands::show_counters(Reply reply) {
    const auto shards =
        std::make_shared<std::vector<sipstack::ShardCounters>>(shards_.shards().size());
    shards_.ask(
        [shards](std::size_t index, sipstack::Shard& shard, sipstack::Instant) {
            (*shards)[index] = shard.counters();
            return true;
        },
        [this, shards, reply = std::move(reply)] {
            json answer = {{"ok", true},
                           {"nodes", json::array()},
                           {"counters", json::object()},
                           {"ports", json::array()},
                           {"shards", json::array()}};
            for (const auto& node : worker_.node_statistics()) {
                answer["nodes"].push_back({{"name", node.name},
                                           {"calls", node.calls},
                                           {"objects", node.objects},
                                           {"cycles", node.cycles}});
            }
            for (const auto& counter : worker_.counters()) {
                answer["counters"][counter.name] = counter.value;
            }
            for (const auto& port : ports_) {
                const auto link = port->link();
                answer["ports"].push_back({{"name", port->name()},
                                           {"driver", port->driver()},
                                           {"link_up", link.up},
                                           {"speed_mbps", link.speed_mbps}});
            }
            for (const auto& counters : *shards) {
                answer["shards"].push_back(counters_of(counters));
            }
            reply(answer);
        });
}

}  // namespace trunkline::mgmt
