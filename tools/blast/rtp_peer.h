// The far end of RTP streams: counts what arrives on each of its ports and, unless told otherwise,
// sends every packet back the way that it came.
#pragma once

#include "tools/blast/rtp_sender.h"

namespace trunkline::blast {

struct RtpPeerSettings {
    uint16_t first_port = 0;  ///< of the first stream; stream i is expected at 2i above it
    uint32_t streams = 1000;  ///< the most there may be
    bool reflect = true;
    uint32_t clock_rate = 8000;
};

/// All from the start of the run.
struct RtpPeerCounts {
    uint64_t reflected = 0;
    uint64_t unsent = 0;    ///< not reflected, as the port had no room
    uint64_t restarts = 0;  ///< a port's stream went on with another SSRC; it is counted from there
    // Wrong:
    uint64_t malformed = 0;   ///< no RTP
    uint64_t unexpected = 0;  ///< at a port between those of streams
};

class RtpPeer : public Role {
public:
    RtpPeer(const RtpPeerSettings& settings, Outlet& outlet);

    void start(uint64_t) override {}
    void receive(std::span<const Datagram> batch, uint64_t now) override;
    bool poll(uint64_t) override { return false; }
    void stop() override { stopped_ = true; }
    bool done(uint64_t) const override { return stopped_; }
    uint64_t completed() const override { return received_; }
    uint64_t wrong() const override { return counts_.malformed + counts_.unexpected; }
    std::string progress(uint64_t now) const override;
    nlohmann::ordered_json report(uint64_t now) const override;

    const RtpPeerCounts& counts() const { return counts_; }
    /// From the time the packet was meant to be sent; of senders on this machine alone.
    const Histogram& latency() const { return latency_; }

private:
    struct Stream {
        uint32_t ssrc = 0;
        RtpReceiver receiver;
    };

    void receive_one(const Datagram& datagram, uint64_t now);
    void reflect(const Datagram& datagram);

    RtpPeerSettings settings_;
    Outlet& outlet_;
    HugePageVector<Stream> streams_;
    RtpSums ended_;  ///< streams that another SSRC took the port of
    uint64_t received_ = 0;
    bool stopped_ = false;
    RtpPeerCounts counts_;
    Histogram latency_;
};

}  // namespace trunkline::blast
