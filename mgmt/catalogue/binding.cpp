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
                {"registration_journal_retry_time",
                 [](ApplianceConfig& config, const Value& value) {
                     config.administration.registration_journal_retry_time =
                         sipstack::Seconds(value.as<int64_t>());
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
    return all;
}

}  // namespace trunkline::mgmt
