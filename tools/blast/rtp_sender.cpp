#include "tools/blast/rtp_sender.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <random>

namespace trunkline::blast {

namespace {

constexpr double nanoseconds_a_microsecond = 1000;
constexpr uint64_t second = 1'000'000'000;

}  // namespace

void RtpSums::add(const RtpReceiver& receiver) {
    if (!receiver.started()) {
        return;
    }
    ++streams;
    expected += receiver.expected();
    received += receiver.received();
    lost += receiver.lost();
    reordered += receiver.reordered();
    duplicates += receiver.duplicates();
    jitter_sum += receiver.jitter();
    most_jitter = std::max(most_jitter, receiver.jitter());
}

nlohmann::ordered_json RtpSums::jitter() const {
    const double mean = streams == 0 ? 0 : jitter_sum / static_cast<double>(streams);
    return {{"mean_us", mean / nanoseconds_a_microsecond},
            {"max_us", most_jitter / nanoseconds_a_microsecond}};
}

RtpSender::RtpSender(const RtpSettings& settings, const Flow& flow, Outlet& outlet)
    : settings_(settings),
      flow_(flow),
      outlet_(outlet),
      ticks_(static_cast<uint32_t>(settings.packet_time * settings.clock_rate / second)),
      streams_(settings.streams) {
    // RFC 3550 5.1 wants all three at random. SSRCs differ by the stream's number, so that no two
    // of a run are the same.
    std::mt19937_64 random(settings.seed);
    const auto first = static_cast<uint32_t>(random());
    for (uint32_t i = 0; i < settings.streams; ++i) {
        streams_[i].ssrc = first + i;
        streams_[i].sequence = static_cast<uint16_t>(random());
        streams_[i].timestamp = static_cast<uint32_t>(random());
    }
}

void RtpSender::start(uint64_t now) {
    start_ = round_ = last_sent_ = now;
}

uint64_t RtpSender::next_due() const {
    return round_ + settings_.packet_time * next_ / settings_.streams;
}

bool RtpSender::sending(uint64_t time) const {
    return !stopped_ && (settings_.nanoseconds == 0 || time - start_ < settings_.nanoseconds);
}

bool RtpSender::poll(uint64_t now) {
    // A burst at most, so that what comes back is read in between.
    constexpr unsigned burst = 32;
    const bool too_late =
        settings_.nanoseconds > 0 && now - start_ >= settings_.nanoseconds + settings_.patience;
    unsigned sent = 0;
    for (uint64_t due = next_due(); sent < burst && due <= now && sending(due); due = next_due()) {
        if (too_late) {
            ++counts_.unsent;
        } else if (send(due, now)) {
            ++sent;
        } else {
            break;
        }
        advance();
    }
    return sent > 0;
}

bool RtpSender::send(uint64_t due, uint64_t now) {
    const Stream& stream = streams_[next_];
    Flow flow = flow_;
    flow.local.port = static_cast<uint16_t>(flow.local.port + 2 * next_);
    flow.remote.port = static_cast<uint16_t>(flow.remote.port + 2 * next_);
    const std::size_t size = rtp_header_bytes + settings_.payload;
    const std::span<char> room = outlet_.room(flow);
    if (room.size() < size) {
        return false;
    }
    write_rtp_header(room, {stream.packets == 0, settings_.payload_type, stream.sequence,
                            stream.timestamp, stream.ssrc, std::string_view()});
    const std::span<char> payload = room.subspan(rtp_header_bytes, settings_.payload);
    write_time(payload, due);
    constexpr char silence = static_cast<char>(0xff);  // of PCMU
    std::ranges::fill(payload.subspan(least_rtp_payload), silence);
    outlet_.send(size);
    ++counts_.sent;
    counts_.late += now - due >= settings_.packet_time ? 1 : 0;
    last_sent_ = now;
    return true;
}

void RtpSender::advance() {
    Stream& stream = streams_[next_];
    ++stream.packets;
    ++stream.sequence;
    stream.timestamp += ticks_;
    if (++next_ == settings_.streams) {
        next_ = 0;
        round_ += settings_.packet_time;
    }
}

void RtpSender::receive(std::span<const Datagram> batch, uint64_t now) {
    for (const Datagram& datagram : batch) {
        receive_one(datagram, now);
    }
}

void RtpSender::receive_one(const Datagram& datagram, uint64_t now) {
    const auto packet = read_rtp(datagram.payload);
    if (!packet) {
        ++counts_.malformed;
        return;
    }
    const unsigned offset = datagram.flow.local.port - flow_.local.port;
    if (offset % 2 != 0 || offset / 2 >= settings_.streams ||
        streams_[offset / 2].ssrc != packet->ssrc) {
        ++counts_.unexpected;
        return;
    }
    Stream& stream = streams_[offset / 2];
    if (!was_sent(stream, *packet)) {
        ++counts_.mismatched;
        return;
    }
    const uint64_t before = stream.back.received();
    stream.back.take(packet->sequence, packet->timestamp, now, settings_.clock_rate);
    if (stream.back.received() == before) {
        return;  // a duplicate
    }
    ++received_;
    if (const auto due = read_time(packet->payload); due && *due <= now) {
        latency_.record(now - *due);
    }
}

bool RtpSender::was_sent(const Stream& stream, const RtpPacket& packet) const {
    const auto ago = static_cast<uint16_t>(stream.sequence - packet.sequence);
    return ago > 0 && ago <= stream.packets &&
           packet.timestamp == stream.timestamp - ago * ticks_ &&
           packet.payload_type == settings_.payload_type &&
           packet.payload.size() == settings_.payload && read_time(packet.payload).has_value();
}

bool RtpSender::done(uint64_t now) const {
    if (sending(next_due())) {
        return false;
    }
    const bool all_back = !settings_.comes_back || received_ == counts_.sent;
    return all_back || now >= last_sent_ + settings_.patience;
}

uint64_t RtpSender::completed() const {
    return settings_.comes_back ? received_ : counts_.sent;
}

std::string RtpSender::unanswered() const {
    return completed() == 0 ? fmt::format("none of {} packets {}", counts_.sent,
                                          settings_.comes_back ? "came back" : "was sent")
                            : std::string();
}

uint64_t RtpSender::wrong() const {
    return counts_.malformed + counts_.unexpected + counts_.mismatched;
}

std::string RtpSender::progress(uint64_t) const {
    return fmt::format("sent {}, back {}, late {}, p50 {:.0f} us, p99 {:.0f} us, wrong {}",
                       counts_.sent, received_, counts_.late,
                       static_cast<double>(latency_.percentile(0.5)) / nanoseconds_a_microsecond,
                       static_cast<double>(latency_.percentile(0.99)) / nanoseconds_a_microsecond,
                       wrong());
}

nlohmann::ordered_json RtpSender::report(uint64_t) const {
    RtpSums back;
    for (const Stream& stream : streams_) {
        back.add(stream.back);
    }
    return {
        {"role", "rtp"},
        {"streams", settings_.streams},
        {"packet_time_us", static_cast<double>(settings_.packet_time) / nanoseconds_a_microsecond},
        {"sent", counts_.sent},
        {"late", counts_.late},
        {"unsent", counts_.unsent},
        {"received", back.received},
        {"lost", settings_.comes_back ? counts_.sent - back.received : 0},
        {"reordered", back.reordered},
        {"duplicates", back.duplicates},
        {"jitter", back.jitter()},
        {"malformed", counts_.malformed},
        {"unexpected", counts_.unexpected},
        {"mismatched", counts_.mismatched},
        {"wrong", wrong()},
        {"latency", latency_report(latency_)}};
}

}  // namespace trunkline::blast
