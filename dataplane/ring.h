// Single-producer single-consumer rings between threads: rte_ring with an owner and a type.
#pragma once

#include "board/error.h"

#include <rte_errno.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace trunkline::dataplane {

/// `stem`, cut to what DPDK allows, with a number that no other ring of the process has.
std::string unique_ring_name(std::string_view stem);

/// Elements are copied in and out; their size is a multiple of four bytes. What is in the ring when
/// it dies is forgotten: who uses pointers drains it first.
template <typename Element>
class SpscRing {
    static_assert(std::is_trivially_copyable_v<Element> && sizeof(Element) % 4 == 0);

public:
    /// `capacity` is a power of two; the ring holds one less. `stem` says what it is for; two rings
    /// may have the same.
    static board::Expected<SpscRing> create(std::string_view stem, uint32_t capacity) {
        const std::string name = unique_ring_name(stem);
        rte_ring* ring = rte_ring_create_elem(name.c_str(), sizeof(Element), capacity,
                                              SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
        if (ring == nullptr) {
            return std::unexpected(board::Error{"cannot create ring " + name + ": " +
                                                rte_strerror(rte_errno) +
                                                "; raise appliance.memory_megabytes"});
        }
        return SpscRing(ring);
    }
    ~SpscRing() { rte_ring_free(ring_); }
    SpscRing(SpscRing&& other) noexcept : ring_(std::exchange(other.ring_, nullptr)) {}
    SpscRing(const SpscRing&) = delete;
    SpscRing& operator=(const SpscRing&) = delete;
    SpscRing& operator=(SpscRing&&) = delete;

    /// How many of `elements`, from the front, found room.
    uint32_t push(std::span<const Element> elements) {
        return rte_ring_sp_enqueue_burst_elem(ring_, elements.data(), sizeof(Element),
                                              static_cast<unsigned>(elements.size()), nullptr);
    }
    bool push(const Element& element) { return push(std::span(&element, 1)) == 1; }
    /// How many were taken into the front of `room`.
    uint32_t pop(std::span<Element> room) {
        return rte_ring_sc_dequeue_burst_elem(ring_, room.data(), sizeof(Element),
                                              static_cast<unsigned>(room.size()), nullptr);
    }
    bool empty() const { return rte_ring_empty(ring_) != 0; }
    uint32_t size() const { return rte_ring_count(ring_); }

private:
    explicit SpscRing(rte_ring* ring) : ring_(ring) {}
    rte_ring* ring_;
};

}  // namespace trunkline::dataplane
