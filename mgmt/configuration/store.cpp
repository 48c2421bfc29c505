#include "mgmt/configuration/store.h"

#include "mgmt/configuration/canonical.h"
#include "mgmt/configuration/config_file.h"
#include "mgmt/configuration/ini/ini_reader.h"
#include "mgmt/configuration/ini/ini_writer.h"
#include "mgmt/configuration/reader.h"
#include "mgmt/configuration/yaml_writer.h"
#include "mgmt/file_writer.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace trunkline::mgmt {

namespace {

std::string version_name(const std::string& file, std::size_t version) {
    return fmt::format("{}.{}", file, version);
}

/// FILE.1 becomes FILE.2 and so on, `latest` becomes FILE.1, and the oldest goes.
std::error_code add_version(const std::string& file, const std::string& latest) {
    std::error_code error;
    for (std::size_t version = ConfigurationStore::most_versions; version > 1; --version) {
        const std::string younger = version_name(file, version - 1);
        if (std::filesystem::exists(younger, error)) {
            std::filesystem::rename(younger, version_name(file, version), error);
            if (error) {
                return error;
            }
        }
    }
    std::filesystem::rename(latest, version_name(file, 1), error);
    return error;
}

}  // namespace

ConfigurationStore::ConfigurationStore(const Catalogue& catalogue, const ConfigNodePtr& root,
                                       Options options)
    : catalogue_(catalogue),
      options_(std::move(options)),
      booted_(canonical(root, catalogue)),
      running_(booted_),
      startup_(booted_) {}

bool ConfigurationStore::save_needed() const {
    return running_ != startup_ && !same_content(*running_, *startup_);
}

std::vector<ConfigDifference> ConfigurationStore::preview(const ConfigNodePtr& root) const {
    return difference(*running_, *canonical(root, catalogue_), catalogue_);
}

ConfigRefusal ConfigurationStore::conflict(uint64_t based_on) const {
    const auto first = std::ranges::find_if(
        changes_, [&](const ConfigChangeRecord& change) { return change.revision > based_on; });
    std::string text = fmt::format("the configuration has changed since revision {}", based_on);
    if (first != changes_.end()) {
        text += fmt::format(": {} at {:%F %T} UTC", first->who,
                            std::chrono::floor<std::chrono::seconds>(first->when));
        for (const ConfigDifference& difference : first->differences) {
            text += "; " + difference.to_string();
        }
    }
    return {{}, text + "; look at it and try again", true};
}

void ConfigurationStore::note(const std::string& who, const std::string& what) const {
    if (options_.activity) {
        options_.activity(fmt::format("{}: {}", who, what));
    }
}

std::expected<std::vector<ConfigDifference>, ConfigRefusal> ConfigurationStore::apply(
    const ConfigNodePtr& root, const std::string& who, std::optional<uint64_t> based_on) {
    if (based_on && *based_on != revision_) {
        return std::unexpected(conflict(*based_on));
    }
    auto judged = judge_configuration({root, {}, {}}, "", options_.folder, catalogue_);
    if (!judged) {
        return std::unexpected(ConfigRefusal{std::move(judged.error()), "it is not right", false});
    }
    ConfigNodePtr wanted = canonical(root, catalogue_);
    std::vector<ConfigDifference> differences = difference(*running_, *wanted, catalogue_);
    if (differences.empty()) {
        return differences;
    }
    running_ = std::move(wanted);
    ++revision_;
    reset_needed_ = needs_reset(difference(*booted_, *running_, catalogue_));
    options_.act(*judged);
    for (const ConfigDifference& difference : differences) {
        note(who, difference.to_string());
    }
    changes_.push_back({revision_, who, options_.clock(), differences});
    if (changes_.size() > most_changes) {
        changes_.pop_front();
    }
    return differences;
}

board::Expected<void> ConfigurationStore::save(const std::string& who) {
    const std::string text = is_ini(options_.startup_file, "")
                                 ? write_ini(running_, catalogue_, {}, secret_in_clear)
                                 : write_yaml(*running_, catalogue_);
    // The copy comes first and its place among the versions last: a save that fails loses none.
    const std::string& file = options_.startup_file;
    const std::string copy = file + ".before";
    std::error_code error;
    const bool has_before = std::filesystem::exists(file, error);
    if (has_before) {
        std::filesystem::copy_file(file, copy, std::filesystem::copy_options::overwrite_existing,
                                   error);
    }
    if (error) {
        return std::unexpected(board::Error{fmt::format(
            "nothing was saved: cannot copy {} to {} ({})", file, copy, error.message())});
    }
    if (auto written = write_file(file, text); !written) {
        std::filesystem::remove(copy, error);
        return written;
    }
    startup_ = running_;
    note(who, fmt::format("saved the configuration to {}", file));
    if (const auto trouble = has_before ? add_version(file, copy) : std::error_code{}) {
        return std::unexpected(board::Error{
            fmt::format("the configuration is saved; the one before stays in {}, as it cannot "
                        "become {} ({})",
                        copy, version_name(file, 1), trouble.message())});
    }
    return {};
}

std::expected<std::vector<ConfigDifference>, ConfigRefusal> ConfigurationStore::rollback(
    std::size_t version, const std::string& who) {
    const std::string path = version_name(options_.startup_file, version);
    const auto text = read_configuration_text(path);
    if (!text) {
        return std::unexpected(ConfigRefusal{text.error(), "there is no such version", false});
    }
    // The version's name ends with its number; its format is that of the startup file.
    ReadConfiguration read = is_ini(options_.startup_file, "")
                                 ? read_configuration(*text, path + ".ini", catalogue_)
                                 : read_configuration(*text, path, catalogue_);
    if (!read.faults.empty()) {
        return std::unexpected(
            ConfigRefusal{std::move(read.faults), "that version cannot be read", false});
    }
    return apply(read.root, fmt::format("{}, rollback {}", who, version));
}

}  // namespace trunkline::mgmt
