#include "mgmt/rest/request_threads.h"

#include <sys/socket.h>

namespace trunkline::mgmt {

RequestThreads::RequestThreads(std::size_t count, std::function<bool(TlsStream&)> serve,
                               std::function<void()> finished)
    : serve_(std::move(serve)), finished_(std::move(finished)) {
    for (std::size_t i = 0; i < count; ++i) {
        threads_.emplace_back([this] { run(); });
    }
}

RequestThreads::~RequestThreads() {
    stop();
}

void RequestThreads::add(Id id, std::unique_ptr<TlsStream> stream) {
    {
        const std::lock_guard guard(lock_);
        waiting_.emplace_back(id, std::move(stream));
    }
    wake_.notify_one();
}

std::vector<RequestThreads::Work> RequestThreads::finished() {
    const std::lock_guard guard(lock_);
    return std::exchange(done_, {});
}

void RequestThreads::stop() {
    {
        const std::lock_guard guard(lock_);
        stopping_ = true;
        for (const int descriptor : served_) {
            ::shutdown(descriptor, SHUT_RDWR);
        }
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
    threads_.clear();
}

void RequestThreads::run() {
    std::unique_lock guard(lock_);
    for (;;) {
        wake_.wait(guard, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) {
            return;
        }
        auto [id, stream] = std::move(waiting_.front());
        waiting_.pop_front();
        served_.insert(stream->descriptor());
        guard.unlock();
        const bool goes_on = serve_(*stream);
        guard.lock();
        served_.erase(stream->descriptor());
        if (!goes_on) {
            stream.reset();
        }
        done_.emplace_back(id, std::move(stream));
        guard.unlock();
        finished_();
        guard.lock();
    }
}

}  // namespace trunkline::mgmt
