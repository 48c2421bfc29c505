#include "sipstack/transport/stream_sockets.h"

#include "board/file_descriptor.h"
#include "dataplane/token_bucket.h"
#include "sipstack/transport/kernel_socket.h"
#include "sipstack/transport/tls_context.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace trunkline::sipstack {

namespace {

using board::FileDescriptor;
using dataplane::Endpoint;
using dataplane::IpAddress;
using Progress = TlsSession::Progress;

constexpr std::size_t events_a_poll = 64;
constexpr int accepts_a_poll = 32;
constexpr int reads_a_poll = 4;
constexpr std::size_t read_size = 16384;  // a TLS record
constexpr Milliseconds accept_pause{100};
/// Events of listening sockets carry this with their position; all others a socket's serial.
constexpr uint64_t listener_mark = uint64_t{1} << 63;

}  // namespace

struct KernelStreamSockets::State {
    struct ListeningSocket {
        FileDescriptor fd;
        Transport transport;
        uint16_t sip_interface_index;
    };

    struct Socket {
        enum class Phase : uint8_t { connecting, handshaking, open };

        uint64_t serial = 0;
        FileDescriptor fd;
        StreamId id = 0;  ///< 0: of a peer, its handshake not done
        Transport transport = Transport::tcp;
        uint16_t sip_interface_index = 0;
        Endpoint remote;
        Phase phase = Phase::open;
        std::unique_ptr<TlsSession> tls;
        std::string queued;
        std::size_t sent = 0;  ///< of queued
        bool tls_wants_write = false;
        uint32_t watched = 0;  ///< epoll events
        Instant deadline{};    ///< of a peer's handshake
    };

    /// To be told with the next poll().
    struct Ended {
        StreamId id;
        std::string reason;
    };

    explicit State(const Options& given)
        : options(given), epoll(epoll_create1(EPOLL_CLOEXEC)), accept_bucket(given.accept_rate) {}

    board::Expected<void> listen_on_all();
    board::Expected<void> listen_on(const SipInterface& interface, uint16_t index,
                                    Transport transport);
    const LoadedTlsContext& context_of(uint16_t sip_interface_index,
                                       std::optional<uint16_t> chosen) const;

    Socket* find(uint64_t serial);
    Socket* find_id(StreamId id);
    Socket& add(Socket socket);
    void remove(const Socket& socket);
    void fail(const Socket& socket, std::string reason);
    void watch(Socket& socket);

    int begin_connecting(const StreamPeer& peer, Socket& socket);
    void begin_handshake(Socket& socket, const StreamPeer& peer);
    void pause_accepting(Instant now);
    void resume_accepting();
    void accept_all(const ListeningSocket& listener, StreamEvents& events, Instant now);
    bool accept_one(const ListeningSocket& listener, StreamEvents& events, Instant now);
    void on_event(uint64_t serial, uint32_t what, StreamEvents& events, Instant now);
    void on_connected(Socket& socket, StreamEvents& events, Instant now);
    void on_handshake(Socket& socket, StreamEvents& events, Instant now);
    void on_open(Socket& socket, StreamEvents& events, Instant now);
    void read(uint64_t serial, StreamEvents& events, Instant now);
    TlsSession::Result receive(Socket& socket, std::string& reason);
    bool flush(Socket& socket);
    std::string why_broken(Socket& socket, std::string otherwise);
    void expire_handshakes(Instant now);
    bool tell_ended(StreamEvents& events, Instant now);

    const Options options;
    FileDescriptor epoll;
    dataplane::TokenBucket accept_bucket;
    std::vector<LoadedTlsContext> contexts;  ///< parallel to Config::tls_contexts
    std::vector<ListeningSocket> listeners;
    std::optional<Instant> accepting_resumes_at;
    uint64_t last_serial = 0;
    std::unordered_map<uint64_t, Socket> sockets;
    std::unordered_map<StreamId, uint64_t> serials;
    std::deque<std::pair<Instant, uint64_t>> handshakes;  ///< of peers, oldest first
    std::size_t handshakes_under_way = 0;
    std::vector<Ended> ended;
    StreamSocketCounters counters;
    std::array<char, read_size> room{};
};

// Start-up.

const LoadedTlsContext& KernelStreamSockets::State::context_of(
    uint16_t sip_interface_index, std::optional<uint16_t> chosen) const {
    const auto& interface = options.config->sip_interfaces[sip_interface_index];
    return contexts.at(chosen.value_or(interface.tls_context_index.value_or(0)));
}

board::Expected<void> KernelStreamSockets::State::listen_on_all() {
    const auto& interfaces = options.config->sip_interfaces;
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
        for (const Transport transport : {Transport::tcp, Transport::tls}) {
            if (interfaces[i].port(transport) == 0) {
                continue;
            }
            auto listening = listen_on(interfaces[i], static_cast<uint16_t>(i), transport);
            if (!listening) {
                return listening;
            }
        }
    }
    return {};
}

board::Expected<void> KernelStreamSockets::State::listen_on(const SipInterface& interface,
                                                            uint16_t index, Transport transport) {
    const uint16_t port = interface.port(transport);
    if (transport == Transport::tls && !context_of(index, std::nullopt).has_certificate()) {
        options.log->warn(
            "connections  SIP interface '{}' connects over TLS but listens for nobody: its TLS "
            "context has no certificate",
            interface.name);
        return {};
    }
    auto fd = listening_socket(interface, port, options.config->shards > 1);
    if (!fd) {
        return std::unexpected(fd.error());
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = listener_mark | listeners.size();
    if (epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd->get(), &event) != 0) {
        return std::unexpected(cannot_listen(interface, port, strerror(errno)));
    }
    listeners.push_back({*std::move(fd), transport, index});
    return {};
}

// The table.

auto KernelStreamSockets::State::find(uint64_t serial) -> Socket* {
    const auto found = sockets.find(serial);
    return found == sockets.end() ? nullptr : &found->second;
}

auto KernelStreamSockets::State::find_id(StreamId id) -> Socket* {
    const auto found = serials.find(id);
    return found == serials.end() ? nullptr : find(found->second);
}

auto KernelStreamSockets::State::add(Socket socket) -> Socket& {
    const uint64_t serial = ++last_serial;
    socket.serial = serial;
    if (socket.id != 0) {
        serials.emplace(socket.id, serial);
    }
    epoll_event event{};
    event.data.u64 = serial;
    // Fails for want of memory alone: the connection stays silent and is given up in time.
    epoll_ctl(epoll.get(), EPOLL_CTL_ADD, socket.fd.get(), &event);
    return sockets.emplace(serial, std::move(socket)).first->second;
}

void KernelStreamSockets::State::remove(const Socket& socket) {
    handshakes_under_way -= socket.id == 0 ? 1 : 0;
    if (socket.id != 0) {
        serials.erase(socket.id);
    }
    sockets.erase(uint64_t{socket.serial});
}

void KernelStreamSockets::State::fail(const Socket& socket, std::string reason) {
    if (socket.id == 0) {
        ++counters.handshakes_failed;
        options.log->debug("connections  TLS from {} not accepted: {}", socket.remote.to_string(),
                           reason);
    } else {
        ended.push_back({socket.id, std::move(reason)});
    }
    remove(socket);
}

/// Follows what the socket waits for.
void KernelStreamSockets::State::watch(Socket& socket) {
    const bool has_queued = socket.sent < socket.queued.size();
    uint32_t wanted = EPOLLIN;
    if (socket.phase == Socket::Phase::connecting) {
        wanted = EPOLLOUT;
    } else if (socket.tls_wants_write || (has_queued && socket.phase == Socket::Phase::open)) {
        wanted |= EPOLLOUT;
    }
    if (wanted != socket.watched) {
        socket.watched = wanted;
        epoll_event event{};
        event.events = wanted;
        event.data.u64 = socket.serial;
        epoll_ctl(epoll.get(), EPOLL_CTL_MOD, socket.fd.get(), &event);
    }
}

// Connections of ours.

/// The error number of what could not be done, or 0.
int KernelStreamSockets::State::begin_connecting(const StreamPeer& peer, Socket& socket) {
    const SipInterface& interface = options.config->sip_interfaces[peer.sip_interface_index];
    socket.fd = FileDescriptor(stream_socket(peer.remote.address));
    const int fd = socket.fd.get();
    if (fd < 0) {
        return errno;
    }
    allow_absent_address(fd, interface.address);
    // The port is chosen with the whole connection in view, so that ports do not run out.
    set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    tune(fd);
    const SocketAddress local({interface.address, 0}), remote(peer.remote);
    if (bind(fd, local.get(), local.size) != 0 ||
        (connect(fd, remote.get(), remote.size) != 0 && errno != EINPROGRESS)) {
        return errno;
    }
    return 0;
}

void KernelStreamSockets::State::begin_handshake(Socket& socket, const StreamPeer& peer) {
    const std::string name = peer.host.empty() ? peer.remote.to_string() : peer.host;
    socket.tls = context_of(peer.sip_interface_index, peer.tls_context_index)
                     .connect(socket.fd.get(), peer.host, name);
}

void KernelStreamSockets::State::on_connected(Socket& socket, StreamEvents& events, Instant now) {
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(socket.fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        fail(socket, describe(error, socket.remote.to_string()));
    } else if (socket.tls) {
        socket.phase = Socket::Phase::handshaking;
        on_handshake(socket, events, now);
    } else {
        on_open(socket, events, now);
    }
}

// Connections of peers.

void KernelStreamSockets::State::pause_accepting(Instant now) {
    ++counters.accept_pauses;
    if (std::has_single_bit(counters.accept_pauses)) {
        options.log->warn("connections  accepting none for {} ms ({} times so far): {}",
                          accept_pause.count(), counters.accept_pauses,
                          errno == EAGAIN ? "too many a second" : strerror(errno));
    }
    accepting_resumes_at = now + accept_pause;
    for (std::size_t i = 0; i < listeners.size(); ++i) {
        epoll_event none{};
        none.data.u64 = listener_mark | i;
        epoll_ctl(epoll.get(), EPOLL_CTL_MOD, listeners[i].fd.get(), &none);
    }
}

void KernelStreamSockets::State::resume_accepting() {
    accepting_resumes_at.reset();
    for (std::size_t i = 0; i < listeners.size(); ++i) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = listener_mark | i;
        epoll_ctl(epoll.get(), EPOLL_CTL_MOD, listeners[i].fd.get(), &event);
    }
}

void KernelStreamSockets::State::accept_all(const ListeningSocket& listener, StreamEvents& events,
                                            Instant now) {
    for (int i = 0; i < accepts_a_poll && !accepting_resumes_at; ++i) {
        if (!accept_one(listener, events, now)) {
            return;
        }
    }
}

/// false: there is none left, or not now.
bool KernelStreamSockets::State::accept_one(const ListeningSocket& listener, StreamEvents& events,
                                            Instant now) {
    const auto nanoseconds =
        std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
    if (!accept_bucket.take(static_cast<uint64_t>(nanoseconds))) {
        errno = EAGAIN;
        pause_accepting(now);
        return false;
    }
    sockaddr_storage from{};
    socklen_t size = sizeof(from);
    FileDescriptor fd(accept4(listener.fd.get(), reinterpret_cast<sockaddr*>(&from), &size,
                              SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.get() < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            pause_accepting(now);
            return false;
        }
        return errno != EAGAIN;  // one that broke before it was taken is no reason to stop
    }
    ++counters.accepted;
    tune(fd.get());
    Socket socket;
    socket.fd = std::move(fd);
    socket.transport = listener.transport;
    socket.sip_interface_index = listener.sip_interface_index;
    socket.remote = endpoint_of(from);
    if (listener.transport == Transport::tcp) {
        socket.id = events.stream_accepted(Transport::tcp, listener.sip_interface_index,
                                           socket.remote, now);
        if (socket.id != 0) {
            watch(add(std::move(socket)));
        }
        return true;
    }
    if (handshakes_under_way >= options.max_handshakes) {
        ++counters.handshakes_refused;
        return true;
    }
    const auto& interface = options.config->sip_interfaces[listener.sip_interface_index];
    socket.tls = context_of(listener.sip_interface_index, std::nullopt)
                     .accept(socket.fd.get(), interface.tls_mutual_authentication,
                             socket.remote.to_string());
    if (!socket.tls) {
        ++counters.handshakes_refused;
        return true;
    }
    socket.phase = Socket::Phase::handshaking;
    socket.deadline = now + handshake_timeout;
    ++handshakes_under_way;
    Socket& added = add(std::move(socket));
    handshakes.emplace_back(added.deadline, added.serial);
    watch(added);
    return true;
}

void KernelStreamSockets::State::expire_handshakes(Instant now) {
    while (!handshakes.empty()) {
        const auto [deadline, serial] = handshakes.front();
        const Socket* const socket = find(serial);
        const bool is_under_way = socket != nullptr && socket->id == 0;
        if (is_under_way && deadline > now) {
            return;
        }
        handshakes.pop_front();
        if (is_under_way) {
            fail(*socket, fmt::format("no handshake within {} s", handshake_timeout.count()));
        }
    }
}

// Both.

void KernelStreamSockets::State::on_handshake(Socket& socket, StreamEvents& events, Instant now) {
    const Progress progress = socket.tls->handshake();
    socket.tls_wants_write = progress == Progress::wants_write;
    switch (progress) {
        case Progress::done:
            on_open(socket, events, now);
            return;
        case Progress::wants_read:
        case Progress::wants_write:
            watch(socket);
            return;
        case Progress::closed:
            fail(socket, fmt::format("TLS: connection closed by {} during the handshake",
                                     socket.remote.to_string()));
            return;
        case Progress::failed:
            fail(socket, socket.tls->why());
            return;
    }
}

/// The socket may be gone afterwards.
void KernelStreamSockets::State::on_open(Socket& socket, StreamEvents& events, Instant now) {
    socket.phase = Socket::Phase::open;
    const uint64_t serial = socket.serial;
    if (socket.id != 0) {
        watch(socket);
        events.stream_opened(socket.id, now);
    } else {
        const StreamId id = events.stream_accepted(socket.transport, socket.sip_interface_index,
                                                   socket.remote, now);
        if (id == 0) {
            remove(socket);
            return;
        }
        --handshakes_under_way;
        socket.id = id;
        serials.emplace(id, serial);
        watch(socket);
    }
    read(serial, events, now);  // the first message may have come with the handshake
}

/// What the socket has, in `room`.
TlsSession::Result KernelStreamSockets::State::receive(Socket& socket, std::string& reason) {
    if (socket.tls) {
        const TlsSession::Result result = socket.tls->read(room);
        reason = socket.tls->why();
        return result;
    }
    const ssize_t count = recv(socket.fd.get(), room.data(), room.size(), 0);
    if (count > 0) {
        return {Progress::done, static_cast<std::size_t>(count)};
    }
    if (count == 0) {
        return {Progress::closed, 0};
    }
    if (errno == EAGAIN || errno == EINTR) {
        return {Progress::wants_read, 0};
    }
    reason = describe(errno, socket.remote.to_string());
    return {Progress::failed, 0};
}

void KernelStreamSockets::State::read(uint64_t serial, StreamEvents& events, Instant now) {
    for (int i = 0; i < reads_a_poll; ++i) {
        Socket* const socket = find(serial);
        if (socket == nullptr || socket->phase != Socket::Phase::open) {
            return;
        }
        std::string reason;
        const TlsSession::Result result = receive(*socket, reason);
        switch (result.progress) {
            case Progress::done:
                events.stream_received(socket->id, {room.data(), result.bytes}, now);
                break;
            case Progress::wants_read:
                return;
            case Progress::wants_write:
                socket->tls_wants_write = true;
                watch(*socket);
                return;
            case Progress::closed:
                fail(*socket, fmt::format("connection closed by {}", socket->remote.to_string()));
                return;
            case Progress::failed:
                fail(*socket, std::move(reason));
                return;
        }
    }
}

/// Of a socket that cannot be written to: what its peer said before it went, as an alert, or
/// `otherwise`.
std::string KernelStreamSockets::State::why_broken(Socket& socket, std::string otherwise) {
    for (int i = 0; i < reads_a_poll; ++i) {
        std::string reason;
        const TlsSession::Result result = receive(socket, reason);
        if (result.progress == Progress::failed && !reason.empty()) {
            return reason;
        }
        if (result.progress != Progress::done) {
            break;
        }
    }
    return otherwise;
}

/// false: the socket failed and is gone.
bool KernelStreamSockets::State::flush(Socket& socket) {
    socket.tls_wants_write = false;
    while (socket.sent < socket.queued.size()) {
        const std::string_view left = std::string_view(socket.queued).substr(socket.sent);
        if (socket.tls) {
            const TlsSession::Result result = socket.tls->write(left);
            if (result.progress == Progress::failed || result.progress == Progress::closed) {
                const std::string reason = socket.tls->why();
                fail(socket,
                     why_broken(socket, reason.empty() ? describe(EPIPE, socket.remote.to_string())
                                                       : reason));
                return false;
            }
            if (result.progress != Progress::done) {
                socket.tls_wants_write = result.progress == Progress::wants_write;
                break;
            }
            socket.sent += result.bytes;
            continue;
        }
        const ssize_t count = send(socket.fd.get(), left.data(), left.size(), MSG_NOSIGNAL);
        if (count < 0) {
            if (errno == EAGAIN || errno == EINTR) {
                break;
            }
            fail(socket, describe(errno, socket.remote.to_string()));
            return false;
        }
        socket.sent += static_cast<std::size_t>(count);
    }
    if (socket.sent == socket.queued.size()) {
        socket.queued = std::string();
        socket.sent = 0;
    }
    watch(socket);
    return true;
}

void KernelStreamSockets::State::on_event(uint64_t serial, uint32_t what, StreamEvents& events,
                                          Instant now) {
    Socket* const socket = find(serial);
    if (socket == nullptr) {
        return;  // closed by what an earlier event led to
    }
    switch (socket->phase) {
        case Socket::Phase::connecting:
            on_connected(*socket, events, now);
            return;
        case Socket::Phase::handshaking:
            on_handshake(*socket, events, now);
            return;
        case Socket::Phase::open:
            if ((what & EPOLLOUT) != 0 && !flush(*socket)) {
                return;
            }
            // An error, too, is told by a read, behind what came before it.
            read(serial, events, now);
            return;
    }
}

bool KernelStreamSockets::State::tell_ended(StreamEvents& events, Instant now) {
    const bool any = !ended.empty();
    while (!ended.empty()) {
        const Ended next = std::move(ended.front());
        ended.erase(ended.begin());
        events.stream_closed(next.id, next.reason, now);
    }
    return any;
}

KernelStreamSockets::KernelStreamSockets(std::unique_ptr<State> state) : state_(std::move(state)) {}

KernelStreamSockets::~KernelStreamSockets() = default;

bool KernelStreamSockets::are_needed(const Config& config) {
    return std::ranges::any_of(config.sip_interfaces, [](const SipInterface& interface) {
        return interface.tcp_port != 0 || interface.tls_port != 0;
    });
}

board::Expected<std::unique_ptr<KernelStreamSockets>> KernelStreamSockets::create(
    const Options& options) {
    auto state = std::make_unique<State>(options);
    if (state->epoll.get() < 0) {
        return std::unexpected(board::Error{fmt::format(
            "cannot make an epoll descriptor: {}; raise RLIMIT_NOFILE", strerror(errno))});
    }
    if (std::ranges::any_of(options.config->sip_interfaces,
                            [](const SipInterface& row) { return row.tls_port != 0; })) {
        auto loaded = load_tls_contexts(*options.config);
        if (!loaded) {
            return std::unexpected(loaded.error());
        }
        state->contexts = *std::move(loaded);
    }
    if (auto listening = state->listen_on_all(); !listening) {
        return std::unexpected(listening.error());
    }
    return std::unique_ptr<KernelStreamSockets>(new KernelStreamSockets(std::move(state)));
}

int KernelStreamSockets::fd() const {
    return state_->epoll.get();
}

bool KernelStreamSockets::poll(StreamEvents& events, Instant now) {
    State& state = *state_;
    if (state.accepting_resumes_at && *state.accepting_resumes_at <= now) {
        state.resume_accepting();
    }
    std::array<epoll_event, events_a_poll> ready{};
    const int count =
        epoll_wait(state.epoll.get(), ready.data(), static_cast<int>(ready.size()), 0);
    for (int i = 0; i < count; ++i) {
        const uint64_t mark = ready[i].data.u64;
        if ((mark & listener_mark) != 0) {
            state.accept_all(state.listeners[mark & ~listener_mark], events, now);
        } else {
            state.on_event(mark, ready[i].events, events, now);
        }
    }
    state.expire_handshakes(now);
    const bool told = state.tell_ended(events, now);
    return count > 0 || told;
}

std::optional<Instant> KernelStreamSockets::next_deadline() const {
    const State& state = *state_;
    if (!state.ended.empty()) {
        return Instant{};
    }
    std::optional<Instant> next = state.accepting_resumes_at;
    if (!state.handshakes.empty()) {
        const Instant handshake = state.handshakes.front().first;
        next = next ? std::min(*next, handshake) : handshake;
    }
    return next;
}

void KernelStreamSockets::open(StreamId id, const StreamPeer& peer) {
    State& state = *state_;
    State::Socket socket;
    socket.id = id;
    socket.transport = peer.transport;
    socket.sip_interface_index = peer.sip_interface_index;
    socket.remote = peer.remote;
    socket.phase = State::Socket::Phase::connecting;
    if (const int error = state.begin_connecting(peer, socket); error != 0) {
        state.ended.push_back({id, describe(error, peer.remote.to_string())});
        return;
    }
    if (peer.transport == Transport::tls) {
        state.begin_handshake(socket, peer);
        if (!socket.tls) {
            state.ended.push_back({id, describe(ENOMEM, peer.remote.to_string())});
            return;
        }
    }
    state.watch(state.add(std::move(socket)));
}

bool KernelStreamSockets::write(StreamId id, std::string_view bytes) {
    State& state = *state_;
    State::Socket* const socket = state.find_id(id);
    if (socket == nullptr || socket->phase != State::Socket::Phase::open ||
        socket->queued.size() - socket->sent + bytes.size() > max_queued_bytes) {
        return false;
    }
    if (socket->sent > max_queued_bytes) {
        socket->queued.erase(0, std::exchange(socket->sent, 0));
    }
    const bool was_waiting = !socket->queued.empty();
    socket->queued += bytes;
    if (!was_waiting) {
        state.flush(*socket);  // one that breaks now is told of with its reason
    }
    return true;
}

void KernelStreamSockets::close(StreamId id) {
    State& state = *state_;
    std::erase_if(state.ended, [&](const State::Ended& ended) { return ended.id == id; });
    if (State::Socket* const socket = state.find_id(id)) {
        if (socket->tls && socket->phase == State::Socket::Phase::open) {
            socket->tls->end();
        }
        state.remove(*socket);
    }
}

const StreamSocketCounters& KernelStreamSockets::counters() const {
    return state_->counters;
}

}  // namespace trunkline::sipstack
