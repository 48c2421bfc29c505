// Which drivers set the speed of a link, and how they are told. Pure.
#pragma once

#include "board/config.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace trunkline::board {

/// For rte_eth_conf::link_speeds. `driver` as DPDK calls it, `capable` of its rte_eth_dev_info.
/// nullopt: the driver does not set that, whatever it is told; a link whose ends agree is set by
/// all of them.
std::optional<uint32_t> dpdk_link_speeds(const LinkSetting& setting, std::string_view driver,
                                         uint32_t capable);

}  // namespace trunkline::board
