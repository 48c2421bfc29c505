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
    state_.store(State::awake);
    return false;
}

void Doorbell::awake() {
    if (state_.exchange(State::awake) == State::rung) {
        uint64_t rings = 0;
        // EAGAIN is possible: a ringer marks the state before it writes. The late write costs one
        // needless turn of the sleeper.
        [[maybe_unused]] const ssize_t size = read(fd_, &rings, sizeof(rings));
    }
}

void Doorbell::ring() {
    if (state_.load(std::memory_order_seq_cst) == State::rung) {
        return;
    }
    if (state_.exchange(State::rung) == State::sleeping) {
        const uint64_t one = 1;
        // Cannot fail: the counter would have to overflow 64 bits.
        [[maybe_unused]] const ssize_t size = write(fd_, &one, sizeof(one));
    }
}

}  // namespace trunkline::dataplane
