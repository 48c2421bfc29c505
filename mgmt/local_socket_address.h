// The address of a local socket, and a connection to it (unix(7)); both sides need them.
#pragma once

#include "board/file_descriptor.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <optional>
#include <string>

namespace trunkline::mgmt {

struct LocalSocketAddress {
    sockaddr_un address{};
    socklen_t length = 0;
};

/// Nothing when `path` is empty or longer than a socket's address holds.
std::optional<LocalSocketAddress> local_socket_address(const std::string& path);

/// A connection without blocking; empty with errno when nobody listens.
board::FileDescriptor connect_local_socket(const LocalSocketAddress& address);

}  // namespace trunkline::mgmt
