#include "mgmt/capture/message_packets.h"

#include "dataplane/composed_packet.h"

#include <string_view>

namespace trunkline::mgmt {

std::vector<std::string> MessagePackets::of(const sipstack::TappedMessage& message) {
    const dataplane::Endpoint &from = message.source(), &to = message.destination();
    if (message.flow.transport != sipstack::Transport::tcp) {
        return {dataplane::compose_udp_packet(from, to, message.bytes)};
    }
    if (next_.size() > most_streams) {
        next_.clear();
    }
    const uint32_t acknowledged = next_.try_emplace({to, from}, 1).first->second;
    uint32_t& sequence = next_.try_emplace({from, to}, 1).first->second;
    std::vector<std::string> packets;
    for (std::string_view left = message.bytes; !left.empty();) {
        const auto part = left.substr(0, dataplane::largest_composed_payload);
        packets.push_back(dataplane::compose_tcp_packet(from, to, {sequence, acknowledged}, part));
        sequence += static_cast<uint32_t>(part.size());
        left.remove_prefix(part.size());
    }
    return packets;
}

}  // namespace trunkline::mgmt
