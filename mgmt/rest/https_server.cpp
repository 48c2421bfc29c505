#include "mgmt/rest/https_server.h"

#include "board/event_loop.h"
#include "mgmt/rest/request_threads.h"
#include "mgmt/rest/tls_stream.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

using Clock = TlsStream::Clock;

struct SocketAddress {
    sockaddr_storage bytes{};
    socklen_t size = sizeof(sockaddr_storage);
    sockaddr* generic() { return reinterpret_cast<sockaddr*>(&bytes); }
};

std::optional<SocketAddress> socket_address(const std::string& host, uint16_t port) {
    SocketAddress address;
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&address.bytes);
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address.bytes);
    if (::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        address.size = sizeof *v4;
        return address;
    }
    if (::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        address.size = sizeof *v6;
        return address;
    }
    return std::nullopt;
}

std::string host_of(const SocketAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.bytes.ss_family == AF_INET) {
        const auto* const v4 = reinterpret_cast<const sockaddr_in*>(&address.bytes);
        ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
    } else {
        const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(&address.bytes);
        ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    }
    return text.data();
}

}  // namespace

board::Expected<board::FileDescriptor> listen_https(const std::string& host, uint16_t port) {
    auto address = socket_address(host, port);
    const int family = address ? address->bytes.ss_family : AF_INET;
    board::FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int yes = 1;
    errno = address ? errno : EINVAL;
    if (!socket || !address ||
        ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        ::bind(socket.get(), address->generic(), address->size) != 0 ||
        ::listen(socket.get(), 128) != 0) {
        const std::string why = std::error_code(errno, std::generic_category()).message();
        return std::unexpected(board::Error{
            fmt::format("cannot listen on {} port {} for HTTPS: {}; name another address or port "
                        "in administration.web_and_cli.listen",
                        host, port, why)});
    }
    return socket;
}

struct HttpsServer::State {
    using Id = uint64_t;
    struct Connection {
        std::unique_ptr<TlsStream> stream;  ///< nullptr: a thread has it
        std::string remote;
        bool is_secure = false;     ///< the handshake is over
        Clock::time_point since;    ///< when its wait began
        Clock::time_point give_up;  ///< when it is over
    };

    State(board::FileDescriptor bound, ContextSource context_source, HttpService service,
          HttpsLimits wanted)
        : listener(std::move(bound)),
          context(std::move(context_source)),
          limits(wanted),
          exchange(std::move(service), wanted.http),
          bell(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
          threads(
              wanted.threads, [this](TlsStream& stream) { return serve(stream); },
              [this] { ring(); }) {
        front = std::thread([this] { run_front(); });
    }

    ~State() {
        stopping = true;
        ring();
        front.join();
        exchange.stop();
        threads.stop();
    }

    // --- on the threads that answer ---

    bool serve(TlsStream& stream) {
        count([](HttpsCounters& counters) { ++counters.requests; });
        return exchange.serve(stream);
    }

    // --- on the front's thread ---

    void run_front() {
        loop.emplace();
        loop->watch(bell.get(), EPOLLIN, [this](uint32_t) { hear(); });
        watch_listener();
        loop->every(std::chrono::milliseconds(250), [this] { end_late(); });
        loop->run();
        connections.clear();
        loop.reset();
    }

    void ring() const {
        const uint64_t one = 1;
        // A counter that is full rings, too.
        [[maybe_unused]] const auto written = ::write(bell.get(), &one, sizeof one);
    }

    void hear() {
        uint64_t rings = 0;
        [[maybe_unused]] const auto got = ::read(bell.get(), &rings, sizeof rings);
        if (stopping) {
            loop->stop();
            return;
        }
        for (auto& [id, stream] : threads.finished()) {
            take_back(id, std::move(stream));
        }
    }

    void watch_listener() {
        loop->watch(listener.get(), EPOLLIN, [this](uint32_t) { accept_connections(); });
    }

    void accept_connections() {
        constexpr int most_at_once = 64;  // others want their turn
        for (int i = 0; i < most_at_once; ++i) {
            SocketAddress address;
            board::FileDescriptor socket(::accept4(listener.get(), address.generic(), &address.size,
                                                   SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (!socket) {
                if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                    // It would be ready without end.
                    loop->unwatch(listener.get());
                    loop->after(std::chrono::seconds(1), [this] { watch_listener(); });
                }
                return;
            }
            add(std::move(socket), host_of(address));
        }
    }

    void add(board::FileDescriptor socket, std::string remote) {
        if (connections.size() >= limits.connections && !make_room()) {
            count([](HttpsCounters& counters) { ++counters.turned_away; });
            return;
        }
        const int yes = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        const auto current = context();  // the connection shares it
        const Id id = next_id++;
        auto stream = std::make_unique<TlsStream>(std::move(socket), current.get(), remote);
        const int descriptor = stream->descriptor();
        const auto now = Clock::now();
        connections.emplace(id, Connection{std::move(stream), std::move(remote), false, now,
                                           now + limits.head_time});
        count([this](HttpsCounters& counters) {
            ++counters.accepted;
            counters.open = connections.size();
            counters.most_open = std::max(counters.most_open, counters.open);
        });
        loop->watch(descriptor, EPOLLIN, [this, id](uint32_t) { go_on(id); });
    }

    /// Ends the connection that has waited longest, of the address with most of them.
    bool make_room() {
        std::map<std::string, std::size_t> of_address;
        for (const auto& [id, connection] : connections) {
            ++of_address[connection.remote];
        }
        const Connection* chosen = nullptr;
        Id chosen_id = 0;
        for (const auto& [id, connection] : connections) {
            const auto rank = [&](const Connection& which) {
                return std::pair(of_address[which.remote], -which.since.time_since_epoch());
            };
            if (connection.stream && (chosen == nullptr || rank(connection) > rank(*chosen))) {
                chosen = &connection;
                chosen_id = id;
            }
        }
        if (chosen == nullptr) {
            return false;
        }
        end(chosen_id);
        count([](HttpsCounters& counters) { ++counters.made_room; });
        return true;
    }

    void end(Id id) {
        const auto found = connections.find(id);
        if (found->second.stream) {
            loop->unwatch(found->second.stream->descriptor());
        }
        connections.erase(found);
        count([this](HttpsCounters& counters) { counters.open = connections.size(); });
    }

    void end_late() {
        const auto now = Clock::now();
        for (auto next = connections.begin(); next != connections.end();) {
            const auto [id, is_late] =
                std::pair(next->first, next->second.stream && next->second.give_up <= now);
            ++next;
            if (is_late) {
                end(id);
                count([](HttpsCounters& counters) { ++counters.too_slow; });
            }
        }
    }

    /// Something came, or can be sent.
    void go_on(Id id) {
        Connection& connection = connections.at(id);
        TlsStream& stream = *connection.stream;
        auto step = TlsStream::Step::done;
        if (!connection.is_secure) {
            step = stream.handshake();
            connection.is_secure = step == TlsStream::Step::done;
        }
        if (connection.is_secure) {
            step = stream.receive(limits.head);
            // A request may have come with the one before.
            if (hand_over(id, connection)) {
                return;
            }
        }
        switch (step) {
            case TlsStream::Step::done:
            case TlsStream::Step::wants_read:
                loop->change(stream.descriptor(), EPOLLIN);
                return;
            case TlsStream::Step::wants_write:
                loop->change(stream.descriptor(), EPOLLOUT);
                return;
            case TlsStream::Step::failed:
                end(id);
                return;
        }
    }

    /// true: the connection is a thread's now, or over.
    bool hand_over(Id id, Connection& connection) {
        TlsStream& stream = *connection.stream;
        if (stream.input().find("\r\n\r\n") != std::string::npos) {
            loop->unwatch(stream.descriptor());
            threads.add(id, std::move(connection.stream));
            return true;
        }
        if (stream.input().size() < limits.head) {
            return false;
        }
        constexpr std::string_view answer =
            "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n"
            "Connection: close\r\n\r\n";
        stream.set_deadline(Clock::now() + std::chrono::milliseconds(1));
        stream.write(answer.data(), answer.size());
        end(id);
        return true;
    }

    void take_back(Id id, std::unique_ptr<TlsStream> stream) {
        if (!stream) {
            connections.erase(id);
            count([this](HttpsCounters& counters) { counters.open = connections.size(); });
            return;
        }
        Connection& connection = connections.at(id);
        connection.stream = std::move(stream);
        connection.since = Clock::now();
        connection.give_up = connection.since + limits.keep_alive;
        loop->watch(connection.stream->descriptor(), EPOLLIN, [this, id](uint32_t) { go_on(id); });
        // The next request may be here already, and the socket would never tell.
        go_on(id);
    }

    template <typename Change>
    void count(Change change) {
        const std::lock_guard guard(lock);
        change(counts);
    }

    const board::FileDescriptor listener;
    const ContextSource context;
    const HttpsLimits limits;
    HttpExchange exchange;
    const board::FileDescriptor bell;
    std::atomic<bool> stopping = false;

    // The front's own.
    std::optional<board::EventLoop> loop;
    std::map<Id, Connection> connections;
    Id next_id = 1;

    mutable std::mutex lock;
    HttpsCounters counts;

    RequestThreads threads;
    std::thread front;
};

HttpsServer::HttpsServer(board::FileDescriptor listener, ContextSource context, HttpService service,
                         HttpsLimits limits)
    : state_(std::make_unique<State>(std::move(listener), std::move(context), std::move(service),
                                     limits)) {}

HttpsServer::~HttpsServer() = default;

HttpsCounters HttpsServer::counters() const {
    const std::lock_guard guard(state_->lock);
    return state_->counts;
}

}  // namespace trunkline::mgmt
