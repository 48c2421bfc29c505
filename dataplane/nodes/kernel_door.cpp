// kernel_door: writes frames that are not ours to handle to the device's kernel twin.
//
// One of the two nodes that make system calls; a token bucket a device bounds what a flood of
// foreign frames may cost.
#include "dataplane/nodes/nodes.h"
#include "dataplane/nodes/partial_checksum.h"

#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace trunkline::dataplane::nodes {

namespace {

/// Segments of a frame: reassembled datagrams have the most, one a fragment as a rule.
constexpr std::size_t most_segments = FragmentTable::most_fragments;

ssize_t write_frame(int fd, rte_mbuf* frame) {
    if (frame->nb_segs == 1) {
        return write(fd, rte_pktmbuf_mtod(frame, const void*), frame->data_len);
    }
    if (frame->nb_segs > most_segments) {
        errno = EMSGSIZE;
        return -1;
    }
    std::array<iovec, most_segments> parts;
    int count = 0;
    for (rte_mbuf* segment = frame; segment != nullptr; segment = segment->next) {
        parts[count++] = {rte_pktmbuf_mtod(segment, void*), segment->data_len};
    }
    return writev(fd, parts.data(), count);
}

Counter pass(Context& path, rte_mbuf* frame) {
    Device& device = path.devices[facts(frame).device];
    if (device.twin_fd < 0) {
        return Counter::kernel_door_no_twin;
    }
    if (!device.kernel_door.take(path.now)) {
        return Counter::kernel_door_limited;
    }
    if (device.partial_checksums_possible && complete_partial_checksum(frame)) {
        // The kernel would take it for a broken one: a TAP frame carries no word about its sum.
        path.counters.add(Counter::kernel_door_completed);
    }
    if (write_frame(device.twin_fd, frame) >= 0) {
        return Counter::kernel_door_frames;
    }
    return errno == EAGAIN ? Counter::kernel_door_full : Counter::kernel_door_failed;
}

uint16_t process(rte_graph*, rte_node* node, void** objects, uint16_t count) {
    Context& path = context_of(node);
    auto** frames = reinterpret_cast<rte_mbuf**>(objects);
    for (uint16_t i = 0; i < count; ++i) {
        path.counters.add(pass(path, frames[i]));
    }
    rte_pktmbuf_free_bulk(frames, count);
    return count;
}

}  // namespace

const NodeType kernel_door{"kernel_door", process, {}};

}  // namespace trunkline::dataplane::nodes
