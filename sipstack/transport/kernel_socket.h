// The socket calls of stream_sockets.h in the terms of this house: addresses, options, errors.
#pragma once

#include "board/error.h"
#include "board/file_descriptor.h"
#include "dataplane/address.h"
#include "sipstack/config.h"

#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace trunkline::sipstack {

/// An endpoint as the socket calls take it.
struct SocketAddress {
    explicit SocketAddress(const dataplane::Endpoint& endpoint);
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }

    sockaddr_storage storage{};
    socklen_t size = 0;
};

dataplane::Endpoint endpoint_of(const sockaddr_storage& storage);

/// A TCP socket that never blocks; -1 with errno.
int stream_socket(const dataplane::IpAddress& address);
/// For options that cannot fail on a TCP socket but for want of a kernel that has them.
void set_option(int fd, int level, int option, int value);
/// An address that is not there yet (IPv6 while it is tentative, a port without a link) is no
/// reason to fail: it comes.
void allow_absent_address(int fd, const dataplane::IpAddress& address);
/// A peer that is no more is found out: by keep-alive when idle, else after 64 * T1.
void tune(int fd);

/// What an errno of a connection to `remote` means to an operator.
std::string describe(int error, const std::string& remote);

/// A TCP socket that listens there; `shares_port`: others of this process do, too (SO_REUSEPORT).
board::Expected<board::FileDescriptor> listening_socket(const SipInterface& interface,
                                                        uint16_t port, bool shares_port);
/// Names the interface's port and why nobody can listen on it.
board::Error cannot_listen(const SipInterface& interface, uint16_t port, const std::string& why);

}  // namespace trunkline::sipstack
