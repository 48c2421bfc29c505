// Where proxy sets and the registrar really are: configured hosts turned into endpoints.
#pragma once

#include "sipstack/config.h"
#include "sipstack/shard.h"
#include "sipstack/transport/name_resolver.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace trunkline::sipstack {

/// Follows every name of the configuration and tells the shards, through two functions, what it has
/// become. Numeric hosts are told at once. Addresses of the other family than the SIP interface's
/// are left out: nothing could be sent to them. Lives on the control thread.
class ProxyTargets {
public:
    struct Listener {
        std::function<void(const ProxySetTargets&)> proxy_set;
        std::function<void(const RegistrarTargets&)> registrar;
    };
    /// `config` and `resolver` outlive this.
    ProxyTargets(const Config& config, NameResolver& resolver, Listener listener);

private:
    /// The hosts of one list, in order of preference, with what each resolved to.
    struct HostList {
        struct Host {
            ProxyAddress configured;
            std::vector<dataplane::IpAddress> addresses;
        };
        std::vector<Host> hosts;
        dataplane::IpAddress::Family family{};
        std::function<void(std::vector<ProxySetTargets::Target>)> changed;

        void tell() const;
    };
    void add(std::vector<ProxyAddress> addresses, dataplane::IpAddress::Family family,
             std::function<void(std::vector<ProxySetTargets::Target>)> changed);
    void resolve(HostList& list, std::size_t position);

    NameResolver& resolver_;
    std::chrono::seconds refresh_;
    std::vector<std::unique_ptr<HostList>> lists_;
};

}  // namespace trunkline::sipstack
