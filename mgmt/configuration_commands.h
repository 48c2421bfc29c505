// The "configuration ..." requests over the ConfigurationStore: look, edit, load, save, go back.
// All answers have "ok"; a refusal has "error" and, where the configuration is wrong, "faults":
// [{"path", "line", "column", "message"}...].
#pragma once

#include "mgmt/access/sealing.h"
#include "mgmt/catalogue/catalogue.h"
#include "mgmt/command_table.h"
#include "mgmt/configuration/incoming.h"
#include "mgmt/configuration/store.h"
#include "mgmt/work_thread.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>

namespace trunkline::mgmt {

/// Lives on the control thread.
class ConfigurationCommands {
public:
    /// Differences and notes in one answer; how many there are more is told.
    static constexpr std::size_t most_listed = 1000;

    /// All outlive this, but for the work threads, which end first. `reading` writes out what is
    /// asked for, so that nobody who looks waits for a change that is judged on `work`. `sealing`
    /// may be the reason why there is none.
    ConfigurationCommands(ConfigurationStore& store, const Catalogue& catalogue,
                          const board::Expected<Sealing>& sealing, WorkThread& work,
                          WorkThread& reading);

    /// "configuration status" -> revision, save_needed, reset_needed, startup_file, versions,
    /// last_changes.
    /// "configuration unsaved" -> differences, all_differences: what the appliance runs with beside
    /// what it would start with.
    /// "configuration prompt" -> revision, hostname, save_needed: what a prompt shows, at little
    /// cost. "configuration get" with "from", "path", "secrets" -> revision, configuration. "path"
    /// has rows by their numbers; what is right and not configured is {} or []; {"missing": true}
    /// is in the refusal where there is no such path or row. "configuration text" with "format"
    /// (yaml, ini, cli), "from", "area", "secrets" -> text. "configuration edit" with "edits",
    /// "based_on", "preview", "words" (tree, cli: those that faults are told in) -> revision,
    /// differences, all_differences, save_needed, reset_needed, notes; where it acts at once added,
    /// removed, kept (registrations), else "waits", the reason. "configuration load" with "format"
    /// (yaml, ini, cli, json), "text" or "configuration", "mode" (replace, merge), "origin" (a name
    /// for messages), "based_on", "preview" -> as edit. "configuration save". "configuration
    /// rollback" with "version"; "configuration factory" -> as edit; saved by save alone. Whatever
    /// changes the configuration is judged on the work's thread, one after the other; a load,
    /// rollback, factory or apply while another of them is under way is a conflict that says who
    /// does what. "apply" with "config", the path of a file on this box, and "preview" -> as edit.
    void add_to(CommandTable& table);
    /// "configuration save" of another request's.
    void save(const Caller& caller, const Reply& reply);

private:
    void status(const Reply& reply) const;
    void unsaved(const Caller& caller, const Reply& reply) const;
    void prompt(const Reply& reply) const;
    void get(const nlohmann::json& request, const Caller& caller, const Reply& reply) const;
    void text(const nlohmann::json& request, const Caller& caller, const Reply& reply) const;
    void edit(const nlohmann::json& request, const Caller& caller, const Reply& reply);
    void load(const nlohmann::json& request, const Caller& caller, const Reply& reply);
    void roll_back(const nlohmann::json& request, const Caller& caller, const Reply& reply);
    void go_to_factory_defaults(const nlohmann::json& request, const Caller& caller,
                                const Reply& reply);
    void apply(const nlohmann::json& request, const Caller& caller, const Reply& reply);

    /// Any thread: the answer of a configuration whose secrets are hidden or sealed.
    using Write = std::function<nlohmann::json(const ConfigNodePtr& root)>;
    /// Has what the request asks to see, as it is now, written out, or says why the caller may not
    /// have it.
    void show(const nlohmann::json& request, const Caller& caller, Write write,
              const Reply& reply) const;
    struct Change {
        Caller caller;
        std::string who;   ///< for the activity log
        std::string what;  ///< for who has to wait: "loads device.ini"; empty: others may, too
        bool preview = false;
        std::optional<uint64_t> based_on;
    };
    /// Any thread.
    using Judge = std::function<std::expected<ConfigPlan, ConfigRefusal>(const ConfigBasis& basis)>;
    /// Has the change judged when its turn has come, and goes on with finish().
    void change(Change change, Judge judge, const Reply& reply);
    /// Answers with the refusal, previews the plan, or carries it out.
    void finish(std::expected<ConfigPlan, ConfigRefusal> plan, bool preview, const Caller& caller,
                const std::string& who, const Reply& reply);

    ConfigurationStore& store_;
    const Catalogue& catalogue_;
    const board::Expected<Sealing>& sealing_;
    WorkThread& work_;
    WorkThread& reading_;
};

}  // namespace trunkline::mgmt
