#include "mgmt/metrics/metrics_text.h"

#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <list>
#include <map>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using prometheus::MetricType;
using Labels = std::vector<prometheus::ClientMetric::Label>;

/// Families in the order in which they were begun. A family without a metric is left out.
class Families {
public:
    class Family {
    public:
        explicit Family(prometheus::MetricFamily& family) : family_(family) {}
        void add(Labels labels, double value) {
            prometheus::ClientMetric metric;
            metric.label = std::move(labels);
            (family_.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) =
                value;
            family_.metric.push_back(std::move(metric));
        }
        /// What "show counters" has of durations.
        void add(const json& durations) {
            const json ends = list_in(durations, "ends_ms"), counts = list_in(durations, "counts");
            prometheus::ClientMetric metric;
            uint64_t sum = 0;
            for (std::size_t i = 0; i < counts.size(); ++i) {
                sum += counts[i].get<uint64_t>();
                metric.histogram.bucket.push_back(
                    {sum, i < ends.size() ? ends[i].get<double>() / 1000
                                          : std::numeric_limits<double>::infinity()});
            }
            metric.histogram.sample_count = sum;
            metric.histogram.sample_sum = number_in(durations, "sum_ms") / 1000.0;
            family_.metric.push_back(std::move(metric));
        }

    private:
        prometheus::MetricFamily& family_;
    };

    Family counter(std::string name, std::string help) {
        return begin(std::move(name), std::move(help), MetricType::Counter);
    }
    Family gauge(std::string name, std::string help) {
        return begin(std::move(name), std::move(help), MetricType::Gauge);
    }

    Family histogram(std::string name, std::string help) {
        return begin(std::move(name), std::move(help), MetricType::Histogram);
    }

    std::string text() {
        std::vector<prometheus::MetricFamily> filled;
        std::ranges::copy_if(families_, std::back_inserter(filled),
                             [](const auto& family) { return !family.metric.empty(); });
        return prometheus::TextSerializer().Serialize(filled);
    }

private:
    Family begin(std::string name, std::string help, MetricType type) {
        return Family(families_.emplace_back(std::move(name), std::move(help), type));
    }

    std::list<prometheus::MetricFamily> families_;  ///< a Family refers to one of them
};

/// A field of a row, and the metric that it is.
struct Field {
    const char* key;
    const char* name;
    const char* help;
};

constexpr Field port_fields[] = {
    {"received_packets", "trunkline_port_received_packets_total",
     "Packets that the port received."},
    {"received_bytes", "trunkline_port_received_bytes_total", "Bytes that the port received."},
    {"receive_errors", "trunkline_port_receive_errors_total",
     "Packets that came in damaged, as the device tells."},
    {"sent_packets", "trunkline_port_sent_packets_total", "Packets that the port sent."},
    {"sent_bytes", "trunkline_port_sent_bytes_total", "Bytes that the port sent."},
    {"send_errors", "trunkline_port_send_errors_total", "Packets that the device failed to send."},
    {"device_drops", "trunkline_port_dropped_packets_total",
     "Packets that the device dropped for want of buffers or ring space."},
};

constexpr Field shard_fields[] = {
    {"received", "trunkline_sip_messages_received_total", "SIP messages that came to a shard."},
    {"malformed_answered", "trunkline_sip_malformed_answered_total",
     "Malformed requests that were answered with an error."},
    {"malformed_dropped", "trunkline_sip_malformed_dropped_total",
     "Messages that were dropped as malformed."},
    {"keepalives", "trunkline_sip_keepalives_total", "Keep-alives without a message."},
    {"requests_sent", "trunkline_sip_requests_sent_total", "Requests sent, each counted once."},
    {"requests_answered", "trunkline_sip_requests_answered_total",
     "Requests from others that were answered."},
    {"retransmissions", "trunkline_sip_retransmissions_total", "Requests that were sent again."},
    {"timeouts", "trunkline_sip_timeouts_total", "Requests that nobody answered."},
    {"transport_errors", "trunkline_sip_transport_errors_total",
     "Requests that ended with an error of their transport."},
    {"send_failures", "trunkline_sip_send_failures_total", "Messages that could not be sent."},
    {"unreachable", "trunkline_sip_unreachable_total",
     "Times that the network gave a datagram back."},
    {"responses_unmatched", "trunkline_sip_responses_unmatched_total",
     "Responses that answer no open request."},
    {"responses_not_ours", "trunkline_sip_responses_not_ours_total",
     "Responses whose Via is not this appliance's."},
};

constexpr Field sip_interface_fields[] = {
    {"received", "trunkline_sip_interface_received_total",
     "SIP messages that came to a SIP interface, and keep-alives over UDP."},
    {"sent", "trunkline_sip_interface_sent_total",
     "SIP messages that left a SIP interface, and keep-alives over UDP."},
};

constexpr Field node_fields[] = {
    {"calls", "trunkline_graph_node_calls_total", "Times that a node of the packet path ran."},
    {"objects", "trunkline_graph_node_packets_total",
     "Packets that went through a node of the packet path."},
    {"cycles", "trunkline_graph_node_cycles_total",
     "Processor cycles spent in a node of the packet path."},
};

constexpr Field server_fields[] = {
    {"requests", "trunkline_proxy_server_requests_total", "Requests sent to a server."},
    {"successes", "trunkline_proxy_server_answered_total", "Requests that a server answered."},
    {"failures", "trunkline_proxy_server_unanswered_total",
     "Requests that a server did not answer."},
};

double value_in(const json& row, const char* key) {
    const auto found = row.find(key);
    return found != row.end() && found->is_number() ? found->get<double>() : 0;
}

/// A metric of each field, for each row; `labels_of` tells a row from the others.
template <typename LabelsOf>
void add_rows(Families& families, std::span<const Field> fields, const json& rows,
              LabelsOf labels_of) {
    for (const Field& field : fields) {
        auto family = families.counter(field.name, field.help);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            family.add(labels_of(rows[i], i), value_in(rows[i], field.key));
        }
    }
}

void add_appliance(Families& families, const json& system) {
    if (!flag_in(system, "ok")) {
        return;
    }
    families.gauge("trunkline_info", "What the appliance is: its value is always 1.")
        .add({{"hostname", text_in(system, "hostname")},
              {"model", text_in(system, "model")},
              {"version", text_in(system, "version")}},
             1);
    families.gauge("trunkline_cpu_ratio", "Share of the machine's processor time in use, 0 to 1.")
        .add({}, value_in(system, "cpu_percent") / 100);
    families.gauge("trunkline_memory_ratio", "Share of the machine's memory in use, 0 to 1.")
        .add({}, value_in(system, "memory_percent") / 100);
}

void add_process(Families& families, const ProcessTimes& process) {
    families.counter("process_cpu_seconds_total", "Processor time of the process, user and kernel.")
        .add({}, process.cpu_seconds);
    families.gauge("process_resident_memory_bytes", "Memory of the process that is in RAM.")
        .add({}, static_cast<double>(process.resident_bytes));
    families.gauge("process_start_time_seconds", "When the process began, since the epoch.")
        .add({}, process.started_at);
    families.gauge("process_open_fds", "Descriptors that the process has open.")
        .add({}, static_cast<double>(process.open_descriptors));
    auto threads = families.counter("trunkline_thread_cpu_seconds_total",
                                    "Processor time of the threads of one name.");
    for (const auto& [name, seconds] : process.thread_cpu_seconds) {
        threads.add({{"thread", name}}, seconds);
    }
}

void add_registrations(Families& families, const json& counts) {
    if (!flag_in(counts, "ok")) {
        return;
    }
    const double total = value_in(counts, "total"), registered = value_in(counts, "registered"),
                 failed = value_in(counts, "failed");
    auto states = families.gauge("trunkline_registrations", "Who registers, by what became of it.");
    states.add({{"state", "registered"}}, registered);
    states.add({{"state", "failed"}}, failed);
    states.add({{"state", "other"}}, std::max(0.0, total - registered - failed));
    families
        .counter("trunkline_registration_attempts_total",
                 "Registrations and refreshes that were begun.")
        .add({}, value_in(counts, "attempts"));
}

void add_proxy_sets(Families& families, const json& reply) {
    const json sets = list_in(reply, "proxy_sets");
    auto online =
        families.gauge("trunkline_proxy_set_online", "1 when a server of the proxy set is online.");
    json servers = json::array();
    for (const json& set : sets) {
        online.add({{"proxy_set", text_in(set, "name")}}, flag_in(set, "online") ? 1 : 0);
        for (json server : list_in(set, "servers")) {
            server["proxy_set"] = text_in(set, "name");
            servers.push_back(std::move(server));
        }
    }
    const auto labels = [](const json& server, std::size_t) {
        return Labels{{"proxy_set", text_in(server, "proxy_set")},
                      {"server", text_in(server, "address")},
                      {"transport", text_in(server, "transport")}};
    };
    auto up = families.gauge("trunkline_proxy_server_online", "1 when the server is online.");
    auto active = families.gauge("trunkline_proxy_server_active",
                                 "1 when the server is its proxy set's working one.");
    for (const json& server : servers) {
        up.add(labels(server, 0), flag_in(server, "online") ? 1 : 0);
        active.add(labels(server, 0), flag_in(server, "active") ? 1 : 0);
    }
    add_rows(families, server_fields, servers, labels);
}

void add_counters(Families& families, const json& counters) {
    const json ports = list_in(counters, "ports");
    const auto by_name = [](const char* label) {
        return [label](const json& row, std::size_t) {
            return Labels{{label, text_in(row, "name")}};
        };
    };
    auto links = families.gauge("trunkline_port_link_up", "1 when the port has a link.");
    auto speeds = families.gauge("trunkline_port_speed_bytes_per_second",
                                 "Speed of the port's link; 0: the device tells none.");
    auto enabled =
        families.gauge("trunkline_port_enabled", "0 when the configuration disables the port.");
    for (const json& port : ports) {
        enabled.add(by_name("port")(port, 0), flag_in(port, "disabled") ? 0 : 1);
        links.add(by_name("port")(port, 0), flag_in(port, "link_up") ? 1 : 0);
        speeds.add(by_name("port")(port, 0), value_in(port, "speed_mbps") * 1e6 / 8);
    }
    add_rows(families, port_fields, ports, by_name("port"));
    add_rows(families, shard_fields, list_in(counters, "shards"),
             [](const json&, std::size_t index) {
                 return Labels{{"shard", fmt::format("{}", index)}};
             });
    add_rows(families, sip_interface_fields, list_in(counters, "sip_interfaces"),
             by_name("sip_interface"));
    if (const auto durations = counters.find("durations"); durations != counters.end()) {
        families
            .histogram("trunkline_registration_duration_seconds",
                       "From the first REGISTER of an attempt to its grant.")
            .add(durations->at("latency"));
        families
            .histogram("trunkline_registration_recovery_seconds",
                       "From a registration's failure to its next grant.")
            .add(durations->at("recovery"));
    }
    add_rows(families, node_fields, list_in(counters, "nodes"), by_name("node"));
    auto events = families.counter("trunkline_dataplane_events_total",
                                   "What the packet path counts: each way that a packet can end.");
    if (const auto found = counters.find("counters");
        found != counters.end() && found->is_object()) {
        for (const auto& [name, value] : found->items()) {
            events.add({{"event", name}}, value.is_number() ? value.get<double>() : 0);
        }
    }
}

void add_groups(Families& families, const json& reply) {
    auto up = families.gauge("trunkline_ethernet_group_up",
                             "1 when a member of the Ethernet group has a link.");
    auto switches = families.counter("trunkline_ethernet_group_switch_overs_total",
                                     "Times that others of its members began to send.");
    auto links =
        families.gauge("trunkline_ethernet_group_member_link_up", "1 when the member has a link.");
    auto senders = families.gauge("trunkline_ethernet_group_member_active",
                                  "1 when the member is one that sends.");
    for (const json& group : list_in(reply, "groups")) {
        const std::string name = text_in(group, "name");
        up.add({{"group", name}}, flag_in(group, "up") ? 1 : 0);
        switches.add({{"group", name}}, value_in(group, "switch_overs"));
        for (const json& member : list_in(group, "members")) {
            const Labels labels{{"group", name}, {"port", text_in(member, "port")}};
            links.add(labels, flag_in(member, "link_up") ? 1 : 0);
            senders.add(labels, flag_in(member, "sends") ? 1 : 0);
        }
    }
}

void add_alarms(Families& families, const json& reply) {
    if (!flag_in(reply, "ok")) {
        return;
    }
    std::map<std::string, double> counts{
        {"critical", 0}, {"indeterminate", 0}, {"major", 0}, {"minor", 0}, {"warning", 0}};
    for (const json& alarm : list_in(reply, "alarms")) {
        ++counts[text_in(alarm, "severity")];
    }
    auto alarms = families.gauge("trunkline_alarms_active", "Active alarms by their severity.");
    for (const auto& [severity, count] : counts) {
        alarms.add({{"severity", severity}}, count);
    }
}

void add_capture(Families& families, const json& capture) {
    if (!flag_in(capture, "ok")) {
        return;
    }
    families.gauge("trunkline_capture_running", "1 while SIP messages are captured into files.")
        .add({}, flag_in(capture, "running") ? 1 : 0);
    families
        .counter("trunkline_capture_messages_total",
                 "SIP messages shown to those who watch: captures and live traces.")
        .add({}, value_in(capture, "seen"));
    families
        .counter("trunkline_capture_hep_sent_total", "SIP messages that went to the HEP server.")
        .add({}, value_in(capture, "hep_sent"));
    auto dropped = families.counter("trunkline_capture_dropped_total",
                                    "SIP messages that somebody who watches did not get.");
    dropped.add({{"where", "shard"}}, value_in(capture, "dropped"));
    dropped.add({{"where", "hep"}}, value_in(capture, "hep_dropped"));
    dropped.add({{"where", "trace"}}, value_in(capture, "trace_dropped"));
}

}  // namespace

std::string metrics_text(const MetricFacts& facts) {
    Families families;
    add_appliance(families, facts.system);
    add_process(families, facts.process);
    add_registrations(families, facts.registrations);
    add_proxy_sets(families, facts.proxy_sets);
    add_groups(families, facts.groups);
    add_alarms(families, facts.alarms);
    add_capture(families, facts.capture);
    add_counters(families, facts.counters);
    return families.text();
}

}  // namespace trunkline::mgmt
