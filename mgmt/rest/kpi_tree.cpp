#include "mgmt/rest/kpi_tree.h"

#include "mgmt/json_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <span>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using Values = std::map<std::string_view, int64_t>;

/// Names without a value are there for clients that ask for them.
constexpr std::string_view other_stats[] = {"registeredUsers",
                                            "registerInTotal",
                                            "registerRateIn",
                                            "registerOutTotal",
                                            "registerRateOut",
                                            "sbcAttemptedRegistrationsTotal",
                                            "sbcSuccessfulRegistrationsTotal",
                                            "sbcRegistrationSuccessRatio",
                                            "userSuccessfulRegistrationsTotal",
                                            "userRegistrationSuccessRatio",
                                            "failedRegisterInTotal",
                                            "failedRegisterOutTotal",
                                            "failedRegisterClassificationInTotal",
                                            "failedRegisterNoRouteInTotal",
                                            "failedRegisterAdmissionInTotal",
                                            "failedRegisterAdmissionOutTotal",
                                            "failedRegisterOtherOutTotal",
                                            "activeSubscribes",
                                            "subscribeRateIn",
                                            "subscribeRateOut",
                                            "subscribeInTotal",
                                            "subscribeOutTotal",
                                            "failedSubscribeInTotal",
                                            "failedSubscribeOutTotal",
                                            "otherDialogs",
                                            "otherDialogsRateIn",
                                            "otherDialogsRateOut",
                                            "otherDialogsInTotal",
                                            "otherDialogsOutTotal",
                                            "failedOtherDialogsInTotal",
                                            "failedOtherDialogsOutTotal",
                                            "transactionRate"};

/// Each of them has a total and one for either direction.
constexpr std::string_view call_stats[] = {"activeCalls",
                                           "attemptedCalls",
                                           "attemptedCallsRate",
                                           "establishedCalls",
                                           "answerSeizureRatio",
                                           "networkEffectivenessRatio",
                                           "averageCallDuration",
                                           "busyCalls",
                                           "noAnswerCalls",
                                           "noResourcesCalls",
                                           "mediaMismatchCalls",
                                           "admissionFailedCalls",
                                           "noRouteCalls",
                                           "forwardedCalls",
                                           "abnormalTerminatedCalls",
                                           "otherReasonCalls",
                                           "mediaBrokenConnectionCalls",
                                           "postDialDelay",
                                           "minutesOfUsage",
                                           "shortCallsCounter",
                                           "longCallsCounter"};

constexpr std::string_view rec_stats[] = {"activeSipRecSessions", "sipRecSessionsTotal"};
constexpr std::string_view license_stats[] = {"licenseFeuUsage",      "licenseSbcSignalingUsage",
                                              "licenseSbcMediaUsage", "licenseTranscodingUsage",
                                              "licenseSipRecUsage",   "licenseWebRTCUsage"};
constexpr std::string_view port_stats[] = {"rxPackets", "txPackets", "rxErrors", "txErrors"};
constexpr std::string_view ddos_stats[] = {"droppedPackets"};
constexpr std::string_view ha_stats[] = {"haState", "haSwitchoversTotal"};
constexpr std::string_view media_stats[] = {"mediaLegs", "rtpPacketsLostTotal"};
constexpr std::string_view coder_stats[] = {"g711Legs", "g729Legs", "opusLegs"};
constexpr std::string_view cluster_stats[] = {"mediaComponents"};
constexpr std::string_view dsp_stats[] = {"dspChannels"};

/// Those of all these with a value that count from power-on on.
constexpr std::string_view counting[] = {"registerOutTotal", "rxPackets", "txPackets",
                                         "droppedPackets"};

/// "registerOutTotal" -> "Register Out Total".
std::string title_of(std::string_view id) {
    std::string title;
    for (const char c : id) {
        const bool begins = title.empty() || std::isupper(static_cast<unsigned char>(c)) != 0;
        title += begins && !title.empty() ? " " : "";
        title += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    }
    return title;
}

KpiNode node(std::string id, std::vector<KpiNode> below) {
    std::string title = title_of(id);
    return {std::move(id), std::move(title), -1, std::move(below)};
}

std::vector<KpiNode> leaves(std::span<const std::string_view> ids, const Values& values = {}) {
    std::vector<KpiNode> made;
    for (const std::string_view id : ids) {
        const auto value = values.find(id);
        made.push_back({std::string(id),
                        title_of(id),
                        value == values.end() ? -1 : value->second,
                        {},
                        std::ranges::find(counting, id) != std::end(counting)});
    }
    return made;
}

std::vector<KpiNode> call_leaves() {
    std::vector<KpiNode> made;
    for (const std::string_view id : call_stats) {
        for (const char* const direction : {"Total", "In", "Out"}) {
            const std::string name = std::string(id) + direction;
            // No call was ever active: this version has none. Of calls that end nothing is known.
            made.push_back({name, title_of(name), id == "activeCalls" ? 0 : -1});
        }
    }
    return made;
}

/// The same KPIs for the whole appliance, each IP group and each SRD.
KpiNode scopes(const std::string& id, const std::vector<KpiNode>& global,
               const std::vector<KpiNode>& of_group, const std::vector<std::string>& groups) {
    KpiNode ip_groups = node("ipGroup", {}), srds = node("srd", {});
    for (std::size_t i = 0; i < groups.size(); ++i) {
        ip_groups.below.push_back({fmt::format("{}", i), groups[i], -1, of_group});
    }
    srds.below.push_back({"0", "DefaultSRD", -1, of_group});
    return node(id, {node("global", global), std::move(ip_groups), std::move(srds)});
}

uint64_t sum_of(const json& counters, const char* name) {
    uint64_t sum = 0;
    for (const json& shard : list_in(counters, "shards")) {
        sum += static_cast<uint64_t>(number_in(shard, name));
    }
    return sum;
}

KpiNode sbc(const KpiFacts& facts) {
    const json& registrations = facts.registrations;
    const int64_t attempts = number_in(registrations, "attempts");
    const int64_t total = number_in(registrations, "total");
    const int64_t registered = number_in(registrations, "registered");
    Values values;
    if (flag_in(registrations, "ok")) {
        values = {{"registeredUsers", 0},
                  {"registerOutTotal", attempts},
                  {"sbcRegistrationSuccessRatio", total == 0 ? -1 : 100 * registered / total}};
    }
    return node(
        "sbc",
        {scopes("callStats", call_leaves(), call_leaves(), facts.ip_groups),
         scopes("otherStats", leaves(other_stats, values), leaves(other_stats), facts.ip_groups),
         scopes("sipRecStats", leaves(rec_stats), leaves(rec_stats), facts.ip_groups),
         scopes("sipRecstats", leaves(rec_stats), leaves(rec_stats), facts.ip_groups)});
}

KpiNode network(const KpiFacts& facts) {
    KpiNode ports = node("port", {});
    const json rows = list_in(facts.counters, "ports");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        Values values;
        for (const auto& [id, key] :
             {std::pair("rxPackets", "received_packets"), std::pair("txPackets", "sent_packets")}) {
            if (rows[i].contains(key)) {
                values[id] = number_in(rows[i], key);
            }
        }
        ports.below.push_back(
            {fmt::format("{}", i), text_in(rows[i], "name"), -1, leaves(port_stats, values)});
    }
    const Values dropped{
        {"droppedPackets", static_cast<int64_t>(sum_of(facts.counters, "malformed_dropped"))}};
    return node("network",
                {node("ddosStats", leaves(ddos_stats, dropped)), node("haStats", leaves(ha_stats)),
                 node("portStats", {std::move(ports)})});
}

KpiNode system(const KpiFacts& facts) {
    const auto known = [&](const char* key) {
        const auto found = facts.system.find(key);
        return found != facts.system.end() && found->is_number()
                   ? static_cast<int64_t>(found->get<double>())
                   : -1;
    };
    KpiNode cpus = node(
        "cpu",
        {{"0", "All cores", -1, {{"cpuUtilization", "CPU Utilization", known("cpu_percent")}}}});
    KpiNode partitions = node(
        "partition", {{"0", "State", -1, {{"storageUtilization", "Storage Utilization", -1}}}});
    return node("system", {node("licenseStats", leaves(license_stats)),
                           node("systemStats", {{"memoryUtilization", "Memory Utilization",
                                                 known("memory_percent")}}),
                           node("cpuStats", {std::move(cpus)}),
                           node("storageStats", {std::move(partitions)})});
}

}  // namespace

const KpiNode* KpiNode::find(std::string_view child) const {
    const auto found = std::ranges::find(below, child, &KpiNode::id);
    if (found != below.end()) {
        return &*found;
    }
    // What has one scope alone may be asked for with it and without it.
    const bool has_leaves = !below.empty() && below.front().below.empty();
    return child == "global" && has_leaves ? this : nullptr;
}

KpiNode kpi_tree(const KpiFacts& facts) {
    return node("current", {sbc(facts), network(facts), system(facts),
                            node("media", {node("mediaStats", leaves(media_stats)),
                                           node("coderStats", leaves(coder_stats)),
                                           node("clusterStats", leaves(cluster_stats)),
                                           node("dspStats", leaves(dsp_stats))})});
}

}  // namespace trunkline::mgmt
