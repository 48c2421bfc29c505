#include "mgmt/show_commands.h"

#include "mgmt/ethernet_group_view.h"
#include "mgmt/json_fields.h"
#include "mgmt/not_in_effect_view.h"
#include "mgmt/proxy_set_view.h"
#include "mgmt/registration_query.h"
#include "mgmt/registration_view.h"
#include "mgmt/trace_view.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

/// What a shard counted, copied out of it.
struct ShardReport {
    sipstack::ShardCounters messages;
    sipstack::TransactionCounters transactions;
    std::vector<sipstack::SipInterfaceCounters> sip_interfaces;
    sipstack::RegistrationDurations durations;
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
            {"port_closed", messages.port_closed},
            {"unreachable", messages.unreachable},
            {"handed_over", messages.handed_over},
            {"hand_over_drops", messages.hand_over_drops},
            {"requests_sent", transactions.requests_sent},
            {"retransmissions", transactions.retransmissions},
            {"timeouts", transactions.timeouts},
            {"transport_errors", transactions.transport_errors},
            {"responses_unmatched", transactions.responses_unmatched},
            {"responses_absorbed", transactions.responses_absorbed},
            {"request_retransmissions_absorbed", transactions.request_retransmissions_absorbed},
            {"server_transactions_refused", transactions.server_transactions_refused}};
}

json to_json(const sipstack::DurationHistogram& histogram) {
    json ends = json::array();
    for (const auto end : histogram.ends()) {
        ends.push_back(end.count());
    }
    return {{"ends_ms", ends},
            {"counts", std::vector<uint64_t>(histogram.counts().begin(), histogram.counts().end())},
            {"sum_ms", histogram.sum().count()}};
}

/// Of all shards.
json sip_interface_rows(const std::vector<sipstack::SipInterface>& interfaces,
                        const std::vector<ShardReport>& shards) {
    json rows = json::array();
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
        sipstack::SipInterfaceCounters sum;
        for (const ShardReport& shard : shards) {
            sum.received += shard.sip_interfaces[i].received;
            sum.sent += shard.sip_interfaces[i].sent;
        }
        rows.push_back(
            {{"name", interfaces[i].name}, {"received", sum.received}, {"sent", sum.sent}});
    }
    return rows;
}

json duration_rows(const std::vector<ShardReport>& shards) {
    sipstack::RegistrationDurations sum;
    for (const ShardReport& shard : shards) {
        sum.latency.add(shard.durations.latency);
        sum.recovery.add(shard.durations.recovery);
    }
    return {{"latency", to_json(sum.latency)}, {"recovery", to_json(sum.recovery)}};
}

json port_row(board::Port& port) {
    const auto link = port.link();
    const auto statistics = port.statistics();
    return {{"name", port.name()},
            {"driver", port.driver()},
            {"mac", dataplane::MacAddress{port.traits().mac}.to_string()},
            {"link_up", link.up},
            {"speed_mbps", link.speed_mbps},
            {"full_duplex", link.full_duplex},
            {"source", to_string(link.source)},
            {"disabled", !port.is_enabled()},
            {"set_speed_mbps", port.setting().speed_mbps},
            {"set_full_duplex", port.setting().full_duplex},
            {"setting_in_effect", port.setting_in_effect()},
            {"switching_in_effect", port.switching_in_effect()},
            {"received_packets", statistics.received_packets},
            {"received_bytes", statistics.received_bytes},
            {"receive_errors", statistics.receive_errors},
            {"sent_packets", statistics.sent_packets},
            {"sent_bytes", statistics.sent_bytes},
            {"send_errors", statistics.send_errors},
            {"device_drops", statistics.drops}};
}

void add_counts(const sipstack::ProxySetStatus& from, sipstack::ProxySetStatus& to) {
    for (auto& server : to.servers) {
        const auto same = std::ranges::find_if(
            from.servers, [&](const auto& candidate) { return candidate.target == server.target; });
        if (same != from.servers.end()) {
            server.requests += same->requests;
            server.successes += same->successes;
            server.failures += same->failures;
        }
    }
}

}  // namespace

ShowCommands::ShowCommands(Sources sources) : sources_(std::move(sources)) {}

void ShowCommands::add_to(CommandTable& table) {
    const auto add = [&table](const char* name, auto show) {
        table.add(name, AccessLevel::monitor,
                  [show](const json& request, const Caller&, Reply reply) {
                      show(request, std::move(reply));
                  });
    };
    add("show registration",
        [this](const json& request, Reply reply) { show_registration(request, std::move(reply)); });
    // It shows answers to challenges, which passwords can be guessed from.
    table.add("show trace", AccessLevel::administrator,
              [this](const json& request, const Caller&, Reply reply) {
                  show_trace(request, std::move(reply));
              });
    add("show proxy-sets", [this](const json&, Reply reply) { show_proxy_sets(std::move(reply)); });
    add("show not-in-effect", [this](const json&, const Reply& reply) {
        reply({{"ok", true}, {"parameters", not_in_effect_rows(sources_.config())}});
    });
    add("show counters", [this](const json&, Reply reply) { show_counters(std::move(reply)); });
    add("show ethernet-groups", [this](const json&, const Reply& reply) {
        reply({{"ok", true}, {"groups", ethernet_group_view(sources_.ports.group_sights())}});
    });
}

void ShowCommands::show_registration(const json& request, Reply reply) {
    auto query = registration_query(request);
    if (!query) {
        reply(refusal(query.error().message));
        return;
    }
    const auto rows = std::make_shared<sipstack::RegistrationRows>(*std::move(query),
                                                                   sources_.shards.shards().size());
    const auto finish = [rows, reply = std::move(reply)] {
        json list = json::array();
        for (const auto& row : rows->take()) {
            list.push_back(to_json(row));
        }
        reply({{"ok", true},
               {"registrations", std::move(list)},
               {"total", rows->total()},
               {"registered", rows->registered()}});
    };
    sources_.shards.ask(
        [rows](std::size_t index, sipstack::Shard& shard, sipstack::Instant now) {
            return rows->find(index, shard, now);
        },
        [this, rows, finish] {
            rows->choose_page();
            sources_.shards.ask(
                [rows](std::size_t index, sipstack::Shard& shard, sipstack::Instant now) {
                    return rows->copy(index, shard, now);
                },
                finish);
        });
}

void ShowCommands::show_trace(const json& request, Reply reply) {
    const std::string name = text_in(request, "name");
    const auto flows = std::make_shared<std::vector<json>>(sources_.shards.shards().size());
    sources_.shards.ask(
        [flows, name](std::size_t index, sipstack::Shard& shard, sipstack::Instant now) {
            if (const auto kept = shard.trace(name)) {
                const auto wall = std::chrono::duration_cast<std::chrono::milliseconds>(
                    std::chrono::system_clock::now().time_since_epoch());
                (*flows)[index] = trace_rows(*kept, wall.count(), now);
            }
            return true;
        },
        [flows, name, reply = std::move(reply)] {
            for (json& own : *flows) {
                if (own.is_array()) {
                    reply({{"ok", true}, {"flows", std::move(own)}});
                    return;
                }
            }
            reply(
                refusal("nothing registers as '" + name + "'; 'show registration' has the names"));
        });
}

/// The state of a set's servers is the same on all shards as far as keep-alive goes; what requests
/// found is each shard's own, and is summed up.
void ShowCommands::show_proxy_sets(Reply reply) {
    using Rows = std::vector<std::vector<sipstack::ProxySetStatus>>;
    const auto rows = std::make_shared<Rows>(sources_.shards.shards().size());
    sources_.shards.ask(
        [rows](std::size_t index, sipstack::Shard& shard, sipstack::Instant now) {
            (*rows)[index] = shard.proxy_sets(now);
            return true;
        },
        [this, rows, reply = std::move(reply)] {
            std::vector<sipstack::ProxySetStatus> sets = std::move(rows->front());
            for (std::size_t shard = 1; shard < rows->size(); ++shard) {
                for (std::size_t set = 0; set < sets.size(); ++set) {
                    add_counts((*rows)[shard].at(set), sets[set]);
                }
            }
            reply({{"ok", true}, {"proxy_sets", proxy_set_rows(sets, sources_.names())}});
        });
}

void ShowCommands::show_counters(Reply reply) {
    const auto shards = std::make_shared<std::vector<ShardReport>>(sources_.shards.shards().size());
    sources_.shards.ask(
        [shards](std::size_t index, sipstack::Shard& shard, sipstack::Instant) {
            const auto interfaces = shard.sip_interface_counters();
            (*shards)[index] = {shard.counters(),
                                shard.transaction_counters(),
                                {interfaces.begin(), interfaces.end()},
                                shard.registration_durations()};
            return true;
        },
        [this, shards, reply = std::move(reply)] {
            json answer = {{"ok", true},
                           {"nodes", json::array()},
                           {"counters", json::object()},
                           {"ports", json::array()},
                           {"shards", json::array()}};
            for (const auto& node : sources_.worker.node_statistics()) {
                answer["nodes"].push_back({{"name", node.name},
                                           {"calls", node.calls},
                                           {"objects", node.objects},
                                           {"cycles", node.cycles}});
            }
            for (const auto& counter : sources_.worker.counters()) {
                answer["counters"][counter.name] = counter.value;
            }
            const auto& resolver = sources_.resolver.counters();
            answer["counters"].update({{"next_hop_resolver.requests", resolver.requests},
                                       {"next_hop_resolver.resolved", resolver.resolved},
                                       {"next_hop_resolver.unreachable", resolver.unreachable},
                                       {"next_hop_resolver.flushes", resolver.flushes},
                                       {"next_hop_resolver.events_lost", resolver.events_lost}});
            for (const auto& port : sources_.ports.ports()) {
                answer["ports"].push_back(port_row(*port));
            }
            for (const auto& report : *shards) {
                answer["shards"].push_back(to_json(report));
            }
            answer["sip_interfaces"] =
                sip_interface_rows(sources_.config().sip.sip_interfaces, *shards);
            answer["durations"] = duration_rows(*shards);
            reply(answer);
        });
}

}  // namespace trunkline::mgmt
