// What would keep the control thread too long (judging a large configuration or writing it out,
// hashing passwords, writing files) is done on a thread of its own, one job after the other.
#pragma once

#include "board/event_loop.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace trunkline::mgmt {

/// Made, used and destroyed on the control thread; a job's middle part alone runs elsewhere, and
/// what it uses is its own until it has returned.
class WorkThread {
public:
    /// Jobs that wait; one more is refused.
    static constexpr std::size_t most_waiting = 64;

    struct Job {
        std::string who, what;  ///< for whoever has to wait: "anna (CLI)", "loads device.ini"
        /// Nothing else of this kind comes between: another one is refused until this is done.
        bool is_exclusive = false;
        std::function<void()> begin;  ///< on the control thread, when its turn has come
        std::function<void()> work;   ///< on the other thread
        std::function<void()> done;   ///< on the control thread, before the next one begins
    };

    explicit WorkThread(board::EventLoop& loop);  ///< which outlives this
    /// Waits for the work that is under way; what waits is dropped, and nothing of it is done.
    ~WorkThread();
    WorkThread(const WorkThread&) = delete;
    WorkThread& operator=(const WorkThread&) = delete;

    /// The exclusive job that is under way or waits; nullptr: there is none.
    const Job* exclusive() const;
    /// false: too many wait.
    bool add(Job job);

private:
    struct State;
    const std::unique_ptr<State> state_;
};

}  // namespace trunkline::mgmt
