#include "sipstack/transport/name_resolver.h"

#include "sipstack/shard_thread.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

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

std::chrono::seconds shorter_refresh(std::chrono::seconds a, std::chrono::seconds b) {
    // 0 stands for none.
    return a.count() == 0 || b.count() == 0 ? std::max(a, b) : std::min(a, b);
}

/// c-ares says "refused" of servers that answered with SERVFAIL or REFUSED, too, once it has tried
/// them all.
std::string failure_text(int status) {
    return status == ARES_ECONNREFUSED ? "the DNS servers are unreachable, refuse or fail"
                                       : ares_strerror(status);
}

}  // namespace

struct NameResolver::State {
    struct Follower {
        std::chrono::seconds refresh;
        Listener listener;
    };

    /// A question that is followed, or was when it was asked last.
    struct Asked {
        State* resolver = nullptr;
        DnsQuestion question;
        KeptAnswer kept;
        std::vector<std::weak_ptr<const Follower>> followers = {};
        std::optional<board::EventLoop::TimerId> timer = {};
        std::string logged_failure = {};
    };

    State(board::EventLoop& event_loop, std::shared_ptr<spdlog::logger> logger,
          const Pace& how_often)
        : loop(event_loop), log(std::move(logger)), pace(how_often) {}
    ~State();

    board::Expected<void> open(std::span<const dataplane::Endpoint> servers);
    Asked& asked(const DnsQuestion& question);
    void ask(Asked& asked);
    void send_soon();
    void send_waiting();
    void answered(Asked& asked, int status, std::span<const uint8_t> message);
    void failed(Asked& asked, const std::string& failure);
    void tell(Asked& asked);
    void arm(Asked& asked);
    void timed_out(Asked& asked);
    void watch_socket(ares_socket_t socket, bool readable, bool writable);
    void process(ares_socket_t readable, ares_socket_t writable);
    void arm_timeout();

    board::EventLoop& loop;
    std::shared_ptr<spdlog::logger> log;
    const Pace pace;
    AresLibrary library;
    ares_channel channel = nullptr;
    std::map<DnsQuestion, std::unique_ptr<Asked>> questions;
    std::deque<Asked*> waiting;  ///< for their turn; asked, so they stay in `questions`
    unsigned queries_out = 0;
    std::set<ares_socket_t> watched;
    std::optional<board::EventLoop::TimerId> send_timer, timeout_timer;
};

NameResolver::State::~State() {
    for (const auto& timer : {send_timer, timeout_timer}) {
        if (timer) {
            loop.cancel(*timer);
        }
    }
    for (const auto& [question, asked] : questions) {
        if (asked->timer) {
            loop.cancel(*asked->timer);
        }
    }
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

NameResolver::State::Asked& NameResolver::State::asked(const DnsQuestion& question) {
    auto& place = questions[question];
    if (!place) {
        place = std::make_unique<Asked>(Asked{this, question, KeptAnswer(pace.answers)});
        ask(*place);
    }
    return *place;
}

void NameResolver::State::ask(Asked& asked) {
    asked.kept.asked(monotonic_now());
    arm(asked);
    waiting.push_back(&asked);
    send_soon();
}

/// Not at once: c-ares may call back from within the query, and nobody expects that of follow().
void NameResolver::State::send_soon() {
    if (!send_timer && !waiting.empty()) {
        send_timer = loop.after(std::chrono::milliseconds(0), [this] {
            send_timer.reset();
            send_waiting();
        });
    }
}

void NameResolver::State::send_waiting() {
    while (!waiting.empty() && queries_out < pace.queries_at_a_time) {
        auto* next = waiting.front();
        waiting.pop_front();
        ++queries_out;
        ares_query(
            channel, next->question.name.c_str(), ns_c_in, static_cast<int>(next->question.type),
            [](void* argument, int status, int, unsigned char* message, int size) {
                if (status != ARES_EDESTRUCTION) {
                    auto& answered = *static_cast<Asked*>(argument);
                    answered.resolver->answered(answered, status,
                                                {message, static_cast<std::size_t>(size)});
                }
            },
            next);
    }
    arm_timeout();
}

void NameResolver::State::answered(Asked& asked, int status, std::span<const uint8_t> message) {
    --queries_out;
    if (status != ARES_SUCCESS && status != ARES_ENODATA && status != ARES_ENOTFOUND) {
        failed(asked, failure_text(status));
    } else if (auto answer = read_dns_answer(message); !answer) {
        failed(asked, std::string(to_string(answer.error())));
    } else {
        std::chrono::seconds refresh{};
        for (const auto& follower : asked.followers) {
            if (const auto alive = follower.lock()) {
                refresh = shorter_refresh(refresh, alive->refresh);
            }
        }
        asked.kept.answered(std::move(*answer), refresh, monotonic_now());
        if (!asked.logged_failure.empty()) {
            log->info("dns  {} is answered again", asked.question.to_string());
            asked.logged_failure.clear();
        }
    }
    arm(asked);
    send_soon();
    tell(asked);
}

void NameResolver::State::failed(Asked& asked, const std::string& failure) {
    const Instant now = monotonic_now();
    asked.kept.failed(failure, now);
    if (failure != asked.logged_failure) {
        const bool kept = asked.kept.known(now).state == DnsKnowledge::State::answered;
        log->warn("dns  cannot resolve {}: {}; {}; asking again every {} ms",
                  asked.question.to_string(), failure,
                  kept ? "keeping the last answer" : "no answer yet", pace.answers.retry.count());
        asked.logged_failure = failure;
    }
}

void NameResolver::State::tell(Asked& asked) {
    const auto followers = asked.followers;  // a copy: a listener may follow
    for (const auto& follower : followers) {
        if (const auto alive = follower.lock()) {
            alive->listener();
        }
    }
}

void NameResolver::State::arm(Asked& asked) {
    if (asked.timer) {
        loop.cancel(*asked.timer);
    }
    const auto delay = std::max(asked.kept.next() - monotonic_now(), Milliseconds(1));
    asked.timer = loop.after(delay, [this, &asked] {
        asked.timer.reset();
        timed_out(asked);
    });
}

void NameResolver::State::timed_out(Asked& asked) {
    std::erase_if(asked.followers, [](const auto& follower) { return follower.expired(); });
    if (asked.kept.is_asking()) {
        tell(asked);  // patience is over, the query still out
    } else if (asked.followers.empty()) {
        questions.erase(DnsQuestion(asked.question));
    } else {
        ask(asked);
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

NameResolver::Subscription NameResolver::follow(const DnsQuestion& question,
                                                std::chrono::seconds refresh, Listener listener) {
    auto& asked = state_->asked(question);
    auto follower = std::make_shared<const State::Follower>(refresh, std::move(listener));
    asked.followers.push_back(follower);
    return follower;
}

DnsKnowledge NameResolver::known(const DnsQuestion& question) const {
    const auto found = state_->questions.find(question);
    return found == state_->questions.end() ? DnsKnowledge{}
                                            : found->second->kept.known(monotonic_now());
}

const DnsPace& NameResolver::pace() const {
    return state_->pace.answers;
}

spdlog::logger& NameResolver::log() const {
    return *state_->log;
}

}  // namespace trunkline::sipstack
