#include "board/eal_arguments.h"

#include <fmt/format.h>

#include <variant>

namespace trunkline::board {

namespace {

constexpr uint64_t megabyte = 1024 * 1024;

Error no_hugepages(const BoardConfig& config, const EalSurroundings& surroundings,
                   const std::string& address) {
    return {fmt::format(
        "PCI device {} under uio needs {} MB of free hugepages, there are {} MB; run: echo {} > "
        "{}/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
        address, config.memory_megabytes, surroundings.free_hugepage_bytes / megabyte,
        (config.memory_megabytes + 1) / 2, surroundings.sysfs)};
}

}  // namespace

Expected<EalPlan> plan_eal(const BoardConfig& config, const EalSurroundings& surroundings) {
    EalPlan plan;
    const bool hugepages =
        surroundings.free_hugepage_bytes >= uint64_t{config.memory_megabytes} * megabyte;
    plan.memory_mode = hugepages ? MemoryMode::hugepages : MemoryMode::no_huge;
    plan.arguments = {"trunkline",
                      fmt::format("--lcores=0@{}", surroundings.cpu),
                      "-m",
                      std::to_string(config.memory_megabytes),
                      "--no-telemetry",
                      fmt::format("--file-prefix=trunkline-{}", surroundings.process)};
    if (hugepages) {
        plan.arguments.emplace_back("--in-memory");
    } else {
        plan.arguments.emplace_back("--no-huge");
        plan.arguments.emplace_back("--no-shconf");
    }

    bool pci = false;
    bool physical_addresses = false;
    bool iommu = false;
    for (const PhysicalPort& port : config.physical_ports) {
        const auto* device = std::get_if<PciDevice>(&port.device);
        if (device == nullptr) {
            continue;
        }
        const auto address = pci_address(device->address);
        const auto access =
            address ? pci_access(*address, surroundings.sysfs) : std::unexpected(address.error());
        if (!access) {
            return std::unexpected(
                Error{fmt::format("device of {}: {}", port.name, access.error().message)});
        }
        if (*access == PciAccess::uio && !hugepages) {
            return std::unexpected(no_hugepages(config, surroundings, *address));
        }
        pci = true;
        physical_addresses |= *access == PciAccess::uio;
        iommu |= *access == PciAccess::vfio;
        plan.arguments.emplace_back("--allow=" + *address);
    }
    if (!pci) {
        plan.arguments.emplace_back("--no-pci");
    }
    if (physical_addresses) {
        plan.arguments.emplace_back("--iova-mode=pa");
    } else if (!iommu) {
        // Devices of memory alone need no physical addresses, so none are asked for.
        plan.arguments.emplace_back("--iova-mode=va");
    }
    return plan;
}

}  // namespace trunkline::board
