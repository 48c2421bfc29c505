// What must hold at every step of a simulation, judged from the wire and the rows that operators
// see, without knowledge of the implementation.
#pragma once

#include "sipstack/instant.h"
#include "sipstack/registration/status.h"
#include "tests/sim/simulated_registrar.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace trunkline::sim {

class Invariants {
public:
    /// A request that left the appliance: one outstanding REGISTER a Call-ID, its CSeq one more
    /// than the last, a branch never seen, or else the same bytes again (RFC
    /// 3261 10.2, 22.2, 17.1.2).
    void sent(std::string_view bytes, Instant now);
    /// A response that reached the appliance.
    void delivered(std::string_view bytes, Instant now);
    /// A row after a step: REGISTERED only inside what the registrar promised.
    void seen(const sipstack::RegistrationStatus& row, const SimulatedRegistrar& registrar,
              Instant now);

    /// The first few violations, for the test's message.
    const std::vector<std::string>& violations() const { return violations_; }
    uint64_t transactions() const { return transactions_; }
    uint64_t retransmissions() const { return retransmissions_; }

private:
    struct Entity {
        uint64_t cseq = 0;
        std::string branch;
        std::string bytes;
        bool outstanding = false;
        Instant sent_at{};
        std::optional<Instant> failed_at;
    };
    void complain(std::string_view what, std::string_view call_id, Instant now);

    std::unordered_map<std::string, Entity> entities_;
    std::unordered_set<std::size_t> branches_;
    std::vector<std::string> violations_;
    uint64_t transactions_ = 0;
    uint64_t retransmissions_ = 0;
};

}  // namespace trunkline::sim
