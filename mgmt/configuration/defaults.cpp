#include "mgmt/configuration/defaults.h"

#include "mgmt/configuration/check_context.h"

#include <fmt/format.h>

namespace trunkline::mgmt {

namespace {

constexpr uint16_t default_tcp_port = 5060;
constexpr uint16_t default_tls_port = 5061;

void fill_in_sip_interfaces(ApplianceConfig& config, const ConfigNode& root) {
    // TCP and TLS end in the kernel, and without its twins it has no address of ours.
    const bool streams = config.network.kernel_twin == dataplane::KernelTwin::tap;
    for (std::size_t at = 0; at < config.sip.sip_interfaces.size(); ++at) {
        sipstack::SipInterface& interface = config.sip.sip_interfaces[at];
        const std::string path = fmt::format("signaling_and_media.sip_interfaces[{}]", at);
        if (interface.ip_interface_index < config.network.ip_interfaces.size()) {
            interface.address =
                config.network.ip_interfaces[interface.ip_interface_index].address.address;
        }
        if (streams && !is_given(root, path + ".tcp_port")) {
            interface.tcp_port = default_tcp_port;
        }
        if (streams && !config.sip.tls_contexts.empty() && !is_given(root, path + ".tls_port")) {
            interface.tls_port = default_tls_port;
        }
    }
}

void fill_in_proxy_sets(ApplianceConfig& config, const ConfigNode& root) {
    const ProxySetDefaults& defaults = config.proxy_set_defaults;
    for (std::size_t at = 0; at < config.sip.proxy_sets.size(); ++at) {
        sipstack::ProxySet& set = config.sip.proxy_sets[at];
        const std::string path = fmt::format("signaling_and_media.proxy_sets[{}]", at);
        if (!is_given(root, path + ".keep_alive")) {
            set.keep_alive = defaults.keep_alive;
        }
        if (!is_given(root, path + ".keep_alive_time")) {
            set.keep_alive_time = defaults.keep_alive_time;
        }
        if (!is_given(root, path + ".proxy_hot_swap")) {
            set.hot_swap = defaults.hot_swap;
        }
    }
    // Without any proxy set the page speaks for its own registrar; with keep-alive it is not
    // swapped.
    config.sip.proxy_and_registration.registrar_hot_swap =
        defaults.hot_swap && defaults.keep_alive == sipstack::KeepAlive::disable;
    const std::string query_type =
        "signaling_and_media.sip_definitions.proxy_and_registration.proxy_dns_query_type";
    if (defaults.srv_queries && !is_given(root, query_type)) {
        config.sip.proxy_and_registration.proxy_dns_query_type = sipstack::DnsResolveMethod::srv;
    }
}

/// A Tmedia gateway gives up by time alone.
void fill_in_timers(ApplianceConfig& config, const ConfigNode& root) {
    const bool is_tmedia =
        config.sip.proxy_and_registration.retry_profile == sipstack::RetryProfile::tmedia;
    if (is_tmedia &&
        !is_given(root, "signaling_and_media.sip_definitions.general.sip_maximum_rtx")) {
        config.sip.timers.max_transmissions = 0;
    }
}

}  // namespace

void fill_in_defaults(ApplianceConfig& config, const ConfigNode& root) {
    fill_in_sip_interfaces(config, root);
    fill_in_proxy_sets(config, root);
    fill_in_timers(config, root);
}

}  // namespace trunkline::mgmt
