// The configurations of a running appliance: the running one, which everybody edits, and the one
// it starts with, which `save` writes. On the control thread, but for what takes long with a large
// configuration: judging it and writing it down are for any thread, and touch nothing that changes.
#pragma once

#include "board/error.h"
#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/appliance_config.h"
#include "mgmt/configuration/difference.h"
#include "mgmt/configuration/fault.h"
#include "mgmt/configuration/node.h"
#include "mgmt/configuration/reader.h"
#include "sipstack/shard.h"

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
    /// The first ConfigurationStore::most_told of them, and how many there were.
    std::vector<ConfigDifference> differences;
    std::size_t all_differences = 0;
};

/// A change that was judged and found right, and is not made yet.
struct ConfigPlan {
    ConfigNodePtr root;     ///< what will be configured, canonical()
    uint64_t based_on = 0;  ///< the revision that it was judged against
    std::vector<ConfigDifference> differences;
    std::vector<std::string> notes;  ///< what was read and does not act as written, a line each
    /// Empty: what can act without a reset acts at once. Else nothing of it does, and this says
    /// why.
    std::string waits;
    std::optional<ApplianceConfig> acts;  ///< what will act at once; nullopt when it waits
};

/// Why a change was not applied; nothing of it was.
struct ConfigRefusal {
    ConfigFaults faults;  ///< what is wrong with the configuration; empty: it is something else
    std::string message;  ///< for people
    bool is_conflict = false;  ///< somebody else changed it in between
    /// What of the configuration would not have acted as written, a line each.
    std::vector<std::string> notes = {};
};

/// What a change is judged against: a copy, so that another thread may judge it.
struct ConfigBasis {
    ConfigNodePtr running;
    uint64_t revision = 0;
};

/// What came of writing the startup file.
struct ConfigSaving {
    ConfigNodePtr root;  ///< that was written; nullptr: nothing was
    std::optional<board::Error> trouble;
};

/// A startup file of before.
struct ConfigVersion {
    std::size_t number = 0;  ///< 1 is the latest
    std::chrono::system_clock::time_point when;
};

class ConfigurationStore {
public:
    using Done = std::function<void(sipstack::ConfigChange)>;
    /// Makes a right configuration act, and then tells what that did to the registrations. What is
    /// bound at power-on is in it as it was then (effective.h).
    using Act = std::function<void(ApplianceConfig config, Done done)>;
    using Clock = std::function<std::chrono::system_clock::time_point()>;
    /// A line for the activity log.
    using Activity = std::function<void(const std::string& line)>;
    /// After the startup file was written, on the thread that wrote it, with what it says.
    using Saved = std::function<void(const ConfigNodePtr& root)>;

    struct Options {
        std::string startup_file;  ///< YAML, or ini where its name ends so
        std::string folder;        ///< where {file: ...} starts
        Act act;
        Clock clock = std::chrono::system_clock::now;
        Activity activity;
        Saved saved = [](const ConfigNodePtr&) {};
    };

    static constexpr std::size_t most_changes = 100;
    /// Differences of one change that are kept and logged.
    static constexpr std::size_t most_told = 100;
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

    ConfigBasis basis() const { return {running_, revision_}; }
    /// Why a change that is based on that revision is refused; nullopt: it is the running one.
    std::optional<ConfigRefusal> conflict(std::optional<uint64_t> based_on) const;
    /// Judges what was read; all faults are told. `origin` stands in messages. Any thread.
    std::expected<ConfigPlan, ConfigRefusal> judge(ReadConfiguration read,
                                                   const std::string& origin,
                                                   const ConfigBasis& basis) const;
    /// The same for a kept version of the startup file: 1 is the latest. Any thread.
    std::expected<ConfigPlan, ConfigRefusal> judge_rollback(std::size_t version,
                                                            const ConfigBasis& basis) const;
    /// conflict() and judge() at once. `based_on` is the revision that the change's author saw;
    /// nullopt: whatever it was.
    std::expected<ConfigPlan, ConfigRefusal> plan(
        ReadConfiguration read, const std::string& origin,
        std::optional<uint64_t> based_on = std::nullopt) const;

    /// Makes it the running configuration. It was planned since the last change, else nothing is
    /// done and false returned. One without differences acts as well (the files that it names may
    /// have changed), and is no change of the configuration. `done` is called when it acts.
    bool carry_out(ConfigPlan plan, const std::string& who, Done done);

    /// Writes `running` to the startup file; the versions before are kept. Any thread, one at a
    /// time.
    ConfigSaving write_startup_file(const ConfigNodePtr& running) const;
    /// What was written is what the appliance starts with. Nothing changed since
    /// write_startup_file() was given running().
    board::Expected<void> take_saving(const ConfigSaving& saving, const std::string& who);
    /// Both at once.
    board::Expected<void> save(const std::string& who);
    /// Whether the appliance would start with the startup file as it is on the disk now; the error
    /// is its first fault. Any thread.
    std::expected<void, std::string> check_startup_file() const;
    /// A line of the activity log.
    void note(const std::string& who, const std::string& what) const;
    /// The kept versions that can be gone back to, and when each was written.
    std::vector<ConfigVersion> versions() const;
    const std::string& startup_file() const { return options_.startup_file; }
    const std::string& folder() const { return options_.folder; }

private:
    void decide_what_acts(ApplianceConfig judged, ConfigWords words, ConfigPlan& plan) const;
    void note_differences(const ConfigPlan& plan, const std::string& who);
    ConfigRefusal no_version(std::size_t version, ConfigFaults why) const;

    const Catalogue& catalogue_;
    const Options options_;
    const ConfigNodePtr booted_;
    ConfigNodePtr running_, startup_;
    uint64_t revision_ = 1;
    bool reset_needed_ = false;
    std::deque<ConfigChangeRecord> changes_;
};

}  // namespace trunkline::mgmt
