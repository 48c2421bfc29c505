#include "mgmt/local_socket_connection.h"

#include "mgmt/local_socket.h"
#include "mgmt/local_socket_address.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace trunkline::mgmt {

namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr const char* interrupted = "it was interrupted";

std::string system_message() {
    return std::error_code(errno, std::generic_category()).message();
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

LocalSocketConnection::LocalSocketConnection(Options options) : options_(std::move(options)) {}

board::Error LocalSocketConnection::no_answer(const std::string& reason) {
    // An answer that comes later would be taken for that of the next question.
    socket_ = {};
    if (reason == interrupted) {
        return {"interrupted"};
    }
    is_lost_ = true;
    return {
        fmt::format("no appliance answers at {}: {}; start one with 'trunkline run CONFIG', or "
                    "name the socket of another with --socket",
                    options_.path, reason)};
}

std::expected<void, std::string> LocalSocketConnection::connect() {
    const auto address = local_socket_address(options_.path);
    if (!address) {
        return std::unexpected("the path is empty or too long for a socket");
    }
    socket_ = connect_local_socket(*address);
    if (!socket_) {
        return std::unexpected(system_message());
    }
    return {};
}

std::expected<void, std::string> LocalSocketConnection::wait_for(short events,
                                                                 Deadline deadline) const {
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0) {
            return std::unexpected(
                fmt::format("no answer within {} s", options_.patience.count() / 1000));
        }
        std::array<pollfd, 2> wanted{
            {{socket_.get(), events, 0}, {options_.interrupts, POLLIN, 0}}};
        const int ready = ::poll(wanted.data(), wanted.size(), static_cast<int>(left.count()));
        if (ready > 0 && wanted[1].revents != 0) {
            return std::unexpected(interrupted);
        }
        if (ready > 0) {
            return {};
        }
        if (ready < 0 && errno != EINTR) {
            return std::unexpected(system_message());
        }
    }
}

std::expected<void, std::string> LocalSocketConnection::send_all(std::string_view text,
                                                                 Deadline deadline) const {
    while (!text.empty()) {
        if (auto ready = wait_for(POLLOUT, deadline); !ready) {
            return ready;
        }
        const ssize_t size = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
        if (size > 0) {
            text.remove_prefix(static_cast<std::size_t>(size));
        } else if (errno == EPIPE) {
            return {};  // it may have answered and gone: "too many clients"
        } else if (errno != EAGAIN && errno != EINTR) {
            return std::unexpected(system_message());
        }
    }
    return {};
}

std::expected<std::string, std::string> LocalSocketConnection::receive_line(
    Deadline deadline) const {
    std::string text;
    std::array<char, 65536> piece{};
    for (;;) {
        if (auto ready = wait_for(POLLIN, deadline); !ready) {
            return std::unexpected(ready.error());
        }
        const ssize_t size = ::recv(socket_.get(), piece.data(), piece.size(), 0);
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

/// The other side ended it, and left nothing to read.
bool LocalSocketConnection::has_hung_up() const {
    char byte = 0;
    return ::recv(socket_.get(), &byte, 1, MSG_PEEK) == 0;
}

board::Expected<json> LocalSocketConnection::ask(const json& request) {
    is_lost_ = false;
    if (!socket_ || has_hung_up()) {
        if (auto connected = connect(); !connected) {
            return std::unexpected(no_answer(connected.error()));
        }
    }
    const Deadline deadline = Clock::now() + options_.patience;
    const std::string line = request.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    if (auto sent = send_all(line, deadline); !sent) {
        return std::unexpected(no_answer(sent.error()));
    }
    const auto answer = receive_line(deadline);
    if (!answer) {
        return std::unexpected(no_answer(answer.error()));
    }
    json reply = json::parse(*answer, nullptr, false);
    if (!reply.is_object()) {
        return std::unexpected(no_answer("what came back is no answer of an appliance"));
    }
    return reply;
}

board::Expected<json> ask_appliance(const std::string& path, const json& request) {
    return LocalSocketConnection({path, LocalSocketConnection::Options{}.patience}).ask(request);
}

}  // namespace trunkline::mgmt
