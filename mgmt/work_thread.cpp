#include "mgmt/work_thread.h"

#include "board/file_descriptor.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace trunkline::mgmt {

struct WorkThread::State {
    explicit State(board::EventLoop& event_loop)
        : loop(event_loop), bell(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        if (!bell) {
            std::perror("eventfd");
            std::abort();
        }
        loop.watch(bell.get(), EPOLLIN, [this](uint32_t) { finish(); });
        thread = std::thread([this] { run(); });
    }

    ~State() {
        {
            const std::lock_guard guard(lock);
            is_stopping = true;
        }
        wake.notify_one();
        thread.join();
        loop.unwatch(bell.get());
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    void begin_next() {
        if (is_busy || jobs.empty()) {
            return;
        }
        is_busy = true;
        if (jobs.front().begin) {
            jobs.front().begin();
        }
        {
            const std::lock_guard guard(lock);
            work = std::move(jobs.front().work);
        }
        wake.notify_one();
    }

    /// The job leaves before it is told, so that whoever is told may ask for the next one.
    void finish() {
        uint64_t rings = 0;
        [[maybe_unused]] const auto size = ::read(bell.get(), &rings, sizeof rings);
        const Job job = std::move(jobs.front());
        jobs.pop_front();
        if (job.done) {
            job.done();
        }
        is_busy = false;
        begin_next();
    }

    void run() {
        std::unique_lock guard(lock);
        for (;;) {
            wake.wait(guard, [this] { return is_stopping || work; });
            if (is_stopping) {
                return;
            }
            const auto now = std::exchange(work, nullptr);
            guard.unlock();
            now();
            const uint64_t one = 1;
            [[maybe_unused]] const auto written = ::write(bell.get(), &one, sizeof one);
            guard.lock();
        }
    }

    board::EventLoop& loop;
    const board::FileDescriptor bell;
    // The control thread's.
    std::deque<Job> jobs;  ///< the first is under way when it is busy
    bool is_busy = false;
    // Both threads'.
    std::mutex lock;
    std::condition_variable wake;
    std::function<void()> work;
    bool is_stopping = false;
    std::thread thread;
};

WorkThread::WorkThread(board::EventLoop& loop) : state_(std::make_unique<State>(loop)) {}

WorkThread::~WorkThread() = default;

const WorkThread::Job* WorkThread::exclusive() const {
    const auto found = std::ranges::find_if(state_->jobs, &Job::is_exclusive);
    return found == state_->jobs.end() ? nullptr : &*found;
}

bool WorkThread::add(Job job) {
    if (state_->jobs.size() > most_waiting) {
        return false;
    }
    state_->jobs.push_back(std::move(job));
    state_->begin_next();
    return true;
}

}  // namespace trunkline::mgmt
