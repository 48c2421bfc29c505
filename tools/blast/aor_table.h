// What the registrar knows of each address of record. Sized once; a look-up touches two cache
// lines, which may be fetched ahead for a whole burst.
#pragma once

#include "tools/blast/digest.h"
#include "tools/blast/huge_pages.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::blast {

/// 64 bits of a text; equal texts alone have equal hashes but for one chance in 2^64 a pair, which
/// is taken.
uint64_t text_hash(std::string_view text);

struct alignas(64) Aor {
    uint64_t key = 0;      ///< text_hash() of user@host
    uint64_t nonce = 0;    ///< the one given last; 0: none
    uint64_t call_id = 0;  ///< hashes of the last request's values
    uint64_t branch = 0;
    uint32_t cseq = 0;
    uint32_t nc = 0;           ///< nonce count used last with `nonce`
    uint32_t bound_until = 0;  ///< second of the run; 0: not bound
    uint16_t answered = 0;     ///< status of the last answer
    bool stale = false;        ///< the last answer said stale=true

    uint64_t digest_user = 0;  ///< hash of the user name that `ha1` is of; 0: none
    HashText ha1{};
    uint32_t registered = 0;  ///< bindings made, refreshed and removed
    uint32_t refreshed = 0;
    uint32_t unregistered = 0;
    uint32_t wrong = 0;  ///< requests out of order, with a wrong nc or response
};

class AorTable {
public:
    /// `capacity` AORs at most, above 0.
    explicit AorTable(uint32_t capacity);

    void prefetch_slot(uint64_t key) const;
    /// After prefetch_slot() has had its time.
    void prefetch_record(uint64_t key) const;
    Aor* find(uint64_t key);
    /// Finds or makes; nullptr when the table is full. `name` is kept for name().
    Aor* get(uint64_t key, std::string_view name);

    std::size_t size() const { return records_.size(); }
    const Aor& at(std::size_t index) const { return records_[index]; }
    /// The name that the AOR at `index` was made with.
    std::string_view name(std::size_t index) const;

private:
    /// Index + 1 of a record, 0: free; the upper half holds bits of the key.
    using Slot = uint64_t;
    std::size_t first_slot(uint64_t key) const { return key & mask_; }

    uint32_t capacity_;
    std::size_t mask_;
    HugePageVector<Slot> slots_;
    HugePageVector<Aor> records_;
    std::string names_;
    std::vector<std::size_t> name_ends_;
};

}  // namespace trunkline::blast
