#include "board/interrupt_gate.h"

#include <rte_interrupts.h>
#include <sys/eventfd.h>

namespace trunkline::board {

InterruptGate::InterruptGate() : always_readable_(eventfd(1, EFD_CLOEXEC)) {
    rte_intr_handle* handle = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
    if (handle == nullptr) {
        return;
    }
    rte_intr_type_set(handle, RTE_INTR_HANDLE_EXT);
    rte_intr_fd_set(handle, always_readable_.get());
    if (rte_intr_callback_register(handle, wait_here, this) != 0) {
        rte_intr_instance_free(handle);
        return;
    }
    handle_ = handle;
    arrived_.acquire();
}

InterruptGate::~InterruptGate() {
    if (handle_ == nullptr) {
        return;
    }
    // A callback that is under way is taken out when it returns.
    rte_intr_callback_unregister_pending(handle_, wait_here, this, left);
    may_go_.release();
    gone_.acquire();
    rte_intr_instance_free(handle_);
}

void InterruptGate::let_through() {
    if (handle_ != nullptr) {
        may_go_.release();
        arrived_.acquire();
    }
}

void InterruptGate::wait_here(void* gate) {
    auto& mine = *static_cast<InterruptGate*>(gate);
    mine.arrived_.release();
    mine.may_go_.acquire();
}

void InterruptGate::left(rte_intr_handle*, void* gate) {
    static_cast<InterruptGate*>(gate)->gone_.release();
}

}  // namespace trunkline::board
