// The "configuration ..." requests over the ConfigurationStore: look, edit, load, save, go back.
// All answers have "ok"; a refusal has "error" and, where the configuration is wrong, "faults":
// [{"path", "line", "column", "message"}...].
#pragma once

#include "mgmt/access/sealing.h"
#include "mgmt/catalogue/catalogue.h"
#include "mgmt/command_table.h"
#include "mgmt/configuration/incoming.h"
#include "mgmt/configuration/store.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <expected>
#include <string>

namespace trunkline::mgmt {

/// Lives on the control thread.
class ConfigurationCommands {
public:
    /// Differences and notes in one answer; how many there are more is told.
    static constexpr std::size_t most_listed = 1000;

    /// All outlive this. `sealing` may be the reason why there is none.
    ConfigurationCommands(ConfigurationStore& store, const Catalogue& catalogue,
                          const board::Expected<Sealing>& sealing);

    /// "configuration status" -> revision, save_needed, reset_needed, startup_file, versions,
    /// last_changes.
    /// "configuration get" with "from", "path", "secrets" -> revision, configuration. "path" has
    /// rows by their numbers; what is right and not configured is {} or []; {"missing": true} is in
    /// the refusal where there is no such path or row.
    /// "configuration text" with "format" (yaml, ini, cli), "from", "area", "secrets" -> text.
    /// "configuration edit" with "edits", "based_on", "preview" -> revision, differences,
    /// all_differences, save_needed, reset_needed, notes; where it acts at once added, removed,
    /// kept (registrations), else "waits", the reason.
    /// "configuration load" with "format" (yaml, ini, cli, json), "text" or "configuration",
    /// "mode" (replace, merge), "origin" (a name for messages), "based_on", "preview" -> as edit.
    /// "configuration save".
    /// "configuration rollback" with "version"; "configuration factory" -> as edit; saved by save
    /// alone.
    /// "apply" with "config", the path of a file on this box, and "preview" -> as edit.
    void add_to(CommandTable& table);

private:
    void status(const Reply& reply) const;
    void get(const nlohmann::json& request, const Caller& caller, const Reply& reply) const;
    void text(const nlohmann::json& request, const Caller& caller, const Reply& reply) const;
    void edit(const nlohmann::json& request, const Caller& caller, const Reply& reply);
    void load(const nlohmann::json& request, const Caller& caller, const Reply& reply);
    void save(const Caller& caller, const Reply& reply);
    void roll_back(const nlohmann::json& request, const Caller& caller, const Reply& reply);
    void go_to_factory_defaults(const nlohmann::json& request, const Caller& caller,
                                const Reply& reply);
    void apply(const nlohmann::json& request, const Caller& caller, const Reply& reply);

    /// What the request asks to see, its secrets hidden or sealed; or the refusal.
    std::expected<ConfigNodePtr, nlohmann::json> tree_for(const nlohmann::json& request,
                                                          const Caller& caller) const;
    /// Answers with the refusal, previews the plan, or carries it out.
    void finish(std::expected<ConfigPlan, ConfigRefusal> plan, bool preview, const Caller& caller,
                const std::string& who, const Reply& reply);

    ConfigurationStore& store_;
    const Catalogue& catalogue_;
    const board::Expected<Sealing>& sealing_;
};

}  // namespace trunkline::mgmt
