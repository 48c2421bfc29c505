// The alarms that there are, with what the family's MIBs say of each beside its severity.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace trunkline::mgmt {

/// ITU-T X.733 8.1.1, with the numbers of the family's AC-FAULT-TC.
enum class AlarmEventType : uint8_t {
    other,
    communications,
    quality_of_service,
    processing_error,
    equipment,
    environmental
};

/// ITU-T X.733 8.1.2.1, likewise; those that occur here.
enum class ProbableCause : uint8_t {
    other = 0,
    communications_protocol_error = 5,
    communications_subsystem_failure = 6,
    cooling_problem = 21,
    power_problem = 35,
    resource_at_or_nearing_capacity = 43,
    temperature_unacceptable = 50,
    underlying_resource_unavailable = 56,
    out_of_service = 71,
};

struct AlarmKind {
    std::string_view name;
    uint32_t number = 0;  ///< the last of the trap's object identifier
    AlarmEventType type = AlarmEventType::other;
    ProbableCause cause = ProbableCause::other;
};

inline constexpr AlarmKind board_configuration_alarm{
    "acBoardConfigurationError", 2, AlarmEventType::equipment,
    ProbableCause::underlying_resource_unavailable};
inline constexpr AlarmKind board_temperature_alarm{"acBoardTemperatureAlarm", 3,
                                                   AlarmEventType::equipment,
                                                   ProbableCause::temperature_unacceptable};
inline constexpr AlarmKind board_started_event{"acBoardEvBoardStarted", 4,
                                               AlarmEventType::equipment, ProbableCause::other};
inline constexpr AlarmKind admin_state_alarm{
    "acgwAdminStateChange", 7, AlarmEventType::processing_error, ProbableCause::out_of_service};
inline constexpr AlarmKind ethernet_link_alarm{"acBoardEthernetLinkAlarm", 10,
                                               AlarmEventType::equipment,
                                               ProbableCause::underlying_resource_unavailable};
inline constexpr AlarmKind overload_alarm{"acBoardOverloadAlarm", 11,
                                          AlarmEventType::quality_of_service,
                                          ProbableCause::resource_at_or_nearing_capacity};
inline constexpr AlarmKind alarm_table_overflow{"acActiveAlarmTableOverflow", 12,
                                                AlarmEventType::processing_error,
                                                ProbableCause::resource_at_or_nearing_capacity};
inline constexpr AlarmKind fan_tray_alarm{"acFanTrayAlarm", 29, AlarmEventType::equipment,
                                          ProbableCause::cooling_problem};
inline constexpr AlarmKind power_supply_alarm{"acPowerSupplyAlarm", 30, AlarmEventType::equipment,
                                              ProbableCause::power_problem};
inline constexpr AlarmKind ethernet_group_alarm{"acEthernetGroupAlarm", 86,
                                                AlarmEventType::equipment,
                                                ProbableCause::underlying_resource_unavailable};
inline constexpr AlarmKind proxy_connection_alarm{"acProxyConnectionLost", 94,
                                                  AlarmEventType::communications,
                                                  ProbableCause::communications_protocol_error};
inline constexpr AlarmKind certificate_expiry_alarm{
    "acCertificateExpiryAlarm", 128, AlarmEventType::communications,
    ProbableCause::communications_subsystem_failure};
inline constexpr AlarmKind dns_alarm{"acNoReplyFromDNSServerAlarm", 155,
                                     AlarmEventType::communications,
                                     ProbableCause::communications_subsystem_failure};
inline constexpr AlarmKind account_registration_alarm{"acAccountRegistrationAlarm", 164,
                                                      AlarmEventType::quality_of_service,
                                                      ProbableCause::communications_protocol_error};

/// That of the name, which is one of those above.
const AlarmKind& alarm_kind(std::string_view name);

}  // namespace trunkline::mgmt
