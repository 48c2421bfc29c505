// How a worker spends the time when nothing comes: it polls for a while, then waits.
//
// It waits in ppoll(2) on the descriptors of ports, kernel twins, the doorbell and whoever shares
// the thread. Ports without a
// descriptor (PCI devices under uio have no receive interrupt) are looked after by naps: the same
// wait, ended after some microseconds that grow while nothing comes.
#pragma once

#include "board/config.h"
#include "dataplane/doorbell.h"

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <thread>
#include <vector>

namespace trunkline::dataplane {

/// What a power profile means; times in microseconds.
struct IdleRule {
    uint32_t idle_walks;  ///< this many in a row before the first wait; 0 = never wait
    uint32_t nap_step;    ///< naps start with it and grow by it
    uint32_t nap_cap;     ///< the longest nap, and so the most that it adds to a packet's way
};
const IdleRule& idle_rule(board::PowerProfile profile);

class Idle {
public:
    /// `ports`: descriptors of ports, -1 for one that has none. `twins`: of kernel twins (-1 is
    /// left out). All outlive this.
    Idle(board::PowerProfile profile, std::span<const int> ports, std::span<const int> twins,
         Doorbell& doorbell);

    /// A descriptor of somebody else on this thread, which ends a wait when it becomes readable. It
    /// outlives this. Not while a wait is under way.
    void watch(int fd);

    /// Tells how the last walk was; true when it is time to wait.
    bool time_to_wait(bool was_idle);
    /// Waits for a packet or the doorbell, `at_most` at the longest (unset: no limit). Returns at
    /// once when the doorbell rang since the last wait.
    void wait(std::optional<std::chrono::nanoseconds> at_most);

private:
    using Clock = std::chrono::steady_clock;
    /// A descriptor that reported an error is left out of the poll for a while: a port whose
    /// interface is down would end every wait at once.
    struct Watched {
        int fd;
        std::chrono::milliseconds pause{0};  ///< grows with each error in a row
        Clock::time_point quiet_until;
    };

    void use_fine_timers();
    std::optional<std::chrono::nanoseconds> limit(
        std::optional<std::chrono::nanoseconds> at_most) const;
    void fill_poll_set(Clock::time_point now);
    void note_errors(Clock::time_point now);

    const IdleRule rule_;
    Doorbell& doorbell_;
    bool needs_naps_ = false;
    uint32_t idle_walks_ = 0;
    uint32_t nap_ = 0;  ///< microseconds
    std::vector<Watched> watched_;
    std::vector<pollfd> poll_set_;  ///< the doorbell, then watched_ in its order
    std::thread::id tuned_thread_;
};

}  // namespace trunkline::dataplane
