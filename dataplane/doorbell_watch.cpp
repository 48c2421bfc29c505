#include "dataplane/doorbell_watch.h"

#include <sys/epoll.h>

#include <utility>

namespace trunkline::dataplane {

DoorbellWatch::DoorbellWatch(board::EventLoop& loop, Doorbell& bell, std::function<void()> look)
    : loop_(loop), bell_(bell), look_(std::move(look)) {
    loop_.watch(bell_.fd(), EPOLLIN, [this](uint32_t) {
        bell_.awake();
        look_();
        listen();
    });
    listen();
}

DoorbellWatch::~DoorbellWatch() {
    loop_.unwatch(bell_.fd());
    bell_.awake();
}

/// The loop sleeps whenever it has nothing to do, so the doorbell always counts as slept on; what
/// rang before that is looked after here.
void DoorbellWatch::listen() {
    while (!bell_.prepare_to_sleep()) {
        look_();
    }
}

}  // namespace trunkline::dataplane
