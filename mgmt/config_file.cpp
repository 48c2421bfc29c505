#include "mgmt/config_file.h"

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/config_checks.h"
#include "mgmt/config_defaults.h"
#include "mgmt/config_validator.h"
#include "mgmt/fault_collector.h"
#include "mgmt/yaml_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace trunkline::mgmt {

namespace {

/// Any file that can be read to its end; pipes too ("trunkline check /dev/stdin").
std::expected<std::string, std::string> read_whole_file(const std::string& path) {
    const auto reason = [] { return std::error_code(errno, std::generic_category()).message(); };
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return std::unexpected(reason());
    }
    std::string text;
    std::array<char, 65536> piece{};
    ssize_t size = 0;
    // One byte above the limit is enough for the reader to refuse it.
    while (text.size() <= largest_yaml_text) {
        size = ::read(fd, piece.data(), piece.size());
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            break;
        }
        text.append(piece.data(), static_cast<std::size_t>(size));
    }
    if (size < 0) {
        const std::string why = reason();
        ::close(fd);
        return std::unexpected(why);
    }
    ::close(fd);
    return text;
}

}  // namespace

std::expected<ApplianceConfig, ConfigFaults> load_config_text(std::string_view text,
                                                              const std::string& origin,
                                                              const std::string& folder) {
    FaultCollector faults(origin);
    ConfigFaults syntax;
    const YamlNodePtr root = read_yaml(text, origin, syntax);
    faults.take(std::move(syntax));
    if (!root) {
        return std::unexpected(std::move(faults).sorted());
    }
    const Catalogue catalogue = built_in_catalogue();
    ApplianceConfig config = read_config(*root, catalogue, folder, faults);
    fill_in_defaults(config, *root);
    check_config(config, *root, faults);
    if (!faults.empty()) {
        return std::unexpected(std::move(faults).sorted());
    }
    return config;
}

std::expected<ApplianceConfig, ConfigFaults> load_config_file(const std::string& path) {
    auto text = read_whole_file(path);
    if (!text) {
        return std::unexpected(ConfigFaults{
            {path, 0, 0, "", fmt::format("no readable file ({})", text.error()),
             "a YAML file that this user may read", "name another one, as conf/lab.yaml"}});
    }
    return load_config_text(*text, path, std::filesystem::path(path).parent_path().string());
}

}  // namespace trunkline::mgmt
