#include "tools/blast/aor_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace trunkline::blast {

namespace {

constexpr uint64_t index_mask = 0xffffffff;

__extension__ using Wide = unsigned __int128;

uint64_t mixed(uint64_t a, uint64_t b) {
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace

uint64_t text_hash(std::string_view text) {
    // Multiply and fold eight bytes at a time, the last ones padded with zeros; the length parts
    // texts that differ in trailing zeros alone.
    constexpr uint64_t odd = 0x9e3779b97f4a7c15ULL, other_odd = 0xd6e8feb86659fd93ULL;
    uint64_t hash = mixed(odd, other_odd + text.size());
    while (text.size() >= sizeof(uint64_t)) {
        uint64_t word = 0;
        std::memcpy(&word, text.data(), sizeof word);
        hash = mixed(hash ^ word, other_odd);
        text.remove_prefix(sizeof word);
    }
    uint64_t word = 0;
    std::copy(text.begin(), text.end(), reinterpret_cast<char*>(&word));
    hash = mixed(hash ^ word, odd);
    return mixed(hash, other_odd);
}

AorTable::AorTable(uint32_t capacity)
    : capacity_(capacity), mask_(std::bit_ceil(uint64_t{capacity} * 2) - 1), slots_(mask_ + 1) {
    records_.reserve(capacity);
    name_ends_.reserve(capacity);
}

void AorTable::prefetch_slot(uint64_t key) const {
    __builtin_prefetch(&slots_[first_slot(key)]);
}

void AorTable::prefetch_record(uint64_t key) const {
    const Slot slot = slots_[first_slot(key)];
    if (slot != 0) {
        const Aor* record = &records_[(slot & index_mask) - 1];
        __builtin_prefetch(record);
        __builtin_prefetch(reinterpret_cast<const char*>(record) + 64);
    }
}

Aor* AorTable::find(uint64_t key) {
    for (std::size_t at = first_slot(key); slots_[at] != 0; at = (at + 1) & mask_) {
        if (slots_[at] >> 32 == key >> 32) {
            Aor& record = records_[(slots_[at] & index_mask) - 1];
            if (record.key == key) {
                return &record;
            }
        }
    }
    return nullptr;
}

Aor* AorTable::get(uint64_t key, std::string_view name) {
    if (Aor* known = find(key); known != nullptr) {
        return known;
    }
    if (records_.size() == capacity_) {
        return nullptr;
    }
    std::size_t at = first_slot(key);
    while (slots_[at] != 0) {
        at = (at + 1) & mask_;
    }
    records_.emplace_back().key = key;
    slots_[at] = (key >> 32 << 32) | records_.size();
    names_ += name;
    name_ends_.push_back(names_.size());
    return &records_.back();
}

std::string_view AorTable::name(std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : name_ends_[index - 1];
    return std::string_view(names_).substr(begin, name_ends_[index] - begin);
}

}  // namespace trunkline::blast
