#include "mgmt/local_socket.h"

#include "board/file_descriptor.h"
#include "mgmt/command_table.h"
#include "mgmt/local_socket_address.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

namespace trunkline::mgmt {

namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

board::Error failure(const std::string& path, const std::string& reason,
                     const std::string& advice) {
    return {fmt::format("cannot listen on {} for 'trunkline show': {}; {}", path, reason, advice)};
}

const std::string name_another = "name another path in administration.local_socket";

std::string line_of(const json& reply) {
    // Texts of peers may be no UTF-8.
    return reply.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

json no_access(const std::string& why) {
    json answer = refusal(why);
    answer["denied"] = true;
    return answer;
}

struct Client {
    board::FileDescriptor socket;
    uid_t user = 0;
    std::string input, output;
    std::size_t searched = 0;  ///< of the input: no line ends there
    std::size_t sent = 0;      ///< of the output
    bool input_ended = false;
    bool waits_for_handler = false;
    uint64_t requests = 0;
    Clock::time_point last_move = Clock::now();
};

}  // namespace

struct LocalSocketServer::State : std::enable_shared_from_this<LocalSocketServer::State> {
    State(std::string socket_path, board::EventLoop& event_loop, RequestHandler request_handler,
          UserLevels user_levels, LocalSocketLimits socket_limits)
        : path(std::move(socket_path)),
          loop(event_loop),
          handler(std::move(request_handler)),
          users(std::move(user_levels)),
          limits(socket_limits) {}

    void start(board::FileDescriptor bound, ino_t bound_inode) {
        listener = std::move(bound);
        inode = bound_inode;
        watch_listener();
        sweep = loop.every(std::max(limits.idle / 4, std::chrono::milliseconds(1)),
                           [this] { end_idle_clients(); });
    }

    void stop() {
        loop.cancel(sweep);
        loop.cancel(listen_again);
        if (listening) {
            loop.unwatch(listener.get());
        }
        while (!clients.empty()) {
            end(clients.begin()->first);
        }
        // Another instance may have taken the path over: its socket stays.
        struct stat status {};
        if (::lstat(path.c_str(), &status) == 0 && status.st_ino == inode) {
            ::unlink(path.c_str());
        }
    }

    void watch_listener() {
        listening = true;
        loop.watch(listener.get(), EPOLLIN, [this](uint32_t) { accept_clients(); });
    }

    void accept_clients() {
        for (;;) {
            board::FileDescriptor socket(
                ::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (!socket) {
                if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                    pause_listening();
                }
                return;
            }
            const auto user = peer_user(socket.get());
            if (!user) {
                continue;
            }
            if (const auto caller = caller_of(*user, ::geteuid(), users); !caller) {
                turn_away(socket, no_access(caller.error()));
                continue;
            }
            if (!has_place_for(*user)) {
                turn_away(socket, refusal("too many clients, try again later"));
                continue;
            }
            const uint64_t id = next_client++;
            const int fd = socket.get();
            clients[id].socket = std::move(socket);
            clients[id].user = *user;
            loop.watch(fd, EPOLLIN, [this, id](uint32_t events) { on_event(id, events); });
        }
    }

    /// Who floods the socket leaves the operator in.
    bool has_place_for(uid_t user) const {
        std::size_t others = 0, same = 0;
        for (const auto& [id, client] : clients) {
            others += is_owner(client.user) ? 0 : 1;
            same += client.user == user ? 1 : 0;
        }
        if (clients.size() >= limits.clients || is_owner(user)) {
            return clients.size() < limits.clients;
        }
        return same < limits.clients_a_user && others + limits.kept_for_owners < limits.clients;
    }

    static bool is_owner(uid_t user) { return user == 0 || user == ::geteuid(); }

    /// Best effort: the client is let go in any case.
    static void turn_away(const board::FileDescriptor& socket, const json& why) {
        const std::string line = line_of(why);
        [[maybe_unused]] const auto sent =
            ::send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL);
    }

    /// A full table of descriptors would make the listener ready without end.
    void pause_listening() {
        loop.unwatch(listener.get());
        listening = false;
        listen_again = loop.after(std::chrono::seconds(1), [this] { watch_listener(); });
    }

    void end(uint64_t id) {
        const auto client = clients.find(id);
        if (client != clients.end()) {
            loop.unwatch(client->second.socket.get());
            clients.erase(client);
        }
    }

    void end_idle_clients() {
        const Clock::time_point oldest = Clock::now() - limits.idle;
        for (auto client = clients.begin(); client != clients.end();) {
            const auto next = std::next(client);
            if (client->second.last_move < oldest) {
                end(client->first);
            }
            client = next;
        }
    }

    void on_event(uint64_t id, uint32_t events) {
        if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
            end(id);
            return;
        }
        if ((events & EPOLLIN) != 0 && !receive(id)) {
            return;
        }
        if ((events & EPOLLOUT) != 0 && !send_output(id)) {
            return;
        }
        go_on(id);
    }

    std::size_t request_bytes_of(const Client& client) const {
        const auto caller = caller_of(client.user, ::geteuid(), users);
        return caller && caller->level >= AccessLevel::administrator ? limits.request_bytes
                                                                     : limits.monitor_request_bytes;
    }

    std::size_t held(std::string Client::*text) const {
        std::size_t sum = 0;
        for (const auto& [id, client] : clients) {
            sum += (client.*text).size();
        }
        return sum;
    }

    /// Reads what is there, up to the limit of a request; false when the client is gone.
    bool receive(uint64_t id) {
        Client& client = clients.at(id);
        std::array<char, 65536> piece{};
        const std::size_t most = request_bytes_of(client);
        while (client.input.size() <= most) {
            if (held(&Client::input) > limits.all_requests_bytes) {
                give_up_request(id,
                                "the requests of all clients together are too long at the "
                                "moment; try again later");
                go_on(id);
                return false;
            }
            const ssize_t size = ::recv(client.socket.get(), piece.data(), piece.size(), 0);
            if (size > 0) {
                client.input.append(piece.data(), static_cast<std::size_t>(size));
                client.last_move = Clock::now();
            } else if (size == 0) {
                client.input_ended = true;
                return true;
            } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
                return true;
            } else if (errno != EINTR) {
                end(id);
                return false;
            }
        }
        return true;
    }

    bool send_output(uint64_t id) {
        Client& client = clients.at(id);
        while (client.sent < client.output.size()) {
            const ssize_t size = ::send(client.socket.get(), client.output.data() + client.sent,
                                        client.output.size() - client.sent, MSG_NOSIGNAL);
            if (size > 0) {
                client.sent += static_cast<std::size_t>(size);
                client.last_move = Clock::now();
            } else if (size < 0 && errno == EINTR) {
                continue;
            } else if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
                return true;
            } else {
                end(id);
                return false;
            }
        }
        client.output = {};
        client.sent = 0;
        return true;
    }

    /// Takes up the next request where nothing is owed to the client, and says what is waited for.
    void go_on(uint64_t id) {
        for (;;) {
            const auto at = clients.find(id);
            if (at == clients.end()) {
                return;
            }
            Client& client = at->second;
            if (!client.output.empty()) {
                loop.change(client.socket.get(), EPOLLOUT);
                return;
            }
            if (client.waits_for_handler) {
                loop.change(client.socket.get(), 0);
                return;
            }
            const std::size_t end_of_line = client.input.find('\n', client.searched);
            client.searched = std::min(end_of_line, client.input.size());
            const std::size_t most = request_bytes_of(client);
            if (client.searched > most) {
                give_up_request(id, fmt::format("a request has {} bytes at most", most));
                continue;
            }
            if (end_of_line == std::string::npos && !client.input_ended) {
                loop.change(client.socket.get(), EPOLLIN);
                return;
            }
            if (client.input.empty()) {
                end(id);
                return;
            }
            const std::size_t length = std::min(end_of_line, client.input.size());
            const std::string request = client.input.substr(0, length);
            client.input.erase(0, length + 1);
            client.searched = 0;
            handle(id, request);
        }
    }

    /// Where the next request would begin is not known, so there is none.
    void give_up_request(uint64_t id, const std::string& why) {
        Client& client = clients.at(id);
        client.input = {};
        client.searched = 0;
        client.input_ended = true;
        answer(id, refusal(why));
    }

    void handle(uint64_t id, const std::string& text) {
        const json request = json::parse(text, nullptr, false);
        if (!request.is_object()) {
            answer(id, refusal("a request is one JSON object in one line"));
            return;
        }
        Client& client = clients.at(id);
        const auto caller = caller_of(client.user, ::geteuid(), users);
        if (!caller) {
            answer(id, no_access(caller.error()));
            return;
        }
        client.waits_for_handler = true;
        const uint64_t number = ++client.requests;
        const Reply reply = [weak = weak_from_this(), id, number](const json& result) {
            const auto self = weak.lock();
            if (!self) {
                return;
            }
            const auto at = self->clients.find(id);
            if (at == self->clients.end() || !at->second.waits_for_handler ||
                at->second.requests != number) {
                return;
            }
            self->answer(id, result);
            if (!self->in_handler) {
                self->go_on(id);
            }
        };
        in_handler = true;
        handler(request, *caller, reply);
        in_handler = false;
    }

    void answer(uint64_t id, const json& reply) {
        Client& client = clients.at(id);
        client.waits_for_handler = false;
        client.last_move = Clock::now();
        std::string line = line_of(reply);
        if (held(&Client::output) + line.size() > limits.all_replies_bytes) {
            line =
                line_of(refusal("the answers that all clients have not read are too long; try "
                                "again later"));
        }
        client.output += line;
        send_output(id);
    }

    const std::string path;
    board::EventLoop& loop;
    const RequestHandler handler;
    const UserLevels users;
    const LocalSocketLimits limits;
    board::FileDescriptor listener;
    ino_t inode = 0;
    bool listening = false;
    bool in_handler = false;  ///< its caller goes on with the client itself
    board::EventLoop::TimerId sweep = 0, listen_again = 0;
    uint64_t next_client = 1;
    std::map<uint64_t, Client> clients;
};

LocalSocketServer::LocalSocketServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

LocalSocketServer::~LocalSocketServer() {
    state_->stop();
}

board::Expected<std::unique_ptr<LocalSocketServer>> LocalSocketServer::listen(
    const std::string& path, board::EventLoop& loop, RequestHandler handler, UserLevels users,
    LocalSocketLimits limits) {
    const auto address = local_socket_address(path);
    if (!address) {
        return std::unexpected(failure(path, "the path is too long for a socket", name_another));
    }
    const auto folder = std::filesystem::path(path).parent_path();
    std::error_code error;
    if (!folder.empty()) {
        std::filesystem::create_directories(folder, error);
        if (error) {
            return std::unexpected(
                failure(path, fmt::format("cannot make {} ({})", folder.string(), error.message()),
                        name_another));
        }
    }
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0) {
        if (!S_ISSOCK(status.st_mode)) {
            return std::unexpected(
                failure(path, "a file that is no socket is there", name_another));
        }
        if (connect_local_socket(*address) || errno != ECONNREFUSED) {
            return std::unexpected(
                failure(path, "another appliance listens there", "end it, or " + name_another));
        }
        ::unlink(path.c_str());
    }
    board::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const auto* generic = reinterpret_cast<const sockaddr*>(&address->address);
    constexpr mode_t everybody = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
    if (!socket || ::bind(socket.get(), generic, address->length) != 0 ||
        ::chmod(path.c_str(), everybody) != 0 || ::lstat(path.c_str(), &status) != 0 ||
        ::listen(socket.get(), 16) != 0) {
        return std::unexpected(
            failure(path, std::error_code(errno, std::generic_category()).message(), name_another));
    }
    auto state = std::make_shared<State>(path, loop, std::move(handler), std::move(users), limits);
    state->start(std::move(socket), status.st_ino);
    return std::unique_ptr<LocalSocketServer>(new LocalSocketServer(std::move(state)));
}

}  // namespace trunkline::mgmt
