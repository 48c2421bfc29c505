#include "mgmt/delivery/delivery_connection.h"

#include "sipstack/transport/kernel_socket.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace trunkline::mgmt {

namespace {

using sipstack::TlsSession;

std::unexpected<std::string> failure(const DeliveryServer& server, const std::string& why) {
    return std::unexpected(fmt::format("{}: {}", server.to_string(), why));
}

std::unexpected<std::string> failure(const DeliveryServer& server, int error) {
    return failure(server, std::generic_category().message(error));
}

}  // namespace

std::string DeliveryServer::to_string() const {
    static constexpr const char* names[] = {"udp", "tcp", "tls"};
    return fmt::format("{} {}", names[static_cast<std::size_t>(protocol)], address.to_string());
}

DeliveryConnection::DeliveryConnection(const DeliveryServer& server, board::FileDescriptor socket)
    : server_(server), socket_(std::move(socket)) {}

std::expected<std::unique_ptr<DeliveryConnection>, std::string> DeliveryConnection::open(
    const DeliveryServer& server) {
    const sipstack::SocketAddress address(server.address);
    const int kind = server.protocol == DeliveryProtocol::udp ? SOCK_DGRAM : SOCK_STREAM;
    board::FileDescriptor socket(
        ::socket(address.storage.ss_family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) {
        return failure(server, errno);
    }
    std::unique_ptr<DeliveryConnection> made(new DeliveryConnection(server, std::move(socket)));
    if (auto connected = made->connect(Clock::now() + patience); !connected) {
        return std::unexpected(connected.error());
    }
    return made;
}

std::expected<void, std::string> DeliveryConnection::connect(Clock::time_point deadline) {
    const sipstack::SocketAddress address(server_.address);
    if (::connect(socket_.get(), address.get(), address.size) != 0) {
        if (errno != EINPROGRESS) {
            return failure(server_, errno);
        }
        int error = ETIMEDOUT;
        socklen_t size = sizeof error;
        if (!wait_for(POLLOUT, deadline) ||
            ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
            return failure(server_, error);
        }
    }
    if (server_.protocol != DeliveryProtocol::tls) {
        return {};
    }
    tls_ = server_.tls->connect(socket_.get(), server_.address.address.to_string(),
                                server_.to_string());
    if (!tls_) {
        return failure(server_, ENOMEM);
    }
    for (;;) {
        switch (tls_->handshake()) {
            case TlsSession::Progress::done:
                return {};
            case TlsSession::Progress::wants_read:
                if (!wait_for(POLLIN, deadline)) {
                    return failure(server_, ETIMEDOUT);
                }
                break;
            case TlsSession::Progress::wants_write:
                if (!wait_for(POLLOUT, deadline)) {
                    return failure(server_, ETIMEDOUT);
                }
                break;
            case TlsSession::Progress::closed:
                return failure(server_, "the server ended the connection");
            case TlsSession::Progress::failed:
                return failure(server_, tls_->why());
        }
    }
}

std::expected<void, std::string> DeliveryConnection::send(std::string_view message) {
    if (server_.protocol == DeliveryProtocol::udp) {
        return send_datagram(message);
    }
    if (is_ended_by_server()) {
        return failure(server_, "the server ended the connection");
    }
    const auto deadline = Clock::now() + patience;
    return server_.framing == DeliveryFraming::lengths
               ? write(fmt::format("{} {}", message.size(), message), deadline)
               : write(message, deadline);
}

/// An error may be that of the datagram before this one; it is gone once it was told. A queue that
/// is full for the moment is no error.
std::expected<void, std::string> DeliveryConnection::send_datagram(std::string_view message) {
    const auto deadline = Clock::now() + patience;
    bool was_told = false;
    while (::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL) < 0) {
        const bool is_full = errno == EAGAIN;
        if (is_full ? !wait_for(POLLOUT, deadline) : std::exchange(was_told, true)) {
            return failure(server_, errno);
        }
    }
    return {};
}

std::expected<void, std::string> DeliveryConnection::write(std::string_view bytes,
                                                           Clock::time_point deadline) {
    while (!bytes.empty()) {
        short wanted = POLLOUT;
        std::size_t sent = 0;
        if (tls_) {
            const auto result = tls_->write(bytes);
            if (result.progress == TlsSession::Progress::failed ||
                result.progress == TlsSession::Progress::closed) {
                return failure(server_, tls_->why());
            }
            wanted = result.progress == TlsSession::Progress::wants_read ? POLLIN : POLLOUT;
            sent = result.bytes;
        } else if (const ssize_t taken =
                       ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
                   taken >= 0) {
            sent = static_cast<std::size_t>(taken);
        } else if (errno != EAGAIN && errno != EINTR) {
            return failure(server_, errno);
        }
        bytes.remove_prefix(sent);
        if (sent == 0 && !wait_for(wanted, deadline)) {
            return failure(server_, ETIMEDOUT);
        }
    }
    return {};
}

bool DeliveryConnection::wait_for(short events, Clock::time_point deadline) const {
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd entry{.fd = socket_.get(), .events = events, .revents = 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(std::max<long>(left, 0)));
        if (ready >= 0 || errno != EINTR) {
            return ready > 0;
        }
    }
}

/// Such servers say nothing but good-bye. Without this look a message would be lost to it. The
/// session of TLS 1.3 may have had its tickets to read first.
bool DeliveryConnection::is_ended_by_server() const {
    if (tls_) {
        char room[16384];
        const auto progress = tls_->read(room).progress;
        return progress == TlsSession::Progress::closed || progress == TlsSession::Progress::failed;
    }
    char byte = 0;
    return ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

}  // namespace trunkline::mgmt
