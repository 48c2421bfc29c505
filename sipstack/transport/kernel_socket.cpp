#include "sipstack/transport/kernel_socket.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace trunkline::sipstack {

using dataplane::Endpoint;
using dataplane::IpAddress;

SocketAddress::SocketAddress(const Endpoint& endpoint) {
    if (endpoint.address.is_v4()) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        v4.sin_addr.s_addr = htonl(endpoint.address.v4_host_order());
        size = sizeof(v4);
    } else {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(endpoint.port);
        std::ranges::copy(endpoint.address.bytes, v6.sin6_addr.s6_addr);
        size = sizeof(v6);
    }
}

Endpoint endpoint_of(const sockaddr_storage& storage) {
    if (storage.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
        return {IpAddress::v4(ntohl(v4.sin_addr.s_addr)), ntohs(v4.sin_port)};
    }
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
    return {IpAddress::from_bytes(v6.sin6_addr.s6_addr), ntohs(v6.sin6_port)};
}

void set_option(int fd, int level, int option, int value) {
    setsockopt(fd, level, option, &value, sizeof(value));
}

void allow_absent_address(int fd, const IpAddress& address) {
    if (address.is_v4()) {
        set_option(fd, IPPROTO_IP, IP_FREEBIND, 1);
    } else {
        set_option(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1);
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    }
}

void tune(int fd) {
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 32'000);
}

int stream_socket(const IpAddress& address) {
    return socket(address.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                  0);
}

std::string describe(int error, const std::string& remote) {
    switch (error) {
        case ECONNREFUSED:
            return fmt::format("connection refused by {}", remote);
        case ECONNRESET:
        case EPIPE:
            return fmt::format("connection reset by {}", remote);
        case ETIMEDOUT:
            return fmt::format("connection to {} timed out", remote);
        case ENETUNREACH:
        case EHOSTUNREACH:
            return fmt::format("{} is unreachable: {}", remote, strerror(error));
        default:
            return fmt::format("connection to {} failed: {}", remote, strerror(error));
    }
}

board::Expected<board::FileDescriptor> listening_socket(const SipInterface& interface,
                                                        uint16_t port, bool shares_port) {
    constexpr int backlog = 1024;
    board::FileDescriptor fd(stream_socket(interface.address));
    if (fd.get() < 0) {
        return std::unexpected(cannot_listen(interface, port, strerror(errno)));
    }
    allow_absent_address(fd.get(), interface.address);
    set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (shares_port) {
        set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
    }
    const SocketAddress local({interface.address, port});
    if (bind(fd.get(), local.get(), local.size) != 0 || listen(fd.get(), backlog) != 0) {
        return std::unexpected(cannot_listen(interface, port, strerror(errno)));
    }
    return fd;
}

board::Error cannot_listen(const SipInterface& interface, uint16_t port, const std::string& why) {
    return {fmt::format("SIP interface '{}' cannot listen on {}: {}", interface.name,
                        Endpoint{interface.address, port}.to_string(), why)};
}

}  // namespace trunkline::sipstack
