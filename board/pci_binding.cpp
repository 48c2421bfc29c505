#include "board/pci_binding.h"

#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

namespace trunkline::board {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view network_class = "0x02";
constexpr std::string_view ethernet_class = "0x0200";

std::string device_folder(const std::string& sysfs, const std::string& address) {
    return sysfs + "/bus/pci/devices/" + address;
}

/// The first line of a file of sysfs; empty where there is none.
std::string line_of(const fs::path& file) {
    std::string line;
    std::getline(std::ifstream(file), line);
    return line;
}

std::string driver_of(const fs::path& device) {
    std::error_code none;
    return fs::read_symlink(device / "driver", none).filename();
}

/// "0x1af4" as "1af4".
std::string digits_of(const std::string& number) {
    return number.starts_with("0x") ? number.substr(2) : number;
}

bool is_up(const fs::path& interface) {
    unsigned flags = 0;
    std::ifstream(interface / "flags") >> std::hex >> flags;
    return (flags & IFF_UP) != 0;
}

/// The paths that `Iterator` comes by. A range-based for would throw where it cannot go on.
template <typename Iterator>
Expected<std::vector<fs::path>> list(const fs::path& folder) {
    std::vector<fs::path> paths;
    std::error_code error;
    for (Iterator entry(folder, error); !error && entry != Iterator(); entry.increment(error)) {
        paths.push_back(entry->path());
    }
    if (error) {
        // Who goes into folders fails at the one that he came by last.
        const std::string& place = paths.empty() ? folder : paths.back();
        return std::unexpected(Error{fmt::format("cannot list {}: {}", place, error.message())});
    }
    return paths;
}

Expected<void> fill_interfaces(PciNic& nic, const fs::path& device) {
    // A virtio NIC's interface stands below the virtio device on it.
    const auto paths = list<fs::recursive_directory_iterator>(device);
    if (!paths) {
        return std::unexpected(paths.error());
    }
    for (const fs::path& path : *paths) {
        if (path.parent_path().filename() == "net") {
            nic.interfaces.push_back(path.filename());
            if (is_up(path)) {
                nic.up_interfaces.push_back(path.filename());
            }
        }
    }
    std::ranges::sort(nic.interfaces);
    std::ranges::sort(nic.up_interfaces);
    return {};
}

bool is_ethernet(const std::string& sysfs, const PciNic& nic) {
    return line_of(device_folder(sysfs, nic.address) + "/class").starts_with(ethernet_class);
}

/// A PCI device that gets another driver, or has its former one back where that fails.
class HandOver {
public:
    HandOver(const std::string& sysfs, const std::string& address, const SysfsWriter& write)
        : drivers_(sysfs + "/bus/pci/drivers"),
          device_(device_folder(sysfs, address)),
          address_(address),
          write_(write),
          former_(driver_of(device_)),
          former_override_(line_of(device_ + "/driver_override")) {}

    Expected<void> to(const std::string& driver) {
        auto done = try_to(driver);
        if (!done) {
            done.error().message += undo();
        }
        return done;
    }

private:
    Expected<void> try_to(const std::string& driver) {
        auto done = write_(device_ + "/driver_override", driver + "\n");
        if (done && !former_.empty()) {
            done = write_(device_ + "/driver/unbind", address_ + "\n");
        }
        if (done) {
            done = write_(drivers_ + "_probe", address_ + "\n");
        }
        if (done && driver_of(device_) != driver) {
            return std::unexpected(
                Error{fmt::format("the kernel did not give {} to {}; its log (dmesg) may tell why",
                                  address_, driver)});
        }
        return done;
    }

    /// For the error: who has it.
    std::string undo() {
        // As the kernel shows that there is none; an empty line takes it away.
        const std::string given = former_override_ == "(null)" ? "" : former_override_;
        auto done = write_(device_ + "/driver_override", given + "\n");
        if (former_.empty()) {
            return "";
        }
        if (driver_of(device_) == former_) {
            return fmt::format("; {} keeps it", former_);
        }
        const std::string bind = fmt::format("{}/{}/bind", drivers_, former_);
        if (done) {
            done = write_(bind, address_ + "\n");
        }
        if (driver_of(device_) == former_) {
            return fmt::format("; {} has it again", former_);
        }
        return fmt::format("; {} does not take it back{}: it has no driver; run: echo {} > {}",
                           former_, done ? "" : " (" + done.error().message + ")", address_, bind);
    }

    const std::string drivers_, device_, address_;
    const SysfsWriter& write_;
    const std::string former_, former_override_;
};

}  // namespace

Expected<std::vector<PciNic>> pci_nics(const std::string& sysfs) {
    std::vector<PciNic> nics;
    const std::string folder = sysfs + "/bus/pci/devices";
    std::error_code none;
    if (fs::status(folder, none).type() == fs::file_type::not_found) {
        return nics;
    }
    const auto devices = list<fs::directory_iterator>(folder);
    if (!devices) {
        return std::unexpected(devices.error());
    }
    for (const fs::path& device : *devices) {
        if (!line_of(device / "class").starts_with(network_class)) {
            continue;
        }
        PciNic& nic = nics.emplace_back();
        nic.address = device.filename();
        nic.id =
            digits_of(line_of(device / "vendor")) + ":" + digits_of(line_of(device / "device"));
        nic.driver = driver_of(device);
        nic.behind_iommu = fs::exists(device / "iommu_group", none);
        if (auto filled = fill_interfaces(nic, device); !filled) {
            return std::unexpected(filled.error());
        }
    }
    std::ranges::sort(nics, {}, &PciNic::address);
    unsigned number = 0;
    for (PciNic& nic : nics) {
        nic.number = is_ethernet(sysfs, nic) ? ++number : 0;
    }
    return nics;
}

Expected<void> write_sysfs(const std::string& file, const std::string& text) {
    errno = 0;
    std::ofstream out(file);
    out << text;
    out.flush();
    if (!out) {
        const std::error_code reason(errno, std::generic_category());
        return std::unexpected(
            Error{fmt::format("cannot write '{}' to {}: {}", text.substr(0, text.find('\n')), file,
                              reason.message())});
    }
    return {};
}

BindingChoice choose_driver(const PciNic& nic) {
    if (nic.driver == "mlx4_core" || nic.driver == "mlx5_core") {
        return {nic.driver, "DPDK works beside the kernel's own driver"};
    }
    if (nic.behind_iommu) {
        return {"vfio-pci", "behind an IOMMU, which keeps it to its own memory"};
    }
    if (nic.driver == "igb_uio") {
        return {nic.driver, "bound already"};
    }
    return {"uio_pci_generic", "there is no IOMMU"};
}

Expected<void> bind_driver(const std::string& address, const std::string& driver,
                           const std::string& sysfs, const SysfsWriter& write) {
    const std::string device = device_folder(sysfs, address);
    std::error_code error;
    if (!fs::exists(device, error)) {
        return std::unexpected(Error{fmt::format(
            "no PCI device {}; 'trunkline board probe' lists the NICs that there are", address)});
    }
    if (driver_of(device) == driver) {
        return {};
    }
    if (!fs::exists(sysfs + "/bus/pci/drivers/" + driver, error)) {
        return std::unexpected(Error{
            fmt::format("the kernel's driver {0} is not loaded, which {1} needs; run: modprobe {0}",
                        driver, address)});
    }
    return HandOver(sysfs, address, write).to(driver);
}

}  // namespace trunkline::board
