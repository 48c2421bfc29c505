// The threads that answer requests: each takes a connection, serves one request of it and gives it
// back, or ends it.
#pragma once

#include "mgmt/rest/tls_stream.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

class RequestThreads {
public:
    using Id = uint64_t;
    using Work = std::pair<Id, std::unique_ptr<TlsStream>>;

    /// `serve` answers one request; false: the connection is over. `finished` is called after it,
    /// when something is there for finished(). Both on any of the threads.
    RequestThreads(std::size_t count, std::function<bool(TlsStream&)> serve,
                   std::function<void()> finished);
    ~RequestThreads();  ///< stops
    RequestThreads(const RequestThreads&) = delete;
    RequestThreads& operator=(const RequestThreads&) = delete;

    void add(Id id, std::unique_ptr<TlsStream> stream);
    /// What was served since the last call; nullptr for a connection that is over.
    std::vector<Work> finished();
    /// Breaks the connections that are being served, and waits for the threads.
    void stop();

private:
    void run();

    const std::function<bool(TlsStream&)> serve_;
    const std::function<void()> finished_;
    std::mutex lock_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::deque<Work> waiting_;
    std::set<int> served_;  ///< descriptors
    std::vector<Work> done_;
    std::vector<std::thread> threads_;
};

}  // namespace trunkline::mgmt
