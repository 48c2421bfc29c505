// The configurations of a running appliance: the running one, which everybody edits, and the one
// it starts with, which `save` writes. On the control thread.
#pragma once

#include "board/error.h"
#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/appliance_config.h"
#include "mgmt/configuration/difference.h"
#include "mgmt/configuration/fault.h"
#include "mgmt/configuration/node.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace trunkline::mgmt {

/// Who changed what. Kept for the last ConfigurationStore::most_changes of them.
struct ConfigChangeRecord {
    uint64_t revision = 0;
    std::string who;  ///< "admin (CLI 192.0.2.7)"
    std::chrono::system_clock::time_point when;
    std::vector<ConfigDifference> differences;
};

/// Why a change was not applied; nothing of it was.
struct ConfigRefusal {
    ConfigFaults faults;  ///< what is wrong with the configuration; empty: it is something else
    std::string message;  ///< for people
    bool is_conflict = false;  ///< somebody else changed it in between
};

class ConfigurationStore {
public:
    /// Makes a right configuration act. What it cannot change while the appliance runs it leaves as
    /// it was; the store knows from the catalogue that a reset is needed.
    using Act = std::function<void(const ApplianceConfig& config)>;
    using Clock = std::function<std::chrono::system_clock::time_point()>;
    /// A line for the activity log.
    using Activity = std::function<void(const std::string& line)>;

    struct Options {
        std::string startup_file;  ///< YAML, or ini where its name ends so
        std::string folder;        ///< where {file: ...} starts
        Act act;
        Clock clock = std::chrono::system_clock::now;
        Activity activity;
    };

    static constexpr std::size_t most_changes = 100;
    /// Versions of the startup file that are kept: FILE.1 is the latest, FILE.9 the oldest.
    static constexpr std::size_t most_versions = 9;

    /// `root` was judged and acts already; it is what the startup file says. The catalogue outlives
    /// the store.
    ConfigurationStore(const Catalogue& catalogue, const ConfigNodePtr& root, Options options);

    /// In canonical form.
    const ConfigNodePtr& running() const { return running_; }
    const ConfigNodePtr& startup() const { return startup_; }
    /// Counts from 1; one more with each change.
    uint64_t revision() const { return revision_; }
    const std::deque<ConfigChangeRecord>& changes() const { return changes_; }

    /// The running configuration is not what the appliance would start with.
    bool save_needed() const;
    /// Something acts otherwise than configured until the appliance starts anew.
    bool reset_needed() const { return reset_needed_; }

    /// What `root` would change.
    std::vector<ConfigDifference> preview(const ConfigNodePtr& root) const;

    /// Judges `root` and makes it the running configuration, all or nothing. `based_on` is the
    /// revision that its author saw; nullopt: whatever it was.
    std::expected<std::vector<ConfigDifference>, ConfigRefusal> apply(
        const ConfigNodePtr& root, const std::string& who,
        std::optional<uint64_t> based_on = std::nullopt);

    /// Writes the running configuration to the startup file; the versions before are kept.
    board::Expected<void> save(const std::string& who);
    /// Applies a kept version of the startup file: 1 is the latest. It is saved by save() alone.
    std::expected<std::vector<ConfigDifference>, ConfigRefusal> rollback(std::size_t version,
                                                                         const std::string& who);

private:
    ConfigRefusal conflict(uint64_t based_on) const;
    void note(const std::string& who, const std::string& what) const;

    const Catalogue& catalogue_;
    const Options options_;
    const ConfigNodePtr booted_;
    ConfigNodePtr running_, startup_;
    uint64_t revision_ = 1;
    bool reset_needed_ = false;
    std::deque<ConfigChangeRecord> changes_;
};

}  // namespace trunkline::mgmt
