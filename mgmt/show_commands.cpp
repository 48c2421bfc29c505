#include "mgmt/show_commands.h"

#include "mgmt/registration_view.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

constexpr std::size_t rows_a_turn = 256;

/// What a shard counted, copied out of it.
struct ShardReport {
    sipstack::ShardCounters messages;
    sipstack::TransactionCounters transactions;
};

json to_json(const ShardReport& report) {
    const auto& messages = report.messages;
    const auto& transactions = report.transactions;
    return {{"received", messages.received},
            {"malformed_answered", messages.malformed_answered},
            {"malformed_dropped", messages.malformed_dropped},
            {"keepalives", messages.keepalives},
            {"responses_not_ours", messages.responses_not_ours},
            {"requests_answered", messages.requests_answered},
            {"send_failures", messages.send_failures},
            {"requests_sent", transactions.requests_sent},
            {"retransmissions", transactions.retransmissions},
            {"timeouts", transactions.timeouts},
            {"transport_errors", transactions.transport_errors},
            {"responses_unmatched", transactions.responses_unmatched},
            {"responses_absorbed", transactions.responses_absorbed},
            {"request_retransmissions_absorbed", transactions.request_retransmissions_absorbed},
            {"server_transactions_refused", transactions.server_transactions_refused}};
}

}  // namespace

ShowCommands::ShowCommands(sipstack::ShardGroup& shards, const dataplane::Worker& worker,
                           const dataplane::NextHopResolver& resolver,
                           std::span<const std::unique_ptr<board::Port>> ports)
    : shards_(shards), worker_(worker), resolver_(resolver), ports_(ports) {}

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
            std::vector<sipstack::RegistrationStatus> all;
            for (auto& own : *rows) {
                std::ranges::move(own, std::back_inserter(all));
            }
            std::ranges::sort(all, {}, &sipstack::RegistrationStatus::position);
            json list = json::array();
            for (const auto& row : all) {
                list.push_back(to_json(row));
            }
            reply({{"ok", true}, {"registrations", std::move(list)}});
        });
}

void ShowCommands::show_counters(Reply reply) {
    const auto shards = std::make_shared<std::vector<ShardReport>>(shards_.shards().size());
    shards_.ask(
        [shards](std::size_t index, sipstack::Shard& shard, sipstack::Instant) {
            (*shards)[index] = {shard.counters(), shard.transaction_counters()};
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
            const auto& resolver = resolver_.counters();
            answer["counters"].update({{"next_hop_resolver.requests", resolver.requests},
                                       {"next_hop_resolver.resolved", resolver.resolved},
                                       {"next_hop_resolver.unreachable", resolver.unreachable},
                                       {"next_hop_resolver.flushes", resolver.flushes},
                                       {"next_hop_resolver.events_lost", resolver.events_lost}});
            for (const auto& port : ports_) {
                const auto link = port->link();
                answer["ports"].push_back({{"name", port->name()},
                                           {"driver", port->driver()},
                                           {"link_up", link.up},
                                           {"speed_mbps", link.speed_mbps}});
                answer["counters"]["port." + port->name() + ".device_drops"] = port->device_drops();
            }
            for (const auto& report : *shards) {
                answer["shards"].push_back(to_json(report));
            }
            reply(answer);
        });
}

}  // namespace trunkline::mgmt
