#include "sipstack/record_ring.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>

namespace trunkline::sipstack {

namespace {

using Length = uint32_t;

/// What a record of that many bytes takes: lengths are aligned.
constexpr uint64_t room_for(uint64_t size) {
    constexpr uint64_t unit = 8;
    return (sizeof(Length) + size + unit - 1) / unit * unit;
}

}  // namespace

RecordRing::RecordRing(std::size_t capacity)
    : capacity_(capacity), bytes_(std::make_unique_for_overwrite<char[]>(capacity)) {
    if (capacity != 0 && !std::has_single_bit(capacity)) {
        std::abort();
    }
}

bool RecordRing::push(std::string_view front, std::string_view back) {
    const uint64_t at = pushed_.load(std::memory_order_relaxed);
    const uint64_t size = front.size() + back.size();
    if (at + room_for(size) - popped_as_seen_ > capacity_) {
        popped_as_seen_ = popped_.load(std::memory_order_acquire);
        if (at + room_for(size) - popped_as_seen_ > capacity_) {
            return false;
        }
    }
    const auto length = static_cast<Length>(size);
    write(at, {reinterpret_cast<const char*>(&length), sizeof length});
    write(at + sizeof length, front);
    write(at + sizeof length + front.size(), back);
    pushed_.store(at + room_for(size), std::memory_order_release);
    return true;
}

bool RecordRing::pop(std::string& record) {
    const uint64_t at = popped_.load(std::memory_order_relaxed);
    if (at == pushed_.load(std::memory_order_acquire)) {
        return false;
    }
    Length length = 0;
    read(at, reinterpret_cast<char*>(&length), sizeof length);
    record.resize(length);
    read(at + sizeof length, record.data(), length);
    popped_.store(at + room_for(length), std::memory_order_release);
    return true;
}

void RecordRing::write(uint64_t at, std::string_view bytes) {
    const std::size_t place = at & (capacity_ - 1);
    const std::size_t to_end = std::min(bytes.size(), capacity_ - place);
    std::memcpy(bytes_.get() + place, bytes.data(), to_end);
    std::memcpy(bytes_.get(), bytes.data() + to_end, bytes.size() - to_end);
}

void RecordRing::read(uint64_t at, char* to, std::size_t size) const {
    const std::size_t place = at & (capacity_ - 1);
    const std::size_t to_end = std::min(size, capacity_ - place);
    std::memcpy(to, bytes_.get() + place, to_end);
    std::memcpy(to + to_end, bytes_.get(), size - to_end);
}

}  // namespace trunkline::sipstack
