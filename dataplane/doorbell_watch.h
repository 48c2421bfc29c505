// A doorbell heard by the control thread's event loop.
#pragma once

#include "board/event_loop.h"
#include "dataplane/doorbell.h"

#include <functional>

namespace trunkline::dataplane {

/// While it lives, `look` is called on the loop's thread after every ring: it takes all that is in
/// the queues of the doorbell. Loop and doorbell outlive it.
class DoorbellWatch {
public:
    DoorbellWatch(board::EventLoop& loop, Doorbell& bell, std::function<void()> look);
    ~DoorbellWatch();
    DoorbellWatch(const DoorbellWatch&) = delete;
    DoorbellWatch& operator=(const DoorbellWatch&) = delete;

private:
    void listen();

    board::EventLoop& loop_;
    Doorbell& bell_;
    std::function<void()> look_;
};

}  // namespace trunkline::dataplane
