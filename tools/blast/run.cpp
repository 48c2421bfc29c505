#include "tools/blast/run.h"

#include "board/interrupt_gate.h"

#include <fmt/format.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <optional>
#include <system_error>

namespace trunkline::blast {

namespace {

constexpr uint64_t second = 1'000'000'000, millisecond = 1'000'000;

void sleep_for(uint64_t nanoseconds) {
    const timespec pause{static_cast<time_t>(nanoseconds / second),
                         static_cast<long>(nanoseconds % second)};
    nanosleep(&pause, nullptr);
}

double thread_seconds() {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / second;
}

/// A line now and then, with the rate since the last one.
class Progress {
public:
    Progress(const Role& role, uint64_t start) : role_(role), start_(start), last_(start) {}

    void tell(uint64_t now, uint64_t busy) {
        const double elapsed = static_cast<double>(now - last_) / second;
        const uint64_t completed = role_.completed();
        fmt::print(stderr, "{:4} s  {:9.0f}/s  busy {:3.0f} %  {}\n", (now - start_) / second,
                   static_cast<double>(completed - completed_) / elapsed,
                   static_cast<double>(busy - busy_) * 100 / static_cast<double>(now - last_),
                   role_.progress(now));
        last_ = now;
        completed_ = completed;
        busy_ = busy;
    }

private:
    const Role& role_;
    uint64_t start_, last_;
    uint64_t completed_ = 0, busy_ = 0;
};

}  // namespace

StopSignals::StopSignals() {
    sigset_t both;
    sigemptyset(&both);
    sigaddset(&both, SIGINT);
    sigaddset(&both, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &both, nullptr);
    fd_ = board::FileDescriptor(signalfd(-1, &both, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!fd_) {
        throw std::system_error(errno, std::generic_category(), "signalfd");
    }
}

bool StopSignals::take() {
    signalfd_siginfo info{};
    return read(fd_.get(), &info, sizeof info) == sizeof info;
}

RunResult run(Role& role, Link& link, const Clock& clock, StopSignals& signals,
              const RunSettings& settings) {
    RunResult result;
    const double cpu_start = thread_seconds();
    const uint64_t start = clock.now();
    uint64_t now = start, busy = 0;
    uint64_t next_look = start, next_line = start + settings.interval;
    std::optional<uint64_t> give_up;
    Progress progress(role, start);
    board::InterruptGate gate;
    uint64_t next_gate = start;
    role.start(start);
    for (;;) {
        const uint64_t before = now;
        const auto batch = link.receive();
        now = clock.now();
        if (!batch.empty()) {
            role.receive(batch, now);
        }
        const bool sent = role.poll(now);
        link.flush(now);
        now = clock.now();
        if (!batch.empty() || sent) {
            busy += now - before;
        } else if (settings.nap > 0) {
            sleep_for(settings.nap);
            now = clock.now();
        }
        if (now < next_look) {
            continue;
        }
        next_look = now + millisecond;
        if (now >= next_gate) {
            // Often enough for a far side that connects; a few tenths of a percent of the time.
            gate.let_through();
            next_gate = now + 5 * millisecond;
        }
        if (now >= next_line && settings.progress) {
            progress.tell(now, busy);
            next_line = now + settings.interval;
        }
        if (signals.take()) {
            if (give_up) {
                break;
            }
            result.interrupted = true;
            role.stop();
            give_up = now + second;
        }
        if (settings.nanoseconds > 0 && now - start >= settings.nanoseconds && !give_up) {
            role.stop();
            give_up = now + second;
        }
        if ((role.done(now) && link.idle()) || (give_up && now >= *give_up)) {
            break;
        }
    }
    result.seconds = static_cast<double>(now - start) / second;
    result.cpu_seconds = thread_seconds() - cpu_start;
    result.busy_share = static_cast<double>(busy) / static_cast<double>(now - start);
    return result;
}

bool may_come(const board::Device& device) {
    const auto* memif = std::get_if<board::MemifDevice>(&device);
    if (memif == nullptr || memif->server) {
        return false;
    }
    std::error_code unreadable;
    const auto folder = std::filesystem::absolute(memif->socket, unreadable).parent_path();
    return std::filesystem::is_directory(folder, unreadable);
}

board::Expected<std::unique_ptr<Link>> open_link(const LinkSettings& settings, const Clock& clock,
                                                 StopSignals& signals, uint64_t patience) {
    auto link = Link::create(settings);
    if (!link) {
        return link;
    }
    const uint64_t end = clock.now() + patience;
    for (;;) {
        const auto opened = (*link)->open();
        if (opened) {
            return link;
        }
        if (!may_come(settings.device) || clock.now() >= end || signals.take()) {
            return std::unexpected(opened.error());
        }
        sleep_for(10 * millisecond);
    }
}

board::Expected<Flow> wait_for_way(Link& link, const dataplane::Endpoint& remote,
                                   uint16_t local_port, const Clock& clock, StopSignals& signals,
                                   uint64_t patience) {
    const uint64_t end = clock.now() + patience;
    while (clock.now() < end) {
        link.receive();
        const uint64_t now = clock.now();
        const auto flow = link.way_to(remote, local_port, now);
        if (!flow) {
            return std::unexpected(flow.error());
        }
        link.flush(now);
        if (*flow && link.up()) {
            return **flow;
        }
        if (signals.take()) {
            return std::unexpected(board::Error{"interrupted"});
        }
        sleep_for(millisecond);
    }
    return std::unexpected(board::Error{
        link.up()
            ? fmt::format("{} does not answer {}; is it on this wire? Else give --gateway, or "
                          "--peer-mac where nobody answers",
                          remote.address.to_string(),
                          remote.address.is_v4() ? "ARP" : "neighbour solicitations")
            : std::string("the link stays down; is the other side running?")});
}

}  // namespace trunkline::blast
