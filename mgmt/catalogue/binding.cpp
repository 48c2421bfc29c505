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

}  // namespace

std::vector<TableBinding> all_bindings() {
    std::vector<TableBinding> all = board_bindings();
    for (auto part :
         {network_bindings(), core_entity_bindings(), sip_definition_bindings(), user_bindings()}) {
        std::move(part.begin(), part.end(), std::back_inserter(all));
    }
    all.push_back(administration_binding());
    all.push_back(web_and_cli_binding());
    all.push_back(local_user_binding());
    return all;
}

}  // namespace trunkline::mgmt
