// kernel_in: frames that the kernel sends through a twin leave by the device's group as they are.
//
// A look costs a system call a twin, so the worker allows it on some walks only
// (Context::read_twins).
#include "dataplane/nodes/nodes.h"

#include <rte_ether.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { to_tx };
constexpr const char* next[] = {"tx"};

/// Reads one frame; nullptr: there is none. The packet of a failed read is kept for the next one.
rte_mbuf* read_frame(Context& path, int twin_fd) {
    if (path.spare == nullptr) {
        path.spare = rte_pktmbuf_alloc(path.options.pool);
        if (path.spare == nullptr) {
            path.counters.add(Counter::kernel_in_no_buffer);
            return nullptr;
        }
    }
    rte_mbuf* frame = path.spare;
    const ssize_t size = read(twin_fd, rte_pktmbuf_mtod(frame, void*), rte_pktmbuf_tailroom(frame));
    if (size < 0) {
        if (errno != EAGAIN) {
            path.counters.add(Counter::kernel_in_failed);
        }
        return nullptr;
    }
    if (size < static_cast<ssize_t>(sizeof(rte_ether_hdr))) {
        path.counters.add(Counter::kernel_in_runt);
        return nullptr;
    }
    path.spare = nullptr;
    frame->data_len = static_cast<uint16_t>(size);
    frame->pkt_len = static_cast<uint32_t>(size);
    return frame;
}

uint16_t process(rte_graph* graph, rte_node* node, void**, uint16_t) {
    Context& path = context_of(node);
    if (!path.read_twins) {
        return 0;
    }
    uint16_t total = 0;
    for (std::size_t index = 0; index < path.devices.size(); ++index) {
        const int twin_fd = path.devices[index].twin_fd;
        std::array<rte_mbuf*, burst> frames;
        uint16_t count = 0;
        while (twin_fd >= 0 && count < burst) {
            rte_mbuf* frame = read_frame(path, twin_fd);
            if (frame == nullptr) {
                break;
            }
            facts(frame).device = static_cast<uint16_t>(index);
            frames[count++] = frame;
        }
        emit(graph, node, to_tx, frames.data(), count);
        total += count;
    }
    path.moved += total;
    path.counters.add(Counter::kernel_in_frames, total);
    return total;
}

}  // namespace

const NodeType kernel_in{"kernel_in", process, next, true};

}  // namespace trunkline::dataplane::nodes
