#include "dataplane/dpdk_thread.h"

#include <rte_errno.h>
#include <rte_lcore.h>

#include <string>
#include <utility>

namespace trunkline::dataplane {

board::Expected<DpdkThread> DpdkThread::enter() {
    if (rte_lcore_id() != LCORE_ID_ANY) {
        return DpdkThread(false);
    }
    if (rte_thread_register() != 0) {
        return std::unexpected(board::Error{std::string("cannot register a thread with DPDK: ") +
                                            rte_strerror(rte_errno) +
                                            "; lower the number of shards"});
    }
    return DpdkThread(true);
}

DpdkThread::~DpdkThread() {
    if (registered_) {
        rte_thread_unregister();
    }
}

DpdkThread::DpdkThread(DpdkThread&& other) noexcept
    : registered_(std::exchange(other.registered_, false)) {}

}  // namespace trunkline::dataplane
