#include "dataplane/doorbell.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdlib>

namespace trunkline::dataplane {

Doorbell::Doorbell() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0) {
        std::abort();
    }
}

Doorbell::~Doorbell() {
    close(fd_);
}

bool Doorbell::prepare_to_sleep() {
    State expected = State::awake;
    if (state_.compare_exchange_strong(expected, State::sleeping)) {
        return true;
    }
    state_.exchange(State::awake);
    return false;
}

void Doorbell::awake() {
    state_.exchange(State::awake);
    // Read whatever the state was: a ringer marks the state before it writes, so a write may come
    // late and would make every later poll return at once. EAGAIN: there was none.
    uint64_t rings = 0;
    [[maybe_unused]] const ssize_t size = read(fd_, &rings, sizeof(rings));
}

void Doorbell::ring() {
    // The element must be seen in its queue before the state is judged: without the fence the load
    // could overtake the store, and sleeper and ringer would each miss the other (Dekker).
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (state_.load(std::memory_order_relaxed) == State::rung) {
        return;
    }
    if (state_.exchange(State::rung) == State::sleeping) {
        const uint64_t one = 1;
        // Cannot fail: the counter would have to overflow 64 bits.
        [[maybe_unused]] const ssize_t size = write(fd_, &one, sizeof(one));
    }
}

}  // namespace trunkline::dataplane
