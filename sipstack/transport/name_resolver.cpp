#include "sipstack/transport/name_resolver.h"

#include <ares.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>

#include <algorithm>
#include <optional>
#include <set>

namespace trunkline::sipstack {

namespace {

/// ares_library_init(3) counts its calls; this keeps one of them.
class AresLibrary {
public:
    AresLibrary() : status_(ares_library_init(ARES_LIB_INIT_ALL)) {}
    ~AresLibrary() {
        if (status_ == ARES_SUCCESS) {
            ares_library_cleanup();
        }
    }
    AresLibrary(const AresLibrary&) = delete;
    AresLibrary& operator=(const AresLibrary&) = delete;
    int status() const { return status_; }

private:
    int status_;
};

std::optional<dataplane::IpAddress> address_of(const sockaddr* socket_address) {
    if (socket_address->sa_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(socket_address);
        return dataplane::IpAddress::v4(ntohl(v4->sin_addr.s_addr));
    }
    if (socket_address->sa_family == AF_INET6) {
        const auto* v6 = reinterpret_cast<const sockaddr_in6*>(socket_address);
        return dataplane::IpAddress::from_bytes(v6->sin6_addr.s6_addr);
    }
    return std::nullopt;
}

}  // namespace

struct NameResolver::State {
    /// A name that is followed.
    struct Followed {
        State* resolver = nullptr;
        std::string name;
        std::chrono::seconds refresh{};
        Listener listener;
        std::vector<dataplane::IpAddress> addresses;
        std::string last_failure;
    };

    State(board::EventLoop& event_loop, std::shared_ptr<spdlog::logger> logger,
          const Pace& how_often)
        : loop(event_loop), log(std::move(logger)), pace(how_often) {}
    ~State();

    board::Expected<void> open(std::span<const dataplane::Endpoint> servers);
    void look_up(Followed& followed);
    void answered(Followed& followed, int status, const ares_addrinfo* answer);
    void watch_socket(ares_socket_t socket, bool readable, bool writable);
    void process(ares_socket_t readable, ares_socket_t writable);
    void arm_timeout();

    board::EventLoop& loop;
    std::shared_ptr<spdlog::logger> log;
    const Pace pace;
    AresLibrary library;
    ares_channel channel = nullptr;
    std::vector<std::unique_ptr<Followed>> names;
    std::set<ares_socket_t> watched;
    std::set<board::EventLoop::TimerId> look_up_timers;
    std::optional<board::EventLoop::TimerId> timeout_timer;
};

NameResolver::State::~State() {
    if (timeout_timer) {
        loop.cancel(*timeout_timer);
    }
    for (const auto timer : look_up_timers) {
        loop.cancel(timer);
    }
    names.clear();  // first: ares_destroy() calls back with ARES_EDESTRUCTION, which is ignored
    if (channel != nullptr) {
        ares_destroy(channel);
    }
    for (const auto socket : watched) {
        loop.unwatch(socket);
    }
}

board::Expected<void> NameResolver::State::open(std::span<const dataplane::Endpoint> servers) {
    if (library.status() != ARES_SUCCESS) {
        return std::unexpected(board::Error{
            fmt::format("cannot start the DNS library: {}", ares_strerror(library.status()))});
    }
    ares_options options{};
    options.timeout = static_cast<int>(pace.first_timeout.count());
    options.tries = 3;
    options.sock_state_cb_data = this;
    options.sock_state_cb = [](void* data, ares_socket_t socket, int readable, int writable) {
        static_cast<State*>(data)->watch_socket(socket, readable != 0, writable != 0);
    };
    int status = ares_init_options(&channel, &options,
                                   ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
    if (status == ARES_SUCCESS && !servers.empty()) {
        std::string list;
        for (const auto& server : servers) {
            list += (list.empty() ? "" : ",") + server.to_string();
        }
        status = ares_set_servers_ports_csv(channel, list.c_str());
    }
    if (status != ARES_SUCCESS) {
        return std::unexpected(
            board::Error{fmt::format("cannot use the DNS servers: {}; check primary_dns and "
                                     "secondary_dns of the IP interfaces",
                                     ares_strerror(status))});
    }
    return {};
}

void NameResolver::State::watch_socket(ares_socket_t socket, bool readable, bool writable) {
    if (!readable && !writable) {
        if (watched.erase(socket) != 0) {
            loop.unwatch(socket);
        }
        return;
    }
    const uint32_t events = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U);
    if (!watched.insert(socket).second) {
        loop.change(socket, events);
        return;
    }
    loop.watch(socket, events, [this, socket](uint32_t happened) {
        const bool input = (happened & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
        process(input ? socket : ARES_SOCKET_BAD,
                (happened & EPOLLOUT) != 0 ? socket : ARES_SOCKET_BAD);
    });
}

void NameResolver::State::process(ares_socket_t readable, ares_socket_t writable) {
    ares_process_fd(channel, readable, writable);
    arm_timeout();
}

void NameResolver::State::arm_timeout() {
    if (timeout_timer) {
        loop.cancel(*timeout_timer);
        timeout_timer.reset();
    }
    timeval room{};
    const timeval* left = ares_timeout(channel, nullptr, &room);
    if (left == nullptr) {
        return;  // no query is out
    }
    const std::chrono::milliseconds delay(left->tv_sec * 1000 + left->tv_usec / 1000 + 1);
    timeout_timer = loop.after(delay, [this] {
        timeout_timer.reset();
        process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    });
}

void NameResolver::State::look_up(Followed& followed) {
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_flags = ARES_AI_NOSORT;
    ares_getaddrinfo(
        channel, followed.name.c_str(), nullptr, &hints,
        [](void* argument, int status, int, ares_addrinfo* answer) {
            const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owned(
                answer, &ares_freeaddrinfo);
            if (status != ARES_EDESTRUCTION) {
                auto& asked = *static_cast<Followed*>(argument);
                asked.resolver->answered(asked, status, answer);
            }
        },
        &followed);
    arm_timeout();
}

void NameResolver::State::answered(Followed& followed, int status, const ares_addrinfo* answer) {
    std::chrono::milliseconds again = pace.retry;
    std::vector<dataplane::IpAddress> addresses;
    if (status == ARES_SUCCESS) {
        // A year stands for "no refresh but the time to live's".
        std::chrono::seconds time_to_live =
            followed.refresh.count() == 0 ? std::chrono::years(1) : followed.refresh;
        for (const auto* node = answer->nodes; node != nullptr; node = node->ai_next) {
            const auto address = address_of(node->ai_addr);
            if (address && std::ranges::find(addresses, *address) == addresses.end()) {
                addresses.push_back(*address);
            }
            time_to_live = std::min(time_to_live, std::chrono::seconds(node->ai_ttl));
        }
        again = std::max<std::chrono::milliseconds>(time_to_live, pace.shortest_refresh);
    }
    const std::string failure = addresses.empty() ? ares_strerror(status) : "";
    if (!failure.empty() && failure != followed.last_failure) {
        log->warn("dns  cannot resolve {}: {}; {}; asking again every {} ms", followed.name,
                  failure,
                  followed.addresses.empty() ? "no address yet" : "keeping the last answer",
                  pace.retry.count());
    }
    followed.last_failure = failure;
    const auto timer = std::make_shared<board::EventLoop::TimerId>();
    *timer = loop.after(again, [this, timer, &followed] {
        look_up_timers.erase(*timer);
        look_up(followed);
    });
    look_up_timers.insert(*timer);
    if (!addresses.empty() && addresses != followed.addresses) {
        followed.addresses = std::move(addresses);
        followed.listener(followed.addresses);
    }
}

NameResolver::NameResolver(std::unique_ptr<State> state) : state_(std::move(state)) {}
NameResolver::~NameResolver() = default;

board::Expected<std::unique_ptr<NameResolver>> NameResolver::create(
    board::EventLoop& loop, std::span<const dataplane::Endpoint> servers,
    std::shared_ptr<spdlog::logger> log, const Pace& pace) {
    auto state = std::make_unique<State>(loop, std::move(log), pace);
    if (auto opened = state->open(servers); !opened) {
        return std::unexpected(opened.error());
    }
    return std::unique_ptr<NameResolver>(new NameResolver(std::move(state)));
}

void NameResolver::follow(const std::string& name, std::chrono::seconds refresh,
                          Listener listener) {
    auto followed = std::make_unique<State::Followed>();
    followed->resolver = state_.get();
    followed->name = name;
    followed->refresh = refresh;
    followed->listener = std::move(listener);
    state_->names.push_back(std::move(followed));
    state_->look_up(*state_->names.back());
}

}  // namespace trunkline::sipstack
