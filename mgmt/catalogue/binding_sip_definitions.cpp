// The pages of SIP definitions: Proxy & Registration and SIP General.
#include "mgmt/catalogue/binding.h"
#include "mgmt/catalogue/sip_choices.h"

namespace trunkline::mgmt {

namespace {

using sipstack::TimerSettings;
using Page = sipstack::ProxyAndRegistration;

Page& the_page(ApplianceConfig& config) {
    return config.sip.proxy_and_registration;
}
ProxySetDefaults& the_proxy_set_defaults(ApplianceConfig& config) {
    return config.proxy_set_defaults;
}
sipstack::Config& the_sip_config(ApplianceConfig& config) {
    return config.sip;
}
TimerSettings& the_timers(ApplianceConfig& config) {
    return config.sip.timers;
}

template <auto Member>
constexpr auto page = set_member<the_page, Member>;
template <auto Member>
constexpr auto proxy_sets = set_member<the_proxy_set_defaults, Member>;
template <auto Member>
constexpr auto sip = set_member<the_sip_config, Member>;
template <auto Member>
constexpr auto timers = set_member<the_timers, Member>;

void set_registrar(ApplianceConfig& config, const Value& value) {
    const auto& host_port = value.as<HostPort>();
    the_page(config).registrar = {.host = host_port.host, .port = host_port.port};
}

/// The catalogue has the address before it.
void set_registrar_transport(ApplianceConfig& config, const Value& value) {
    if (the_page(config).registrar) {
        assign(the_page(config).registrar->transport, value);
    }
}

/// The catalogue has the rate before it.
void set_limit_generated_registers(ApplianceConfig& config, const Value& value) {
    if (!value.as<bool>()) {
        the_page(config).max_generated_registers_rate = 0;
    }
}

TableBinding proxy_and_registration_binding() {
    return {
        "signaling_and_media.sip_definitions.proxy_and_registration",
        open_nothing,
        {
            {"use_default_proxy", page<&Page::use_default_proxy>},
            {"proxy_name", page<&Page::proxy_name>},
            {"use_proxy_ip_as_host", page<&Page::use_proxy_ip_as_host>},
            {"redundancy_mode", page<&Page::redundancy_mode>},
            {"proxy_ip_list_refresh_time", page<&Page::proxy_ip_list_refresh_time>},
            {"dns_query_type", page<&Page::dns_query_type>},
            {"proxy_dns_query_type", page<&Page::proxy_dns_query_type>},
            {"use_gateway_name_for_options", page<&Page::use_gateway_name_for_options>},
            {"number_of_rtx_before_hot_swap", page<&Page::hot_swap_rtx>},
            {"use_random_user", page<&Page::use_random_user>},
            {"unregister_on_startup", page<&Page::unregister_on_startup>},
            {"gateway_name", page<&Page::gateway_name>},
            {"enable_registration", page<&Page::enable_registration>},
            {"registrar_name", page<&Page::registrar_name>},
            {"registrar_ip_address", set_registrar},
            {"registrar_transport_type", set_registrar_transport},
            {"registration_time", page<&Page::registration_time>},
            {"re_registration_timing", page<&Page::re_registration_timing>},
            {"registration_retry_time", page<&Page::registration_retry_time>},
            {"max_registration_backoff_time", page<&Page::max_registration_backoff_time>},
            {"registration_time_threshold", page<&Page::registration_time_threshold>},
            {"re_register_on_invite_failure", page<&Page::register_on_invite_failure>},
            {"re_register_on_connection_failure", page<&Page::re_register_on_connection_failure>},
            {"gateway_registration_name", page<&Page::gateway_registration_name>},
            {"registration_mode", page<&Page::registration_mode>},
            {"unregistration_mode", page<&Page::explicit_unregistration>},
            {"add_empty_authorization_header", page<&Page::add_empty_authorization_header>},
            {"add_initial_route_header", page<&Page::add_initial_route_header>},
            {"use_ping_pong_keep_alive", page<&Page::use_ping_pong_keep_alive>},
            {"ping_pong_keep_alive_time", page<&Page::ping_pong_keep_alive_time>},
            {"max_generated_registers_rate", page<&Page::max_generated_registers_rate>},
            {"generated_registers_interval", page<&Page::generated_registers_interval>},
            {"sync_ims_accounts", page<&Page::sync_ims_accounts>},
            {"account_invite_failure_trigger_codes",
             page<&Page::account_invite_failure_trigger_codes>},
            {"enable_proxy_keep_alive", proxy_sets<&ProxySetDefaults::keep_alive>},
            {"proxy_keep_alive_time", proxy_sets<&ProxySetDefaults::keep_alive_time>},
            {"enable_proxy_hot_swap", proxy_sets<&ProxySetDefaults::hot_swap>},
            {"enable_proxy_srv_queries", proxy_sets<&ProxySetDefaults::srv_queries>},
            {"user_name", page<&Page::user_name>},
            {"password", page<&Page::password>},
            {"cnonce", page<&Page::cnonce>},
            {"challenge_caching_mode", page<&Page::challenge_caching_mode>},
            {"mutual_authentication_mode", page<&Page::mandatory_mutual_authentication>},
            {"retry_profile", page<&Page::retry_profile>},
            {"refused_retry_time", page<&Page::refused_retry_time>},
            {"refresh_jitter", page<&Page::refresh_jitter>},
            {"limit_generated_registers", set_limit_generated_registers},
            {"prefer_strongest_digest", page<&Page::prefer_strongest_digest>},
            {"allow_basic_authentication", page<&Page::allow_basic_authentication>},
        }};
}

TableBinding general_binding() {
    return {"signaling_and_media.sip_definitions.general",
            open_nothing,
            {
                {"t1", timers<&TimerSettings::t1>},
                {"t2", timers<&TimerSettings::t2>},
                {"t4", timers<&TimerSettings::t4>},
                {"sip_maximum_rtx", timers<&TimerSettings::max_transmissions>},
                {"tcp_timeout", timers<&TimerSettings::tcp_timeout>},
                {"fake_retry_after", timers<&TimerSettings::fake_retry_after>},
                {"sip_transport_type", sip<&sipstack::Config::transport_type>},
                {"sip_destination_port", sip<&sipstack::Config::destination_port>},
                {"enable_sips", sip<&sipstack::Config::enable_sips>},
                {"user_agent_display_info", sip<&sipstack::Config::user_agent>},
            }};
}

}  // namespace

std::vector<TableBinding> sip_definition_bindings() {
    return {proxy_and_registration_binding(), general_binding()};
}

}  // namespace trunkline::mgmt
