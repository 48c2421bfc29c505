// Media: sends RTP streams at a packet rate and judges what comes back from a peer that reflects
// them. Stream i goes from the own port + 2i to the peer's port + 2i.
#pragma once

#include "tools/blast/huge_pages.h"
#include "tools/blast/role.h"
#include "tools/blast/rtp_packet.h"
#include "tools/blast/rtp_receiver.h"

namespace trunkline::blast {

struct RtpSettings {
    uint32_t streams = 1;
    uint64_t packet_time = 20'000'000;  ///< nanoseconds of sound in each packet (ptime)
    uint32_t clock_rate = 8000;         ///< timestamps a second
    uint8_t payload_type = 0;           ///< PCMU (RFC 3551)
    uint16_t payload = 160;             ///< bytes, least_rtp_payload at least
    bool comes_back = true;             ///< whether the peer reflects
    uint64_t nanoseconds = 0;           ///< to send for; 0: until stop()
    uint64_t patience = 500'000'000;    ///< for what is still to be sent or under way at the end
    uint64_t seed = 1;                  ///< of SSRCs, first sequence numbers and timestamps
};

/// All from the start of the run.
struct RtpCounts {
    uint64_t sent = 0;
    uint64_t late = 0;    ///< sent a packet time or more after they were due
    uint64_t unsent = 0;  ///< due before the end, and not sent within the patience after it
    // Wrong:
    uint64_t malformed = 0;   ///< no RTP
    uint64_t unexpected = 0;  ///< of no stream of ours, or on the port of another
    uint64_t mismatched = 0;  ///< a payload type, length, number or timestamp that was not sent
};

/// Streams take turns, so that packets leave evenly spaced. Packet k of a stream is meant to leave
/// k packet times after its first, whatever became of those before it, and its latency counts from
/// there. What was missed is made up for while the port takes it.
class RtpSender : public Role {
public:
    /// `flow` is that of the first stream.
    RtpSender(const RtpSettings& settings, const Flow& flow, Outlet& outlet);

    void start(uint64_t now) override;
    void receive(std::span<const Datagram> batch, uint64_t now) override;
    bool poll(uint64_t now) override;
    void stop() override { stopped_ = true; }
    bool done(uint64_t now) const override;
    /// Packets that came back, or were sent where none do.
    uint64_t completed() const override;
    std::string unanswered() const override;
    uint64_t wrong() const override;
    std::string progress(uint64_t now) const override;
    nlohmann::ordered_json report(uint64_t now) const override;

    const RtpCounts& counts() const { return counts_; }
    const Histogram& latency() const { return latency_; }

private:
    struct Stream {
        uint32_t ssrc = 0;
        uint32_t timestamp = 0;  ///< of the next packet, as is `sequence`
        uint16_t sequence = 0;
        uint64_t packets = 0;  ///< that were due
        RtpReceiver back;
    };

    void receive_one(const Datagram& datagram, uint64_t now);
    bool was_sent(const Stream& stream, const RtpPacket& packet) const;
    bool send(uint64_t due, uint64_t now);
    void advance();
    bool sending(uint64_t time) const;
    uint64_t next_due() const;

    RtpSettings settings_;
    Flow flow_;
    Outlet& outlet_;
    uint32_t ticks_;  ///< timestamps a packet
    HugePageVector<Stream> streams_;
    uint64_t round_ = 0;  ///< when the first stream's next packet is or was due
    uint32_t next_ = 0;   ///< whose turn it is
    uint64_t last_sent_ = 0;
    uint64_t start_ = 0;
    uint64_t received_ = 0;
    bool stopped_ = false;
    RtpCounts counts_;
    Histogram latency_;
};

/// Sums over streams, for reports of both ends.
struct RtpSums {
    uint64_t streams = 0;  ///< of which anything came
    uint64_t expected = 0, received = 0, lost = 0, reordered = 0, duplicates = 0;
    double jitter_sum = 0, most_jitter = 0;  ///< nanoseconds

    void add(const RtpReceiver& receiver);
    /// "mean_us" over the streams, and "max_us".
    nlohmann::ordered_json jitter() const;
};

}  // namespace trunkline::blast
