// Asks the control thread for a next hop.
#pragma once

#include "dataplane/nodes/context.h"

namespace trunkline::dataplane::nodes {

/// A full ring is counted; what is held meanwhile ends by its time-out.
inline void ask(Context& path, const IpAddress& destination, const IpAddress& source,
                uint16_t device) {
    NextHopChannel& channel = *path.options.next_hops;
    if (!channel.requests.push(NextHopRequest{destination, source, device})) {
        path.counters.add(Counter::next_hop_request_lost);
        return;
    }
    path.asked = true;
    path.counters.add(Counter::next_hop_asked);
}

}  // namespace trunkline::dataplane::nodes
