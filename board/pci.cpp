#include "board/pci.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace trunkline::board {

namespace {

/// `pattern`: 'h' stands for a lower-case or upper-case hexadecimal digit, all else for itself.
bool matches(std::string_view text, std::string_view pattern) {
    constexpr std::string_view digits = "0123456789abcdefABCDEF";
    if (text.size() != pattern.size()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool fits = pattern[i] == 'h' ? digits.find(text[i]) != std::string_view::npos
                                            : text[i] == pattern[i];
        if (!fits) {
            return false;
        }
    }
    return true;
}

std::string in_small_letters(std::string address) {
    std::ranges::transform(address, address.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return address;
}

}  // namespace

Expected<std::string> pci_address(const std::string& text) {
    if (matches(text, "hhhh:hh:hh.h")) {
        return in_small_letters(text);
    }
    if (matches(text, "hh:hh.h")) {
        return "0000:" + in_small_letters(text);
    }
    return std::unexpected(Error{
        fmt::format("'{}' is no PCI address; give one of 'lspci -D', as 0000:00:04.0", text)});
}

Expected<PciAccess> pci_access(const std::string& address, const std::string& sysfs) {
    const std::string device = sysfs + "/bus/pci/devices/" + address;
    std::error_code error;
    if (!std::filesystem::exists(device, error)) {
        return std::unexpected(
            Error{fmt::format("no PCI device {}; 'lspci -D' lists those there are", address)});
    }
    const std::string advice =
        "bind it with: trunkline board bind CONFIG ('trunkline board probe' tells to what)";
    const std::filesystem::path driver = std::filesystem::read_symlink(device + "/driver", error);
    if (error) {
        return std::unexpected(
            Error{fmt::format("PCI device {} has no driver; {}", address, advice)});
    }
    const std::string name = driver.filename();
    if (name == "uio_pci_generic" || name == "igb_uio") {
        return PciAccess::uio;
    }
    if (name == "vfio-pci") {
        return PciAccess::vfio;
    }
    if (name == "mlx4_core" || name == "mlx5_core") {
        return PciAccess::shared;
    }
    return std::unexpected(Error{
        fmt::format("PCI device {} belongs to the kernel's driver {}; {}", address, name, advice)});
}

}  // namespace trunkline::board
