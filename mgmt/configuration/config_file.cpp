#include "mgmt/configuration/config_file.h"

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/checks.h"
#include "mgmt/configuration/defaults.h"
#include "mgmt/configuration/fault_collector.h"
#include "mgmt/configuration/fault_place.h"
#include "mgmt/configuration/reader.h"
#include "mgmt/configuration/sealed_secrets.h"
#include "mgmt/configuration/validator.h"

#include <filesystem>
#include <utility>

namespace trunkline::mgmt {

std::expected<ApplianceConfig, RefusedConfiguration> judge_configuration(
    ReadConfiguration read, const std::string& origin, const std::string& folder,
    const Catalogue& catalogue) {
    FaultCollector faults(origin);
    faults.take(std::move(read.faults));
    if (!read.root) {
        return std::unexpected(
            RefusedConfiguration{std::move(faults).sorted(), std::move(read.notes)});
    }
    ApplianceConfig config = read_config(*read.root, catalogue, folder, faults);
    fill_in_defaults(config, *read.root);
    check_config(config, *read.root, faults);
    RowNumbering rows(*read.root);
    if (!faults.empty()) {
        ConfigFaults told = std::move(faults).sorted();
        for (ConfigFault& fault : told) {
            fault.path = rows.numbered(fault.path);
        }
        name_places(told, catalogue, read.words);
        return std::unexpected(RefusedConfiguration{std::move(told), std::move(read.notes)});
    }
    for (StoredValue& stored : config.stored) {
        stored.path = rows.numbered(stored.path);
    }
    config.notes = std::move(read.notes);
    return config;
}

std::expected<LoadedConfiguration, RefusedConfiguration> load_configuration_text(
    std::string_view text, const std::string& origin, const std::string& folder,
    const Catalogue& catalogue, const PortDevices& devices) {
    ReadConfiguration read = read_configuration(text, origin, catalogue);
    set_port_devices(read, origin, devices);
    place_port_devices(read, origin, {});
    open_sealed_secrets(read, origin, catalogue,
                        Sealing::open(sealing_key_path(read.root, catalogue)));
    const ConfigNodePtr root = read.root;
    const ConfigWords words = read.words;
    auto judged = judge_configuration(std::move(read), origin, folder, catalogue);
    if (!judged) {
        return std::unexpected(std::move(judged.error()));
    }
    return LoadedConfiguration{root, *std::move(judged), words};
}

namespace {

std::expected<ApplianceConfig, ConfigFaults> config_of(
    std::expected<LoadedConfiguration, RefusedConfiguration> loaded) {
    if (!loaded) {
        return std::unexpected(std::move(loaded.error().faults));
    }
    return std::move(loaded->config);
}

}  // namespace

std::expected<LoadedConfiguration, RefusedConfiguration> load_configuration(
    const std::string& path, const Catalogue& catalogue, const PortDevices& devices) {
    const auto text = read_configuration_text(path);
    if (!text) {
        return std::unexpected(RefusedConfiguration{text.error(), {}});
    }
    return load_configuration_text(*text, path, std::filesystem::path(path).parent_path().string(),
                                   catalogue, devices);
}

std::expected<ApplianceConfig, ConfigFaults> load_config_text(std::string_view text,
                                                              const std::string& origin,
                                                              const std::string& folder) {
    return config_of(load_configuration_text(text, origin, folder, built_in_catalogue()));
}

std::expected<ApplianceConfig, ConfigFaults> load_config_file(const std::string& path) {
    return config_of(load_configuration(path, built_in_catalogue()));
}

}  // namespace trunkline::mgmt
