#include "mgmt/catalogue/binding.h"

#include <iterator>
#include <utility>

namespace trunkline::mgmt {

namespace {

TableBinding administration_binding() {
    return {"administration",
            open_nothing,
            {
                {"local_socket",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.local_socket = value.as<std::string>();
                 }},
                {"log_level",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.log_level = value.as<EnumChoice>().name;
                 }},
                {"log_format",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.log_format =
                         static_cast<LogFormat>(value.as<EnumChoice>().number);
                 }},
                {"registration_journal",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.registration_journal = value.as<std::string>();
                 }},
                {"sealing_key",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.sealing_key = value.as<std::string>();
                 }},
                {"backup_folder",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.backup_folder = value.as<std::string>();
                 }},
                {"registration_journal_retry_time",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.registration_journal_retry_time =
                         sipstack::Seconds(value.as<int64_t>());
                 }},
            }};
}

TableBinding web_and_cli_binding() {
    return {"administration.web_and_cli",
            open_nothing,
            {
                {"listen",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.listen = value.as<HostPort>();
                 }},
                {"folder",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.folder = value.as<std::string>();
                 }},
            }};
}

TableBinding local_user_binding() {
    return {"administration.web_and_cli.local_users",
            [](ApplianceConfig& config) { config.administration.local_users.emplace_back(); },
            {
                {"user_name",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.local_users.back().user_name = value.as<std::string>();
                 }},
                {"password",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.local_users.back().password =
                         value.as<sipstack::Secret>();
                 }},
                {"block_duration",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.local_users.back().block_duration =
                         sipstack::Seconds(value.as<int64_t>());
                 }},
                {"user_level",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.local_users.back().user_level =
                         static_cast<AccessLevel>(value.as<EnumChoice>().number);
                 }},
            }};
}

TableBinding license_binding() {
    return {"license",
            open_nothing,
            {{"registered_users", [](ApplianceConfig& config, const Value& value) {
                  config.license.registered_users = static_cast<unsigned>(value.as<int64_t>());
              }}}};
}

TableBinding syslog_binding() {
    return {"troubleshoot.syslog",
            open_nothing,
            {
                {"enable_syslog",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.syslog.enabled = value.as<bool>();
                 }},
                {"syslog_server_ip",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.syslog.server = value.as<dataplane::IpAddress>();
                 }},
                {"syslog_server_port",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.syslog.port = static_cast<uint16_t>(value.as<int64_t>());
                 }},
                {"syslog_protocol",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.syslog.protocol =
                         static_cast<DeliveryProtocol>(value.as<EnumChoice>().number);
                 }},
                {"syslog_tls_context",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.syslog.tls_context_index = value.as<RowReference>().row;
                 }},
                {"log_severity_level",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.syslog.least =
                         static_cast<SyslogSeverity>(value.as<EnumChoice>().number);
                 }},
                {"voip_debug_level",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.syslog.has_sip_messages =
                         value.as<EnumChoice>().number != 0;
                 }},
            }};
}

TableBinding snmp_binding() {
    return {"administration.snmp",
            open_nothing,
            {
                {"disable_snmp",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.snmp.enabled = !value.as<bool>();
                 }},
                {"agentx_socket",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.snmp.agentx_socket = value.as<std::string>();
                 }},
            }};
}

TableBinding sip_capture_binding() {
    return {"troubleshoot.sip_capture",
            open_nothing,
            {
                {"enable_hep_export",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.capture.hep.enabled = value.as<bool>();
                 }},
                {"hep_server_ip",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.capture.hep.server = value.as<dataplane::IpAddress>();
                 }},
                {"hep_server_port",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.capture.hep.port =
                         static_cast<uint16_t>(value.as<int64_t>());
                 }},
                {"hep_protocol",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.capture.hep.protocol =
                         static_cast<DeliveryProtocol>(value.as<EnumChoice>().number);
                 }},
                {"hep_capture_id",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.capture.hep.capture_id =
                         static_cast<uint32_t>(value.as<int64_t>());
                 }},
                {"hep_auth_key",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.capture.hep.key = value.as<sipstack::Secret>().reveal();
                 }},
                {"capture_file_size",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.capture.files.file_bytes =
                         static_cast<uint64_t>(value.as<int64_t>()) << 20;
                 }},
                {"capture_files",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.capture.files.files =
                         static_cast<std::size_t>(value.as<int64_t>());
                 }},
            }};
}

}  // namespace

std::vector<TableBinding> all_bindings() {
    std::vector<TableBinding> all = board_bindings();
    for (auto part :
         {network_bindings(), core_entity_bindings(), sip_definition_bindings(), user_bindings()}) {
        std::move(part.begin(), part.end(), std::back_inserter(all));
    }
    all.push_back(license_binding());
    all.push_back(administration_binding());
    all.push_back(web_and_cli_binding());
    all.push_back(local_user_binding());
    all.push_back(syslog_binding());
    all.push_back(snmp_binding());
    all.push_back(sip_capture_binding());
    return all;
}

}  // namespace trunkline::mgmt
