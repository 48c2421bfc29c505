#include "mgmt/configuration/config_file.h"

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/checks.h"
#include "mgmt/configuration/defaults.h"
#include "mgmt/configuration/fault_collector.h"
#include "mgmt/configuration/reader.h"
#include "mgmt/configuration/validator.h"

#include <filesystem>
#include <utility>

namespace trunkline::mgmt {

std::expected<ApplianceConfig, ConfigFaults> judge_configuration(ReadConfiguration read,
                                                                 const std::string& origin,
                                                                 const std::string& folder,
                                                                 const Catalogue& catalogue) {
    FaultCollector faults(origin);
    faults.take(std::move(read.faults));
    if (!read.root) {
        return std::unexpected(std::move(faults).sorted());
    }
    ApplianceConfig config = read_config(*read.root, catalogue, folder, faults);
    fill_in_defaults(config, *read.root);
    check_config(config, *read.root, faults);
    if (!faults.empty()) {
        return std::unexpected(std::move(faults).sorted());
    }
    config.notes = std::move(read.notes);
    return config;
}

std::expected<ApplianceConfig, ConfigFaults> load_config_text(std::string_view text,
                                                              const std::string& origin,
                                                              const std::string& folder) {
    const Catalogue catalogue = built_in_catalogue();
    return judge_configuration(read_configuration(text, origin, catalogue), origin, folder,
                               catalogue);
}

std::expected<ApplianceConfig, ConfigFaults> load_config_file(const std::string& path) {
    const auto text = read_configuration_text(path);
    if (!text) {
        return std::unexpected(text.error());
    }
    return load_config_text(*text, path, std::filesystem::path(path).parent_path().string());
}

}  // namespace trunkline::mgmt
