// The buffers of an AF_XDP port: memory that the kernel writes frames into (its "umem").
//
// The driver hands the kernel the memory of the receive queue's pool from its first buffer on, as
// many buffers long, each no larger than a page: a pool with holes at page borders would have
// buffers that the kernel refuses one by one, in silence, and the pool of all packets has larger
// ones. So here each buffer is a page.
#pragma once

#include "board/error.h"

#include <cstdint>
#include <memory>
#include <string>

struct rte_memzone;
struct rte_mempool;

namespace trunkline::board {

class UmemPool {
public:
    /// `private_size`: of each mbuf, as the pool has that the appliance's other packets come from.
    static Expected<std::unique_ptr<UmemPool>> create(const std::string& port,
                                                      uint16_t private_size);
    /// After the device has been closed and no packet of it is held any more.
    ~UmemPool();
    UmemPool(const UmemPool&) = delete;
    UmemPool& operator=(const UmemPool&) = delete;

    rte_mempool* get() const { return pool_; }

private:
    UmemPool() = default;
    /// How many buffers there are now, or a negative error number.
    int populate(uint16_t private_size, uint16_t data_room);

    rte_mempool* pool_ = nullptr;
    const rte_memzone* memory_ = nullptr;
};

}  // namespace trunkline::board
