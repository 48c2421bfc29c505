// The client's side of HTTPS for tests: TLS over loopback, and text as it stands.
#pragma once

#include "board/file_descriptor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

inline uint16_t port_of(int socket) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

inline board::FileDescriptor connected(uint16_t port) {
    board::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        std::abort();
    }
    const timeval patience{.tv_sec = 30, .tv_usec = 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return socket;
}

class HttpsClient {
public:
    explicit HttpsClient(uint16_t port)
        : socket_(connected(port)),
          context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
          ssl_(SSL_new(context_.get()), SSL_free) {
        SSL_set_fd(ssl_.get(), socket_.get());
        is_open_ = SSL_connect(ssl_.get()) == 1;
    }
    bool is_open() const { return is_open_; }
    SSL* ssl() const { return ssl_.get(); }

    bool send(std::string_view text) {
        return SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) > 0;
    }
    /// Until `end` is in it, or the connection ends.
    std::string receive_until(std::string_view end) {
        std::string text;
        std::array<char, 4096> piece{};
        while (text.find(end) == std::string::npos) {
            const int size = SSL_read(ssl_.get(), piece.data(), piece.size());
            if (size <= 0) {
                break;
            }
            text.append(piece.data(), static_cast<std::size_t>(size));
        }
        return text;
    }
    std::string receive_all() { return receive_until(std::string(1, '\0') + "never"); }

private:
    board::FileDescriptor socket_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
    bool is_open_ = false;
};

}  // namespace trunkline::mgmt
