#include "board/ring_wire.h"

#include <fmt/format.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_eth_ring.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

namespace trunkline::board {

Expected<std::unique_ptr<RingWire>> RingWire::create(const std::string& port_name,
                                                     uint32_t capacity) {
    std::unique_ptr<RingWire> wire(new RingWire());
    const auto make = [&](const char* direction) {
        return rte_ring_create(fmt::format("{}_{}", port_name, direction).c_str(), capacity,
                               SOCKET_ID_ANY, 0);
    };
    wire->to_port_ = make("rx");
    wire->from_port_ = make("tx");
    if (wire->to_port_ == nullptr || wire->from_port_ == nullptr ||
        rte_eth_from_rings(port_name.c_str(), &wire->to_port_, 1, &wire->from_port_, 1, 0) < 0) {
        return std::unexpected(Error{fmt::format("cannot make a ring device for {}: {}", port_name,
                                                 rte_strerror(rte_errno))});
    }
    wire->device_name_ = "net_ring_" + port_name;  // rte_eth_from_rings() puts this before a name
    return wire;
}

RingWire::~RingWire() {
    if (!device_name_.empty()) {
        // The port has removed it already when there was one.
        rte_eal_hotplug_remove("vdev", device_name_.c_str());
    }
    for (rte_ring* ring : {to_port_, from_port_}) {
        void* frame = nullptr;
        while (ring != nullptr && rte_ring_dequeue(ring, &frame) == 0) {
            rte_pktmbuf_free(static_cast<rte_mbuf*>(frame));
        }
        rte_ring_free(ring);
    }
}

bool RingWire::send(rte_mbuf* frame) {
    return rte_ring_enqueue(to_port_, frame) == 0;
}

rte_mbuf* RingWire::receive() {
    void* frame = nullptr;
    return rte_ring_dequeue(from_port_, &frame) == 0 ? static_cast<rte_mbuf*>(frame) : nullptr;
}

}  // namespace trunkline::board
