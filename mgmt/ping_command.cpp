#include "mgmt/ping_command.h"

#include "board/file_descriptor.h"
#include "dataplane/address.h"
#include "mgmt/json_fields.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <nlohmann/json.hpp>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

namespace trunkline::mgmt {

using dataplane::IpAddress;
using nlohmann::json;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t payload_bytes = 56;  // as ping(8) sends
constexpr std::size_t header_bytes = 8;
constexpr uint8_t echo_request_4 = 8, echo_reply_4 = 0, unreachable_4 = 3;
constexpr uint8_t echo_request_6 = 128, echo_reply_6 = 129, unreachable_6 = 1;

/// RFC 1071.
uint16_t checksum_of(std::span<const uint8_t> bytes) {
    uint32_t sum = 0;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        sum += static_cast<uint32_t>(bytes[i] << 8 | bytes[i + 1]);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>(~((sum & 0xffff) + (sum >> 16)));
}

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;
};

SocketAddress socket_address(const IpAddress& address) {
    SocketAddress result;
    if (address.is_v4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        std::memcpy(&v4.sin_addr, address.bytes.data(), sizeof v4.sin_addr);
        std::memcpy(&result.storage, &v4, sizeof v4);
        result.length = sizeof v4;
    } else {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        std::memcpy(&v6.sin6_addr, address.bytes.data(), sizeof v6.sin6_addr);
        std::memcpy(&result.storage, &v6, sizeof v6);
        result.length = sizeof v6;
    }
    return result;
}

using EchoRequest = std::array<uint8_t, header_bytes + payload_bytes>;

/// `token` is the identifier and the sequence number: what tells it from all others.
EchoRequest echo_request(bool is_v4, uint32_t token) {
    EchoRequest message{};
    message[0] = is_v4 ? echo_request_4 : echo_request_6;
    const uint32_t big_endian = htonl(token);
    std::memcpy(&message[4], &big_endian, sizeof big_endian);
    if (is_v4) {  // the kernel fills it in for ICMPv6
        const uint16_t checksum = htons(checksum_of(message));
        std::memcpy(&message[2], &checksum, sizeof checksum);
    }
    return message;
}

bool has_token(std::span<const uint8_t> icmp, uint32_t token) {
    uint32_t found = 0;
    if (icmp.size() < header_bytes) {
        return false;
    }
    std::memcpy(&found, &icmp[4], sizeof found);
    return ntohl(found) == token;
}

/// What is behind the IPv4 header that a raw socket of that family shows; nothing when it is short.
std::span<const uint8_t> behind_ip4(std::span<const uint8_t> packet) {
    const std::size_t header = packet.empty() ? 0 : (packet[0] & 0x0fU) * 4U;
    return header < sizeof(iphdr) || packet.size() < header ? std::span<const uint8_t>{}
                                                            : packet.subspan(header);
}

enum class Verdict { not_ours, echo, unreachable };

Verdict judge_4(std::span<const uint8_t> packet, uint32_t token) {
    const auto icmp = behind_ip4(packet);
    if (icmp.size() < header_bytes) {
        return Verdict::not_ours;
    }
    if (icmp[0] == echo_reply_4) {
        return has_token(icmp, token) ? Verdict::echo : Verdict::not_ours;
    }
    const auto quoted = behind_ip4(icmp.subspan(header_bytes));
    return icmp[0] == unreachable_4 && !quoted.empty() && quoted[0] == echo_request_4 &&
                   has_token(quoted, token)
               ? Verdict::unreachable
               : Verdict::not_ours;
}

Verdict judge_6(std::span<const uint8_t> icmp, uint32_t token) {
    if (icmp.size() < header_bytes) {
        return Verdict::not_ours;
    }
    if (icmp[0] == echo_reply_6) {
        return has_token(icmp, token) ? Verdict::echo : Verdict::not_ours;
    }
    constexpr std::size_t ip6_header = 40;
    if (icmp[0] != unreachable_6 || icmp.size() < header_bytes + ip6_header) {
        return Verdict::not_ours;
    }
    return has_token(icmp.subspan(header_bytes + ip6_header), token) ? Verdict::unreachable
                                                                     : Verdict::not_ours;
}

std::string system_message() {
    return std::error_code(errno, std::generic_category()).message();
}

}  // namespace

struct PingCommand::State {
    struct Echo {
        IpAddress to;
        board::FileDescriptor socket;
        uint32_t token = 0;
        Clock::time_point sent;
        board::EventLoop::TimerId timer = 0;
        Reply reply;
    };

    State(board::EventLoop& event_loop, std::chrono::milliseconds the_patience)
        : loop(event_loop), patience(the_patience) {}

    void start(const std::string& host, Reply reply) {
        const auto address = IpAddress::parse(host);
        if (!address || address->is_multicast()) {
            reply(refusal(fmt::format("host: found '{}'; allowed: an IP address", host)));
            return;
        }
        if (echoes.size() >= most_waiting) {
            reply(refusal("too many wait for their echo, try again later"));
            return;
        }
        const bool is_v4 = address->is_v4();
        Echo echo;
        echo.to = *address;
        echo.socket = board::FileDescriptor(
            ::socket(is_v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
                     is_v4 ? static_cast<int>(IPPROTO_ICMP) : static_cast<int>(IPPROTO_ICMPV6)));
        if (!echo.socket) {
            reply(refusal("no socket for ICMP: " + system_message()));
            return;
        }
        if (::getrandom(&echo.token, sizeof echo.token, 0) != sizeof echo.token) {
            reply(refusal("the kernel gives no random bytes; retry"));
            return;
        }
        const EchoRequest message = echo_request(is_v4, echo.token);
        const SocketAddress to = socket_address(*address);
        echo.sent = Clock::now();
        if (::sendto(echo.socket.get(), message.data(), message.size(), 0,
                     reinterpret_cast<const sockaddr*>(&to.storage), to.length) < 0) {
            reply({{"ok", true}, {"reason", system_message()}});
            return;
        }
        echo.reply = std::move(reply);
        const uint64_t id = next++;
        const int fd = echo.socket.get();
        echo.timer = loop.after(patience, [this, id] {
            end(id,
                {{"ok", true}, {"reason", fmt::format("no echo within {} ms", patience.count())}});
        });
        echoes.emplace(id, std::move(echo));
        loop.watch(fd, EPOLLIN, [this, id](uint32_t) { receive(id); });
    }

    void receive(uint64_t id) {
        const Echo& echo = echoes.at(id);
        std::array<uint8_t, 2048> packet{};
        const ssize_t size = ::recv(echo.socket.get(), packet.data(), packet.size(), 0);
        if (size <= 0) {
            return;
        }
        const std::chrono::duration<double, std::milli> time = Clock::now() - echo.sent;
        const auto bytes = std::span<const uint8_t>(packet).first(static_cast<std::size_t>(size));
        switch (echo.to.is_v4() ? judge_4(bytes, echo.token) : judge_6(bytes, echo.token)) {
            case Verdict::echo:
                end(id,
                    {{"ok", true}, {"from", echo.to.to_string()}, {"round_trip_ms", time.count()}});
                break;
            case Verdict::unreachable:
                end(id, {{"ok", true}, {"reason", "destination unreachable"}});
                break;
            case Verdict::not_ours:
                break;
        }
    }

    void end(uint64_t id, const json& answer) {
        const auto at = echoes.find(id);
        const Echo echo = std::move(at->second);
        echoes.erase(at);
        loop.cancel(echo.timer);
        loop.unwatch(echo.socket.get());
        echo.reply(answer);
    }

    board::EventLoop& loop;
    const std::chrono::milliseconds patience;
    std::map<uint64_t, Echo> echoes;
    uint64_t next = 1;
};

PingCommand::PingCommand(board::EventLoop& loop, std::chrono::milliseconds patience)
    : state_(std::make_shared<State>(loop, patience)) {}

PingCommand::~PingCommand() {
    while (!state_->echoes.empty()) {
        state_->end(state_->echoes.begin()->first, refusal("the appliance stops"));
    }
}

void PingCommand::add_to(CommandTable& table) {
    table.add("ping", AccessLevel::monitor,
              [state = state_](const json& request, const Caller&, Reply reply) {
                  state->start(text_in(request, "host"), std::move(reply));
              });
}

}  // namespace trunkline::mgmt
