#include "board/pci.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace trunkline::board {

namespace {

bool is_hex(std::string_view text) {
    return text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

/// "00:0a.0": bus, device and function.
bool is_in_domain(std::string_view text) {
    return text.size() == 7 && is_hex(text.substr(0, 2)) && text[2] == ':' &&
           is_hex(text.substr(3, 2)) && text[5] == '.' && text[6] >= '0' && text[6] <= '7';
}

/// "0000:", or of more digits, as Linux numbers those beyond 65535 (VMD).
bool is_domain(std::string_view text) {
    return text.size() >= 5 && text.size() <= 9 && text.ends_with(':') &&
           is_hex(text.substr(0, text.size() - 1));
}

std::string in_small_letters(std::string address) {
    std::ranges::transform(address, address.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return address;
}

}  // namespace

Expected<std::string> pci_address(const std::string& text) {
    if (is_in_domain(text)) {
        return "0000:" + in_small_letters(text);
    }
    const std::size_t domain_end = text.find(':') + 1;  // 0: there is none
    if (is_domain(std::string_view(text).substr(0, domain_end)) &&
        is_in_domain(std::string_view(text).substr(domain_end))) {
        return in_small_letters(text);
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
