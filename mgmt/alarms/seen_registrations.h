// What was seen last of a shard's registrations, row by row: it tells which of them changed since,
// as far as an operator is told.
#pragma once

#include "sipstack/shard.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trunkline::mgmt {

/// Refreshing is as good as registered: a state that says nothing to an operator is no change.
sipstack::RegistrationState told_state(sipstack::RegistrationState state);

/// One thread at a time. 16 bytes a row, twice.
class SeenRegistrations {
public:
    struct Counts {
        uint64_t total = 0, registered = 0, failed = 0;
    };

    /// A look begins; all rows follow in the shard's order.
    void begin();
    struct Verdict {
        bool has_changed = false;  ///< it is new, or another than at the last look
        bool is_failing = false;   ///< it failed, and since then nobody has said yes to it
    };
    Verdict note(const sipstack::RegistrationGlance& row);
    /// Of the rows of this look.
    std::size_t next_row() const { return rows_.size(); }
    const Counts& counts() const { return counts_; }

private:
    struct Row {
        uint64_t key = 0;  ///< of its name
        sipstack::RegistrationState state = sipstack::RegistrationState::resolving;
        bool registered = false;
        bool is_failing = false;
        bool operator==(const Row&) const = default;
    };
    const Row* before(uint64_t key);
    const Row* elsewhere_before(uint64_t key);

    std::vector<Row> rows_, before_;
    bool has_moved_ = false;
    /// Of `before_`, once a row was not where it was.
    std::unordered_map<uint64_t, std::size_t> places_;
    Counts counts_;
};

}  // namespace trunkline::mgmt
