#include "mgmt/alarms/alarm_kinds.h"

#include <algorithm>

namespace trunkline::mgmt {

const AlarmKind& alarm_kind(std::string_view name) {
    static constexpr std::array kinds{board_configuration_alarm,
                                      board_temperature_alarm,
                                      board_started_event,
                                      admin_state_alarm,
                                      ethernet_link_alarm,
                                      overload_alarm,
                                      alarm_table_overflow,
                                      fan_tray_alarm,
                                      power_supply_alarm,
                                      ethernet_group_alarm,
                                      proxy_connection_alarm,
                                      certificate_expiry_alarm,
                                      dns_alarm,
                                      account_registration_alarm};
    return *std::ranges::find(kinds, name, &AlarmKind::name);
}

}  // namespace trunkline::mgmt
