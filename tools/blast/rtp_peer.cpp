#include "tools/blast/rtp_peer.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstring>

namespace trunkline::blast {

RtpPeer::RtpPeer(const RtpPeerSettings& settings, Outlet& outlet)
    : settings_(settings), outlet_(outlet), streams_(settings.streams) {}

void RtpPeer::receive(std::span<const Datagram> batch, uint64_t now) {
    for (const Datagram& datagram : batch) {
        receive_one(datagram, now);
    }
}

void RtpPeer::receive_one(const Datagram& datagram, uint64_t now) {
    const auto packet = read_rtp(datagram.payload);
    if (!packet) {
        ++counts_.malformed;
        return;
    }
    const unsigned offset = datagram.flow.local.port - settings_.first_port;
    if (offset % 2 != 0 || offset / 2 >= settings_.streams) {
        ++counts_.unexpected;
        return;
    }
    Stream& stream = streams_[offset / 2];
    if (stream.receiver.started() && stream.ssrc != packet->ssrc) {
        ++counts_.restarts;
        ended_.add(stream.receiver);
        stream = {};
    }
    stream.ssrc = packet->ssrc;
    stream.receiver.take(packet->sequence, packet->timestamp, now, settings_.clock_rate);
    ++received_;
    // A sender on another machine has another clock, which may be ahead of ours.
    if (const auto due = read_time(packet->payload); due && *due <= now) {
        latency_.record(now - *due);
    }
    if (settings_.reflect) {
        reflect(datagram);
    }
}

void RtpPeer::reflect(const Datagram& datagram) {
    const std::span<char> room = outlet_.room(datagram.flow);
    if (room.size() < datagram.payload.size()) {
        ++counts_.unsent;
        return;
    }
    std::memcpy(room.data(), datagram.payload.data(), datagram.payload.size());
    outlet_.send(datagram.payload.size());
    ++counts_.reflected;
}

std::string RtpPeer::progress(uint64_t) const {
    return fmt::format("received {}, reflected {}, wrong {}", received_, counts_.reflected,
                       wrong());
}

nlohmann::ordered_json RtpPeer::report(uint64_t) const {
    RtpSums sums = ended_;
    for (const Stream& stream : streams_) {
        sums.add(stream.receiver);
    }
    return {{"role", "rtp-peer"},
            {"streams", sums.streams},
            {"received", sums.received},
            {"reflected", counts_.reflected},
            {"unsent", counts_.unsent},
            {"lost", sums.lost},
            {"reordered", sums.reordered},
            {"duplicates", sums.duplicates},
            {"restarts", counts_.restarts},
            {"jitter", sums.jitter()},
            {"malformed", counts_.malformed},
            {"unexpected", counts_.unexpected},
            {"wrong", wrong()},
            {"latency", latency_report(latency_)}};
}

}  // namespace trunkline::blast
