// The rows of registrations that an operator asks for, gathered from all shards in the order of the
// configuration, a page of them at a time.
//
// It takes two rounds over the shards, so that of 100 000 rows only those of the page are copied:
// the first one finds who is meant, the second one copies. Each shard works on its own thread, in
// slices; between and behind the rounds all is the asking thread's.
#pragma once

#include "sipstack/registration/status.h"
#include "sipstack/shard.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace trunkline::sipstack {

/// All rows, unless told otherwise.
struct RegistrationQuery {
    std::string name = {};  ///< exactly this one; empty: any
    std::string text = {};  ///< in the name or the address of record, in any case; empty: any
    std::optional<RegistrationState> state = {};
    std::size_t offset = 0;  ///< of the page, among those that match
    std::size_t limit = std::numeric_limits<std::size_t>::max();  ///< rows of the page

    bool matches(const RegistrationGlance& glance) const;
};

class RegistrationRows {
public:
    /// Registrations that a call looks at, and rows that it copies, at most.
    static constexpr std::size_t glances_a_turn = 2048, rows_a_turn = 256;

    RegistrationRows(RegistrationQuery query, std::size_t shards);

    /// The first round: for each shard until it returns true. Shards may be asked at the same time.
    bool find(std::size_t shard_index, const Shard& shard);
    /// Between the rounds: which of those found are on the page.
    void choose_page();
    /// The second round, as find(). What has changed so much meanwhile that it does not match any
    /// more is left out.
    bool copy(std::size_t shard_index, const Shard& shard, Instant now);
    /// The page; once.
    std::vector<RegistrationStatus> take();

    std::size_t total() const { return total_; }            ///< that match, by the first round
    std::size_t registered() const { return registered_; }  ///< of them

private:
    /// One shard's.
    struct Share {
        std::size_t next = 0;             ///< to look at
        std::vector<uint32_t> positions;  ///< of those that match, then of the page; rising
        std::size_t registered = 0;
        std::vector<RegistrationStatus> rows;
    };

    const RegistrationQuery query_;
    std::vector<Share> shares_;
    std::size_t total_ = 0, registered_ = 0;
};

}  // namespace trunkline::sipstack
