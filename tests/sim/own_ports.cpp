#include "tests/sim/own_ports.h"

#include "sipstack/message/message.h"
#include "tests/sim/scenario.h"

#include <fmt/format.h>

#include <algorithm>

namespace trunkline::sim {

void OwnPorts::follow(const sipstack::Config& config) {
    first_ = config.sip_interfaces.front().first_additional_udp_port;
    last_ = config.sip_interfaces.front().last_additional_udp_port;
    std::set<std::string> all;
    owners_.clear();
    for (const sipstack::Account& account : config.accounts) {
        const std::string aor = aor_of(account);
        all.insert(aor);
        if (account.udp_port_assignment) {
            owners_.insert(aor);
        }
    }
    for (const auto& [aor, port] : ports_) {
        if (!all.contains(aor)) {
            leaving_.insert(aor);
        }
    }
    // Back again it may have another one.
    std::erase_if(leaving_, [&](const std::string& aor) {
        return all.contains(aor) && ports_.erase(aor) != 0;
    });
}

std::optional<std::string> OwnPorts::sent(const std::string& aor, const Datagram& datagram) {
    const uint16_t port = datagram.from.port;
    const bool is_own = first_ != 0 && port >= first_ && port <= last_;
    if (leaving_.contains(aor)) {
        return std::nullopt;
    }
    if (is_own != owners_.contains(aor)) {
        return fmt::format("a REGISTER from port {}", port);
    }
    if (!is_own) {
        return std::nullopt;
    }
    ++seen_;
    const auto known = ports_.try_emplace(aor, port).first;
    if (known->second != port) {
        return fmt::format("its own port was {} and is {}", known->second, port);
    }
    for (const auto& [other, taken] : ports_) {
        if (taken == port && other != aor && !leaving_.contains(other)) {
            return fmt::format("its own port is that of {}", other);
        }
    }
    const auto request = sipstack::Message::parse(datagram.bytes);
    if (!request || request->vias().front().port != port) {
        return fmt::format("its Via does not name its own port {}", port);
    }
    const bool is_star = !request->contacts().empty() && request->contacts().front().star;
    if (!is_star && (request->contacts().empty() || request->contacts().front().uri.port != port)) {
        return fmt::format("its Contact does not name its own port {}", port);
    }
    return std::nullopt;
}

}  // namespace trunkline::sim
