#include "mgmt/capture/hep_message.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <string_view>

namespace trunkline::mgmt {

namespace {

enum class Chunk : uint16_t {
    ip_family = 1,
    ip_protocol = 2,
    ip4_source = 3,
    ip4_destination = 4,
    ip6_source = 5,
    ip6_destination = 6,
    source_port = 7,
    destination_port = 8,
    seconds = 9,
    microseconds = 10,
    protocol_type = 11,
    agent_id = 12,
    agent_key = 14,
    payload = 15,
    correlation_id = 17,
};

constexpr std::string_view mark = "HEP3";
constexpr uint8_t sip = 1;  ///< of the chunk protocol_type

/// `bytes` of the number's end, the high ones first.
std::string network_order(uint64_t number, std::size_t bytes) {
    std::string text;
    for (std::size_t left = bytes; left > 0; --left) {
        text += static_cast<char>(number >> (8 * (left - 1)) & 0xff);
    }
    return text;
}

class Writer {
public:
    void add(Chunk type, std::string_view data) {
        constexpr std::size_t head = 6;
        chunks_ += network_order(0, 2);
        chunks_ += network_order(static_cast<uint16_t>(type), 2);
        chunks_ += network_order(head + data.size(), 2);
        chunks_ += data;
    }
    void add(Chunk type, uint64_t number, std::size_t bytes) {
        add(type, network_order(number, bytes));
    }
    void add(Chunk ip4, Chunk ip6, const dataplane::IpAddress& address) {
        const std::size_t size = address.is_v4() ? 4 : 16;
        add(address.is_v4() ? ip4 : ip6,
            {reinterpret_cast<const char*>(address.bytes.data()), size});
    }
    std::optional<std::string> finish() const {
        const std::size_t length = mark.size() + 2 + chunks_.size();
        if (length > longest_hep_message) {
            return std::nullopt;
        }
        return std::string(mark) + network_order(length, 2) + chunks_;
    }

private:
    std::string chunks_;
};

}  // namespace

std::optional<std::string> hep_message(const CapturedMessage& captured, const HepAgent& agent) {
    const sipstack::TappedMessage& message = captured.message;
    if (message.bytes.size() > longest_hep_message) {
        return std::nullopt;
    }
    const bool is_udp = message.flow.transport == sipstack::Transport::udp;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(message.at);
    const auto rest = std::chrono::floor<std::chrono::microseconds>(message.at - seconds);
    Writer writer;
    writer.add(Chunk::ip_family, message.source().address.is_v4() ? AF_INET : AF_INET6, 1);
    writer.add(Chunk::ip_protocol, is_udp ? IPPROTO_UDP : IPPROTO_TCP, 1);
    writer.add(Chunk::ip4_source, Chunk::ip6_source, message.source().address);
    writer.add(Chunk::ip4_destination, Chunk::ip6_destination, message.destination().address);
    writer.add(Chunk::source_port, message.source().port, 2);
    writer.add(Chunk::destination_port, message.destination().port, 2);
    writer.add(Chunk::seconds, static_cast<uint64_t>(seconds.count()), 4);
    writer.add(Chunk::microseconds, static_cast<uint64_t>(rest.count()), 4);
    writer.add(Chunk::protocol_type, sip, 1);
    writer.add(Chunk::agent_id, agent.id, 4);
    if (!agent.key.empty()) {
        writer.add(Chunk::agent_key, agent.key);
    }
    if (!captured.envelope.call_id.empty()) {
        writer.add(Chunk::correlation_id, captured.envelope.call_id);
    }
    writer.add(Chunk::payload, message.bytes);
    return writer.finish();
}

}  // namespace trunkline::mgmt
