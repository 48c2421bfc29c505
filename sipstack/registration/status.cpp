#include "sipstack/registration/status.h"

namespace trunkline::sipstack {

std::string_view to_string(RegistrantKind kind) {
    switch (kind) {
        case RegistrantKind::device:
            return "device";
        case RegistrantKind::trunk_group:
            return "trunk group";
        case RegistrantKind::endpoint:
            return "endpoint";
        case RegistrantKind::account:
            return "account";
        case RegistrantKind::user:
            return "user";
    }
    return "unknown";
}

std::string_view to_string(RegistrationState state) {
    switch (state) {
        case RegistrationState::resolving:
            return "RESOLVING";
        case RegistrationState::waiting:
            return "WAITING";
        case RegistrationState::registering:
            return "REGISTERING";
        case RegistrationState::registered:
            return "REGISTERED";
        case RegistrationState::refreshing:
            return "REFRESHING";
        case RegistrationState::failed:
            return "FAILED";
        case RegistrationState::unregistering:
            return "UNREGISTERING";
        case RegistrationState::unregistered:
            return "UNREGISTERED";
    }
    return "UNKNOWN";
}

}  // namespace trunkline::sipstack
