// The tables that sipstack acts on.
#include "mgmt/catalogue/binding.h"

#include <charconv>
#include <cstdlib>

namespace trunkline::mgmt {

namespace {

sipstack::Transport transport_of(const std::string& name) {
    if (name == "udp") {
        return sipstack::Transport::udp;
    }
    std::abort();
}

sipstack::AccountRegister account_register_of(const std::string& name) {
    if (name == "no") {
        return sipstack::AccountRegister::no;
    }
    if (name == "regular") {
        return sipstack::AccountRegister::regular;
    }
    std::abort();
}

sipstack::RegistrationMode registration_mode_of(const std::string& name) {
    if (name == "per_endpoint") {
        return sipstack::RegistrationMode::per_endpoint;
    }
    if (name == "per_gateway") {
        return sipstack::RegistrationMode::per_gateway;
    }
    if (name == "per_account") {
        return sipstack::RegistrationMode::per_account;
    }
    if (name == "dont_register") {
        return sipstack::RegistrationMode::dont_register;
    }
    std::abort();
}

uint16_t row_of(const Value& value) {
    return static_cast<uint16_t>(value.as<RowReference>().row);
}

/// The number that is the key of the row that is referred to; 0 where that row is wrong itself and
/// the file is refused.
unsigned number_of(const Value& value) {
    const std::string& key = value.as<RowReference>().key;
    unsigned number = 0;
    std::from_chars(key.data(), key.data() + key.size(), number);
    return number;
}

sipstack::ProxyAddress proxy_address_of(const Value& value) {
    const auto& host_port = value.as<HostPort>();
    return {host_port.host, host_port.port, sipstack::Transport::udp};
}

sipstack::ProxySet& last_proxy_set(ApplianceConfig& config) {
    return config.sip.proxy_sets.back();
}
sipstack::Account& last_account(ApplianceConfig& config) {
    return config.sip.accounts.back();
}
sipstack::TrunkGroup& last_trunk_group(ApplianceConfig& config) {
    return config.sip.trunk_groups.back();
}
sipstack::TrunkGroupSettings& last_settings(ApplianceConfig& config) {
    return config.sip.trunk_group_settings.back();
}
sipstack::ProxyAndRegistration& registration(ApplianceConfig& config) {
    return config.sip.proxy_and_registration;
}

TableBinding sip_interface_binding() {
    return {"signaling_and_media.sip_interfaces",
            [](ApplianceConfig& config) { config.sip.sip_interfaces.emplace_back(); },
            {
                {"name",
                 [](ApplianceConfig& config, const Value& value) {
                     config.sip.sip_interfaces.back().name = value.as<std::string>();
                 }},
                {"network_interface",
                 [](ApplianceConfig& config, const Value& value) {
                     config.sip.sip_interfaces.back().network_interface =
                         value.as<RowReference>().key;
                     config.sip.sip_interfaces.back().ip_interface_index = row_of(value);
                 }},
                {"udp_port",
                 [](ApplianceConfig& config, const Value& value) {
                     config.sip.sip_interfaces.back().udp_port =
                         static_cast<uint16_t>(value.as<int64_t>());
                 }},
            }};
}

TableBinding proxy_set_binding() {
    return {"signaling_and_media.proxy_sets",
            [](ApplianceConfig& config) { config.sip.proxy_sets.emplace_back(); },
            {
                {"name",
                 [](ApplianceConfig& config, const Value& value) {
                     last_proxy_set(config).name = value.as<std::string>();
                 }},
                {"sip_interface",
                 [](ApplianceConfig& config, const Value& value) {
                     last_proxy_set(config).sip_interface_index = row_of(value);
                 }},
                {"keep_alive", set_nothing},
            }};
}

TableBinding proxy_address_binding() {
    return {"signaling_and_media.proxy_sets.proxy_addresses",
            [](ApplianceConfig& config) { last_proxy_set(config).addresses.emplace_back(); },
            {
                {"address",
                 [](ApplianceConfig& config, const Value& value) {
                     last_proxy_set(config).addresses.back() = proxy_address_of(value);
                 }},
                {"transport",
                 [](ApplianceConfig& config, const Value& value) {
                     last_proxy_set(config).addresses.back().transport =
                         transport_of(value.as<EnumChoice>().name);
                 }},
            }};
}

TableBinding ip_group_binding() {
    return {"signaling_and_media.ip_groups",
            [](ApplianceConfig& config) { config.sip.ip_groups.emplace_back(); },
            {
                {"name",
                 [](ApplianceConfig& config, const Value& value) {
                     config.sip.ip_groups.back().name = value.as<std::string>();
                 }},
                {"type", set_nothing},
                {"proxy_set",
                 [](ApplianceConfig& config, const Value& value) {
                     config.sip.ip_groups.back().proxy_set_index = row_of(value);
                 }},
                {"sip_group_name",
                 [](ApplianceConfig& config, const Value& value) {
                     config.sip.ip_groups.back().sip_group_name = value.as<std::string>();
                 }},
                {"contact_user",
                 [](ApplianceConfig& config, const Value& value) {
                     config.sip.ip_groups.back().contact_user = value.as<std::string>();
                 }},
            }};
}

TableBinding account_binding() {
    return {"signaling_and_media.accounts",
            [](ApplianceConfig& config) { config.sip.accounts.emplace_back(); },
            {
                {"name",
                 [](ApplianceConfig& config, const Value& value) {
                     last_account(config).name = value.as<std::string>();
                 }},
                {"served_trunk_group",
                 [](ApplianceConfig& config, const Value& value) {
                     last_account(config).served_trunk_group = number_of(value);
                 }},
                {"served_ip_group",
                 [](ApplianceConfig& config, const Value& value) {
                     last_account(config).served_ip_group_index = row_of(value);
                 }},
                {"serving_ip_group",
                 [](ApplianceConfig& config, const Value& value) {
                     last_account(config).serving_ip_group_index = row_of(value);
                 }},
                {"user_name",
                 [](ApplianceConfig& config, const Value& value) {
                     last_account(config).user_name = value.as<std::string>();
                 }},
                {"password",
                 [](ApplianceConfig& config, const Value& value) {
                     last_account(config).password = value.as<sipstack::Secret>();
                 }},
                {"host_name",
                 [](ApplianceConfig& config, const Value& value) {
                     last_account(config).host_name = value.as<std::string>();
                 }},
                {"contact_user",
                 [](ApplianceConfig& config, const Value& value) {
                     last_account(config).contact_user = value.as<std::string>();
                 }},
                {"register",
                 [](ApplianceConfig& config, const Value& value) {
                     last_account(config).register_mode =
                         account_register_of(value.as<EnumChoice>().name);
                 }},
            }};
}

TableBinding trunk_group_binding() {
    return {"signaling_and_media.gateway.trunk_groups",
            [](ApplianceConfig& config) { config.sip.trunk_groups.emplace_back(); },
            {
                {"index",
                 [](ApplianceConfig& config, const Value& value) {
                     last_trunk_group(config).trunk_group_id =
                         static_cast<unsigned>(value.as<int64_t>());
                 }},
                {"module",
                 [](ApplianceConfig& config, const Value& value) {
                     last_trunk_group(config).module = static_cast<unsigned>(value.as<int64_t>());
                 }},
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
                {"phone_number",
                 [](ApplianceConfig& config, const Value& value) {
                     last_trunk_group(config).phone_number = value.as<std::string>();
                 }},
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
                {"registration_mode",
                 [](ApplianceConfig& config, const Value& value) {
                     last_settings(config).registration_mode =
                         registration_mode_of(value.as<EnumChoice>().name);
                 }},
                {"serving_ip_group",
                 [](ApplianceConfig& config, const Value& value) {
                     last_settings(config).serving_ip_group_index = row_of(value);
                 }},
                {"gateway_name",
                 [](ApplianceConfig& config, const Value& value) {
                     last_settings(config).gateway_name = value.as<std::string>();
                 }},
                {"contact_user",
                 [](ApplianceConfig& config, const Value& value) {
                     last_settings(config).contact_user = value.as<std::string>();
                 }},
            }};
}

TableBinding proxy_and_registration_binding() {
    return {"signaling_and_media.sip_definitions.proxy_and_registration",
            open_nothing,
            {
                {"use_default_proxy",
                 [](ApplianceConfig& config, const Value& value) {
                     registration(config).use_default_proxy = value.as<bool>();
                 }},
                {"proxy_name",
                 [](ApplianceConfig& config, const Value& value) {
                     registration(config).proxy_name = value.as<std::string>();
                 }},
                {"proxy_ip_list_refresh_time",
                 [](ApplianceConfig& config, const Value& value) {
                     registration(config).proxy_ip_list_refresh_time =
                         sipstack::Seconds(value.as<int64_t>());
                 }},
                {"gateway_name",
                 [](ApplianceConfig& config, const Value& value) {
                     registration(config).gateway_name = value.as<std::string>();
                 }},
                {"enable_registration",
                 [](ApplianceConfig& config, const Value& value) {
                     registration(config).enable_registration = value.as<bool>();
                 }},
                {"registrar_name",
                 [](ApplianceConfig& config, const Value& value) {
                     registration(config).registrar_name = value.as<std::string>();
                 }},
                {"registrar_ip_address",
                 [](ApplianceConfig& config, const Value& value) {
                     registration(config).registrar = proxy_address_of(value);
                 }},
                {"registration_time",
                 [](ApplianceConfig& config, const Value& value) {
                     registration(config).registration_time =
                         sipstack::Seconds(value.as<int64_t>());
                 }},
                {"re_registration_timing",
                 [](ApplianceConfig& config, const Value& value) {
                     registration(config).re_registration_timing =
                         static_cast<unsigned>(value.as<int64_t>());
                 }},
                {"registration_retry_time",
                 [](ApplianceConfig& config, const Value& value) {
                     registration(config).registration_retry_time =
                         sipstack::Seconds(value.as<int64_t>());
                 }},
                {"registration_time_threshold",
                 [](ApplianceConfig& config, const Value& value) {
                     registration(config).registration_time_threshold =
                         sipstack::Seconds(value.as<int64_t>());
                 }},
                {"gateway_registration_name",
                 [](ApplianceConfig& config, const Value& value) {
                     registration(config).gateway_registration_name = value.as<std::string>();
                 }},
                {"registration_mode",
                 [](ApplianceConfig& config, const Value& value) {
                     registration(config).registration_mode =
                         registration_mode_of(value.as<EnumChoice>().name);
                 }},
                {"user_name",
                 [](ApplianceConfig& config, const Value& value) {
                     registration(config).user_name = value.as<std::string>();
                 }},
                {"password",
                 [](ApplianceConfig& config, const Value& value) {
                     registration(config).password = value.as<sipstack::Secret>();
                 }},
            }};
}

TableBinding general_binding() {
    return {"signaling_and_media.sip_definitions.general",
            open_nothing,
            {
                {"t1",
                 [](ApplianceConfig& config, const Value& value) {
                     config.sip.timers.t1 = std::chrono::milliseconds(value.as<int64_t>());
                 }},
                {"t2",
                 [](ApplianceConfig& config, const Value& value) {
                     config.sip.timers.t2 = std::chrono::milliseconds(value.as<int64_t>());
                 }},
                {"t4",
                 [](ApplianceConfig& config, const Value& value) {
                     config.sip.timers.t4 = std::chrono::milliseconds(value.as<int64_t>());
                 }},
                {"user_agent_display_info",
                 [](ApplianceConfig& config, const Value& value) {
                     config.sip.user_agent = value.as<std::string>();
                 }},
            }};
}

}  // namespace

std::vector<TableBinding> signaling_bindings() {
    return {sip_interface_binding(),
            proxy_set_binding(),
            proxy_address_binding(),
            ip_group_binding(),
            account_binding(),
            trunk_group_binding(),
            trunk_group_settings_binding(),
            proxy_and_registration_binding(),
            general_binding()};
}

}  // namespace trunkline::mgmt
