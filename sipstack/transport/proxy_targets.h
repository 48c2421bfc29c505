// Where proxy sets and the registrar really are: configured hosts turned into targets, for as long
// as the configuration stands.
#pragma once

#include "sipstack/config.h"
#include "sipstack/shard.h"
#include "sipstack/transport/name_resolver.h"
#include "sipstack/transport/server_location.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trunkline::sipstack {

/// How each configured address stands, for the operator.
struct ProxyTargetsStatus {
    struct Row {
        std::optional<uint16_t> proxy_set_index;  ///< unset = the registrar of the page
        std::string configured;                   ///< "sip.lab.example:5070;transport=tcp"
        std::string resolved_by;  ///< "SRV _sip._udp.lab.example", "numeric address"; empty = not
        std::vector<Target> targets;  ///< priority and weight as DNS has them, 0 and the row's else
        bool kept = false;            ///< DNS leads nowhere now; these are the last that worked
        std::optional<Seconds> age;   ///< of the oldest answer that the targets come from
        std::optional<Seconds> time_to_live;  ///< left, of the first to run out; 0 = it has
        std::string failure;                  ///< what is wrong, "SRV _sip._udp.x: timeout"; empty
        bool dns_failed = false;              ///< DNS is silent about it, or its server fails
    };
    std::vector<Row> rows;  ///< the proxy sets' in the order of the tables, then the registrar's
};

/// Follows every name of the configuration and tells the shards, through two functions, what it has
/// become. A list is told when each of its names was answered or failed, then with every change;
/// empty = there is no way to it. Numeric hosts are told at once. Addresses of the other family
/// than the SIP interface's are left out: nothing could be sent to them. Lives on the control
/// thread.
///
/// For a new configuration, destroy it and make a new one with the same resolver: what is known
/// already is told from within the constructor.
class ProxyTargets {
public:
    struct Listener {
        std::function<void(const ProxySetTargets&)> proxy_set;
        std::function<void(const RegistrarTargets&)> registrar;
    };
    /// `resolver` outlives this. The listeners must not destroy it.
    ProxyTargets(const Config& config, NameResolver& resolver, Listener listener);
    ~ProxyTargets();
    ProxyTargets(const ProxyTargets&) = delete;
    ProxyTargets& operator=(const ProxyTargets&) = delete;

    ProxyTargetsStatus status() const;

private:
    struct Row;
    struct HostList;

    void add(const Config& config, uint16_t sip_interface_index,
             const std::vector<ProxyAddress>& addresses, DnsResolveMethod method, HostList&& empty);
    void locate(Row& row);
    /// true: questions were asked that nothing was known of before.
    bool follow_questions(Row& row);
    void log_change(Row& row);
    void tell(HostList& list);

    NameResolver& resolver_;
    const Listener listener_;
    Seconds refresh_;
    std::vector<std::unique_ptr<HostList>> lists_;
};

}  // namespace trunkline::sipstack
