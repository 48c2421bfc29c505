// A server on the loopback that a test plays: it takes messages over UDP or TCP.
#pragma once

#include "board/file_descriptor.h"
#include "mgmt/delivery/delivery_connection.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>

namespace trunkline::mgmt {

inline constexpr int patience_ms = 20'000;

class PlayedServer {
public:
    explicit PlayedServer(DeliveryProtocol protocol)
        : protocol_(protocol),
          socket_(
              ::socket(AF_INET, protocol == DeliveryProtocol::udp ? SOCK_DGRAM : SOCK_STREAM, 0)) {
        bind_to(0);
        sockaddr_in own{};
        socklen_t size = sizeof own;
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&own), &size);
        port_ = ntohs(own.sin_port);
    }

    DeliveryServer address() const {
        return {protocol_,
                {*dataplane::IpAddress::parse("127.0.0.1"), port_},
                nullptr,
                DeliveryFraming::lengths};
    }
    void listen() const { ASSERT_EQ(::listen(socket_.get(), 8), 0); }
    void accept() {
        wait_for(socket_.get());
        connection_ = board::FileDescriptor(::accept(socket_.get(), nullptr, nullptr));
        ASSERT_TRUE(connection_);
    }
    void hang_up() { connection_ = {}; }
    /// The next bytes, of UDP a datagram.
    std::string receive() const {
        const int from = connection_ ? connection_.get() : socket_.get();
        std::string bytes(65536, '\0');
        wait_for(from);
        const ssize_t size = ::recv(from, bytes.data(), bytes.size(), MSG_DONTWAIT);
        bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        return bytes;
    }
    /// Bytes until `end` came.
    std::string receive_until(const std::string& end) const {
        std::string all;
        while (!all.ends_with(end)) {
            const std::string more = receive();
            if (more.empty()) {
                ADD_FAILURE() << "it ended before '" << end << "': " << all;
                break;
            }
            all += more;
        }
        return all;
    }

private:
    void bind_to(uint16_t port) const {
        sockaddr_in own{};
        own.sin_family = AF_INET;
        own.sin_port = htons(port);
        own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ASSERT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
    }
    static void wait_for(int fd) {
        pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
        ASSERT_EQ(::poll(&entry, 1, patience_ms), 1) << "nothing came";
    }

    const DeliveryProtocol protocol_;
    const board::FileDescriptor socket_;
    board::FileDescriptor connection_;
    uint16_t port_ = 0;
};

}  // namespace trunkline::mgmt
