#include "mgmt/configuration/store.h"

#include "mgmt/access/password_edits.h"
#include "mgmt/configuration/canonical.h"
#include "mgmt/configuration/compact.h"
#include "mgmt/configuration/config_file.h"
#include "mgmt/configuration/effective.h"
#include "mgmt/configuration/ini/ini_reader.h"
#include "mgmt/configuration/ini/ini_writer.h"
#include "mgmt/configuration/reader.h"
#include "mgmt/configuration/removed_rows.h"
#include "mgmt/configuration/sealed_secrets.h"
#include "mgmt/configuration/yaml_writer.h"
#include "mgmt/file_writer.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

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

/// Whether somebody who signs in may do everything.
bool has_master(const ConfigNodePtr& root) {
    const ConfigNodePtr users =
        node_at(root, config_path("administration.web_and_cli.local_users"));
    return users && std::ranges::any_of(users->items, [](const ConfigNodePtr& user) {
               const ConfigNode* const level = user->find("user_level");
               return level != nullptr && level->text == "master";
           });
}

}  // namespace

ConfigurationStore::ConfigurationStore(const Catalogue& catalogue, const ConfigNodePtr& root,
                                       Options options)
    : catalogue_(catalogue),
      options_(std::move(options)),
      booted_(compact(canonical(root, catalogue))),
      running_(booted_),
      startup_(booted_) {}

bool ConfigurationStore::save_needed() const {
    return running_ != startup_ && !same_content(*running_, *startup_);
}

std::optional<ConfigRefusal> ConfigurationStore::conflict(std::optional<uint64_t> based_on) const {
    if (!based_on || *based_on == revision_) {
        return std::nullopt;
    }
    const auto first = std::ranges::find_if(
        changes_, [&](const ConfigChangeRecord& change) { return change.revision > *based_on; });
    std::string text = fmt::format("the configuration has changed since revision {}", *based_on);
    if (first != changes_.end()) {
        text += fmt::format(": {} at {:%F %T} UTC", first->who,
                            std::chrono::floor<std::chrono::seconds>(first->when));
        constexpr std::size_t most_shown = 5;
        const std::size_t shown = std::min(first->differences.size(), most_shown);
        for (std::size_t at = 0; at < shown; ++at) {
            text += "; " + first->differences[at].to_string();
        }
        if (first->all_differences > shown) {
            text += fmt::format("; and {} more", first->all_differences - shown);
        }
    }
    return ConfigRefusal{{}, text + "; look at it and try again", true};
}

void ConfigurationStore::note(const std::string& who, const std::string& what) const {
    if (options_.activity) {
        options_.activity(fmt::format("{}: {}", who, what));
    }
}

std::expected<ConfigPlan, ConfigRefusal> ConfigurationStore::plan(
    ReadConfiguration read, const std::string& origin, std::optional<uint64_t> based_on) const {
    if (auto refused = conflict(based_on)) {
        return std::unexpected(*std::move(refused));
    }
    return judge(std::move(read), origin, basis());
}

std::expected<ConfigPlan, ConfigRefusal> ConfigurationStore::judge(ReadConfiguration read,
                                                                   const std::string& origin,
                                                                   const ConfigBasis& basis) const {
    // The devices are this machine's, and another file for it means the same ones.
    place_port_devices(read, origin, port_devices(basis.running));
    read.root = with_hashed_passwords(std::move(read.root), basis.running);
    const ConfigNodePtr root = read.root;
    const ConfigWords words = read.words;
    auto judged = judge_configuration(std::move(read), origin, options_.folder, catalogue_);
    if (!judged) {
        ConfigFaults faults = told_of_removed_rows(std::move(judged.error().faults), basis.running,
                                                   root, catalogue_, words);
        const std::size_t count = faults.size();
        return std::unexpected(ConfigRefusal{
            std::move(faults),
            fmt::format("{} fault{}, nothing was applied", count, count == 1 ? "" : "s"), false,
            std::move(judged.error().notes)});
    }
    ConfigPlan plan;
    plan.root = compact(canonical(root, catalogue_));
    plan.based_on = basis.revision;
    plan.differences = difference(*basis.running, *plan.root, catalogue_);
    plan.notes = judged->notes;
    if (has_master(basis.running) && !has_master(plan.root)) {
        plan.notes.emplace_back(
            "no user has the level Master any more: root on the appliance ('trunkline cli') still "
            "has it, and can give it to a user");
    }
    decide_what_acts(*std::move(judged), words, plan);
    return plan;
}

void ConfigurationStore::decide_what_acts(ApplianceConfig judged, ConfigWords words,
                                          ConfigPlan& plan) const {
    const ConfigNodePtr effective = effective_configuration(plan.root, booted_, catalogue_);
    if (same_content(*effective, *plan.root)) {
        plan.acts = std::move(judged);
        return;
    }
    auto acting = judge_configuration({effective, {}, {}, words}, "", options_.folder, catalogue_);
    if (acting) {
        acting->notes = std::move(judged.notes);
        plan.acts = *std::move(acting);
        return;
    }
    plan.waits = "nothing of it acts before a reset, as it needs what only a reset brings: " +
                 acting.error().faults.front().to_string();
}

ConfigRefusal ConfigurationStore::no_version(std::size_t version, ConfigFaults why) const {
    std::vector<std::string> numbers;
    for (const ConfigVersion& kept : versions()) {
        if (kept.number == version) {
            return {std::move(why), fmt::format("version {} cannot be read", version), false};
        }
        numbers.push_back(fmt::format("{}", kept.number));
    }
    const std::string allowed = numbers.empty() ? "none, as nothing was saved over another file yet"
                                                : fmt::format("{}", fmt::join(numbers, ", "));
    return {{}, fmt::format("version: found {}; allowed: {}", version, allowed), false};
}

std::expected<ConfigPlan, ConfigRefusal> ConfigurationStore::judge_rollback(
    std::size_t version, const ConfigBasis& basis) const {
    const std::string path = version_name(options_.startup_file, version);
    const auto text = read_configuration_text(path);
    if (!text) {
        return std::unexpected(no_version(version, text.error()));
    }
    // The version's name ends with its number; its format is that of the startup file.
    ReadConfiguration read = read_configuration(
        *text, is_ini(options_.startup_file, "") ? path + ".ini" : path, catalogue_);
    open_sealed_secrets(read, path, catalogue_,
                        Sealing::open(sealing_key_path(basis.running, catalogue_)));
    return judge(std::move(read), path, basis);
}

bool ConfigurationStore::carry_out(ConfigPlan plan, const std::string& who, Done done) {
    if (plan.based_on != revision_) {
        return false;
    }
    if (!plan.differences.empty()) {
        note_differences(plan, who);
        running_ = std::move(plan.root);
        reset_needed_ = needs_reset(difference(*booted_, *running_, catalogue_));
        if (same_content(*running_, *startup_)) {
            running_ = startup_;
        }
    }
    if (plan.acts) {
        options_.act(*std::move(plan.acts), std::move(done));
    } else {
        note(who, plan.waits);
        done({});
    }
    return true;
}

void ConfigurationStore::note_differences(const ConfigPlan& plan, const std::string& who) {
    const std::size_t told = std::min(plan.differences.size(), most_told);
    for (std::size_t at = 0; at < told; ++at) {
        note(who, plan.differences[at].to_string());
    }
    if (plan.differences.size() > told) {
        note(who, fmt::format("and {} more differences", plan.differences.size() - told));
    }
    const auto end = plan.differences.begin() + static_cast<std::ptrdiff_t>(told);
    changes_.push_back({++revision_,
                        who,
                        options_.clock(),
                        {plan.differences.begin(), end},
                        plan.differences.size()});
    if (changes_.size() > most_changes) {
        changes_.pop_front();
    }
}

ConfigSaving ConfigurationStore::write_startup_file(const ConfigNodePtr& running) const {
    // Those that an operator wrote into the startup file by hand, too.
    const ConfigNodePtr root = with_hashed_passwords(running, nullptr);
    const std::string text = is_ini(options_.startup_file, "")
                                 ? write_ini(root, catalogue_, ini_header(root), secret_in_clear)
                                 : write_yaml(*root, catalogue_);
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
        return {nullptr, board::Error{fmt::format("nothing was saved: cannot copy {} to {} ({})",
                                                  file, copy, error.message())}};
    }
    if (auto written = write_file(file, text); !written) {
        std::filesystem::remove(copy, error);
        return {nullptr, written.error()};
    }
    options_.saved(root);
    if (const auto trouble = has_before ? add_version(file, copy) : std::error_code{}) {
        return {root, board::Error{fmt::format(
                          "the configuration is saved; the one before stays in {}, as it cannot "
                          "become {} ({})",
                          copy, version_name(file, 1), trouble.message())}};
    }
    return {root, std::nullopt};
}

board::Expected<void> ConfigurationStore::take_saving(const ConfigSaving& saving,
                                                      const std::string& who) {
    if (saving.root) {
        running_ = saving.root;
        startup_ = saving.root;
        note(who, fmt::format("saved the configuration to {}", options_.startup_file));
    }
    if (saving.trouble) {
        return std::unexpected(*saving.trouble);
    }
    return {};
}

board::Expected<void> ConfigurationStore::save(const std::string& who) {
    return take_saving(write_startup_file(running_), who);
}

std::expected<void, std::string> ConfigurationStore::check_startup_file() const {
    const auto loaded = load_configuration(options_.startup_file, catalogue_);
    if (!loaded) {
        return std::unexpected(loaded.error().faults.front().to_string());
    }
    return {};
}

std::vector<ConfigVersion> ConfigurationStore::versions() const {
    std::vector<ConfigVersion> found;
    for (std::size_t number = 1; number <= most_versions; ++number) {
        std::error_code error;
        const auto when =
            std::filesystem::last_write_time(version_name(options_.startup_file, number), error);
        if (!error) {
            found.push_back({number, std::chrono::floor<std::chrono::system_clock::duration>(
                                         std::chrono::file_clock::to_sys(when))});
        }
    }
    return found;
}

}  // namespace trunkline::mgmt
