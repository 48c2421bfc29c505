#include "mgmt/snmp/appliance_mib.h"

#include "mgmt/alarms/alarm_kinds.h"
#include "mgmt/alarms/alarm_table.h"
#include "mgmt/json_fields.h"
#include "mgmt/snmp/chassis_mib.h"
#include "mgmt/snmp/date_and_time.h"
#include "mgmt/snmp/trap.h"

#include <fmt/format.h>

#include <limits>
#include <string>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

const Oid system_group{1, 3, 6, 1, 2, 1, 1};
const Oid interfaces{1, 3, 6, 1, 2, 1, 2};
const Oid if_x_table{1, 3, 6, 1, 2, 1, 31, 1, 1};
const Oid alarms{1, 3, 6, 1, 4, 1, 5003, 11, 1};
const Oid products{1, 3, 6, 1, 4, 1, 5003, 8, 1, 1};

void add_system(Mib& mib, const json& system) {
    if (!flag_in(system, "ok")) {
        return;
    }
    constexpr uint32_t description = 1, object_id = 2, name = 5;
    mib[below(system_group, {description, 0})] =
        fmt::format("Product: Trunkline {}; Software Version: {}", text_in(system, "product"),
                    text_in(system, "version"));
    mib[below(system_group, {object_id, 0})] =
        below(products, {static_cast<uint32_t>(number_in(system, "product_number"))});
    mib[below(system_group, {name, 0})] = text_in(system, "hostname");
}

uint32_t counter32(int64_t count) {
    return static_cast<uint32_t>(static_cast<uint64_t>(count));  // wraps, as counters do
}

/// Of RFC 2863.
void add_interface(Mib& mib, const json& port, uint32_t index) {
    constexpr int32_t ethernet = 6, up = 1, down = 2;
    constexpr uint32_t bits_a_megabit = 1'000'000;
    const auto row = [&](uint32_t column) { return below(interfaces, {2, 1, column, index}); };
    const auto x_row = [&](uint32_t column) { return below(if_x_table, {1, column, index}); };
    const auto speed = static_cast<uint32_t>(number_in(port, "speed_mbps"));
    const std::string name = text_in(port, "name");
    mib[row(1)] = static_cast<int32_t>(index);
    mib[row(2)] = fmt::format("{} ({})", name, text_in(port, "driver"));
    mib[row(3)] = ethernet;
    mib[row(5)] = Gauge32{speed > std::numeric_limits<uint32_t>::max() / bits_a_megabit
                              ? std::numeric_limits<uint32_t>::max()
                              : speed * bits_a_megabit};
    mib[row(7)] = flag_in(port, "disabled") ? down : up;  // as it is configured
    mib[row(8)] = flag_in(port, "link_up") ? up : down;
    mib[row(10)] = Counter32{counter32(number_in(port, "received_bytes"))};
    mib[row(11)] = Counter32{counter32(number_in(port, "received_packets"))};
    mib[row(13)] = Counter32{counter32(number_in(port, "device_drops"))};
    mib[row(14)] = Counter32{counter32(number_in(port, "receive_errors"))};
    mib[row(16)] = Counter32{counter32(number_in(port, "sent_bytes"))};
    mib[row(17)] = Counter32{counter32(number_in(port, "sent_packets"))};
    mib[row(20)] = Counter32{counter32(number_in(port, "send_errors"))};
    mib[x_row(1)] = name;
    const auto count = [&](const char* key) {
        return Counter64{static_cast<uint64_t>(number_in(port, key))};
    };
    mib[x_row(6)] = count("received_bytes");
    mib[x_row(7)] = count("received_packets");
    mib[x_row(10)] = count("sent_bytes");
    mib[x_row(11)] = count("sent_packets");
    mib[x_row(15)] = Gauge32{speed};
}

void add_interfaces(Mib& mib, const json& counters) {
    if (!flag_in(counters, "ok")) {
        return;
    }
    const json ports = list_in(counters, "ports");
    mib[below(interfaces, {1, 0})] = static_cast<int32_t>(ports.size());
    uint32_t index = 0;
    for (const json& port : ports) {
        add_interface(mib, port, ++index);
    }
}

int32_t severity_number(const std::string& word) {
    auto severity = AlarmSeverity::cleared;
    while (severity < AlarmSeverity::critical && to_string(severity) != word) {
        severity = static_cast<AlarmSeverity>(static_cast<int>(severity) + 1);
    }
    return static_cast<int32_t>(severity);
}

/// The active ones and the history have the same columns. That of sysUpTime, the second one, is not
/// there: the master agent's clock is not ours.
void add_alarms(Mib& mib, const json& reply, uint32_t table) {
    for (const json& alarm : list_in(reply, "alarms")) {
        const auto number = static_cast<uint32_t>(number_in(alarm, "id"));
        const auto cell = [&](uint32_t column) -> MibValue& {
            return mib[below(alarms, {table, 1, 1, column, number})];
        };
        const AlarmKind& kind = alarm_kind(text_in(alarm, "name"));
        cell(1) = Gauge32{number};
        cell(3) = trap_oid(kind.number);
        cell(4) = date_and_time(text_in(alarm, "date"));
        cell(5) = text_in(alarm, "name");
        cell(6) = text_in(alarm, "description");
        cell(7) = text_in(alarm, "source");
        cell(8) = severity_number(text_in(alarm, "severity"));
        cell(9) = static_cast<int32_t>(kind.type);
        cell(10) = static_cast<int32_t>(kind.cause);
        for (const uint32_t additional_info : {11, 12, 13}) {
            cell(additional_info) = "";
        }
    }
}

}  // namespace

/// Each as narrow as what snmpd has there of the host: of two, the narrower one would be asked
/// first, whatever their priorities.
std::vector<Oid> appliance_subtrees() {
    return {below(system_group, {1}),
            below(system_group, {2}),
            below(system_group, {5}),
            below(interfaces, {1}),
            below(interfaces, {2}),
            if_x_table,
            alarms,
            chassis_subtree()};
}

Mib appliance_mib(const MibFacts& facts) {
    constexpr uint32_t active = 1, history = 2;
    Mib mib;
    add_system(mib, facts.system);
    add_interfaces(mib, facts.counters);
    add_alarms(mib, facts.active, active);
    add_alarms(mib, facts.history, history);
    add_chassis(mib, facts.hardware, text_in(facts.system, "version"));
    return mib;
}

}  // namespace trunkline::mgmt
