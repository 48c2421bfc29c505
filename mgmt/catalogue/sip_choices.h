// The catalogue's words for the enumerations of sipstack/config.h.
#pragma once

#include "mgmt/catalogue/binding_fields.h"
#include "sipstack/config.h"

namespace trunkline::mgmt {

template <>
struct Choices<sipstack::Transport> {
    static constexpr Choice<sipstack::Transport> all[]{
        {"udp", sipstack::Transport::udp},
        {"tcp", sipstack::Transport::tcp},
        {"tls", sipstack::Transport::tls},
    };
};

template <>
struct Choices<sipstack::TlsContext::Version> {
    static constexpr Choice<sipstack::TlsContext::Version> all[]{
        {"any", sipstack::TlsContext::Version::tls1_2},
        {"tls1_2", sipstack::TlsContext::Version::tls1_2},
        {"tls1_3", sipstack::TlsContext::Version::tls1_3},
    };
};

template <>
struct Choices<sipstack::AdditionalUdpPortsMode> {
    static constexpr Choice<sipstack::AdditionalUdpPortsMode> all[]{
        {"always_open", sipstack::AdditionalUdpPortsMode::always_open},
        {"open_when_used", sipstack::AdditionalUdpPortsMode::open_when_used},
    };
};

template <>
struct Choices<sipstack::KeepAlive> {
    static constexpr Choice<sipstack::KeepAlive> all[]{
        {"disable", sipstack::KeepAlive::disable},
        {"using_options", sipstack::KeepAlive::using_options},
        {"using_register", sipstack::KeepAlive::using_register},
        {"using_options_on_active_server", sipstack::KeepAlive::using_options_on_active_server},
    };
};

template <>
struct Choices<sipstack::RedundancyMode> {
    static constexpr Choice<sipstack::RedundancyMode> all[]{
        {"parking", sipstack::RedundancyMode::parking},
        {"homing", sipstack::RedundancyMode::homing},
    };
};

template <>
struct Choices<sipstack::LoadBalancing> {
    static constexpr Choice<sipstack::LoadBalancing> all[]{
        {"disable", sipstack::LoadBalancing::disable},
        {"round_robin", sipstack::LoadBalancing::round_robin},
        {"random_weights", sipstack::LoadBalancing::random_weights},
    };
};

template <>
struct Choices<sipstack::DnsResolveMethod> {
    static constexpr Choice<sipstack::DnsResolveMethod> all[]{
        {"a_record", sipstack::DnsResolveMethod::a_record},
        {"srv", sipstack::DnsResolveMethod::srv},
        {"naptr", sipstack::DnsResolveMethod::naptr},
    };
};

template <>
struct Choices<sipstack::IpGroupRegistration> {
    static constexpr Choice<sipstack::IpGroupRegistration> all[]{
        {"user_initiates", sipstack::IpGroupRegistration::user_initiates},
        {"sbc_initiates", sipstack::IpGroupRegistration::sbc_initiates},
        {"not_needed", sipstack::IpGroupRegistration::not_needed},
    };
};

template <>
struct Choices<sipstack::DigestAlgorithm> {
    static constexpr Choice<sipstack::DigestAlgorithm> all[]{
        {"md5", sipstack::DigestAlgorithm::md5},
        {"sha_256", sipstack::DigestAlgorithm::sha256},
        {"sha_512_256", sipstack::DigestAlgorithm::sha512_256},
    };
};

template <>
struct Choices<sipstack::AccountRegister> {
    static constexpr Choice<sipstack::AccountRegister> all[]{
        {"no", sipstack::AccountRegister::no},
        {"regular", sipstack::AccountRegister::regular},
        {"gin", sipstack::AccountRegister::gin},
    };
};

template <>
struct Choices<sipstack::RegistrarStickiness> {
    static constexpr Choice<sipstack::RegistrarStickiness> all[]{
        {"disable", sipstack::RegistrarStickiness::disable},
        {"enable", sipstack::RegistrarStickiness::enable},
        {"enable_for_non_register_requests",
         sipstack::RegistrarStickiness::enable_for_non_register},
    };
};

template <>
struct Choices<sipstack::RegistrarSearchMode> {
    static constexpr Choice<sipstack::RegistrarSearchMode> all[]{
        {"current_working_server", sipstack::RegistrarSearchMode::current_working_server},
        {"according_to_ims", sipstack::RegistrarSearchMode::according_to_ims},
    };
};

template <>
struct Choices<sipstack::RegistrationMode> {
    static constexpr Choice<sipstack::RegistrationMode> all[]{
        {"per_endpoint", sipstack::RegistrationMode::per_endpoint},
        {"per_gateway", sipstack::RegistrationMode::per_gateway},
        {"per_account", sipstack::RegistrationMode::per_account},
        {"dont_register", sipstack::RegistrationMode::dont_register},
    };
};

template <>
struct Choices<sipstack::GatewayNameForOptions> {
    static constexpr Choice<sipstack::GatewayNameForOptions> all[]{
        {"no", sipstack::GatewayNameForOptions::no},
        {"yes", sipstack::GatewayNameForOptions::yes},
        {"server", sipstack::GatewayNameForOptions::server},
    };
};

template <>
struct Choices<sipstack::ChallengeCachingMode> {
    static constexpr Choice<sipstack::ChallengeCachingMode> all[]{
        {"none", sipstack::ChallengeCachingMode::none},
        {"invite_only", sipstack::ChallengeCachingMode::invite_only},
        {"full", sipstack::ChallengeCachingMode::full},
    };
};

template <>
struct Choices<sipstack::RetryProfile> {
    static constexpr Choice<sipstack::RetryProfile> all[]{
        {"mediant", sipstack::RetryProfile::mediant},
        {"tmedia", sipstack::RetryProfile::tmedia},
        {"rfc5626", sipstack::RetryProfile::rfc5626},
    };
};

}  // namespace trunkline::mgmt
