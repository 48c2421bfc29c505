// The rows of registrations that an operator asks for, gathered from all shards and put in order, a
// page of them at a time.
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
#include <unordered_map>
#include <vector>

namespace trunkline::sipstack {

/// What rows are put in order by. Those that have it in common are in the order of the
/// configuration. Texts go by their characters, in any case; a time that there is none of is short.
enum class RegistrationOrder : uint8_t {
    configuration,
    name,
    aor,
    state,  ///< its name
    last_status,
    answered_by,
    expires_in,
    next_attempt_in,
    consecutive_failures,
};

/// All rows, unless told otherwise.
struct RegistrationQuery {
    std::string name = {};  ///< exactly this one; empty: any
    std::string text = {};  ///< in the name or the address of record, in any case; empty: any
    std::optional<RegistrationState> state = {};
    RegistrationOrder order = RegistrationOrder::configuration;
    bool descending = false;  ///< the other way round
    std::size_t offset = 0;   ///< of the page, among those that match
    std::size_t limit = std::numeric_limits<std::size_t>::max();  ///< rows of the page

    bool matches(const RegistrationGlance& glance) const;
};

class RegistrationRows {
public:
    /// Registrations that a call looks at, and rows that it copies, at most. What only a whole row
    /// tells takes copies in the first round, too.
    static constexpr std::size_t glances_a_turn = 2048, rows_a_turn = 256;

    RegistrationRows(RegistrationQuery query, std::size_t shards);

    /// The first round: for each shard until it returns true. Shards may be asked at the same time.
    bool find(std::size_t shard_index, const Shard& shard, Instant now);
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
    /// What a row is put in order by.
    struct Key {
        int64_t number = 0;
        std::string text;
        uint32_t position = 0;  ///< of the row
        std::size_t shard_index = 0;
    };
    /// One shard's.
    struct Share {
        std::size_t next = 0;             ///< to look at
        std::vector<Key> found;           ///< those that match
        std::vector<uint32_t> positions;  ///< those of the page
        std::size_t registered = 0;
        std::vector<RegistrationStatus> rows;
    };

    bool needs_whole_rows() const;
    Key key_of(const RegistrationGlance& glance) const;
    Key key_of(const RegistrationStatus& row) const;
    bool goes_before(const Key& one, const Key& other) const;

    const RegistrationQuery query_;
    std::vector<Share> shares_;
    std::unordered_map<uint32_t, std::size_t> places_;  ///< of positions on the page
    std::size_t total_ = 0, registered_ = 0;
};

}  // namespace trunkline::sipstack
