// The client's side of the local socket: ask_appliance().
#include "board/file_descriptor.h"
#include "mgmt/local_socket.h"
#include "mgmt/local_socket_address.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace trunkline::mgmt {

namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr std::chrono::seconds patience{10};

board::Error no_answer(const std::string& path, const std::string& reason) {
    return {
        fmt::format("no appliance answers at {}: {}; start one with 'trunkline run CONFIG', or "
                    "name the socket of another with --socket",
                    path, reason)};
}

/// Waits until `deadline`; the reason when nothing came.
std::expected<void, std::string> wait_for(int fd, short events, Clock::time_point deadline) {
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0) {
            return std::unexpected(fmt::format("no answer within {} s", patience.count()));
        }
        pollfd wanted{fd, events, 0};
        const int ready = ::poll(&wanted, 1, static_cast<int>(left.count()));
        if (ready > 0) {
            return {};
        }
        if (ready < 0 && errno != EINTR) {
            return std::unexpected(std::error_code(errno, std::generic_category()).message());
        }
    }
}

std::expected<void, std::string> send_all(int fd, std::string_view text,
                                          Clock::time_point deadline) {
    while (!text.empty()) {
        if (auto ready = wait_for(fd, POLLOUT, deadline); !ready) {
            return ready;
        }
        const ssize_t size = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        if (size > 0) {
            text.remove_prefix(static_cast<std::size_t>(size));
        } else if (errno == EPIPE) {
            return {};  // it may have answered and gone: "too many clients"
        } else if (errno != EAGAIN && errno != EINTR) {
            return std::unexpected(std::error_code(errno, std::generic_category()).message());
        }
    }
    return {};
}

std::expected<std::string, std::string> receive_line(int fd, Clock::time_point deadline) {
    std::string text;
    std::array<char, 65536> piece{};
    for (;;) {
        if (auto ready = wait_for(fd, POLLIN, deadline); !ready) {
            return std::unexpected(ready.error());
        }
        const ssize_t size = ::recv(fd, piece.data(), piece.size(), 0);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
            continue;
        }
        if (size <= 0) {
            return std::unexpected("it hung up without an answer");
        }
        const std::string_view got(piece.data(), static_cast<std::size_t>(size));
        const std::size_t end = got.find('\n');
        text += got.substr(0, end);
        if (end != got.npos) {
            return text;
        }
    }
}

}  // namespace

std::optional<LocalSocketAddress> local_socket_address(const std::string& path) {
    LocalSocketAddress result;
    if (path.empty() || path.size() >= sizeof result.address.sun_path) {
        return std::nullopt;
    }
    result.address.sun_family = AF_UNIX;
    std::memcpy(result.address.sun_path, path.c_str(), path.size() + 1);
    result.length = sizeof result.address;
    return result;
}

board::FileDescriptor connect_local_socket(const LocalSocketAddress& address) {
    board::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const auto* generic = reinterpret_cast<const sockaddr*>(&address.address);
    if (!socket || ::connect(socket.get(), generic, address.length) != 0) {
        return {};
    }
    return socket;
}

board::Expected<json> ask_appliance(const std::string& path, const json& request) {
    const auto address = local_socket_address(path);
    if (!address) {
        return std::unexpected(no_answer(path, "the path is empty or too long for a socket"));
    }
    const board::FileDescriptor socket = connect_local_socket(*address);
    if (!socket) {
        return std::unexpected(
            no_answer(path, std::error_code(errno, std::generic_category()).message()));
    }
    const Clock::time_point deadline = Clock::now() + patience;
    const std::string line = request.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    if (auto sent = send_all(socket.get(), line, deadline); !sent) {
        return std::unexpected(no_answer(path, sent.error()));
    }
    const auto answer = receive_line(socket.get(), deadline);
    if (!answer) {
        return std::unexpected(no_answer(path, answer.error()));
    }
    json reply = json::parse(*answer, nullptr, false);
    if (!reply.is_object()) {
        return std::unexpected(no_answer(path, "what came back is no answer of an appliance"));
    }
    return reply;
}

}  // namespace trunkline::mgmt
