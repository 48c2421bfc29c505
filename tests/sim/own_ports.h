// Accounts with a UDP port of their own, judged from the wire: each keeps its port while the
// appliance knows it, no two have the same, and Via and Contact name it.
#pragma once

#include "sipstack/config.h"
#include "tests/sim/simulated_network.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace trunkline::sim {

class OwnPorts {
public:
    /// Who has a port of his own by that configuration, and who has not.
    void follow(const sipstack::Config& config);

    /// A REGISTER leaves. What is wrong with its port, in words.
    std::optional<std::string> sent(const std::string& aor, const Datagram& datagram);

    uint64_t seen() const { return seen_; }  ///< REGISTERs from ports of their own

private:
    std::set<std::string> owners_;           ///< AORs
    std::map<std::string, uint16_t> ports_;  ///< of those that were seen, by AOR
    std::set<std::string> leaving_;          ///< gone from the configuration
    uint16_t first_ = 0, last_ = 0;
    uint64_t seen_ = 0;
};

}  // namespace trunkline::sim
