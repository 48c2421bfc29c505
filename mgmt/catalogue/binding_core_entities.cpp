// TLS contexts, SIP interfaces, proxy sets and IP groups.
#include "mgmt/catalogue/binding.h"
#include "mgmt/catalogue/sip_choices.h"

namespace trunkline::mgmt {

namespace {

using sipstack::IpGroup;
using sipstack::ProxyAddress;
using sipstack::ProxySet;
using sipstack::SipInterface;
using sipstack::TlsContext;

TlsContext& last_tls_context(ApplianceConfig& config) {
    return config.sip.tls_contexts.back();
}
SipInterface& last_sip_interface(ApplianceConfig& config) {
    return config.sip.sip_interfaces.back();
}
ProxySet& last_proxy_set(ApplianceConfig& config) {
    return config.sip.proxy_sets.back();
}
ProxyAddress& last_proxy_address(ApplianceConfig& config) {
    return last_proxy_set(config).addresses.back();
}
IpGroup& last_ip_group(ApplianceConfig& config) {
    return config.sip.ip_groups.back();
}

template <auto Member>
constexpr auto tls_context = set_member<last_tls_context, Member>;
template <auto Member>
constexpr auto sip_interface = set_member<last_sip_interface, Member>;
template <auto Member>
constexpr auto proxy_set = set_member<last_proxy_set, Member>;
template <auto Member>
constexpr auto proxy_address = set_member<last_proxy_address, Member>;
template <auto Member>
constexpr auto ip_group = set_member<last_ip_group, Member>;

TableBinding tls_context_binding() {
    return {"ip_network.tls_contexts",
            [](ApplianceConfig& config) { config.sip.tls_contexts.emplace_back(); },
            {
                {"name", tls_context<&TlsContext::name>},
                {"tls_version", tls_context<&TlsContext::minimum_version>},
                {"certificate_file", tls_context<&TlsContext::certificate_file>},
                {"private_key_file", tls_context<&TlsContext::private_key_file>},
                {"trusted_roots_file", tls_context<&TlsContext::trusted_roots_file>},
                {"verify_server_certificate", tls_context<&TlsContext::verify_server>},
                {"ciphers_server", tls_context<&TlsContext::server_ciphers>},
                {"ciphers_client", tls_context<&TlsContext::client_ciphers>},
            }};
}

void set_network_interface(ApplianceConfig& config, const Value& value) {
    const auto& reference = value.as<RowReference>();
    last_sip_interface(config).network_interface = reference.key;
    last_sip_interface(config).ip_interface_index = static_cast<uint16_t>(reference.row);
}

void set_additional_udp_ports(ApplianceConfig& config, const Value& value) {
    const auto& ports = value.as<IntegerRange>();
    last_sip_interface(config).first_additional_udp_port = static_cast<uint16_t>(ports.first);
    last_sip_interface(config).last_additional_udp_port = static_cast<uint16_t>(ports.last);
}

TableBinding sip_interface_binding() {
    return {
        "signaling_and_media.sip_interfaces",
        [](ApplianceConfig& config) { config.sip.sip_interfaces.emplace_back(); },
        {
            {"name", sip_interface<&SipInterface::name>},
            {"network_interface", set_network_interface},
            {"udp_port", sip_interface<&SipInterface::udp_port>},
            {"tcp_port", sip_interface<&SipInterface::tcp_port>},
            {"tls_port", sip_interface<&SipInterface::tls_port>},
            {"additional_udp_ports", set_additional_udp_ports},
            {"additional_udp_ports_mode", sip_interface<&SipInterface::additional_udp_ports_mode>},
            {"tls_context", sip_interface<&SipInterface::tls_context_index>},
            {"tls_mutual_authentication", sip_interface<&SipInterface::tls_mutual_authentication>},
        }};
}

TableBinding proxy_set_binding() {
    return {
        "signaling_and_media.proxy_sets",
        [](ApplianceConfig& config) { config.sip.proxy_sets.emplace_back(); },
        {
            {"name", proxy_set<&ProxySet::name>},
            {"sip_interface", proxy_set<&ProxySet::sip_interface_index>},
            {"tls_context", proxy_set<&ProxySet::tls_context_index>},
            {"keep_alive", proxy_set<&ProxySet::keep_alive>},
            {"keep_alive_time", proxy_set<&ProxySet::keep_alive_time>},
            {"keep_alive_failure_responses", proxy_set<&ProxySet::keep_alive_failure_responses>},
            {"success_detection_retries", proxy_set<&ProxySet::success_detection_retries>},
            {"success_detection_interval", proxy_set<&ProxySet::success_detection_interval>},
            {"failure_detection_retransmissions",
             proxy_set<&ProxySet::failure_detection_retransmissions>},
            {"redundancy_mode", proxy_set<&ProxySet::redundancy_mode>},
            {"proxy_hot_swap", proxy_set<&ProxySet::hot_swap>},
            {"load_balancing_method", proxy_set<&ProxySet::load_balancing>},
            {"min_active_servers", proxy_set<&ProxySet::min_active_servers>},
            {"dns_resolve_method", proxy_set<&ProxySet::dns_resolve_method>},
            {"registration_rate", proxy_set<&ProxySet::registration_rate>},
            {"registration_window", proxy_set<&ProxySet::registration_window>},
        }};
}

void set_proxy_address(ApplianceConfig& config, const Value& value) {
    const auto& host_port = value.as<HostPort>();
    last_proxy_address(config).host = host_port.host;
    last_proxy_address(config).port = host_port.port;
}

TableBinding proxy_address_binding() {
    return {"signaling_and_media.proxy_sets.proxy_addresses",
            [](ApplianceConfig& config) { last_proxy_set(config).addresses.emplace_back(); },
            {
                {"address", set_proxy_address},
                {"transport", proxy_address<&ProxyAddress::transport>},
                {"priority", proxy_address<&ProxyAddress::priority>},
                {"weight", proxy_address<&ProxyAddress::weight>},
            }};
}

TableBinding ip_group_binding() {
    return {"signaling_and_media.ip_groups",
            [](ApplianceConfig& config) { config.sip.ip_groups.emplace_back(); },
            {
                {"name", ip_group<&IpGroup::name>},
                // What is done for a group follows from its registration mode.
                {"type", set_nothing},
                {"proxy_set", ip_group<&IpGroup::proxy_set_index>},
                {"sip_group_name", ip_group<&IpGroup::sip_group_name>},
                {"contact_user", ip_group<&IpGroup::contact_user>},
                {"registration_mode", ip_group<&IpGroup::registration_mode>},
            }};
}

}  // namespace

std::vector<TableBinding> core_entity_bindings() {
    return {tls_context_binding(), sip_interface_binding(), proxy_set_binding(),
            proxy_address_binding(), ip_group_binding()};
}

}  // namespace trunkline::mgmt
