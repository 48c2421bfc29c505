// Whoever registers or has credentials: accounts, trunk groups, the user tables.
#include "mgmt/catalogue/binding.h"
#include "mgmt/catalogue/sip_choices.h"

#include <charconv>

namespace trunkline::mgmt {

namespace {

using sipstack::Account;
using sipstack::EndpointAuthentication;
using sipstack::GatewayUser;
using sipstack::SbcUser;
using sipstack::TrunkGroup;
using sipstack::TrunkGroupSettings;

Account& last_account(ApplianceConfig& config) {
    return config.sip.accounts.back();
}
TrunkGroup& last_trunk_group(ApplianceConfig& config) {
    return config.sip.trunk_groups.back();
}
TrunkGroupSettings& last_settings(ApplianceConfig& config) {
    return config.sip.trunk_group_settings.back();
}
SbcUser& last_sbc_user(ApplianceConfig& config) {
    return config.sip.sbc_users.back();
}
GatewayUser& last_gateway_user(ApplianceConfig& config) {
    return config.sip.gateway_users.back();
}
EndpointAuthentication& last_authentication(ApplianceConfig& config) {
    return config.sip.endpoint_authentication.back();
}

template <auto Member>
constexpr auto account = set_member<last_account, Member>;
template <auto Member>
constexpr auto trunk_group = set_member<last_trunk_group, Member>;
template <auto Member>
constexpr auto settings = set_member<last_settings, Member>;
template <auto Member>
constexpr auto sbc_user = set_member<last_sbc_user, Member>;
template <auto Member>
constexpr auto gateway_user = set_member<last_gateway_user, Member>;
template <auto Member>
constexpr auto authentication = set_member<last_authentication, Member>;

/// The number that is the key of the row that is referred to; 0 where that row is wrong itself and
/// the file is refused.
unsigned number_of(const Value& value) {
    const std::string& key = value.as<RowReference>().key;
    unsigned number = 0;
    std::from_chars(key.data(), key.data() + key.size(), number);
    return number;
}

TableBinding account_binding() {
    return {
        "signaling_and_media.accounts",
        [](ApplianceConfig& config) { config.sip.accounts.emplace_back(); },
        {
            {"name", account<&Account::name>},
            {"served_trunk_group",
             [](ApplianceConfig& config, const Value& value) {
                 last_account(config).served_trunk_group = number_of(value);
             }},
            {"served_ip_group", account<&Account::served_ip_group_index>},
            {"serving_ip_group", account<&Account::serving_ip_group_index>},
            {"user_name", account<&Account::user_name>},
            {"password", account<&Account::password>},
            {"host_name", account<&Account::host_name>},
            {"contact_user", account<&Account::contact_user>},
            {"register", account<&Account::register_mode>},
            {"registrar_stickiness", account<&Account::registrar_stickiness>},
            {"registrar_search_mode", account<&Account::registrar_search_mode>},
            {"re_register_on_invite_failure", account<&Account::re_register_on_invite_failure>},
            {"reg_event_package_subscription", account<&Account::reg_event_package_subscription>},
            {"reg_by_served_ip_group_status", account<&Account::register_only_if_served_is_online>},
            {"udp_port_assignment", account<&Account::udp_port_assignment>},
            {"ha1", account<&Account::ha1>},
            {"ha1_algorithm", account<&Account::ha1_algorithm>},
            {"aka_key", account<&Account::aka_key>},
            {"aka_operator_key", account<&Account::aka_operator_key>},
            {"outbound", account<&Account::outbound>},
            {"instance_id", account<&Account::instance_id>},
        }};
}

TableBinding trunk_group_binding() {
    return {"signaling_and_media.gateway.trunk_groups",
            [](ApplianceConfig& config) { config.sip.trunk_groups.emplace_back(); },
            {
                {"index", trunk_group<&TrunkGroup::trunk_group_id>},
                {"module", trunk_group<&TrunkGroup::module>},
                {"trunks",
                 [](ApplianceConfig& config, const Value& value) {
                     const auto& run = value.as<IntegerRange>();
                     last_trunk_group(config).first_trunk = static_cast<unsigned>(run.first);
                     last_trunk_group(config).last_trunk = static_cast<unsigned>(run.last);
                 }},
                {"channels",
                 [](ApplianceConfig& config, const Value& value) {
                     const auto& run = value.as<IntegerRange>();
                     last_trunk_group(config).first_channel = static_cast<unsigned>(run.first);
                     last_trunk_group(config).last_channel = static_cast<unsigned>(run.last);
                 }},
                {"phone_number", trunk_group<&TrunkGroup::phone_number>},
            }};
}

TableBinding trunk_group_settings_binding() {
    return {"signaling_and_media.gateway.trunk_group_settings",
            [](ApplianceConfig& config) { config.sip.trunk_group_settings.emplace_back(); },
            {
                {"trunk_group",
                 [](ApplianceConfig& config, const Value& value) {
                     last_settings(config).trunk_group_id = number_of(value);
                 }},
                {"registration_mode", settings<&TrunkGroupSettings::registration_mode>},
                {"serving_ip_group", settings<&TrunkGroupSettings::serving_ip_group_index>},
                {"gateway_name", settings<&TrunkGroupSettings::gateway_name>},
                {"contact_user", settings<&TrunkGroupSettings::contact_user>},
            }};
}

TableBinding sbc_user_binding() {
    return {"signaling_and_media.sbc.user_information",
            [](ApplianceConfig& config) { config.sip.sbc_users.emplace_back(); },
            {
                {"local_user", sbc_user<&SbcUser::local_user>},
                {"user_name", sbc_user<&SbcUser::user_name>},
                {"password", sbc_user<&SbcUser::password>},
                {"ip_group", sbc_user<&SbcUser::ip_group_index>},
            }};
}

TableBinding gateway_user_binding() {
    return {"signaling_and_media.gateway.user_information",
            [](ApplianceConfig& config) { config.sip.gateway_users.emplace_back(); },
            {
                {"pbx_extension", gateway_user<&GatewayUser::pbx_extension>},
                {"global_phone_number", gateway_user<&GatewayUser::global_phone_number>},
                {"display_name", gateway_user<&GatewayUser::display_name>},
                {"user_name", gateway_user<&GatewayUser::user_name>},
                {"password", gateway_user<&GatewayUser::password>},
            }};
}

TableBinding authentication_binding() {
    return {"signaling_and_media.gateway.authentication",
            [](ApplianceConfig& config) { config.sip.endpoint_authentication.emplace_back(); },
            {
                {"module", authentication<&EndpointAuthentication::module>},
                {"port", authentication<&EndpointAuthentication::port>},
                {"user_name", authentication<&EndpointAuthentication::user_name>},
                {"password", authentication<&EndpointAuthentication::password>},
            }};
}

}  // namespace

std::vector<TableBinding> user_bindings() {
    return {account_binding(),  trunk_group_binding(),  trunk_group_settings_binding(),
            sbc_user_binding(), gateway_user_binding(), authentication_binding()};
}

}  // namespace trunkline::mgmt
