#include "dataplane/unreachable.h"

namespace trunkline::dataplane {

Unreachable unreachable_by_icmp4(uint8_t type, uint8_t code) {
    constexpr uint8_t destination_unreachable = 3;
    constexpr uint8_t parameter_problem = 12;
    if (type == parameter_problem) {
        return Unreachable::parameter_problem;
    }
    if (type != destination_unreachable) {
        return Unreachable::none;
    }
    switch (code) {
        case 0:
            return Unreachable::network;
        case 1:
            return Unreachable::host;
        case 2:
            return Unreachable::protocol;
        case 3:
            return Unreachable::port;
        case 9:   // network
        case 10:  // host
        case 13:  // communication
            return Unreachable::prohibited;
        default:
            return Unreachable::none;
    }
}

Unreachable unreachable_by_icmp6(uint8_t type, uint8_t code) {
    constexpr uint8_t destination_unreachable = 1;
    constexpr uint8_t parameter_problem = 4;
    if (type == parameter_problem) {
        return Unreachable::parameter_problem;
    }
    if (type != destination_unreachable) {
        return Unreachable::none;
    }
    switch (code) {
        case 1:  // administratively
        case 5:  // source address failed a policy
            return Unreachable::prohibited;
        case 3:
            return Unreachable::host;
        case 4:
            return Unreachable::port;
        default:  // no route, beyond the scope of the source address, and what is yet to come
            return Unreachable::network;
    }
}

std::string_view to_string(Unreachable why) {
    switch (why) {
        case Unreachable::network:
            return "network unreachable";
        case Unreachable::host:
            return "host unreachable";
        case Unreachable::protocol:
            return "protocol unreachable";
        case Unreachable::port:
            return "port unreachable";
        case Unreachable::prohibited:
            return "communication prohibited";
        case Unreachable::parameter_problem:
            return "parameter problem";
        case Unreachable::next_hop:
            return "no next hop";
        case Unreachable::none:
            break;
    }
    return "none";
}

}  // namespace trunkline::dataplane
