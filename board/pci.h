// PCI devices as sysfs shows them: which kernel driver holds one, and what that means for DPDK.
#pragma once

#include "board/error.h"

#include <string>

namespace trunkline::board {

/// How DPDK reaches a PCI device; decides the IO address mode and whether hugepages are a must.
enum class PciAccess {
    uio,     ///< physical addresses: hugepages and root
    vfio,    ///< behind an IOMMU
    shared,  ///< the kernel's own driver works beside DPDK's (mlx4, mlx5)
};

/// "0000:00:0a.0", as sysfs and DPDK write it: the domain may be left out and is added, capitals
/// become small. Refuses what is no PCI address.
Expected<std::string> pci_address(const std::string& text);

/// Errors name the command that binds the device to a fitting driver. `sysfs` is "/sys".
Expected<PciAccess> pci_access(const std::string& address, const std::string& sysfs);

}  // namespace trunkline::board
