#include "sipstack/transport/connections.h"

namespace trunkline::sipstack {

Connections::Connections(const Config& config, MessageSender& datagrams)
    : config_(config), datagrams_(datagrams) {}

std::optional<Flow> Connections::flow_to(const StreamPeer& peer, Instant /*now*/) {
    const SipInterface& interface = config_.sip_interfaces.at(peer.sip_interface_index);
    const uint16_t port = interface.port(peer.transport);
    if (port == 0 || peer.transport != Transport::udp ||
        peer.remote.address.family != interface.address.family) {
        return std::nullopt;
    }
    return Flow{peer.transport, peer.sip_interface_index, {interface.address, port}, peer.remote};
}

bool Connections::send(const Flow& flow, std::string_view bytes) {
    return datagrams_.send(flow, bytes);
}

}  // namespace trunkline::sipstack
