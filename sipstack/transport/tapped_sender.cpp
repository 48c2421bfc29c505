#include "sipstack/transport/tapped_sender.h"

namespace trunkline::sipstack {

bool TappedSender::send(const Flow& flow, std::string_view bytes) {
    const bool is_sent = sender_.send(flow, bytes);
    failures_ += is_sent ? 0 : 1;
    // What goes over another shard's connection is shown and counted there.
    if (is_sent && !shard_of_stream(flow.stream)) {
        ++interfaces_[flow.sip_interface_index].sent;
        tap_.show(MessageDirection::sent, flow, bytes);
    }
    return is_sent;
}

}  // namespace trunkline::sipstack
