#include "board/umem_pool.h"

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_memzone.h>

#include <cerrno>

namespace trunkline::board {

namespace {

/// The driver keeps 2048 with the kernel for frames to come, and up to as many on their way out.
constexpr unsigned buffers = 6144;
constexpr unsigned page = 4096;
/// Else buffers are made longer, so that they begin in different memory channels.
constexpr unsigned no_gaps = RTE_MEMPOOL_F_NO_SPREAD;

Error no_memory(int error_number) {
    return {fmt::format("no memory for its {} buffers ({}); raise appliance.memory_megabytes",
                        buffers, rte_strerror(error_number))};
}

}  // namespace

Expected<std::unique_ptr<UmemPool>> UmemPool::create(const std::string& port,
                                                     uint16_t private_size) {
    const auto header = static_cast<unsigned>(sizeof(rte_mbuf)) + private_size;
    const unsigned overhead = rte_mempool_calc_obj_size(header, no_gaps, nullptr);
    const auto data_room = static_cast<uint16_t>(page - overhead);
    const std::string name = "umem_" + port;
    std::unique_ptr<UmemPool> made(new UmemPool());
    made->memory_ = rte_memzone_reserve_aligned(name.c_str(), std::size_t{buffers} * page,
                                                SOCKET_ID_ANY, 0, page);
    if (made->memory_ == nullptr) {
        return std::unexpected(no_memory(rte_errno));
    }
    made->pool_ =
        rte_mempool_create_empty(name.c_str(), buffers, header + data_room, 0,
                                 sizeof(rte_pktmbuf_pool_private), SOCKET_ID_ANY, no_gaps);
    if (made->pool_ == nullptr) {
        return std::unexpected(no_memory(rte_errno));
    }
    const int populated = made->populate(private_size, data_room);
    if (populated != static_cast<int>(buffers)) {
        return std::unexpected(no_memory(populated < 0 ? -populated : ENOSPC));
    }
    return made;
}

int UmemPool::populate(uint16_t private_size, uint16_t data_room) {
    rte_pktmbuf_pool_private sizes{};
    sizes.mbuf_data_room_size = data_room;
    sizes.mbuf_priv_size = private_size;
    rte_pktmbuf_pool_init(pool_, &sizes);
    const int populated = rte_mempool_populate_virt(pool_, static_cast<char*>(memory_->addr),
                                                    memory_->len, page, nullptr, nullptr);
    rte_mempool_obj_iter(pool_, rte_pktmbuf_init, nullptr);
    return populated;
}

UmemPool::~UmemPool() {
    rte_mempool_free(pool_);
    rte_memzone_free(memory_);
}

}  // namespace trunkline::board
