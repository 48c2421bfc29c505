#include "board/link_speeds.h"

#include <rte_ethdev.h>

#include <algorithm>
#include <array>

namespace trunkline::board {

namespace {

struct Speed {
    LinkSetting setting;
    uint32_t dpdk;
};

/// DPDK has no gigabit in half duplex.
constexpr std::array<Speed, 5> speeds{{{{10, false}, RTE_ETH_LINK_SPEED_10M_HD},
                                       {{10, true}, RTE_ETH_LINK_SPEED_10M},
                                       {{100, false}, RTE_ETH_LINK_SPEED_100M_HD},
                                       {{100, true}, RTE_ETH_LINK_SPEED_100M},
                                       {{1000, true}, RTE_ETH_LINK_SPEED_1G}}};

/// Drivers of NICs with a wire. Those of virtual ones take the setting and do nothing about it.
constexpr std::array<std::string_view, 6> setting_drivers{
    "net_e1000_em", "net_e1000_igb", "net_igc", "net_ixgbe", "net_i40e", "net_ice"};

}  // namespace

std::optional<uint32_t> dpdk_link_speeds(const LinkSetting& setting, std::string_view driver,
                                         uint32_t capable) {
    if (setting.speed_mbps == 0) {
        return RTE_ETH_LINK_SPEED_AUTONEG;
    }
    const auto* const speed = std::ranges::find(speeds, setting, &Speed::setting);
    const bool sets_it = std::ranges::count(setting_drivers, driver) != 0;
    if (speed == speeds.end() || !sets_it || (capable & speed->dpdk) == 0) {
        return std::nullopt;
    }
    return RTE_ETH_LINK_SPEED_FIXED | speed->dpdk;
}

}  // namespace trunkline::board
