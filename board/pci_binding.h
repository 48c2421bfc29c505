// Which NICs the machine has on PCI, which kernel driver each should have for DPDK to reach it, and
// handing it over: all by sysfs, as the image has no other tool for it.
#pragma once

#include "board/error.h"
#include "board/pci.h"

#include <functional>
#include <string>
#include <vector>

namespace trunkline::board {

/// A PCI device of the network class.
struct PciNic {
    std::string address;                  ///< "0000:00:04.0"
    std::string id;                       ///< vendor and device: "1af4:1041"
    std::string driver;                   ///< of the kernel, that holds it; "" = none
    std::vector<std::string> interfaces;  ///< the kernel's, where it has some: "ens4"
    bool behind_iommu = false;
    unsigned number = 0;                       ///< nic_numbers.h; 0: no Ethernet
    std::vector<std::string> up_interfaces{};  ///< of its interfaces those that are up
};

/// In the order of their addresses. `sysfs` is "/sys". A machine without PCI has none. The Error
/// names what of sysfs cannot be listed.
Expected<std::vector<PciNic>> pci_nics(const std::string& sysfs);

struct BindingChoice {
    std::string driver;  ///< that the NIC should have
    std::string reason;  ///< for people
};

/// vfio-pci behind an IOMMU, uio_pci_generic where there is none (Debian's kernel has no vfio
/// without an IOMMU), its own driver where DPDK works beside that, and the one that it has where
/// that is a fitting one already.
BindingChoice choose_driver(const PciNic& nic);

/// Writes to a file of sysfs, at which the kernel acts before this returns.
using SysfsWriter = std::function<Expected<void>(const std::string& file, const std::string& text)>;
Expected<void> write_sysfs(const std::string& file, const std::string& text);

/// Has `driver` hold the device (driver_override, drivers_probe; sysfs-bus-pci). Nothing is done
/// where it does already. Errors: no such device, the driver is not loaded, the kernel refuses:
/// then the device goes back to the driver that it had, and the error says who holds it.
Expected<void> bind_driver(const std::string& address, const std::string& driver,
                           const std::string& sysfs, const SysfsWriter& write = write_sysfs);

}  // namespace trunkline::board
