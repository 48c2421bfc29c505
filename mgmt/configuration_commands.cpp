#include "mgmt/configuration_commands.h"

#include "mgmt/cli/script.h"
#include "mgmt/configuration/factory.h"
#include "mgmt/configuration/ini/ini_writer.h"
#include "mgmt/configuration/json_tree.h"
#include "mgmt/configuration/outgoing.h"
#include "mgmt/configuration/sealed_secrets.h"
#include "mgmt/configuration/yaml_writer.h"
#include "mgmt/json_fields.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

/// Who changes what stands in these may let others in.
constexpr std::array<std::string_view, 2> guarded_tables = {
    "administration.web_and_cli.local_users", "ip_network.tls_contexts"};

bool is_guarded(const ConfigDifference& difference) {
    return std::ranges::any_of(
        guarded_tables, [&](std::string_view table) { return difference.path.starts_with(table); });
}

/// "2026-11-21T19:30:00Z" (RFC 3339).
std::string utc(std::chrono::system_clock::time_point when) {
    return fmt::format("{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(when));
}

json optional_text(const std::optional<std::string>& text) {
    return text ? json(*text) : json(nullptr);
}

json to_json(const ConfigDifference& difference) {
    return {{"path", difference.path},
            {"before", optional_text(difference.before)},
            {"after", optional_text(difference.after)},
            {"is_row", difference.is_row},
            {"needs_reset", difference.needs_reset},
            {"text", difference.to_string()}};
}

json refused(const ConfigRefusal& why) {
    json answer = refusal(why.message);
    if (why.is_conflict) {
        answer["conflict"] = true;
    }
    if (!why.faults.empty()) {
        answer["faults"] = json::array();
    }
    for (const ConfigFault& fault : why.faults) {
        if (answer["faults"].size() == ConfigurationCommands::most_listed) {
            break;
        }
        answer["faults"].push_back({{"path", fault.path},
                                    {"line", fault.line},
                                    {"column", fault.column},
                                    {"message", fault.to_string()}});
    }
    return answer;
}

/// One of the words that a field of a request may have; the first where it is left out.
std::expected<std::string, json> word_in(const json& request, const char* field,
                                         std::initializer_list<std::string_view> words) {
    const std::string word = request.value(field, std::string(*words.begin()));
    if (std::ranges::find(words, word) != words.end()) {
        return word;
    }
    return std::unexpected(
        refusal(fmt::format("{}: found '{}'; allowed: {}", field, word, fmt::join(words, ", "))));
}

std::optional<uint64_t> revision_in(const json& request) {
    const auto given = request.find("based_on");
    return given == request.end() || given->is_null() ? std::nullopt
                                                      : std::optional(given->get<uint64_t>());
}

}  // namespace

ConfigurationCommands::ConfigurationCommands(ConfigurationStore& store, const Catalogue& catalogue,
                                             const board::Expected<Sealing>& sealing)
    : store_(store), catalogue_(catalogue), sealing_(sealing) {}

void ConfigurationCommands::add_to(CommandTable& table) {
    using enum AccessLevel;
    table.add("configuration status", monitor,
              [this](const json&, const Caller&, const Reply& reply) { status(reply); });
    table.add("configuration get", monitor,
              [this](const json& request, const Caller& caller, const Reply& reply) {
                  get(request, caller, reply);
              });
    table.add("configuration text", monitor,
              [this](const json& request, const Caller& caller, const Reply& reply) {
                  text(request, caller, reply);
              });
    table.add("configuration edit", administrator,
              [this](const json& request, const Caller& caller, const Reply& reply) {
                  edit(request, caller, reply);
              });
    table.add(
        "configuration save", administrator,
        [this](const json&, const Caller& caller, const Reply& reply) { save(caller, reply); });
    table.add("configuration load", administrator,
              [this](const json& request, const Caller& caller, const Reply& reply) {
                  load(request, caller, reply);
              });
    table.add("configuration rollback", administrator,
              [this](const json& request, const Caller& caller, const Reply& reply) {
                  roll_back(request, caller, reply);
              });
    table.add("configuration factory", security_administrator,
              [this](const json& request, const Caller& caller, const Reply& reply) {
                  go_to_factory_defaults(request, caller, reply);
              });
    // It reads any file that the appliance may read, and its faults quote what stands there.
    table.add("apply", master,
              [this](const json& request, const Caller& caller, const Reply& reply) {
                  apply(request, caller, reply);
              });
}

void ConfigurationCommands::status(const Reply& reply) const {
    json versions = json::array();
    for (const ConfigVersion& version : store_.versions()) {
        versions.push_back({{"number", version.number}, {"when", utc(version.when)}});
    }
    json changes = json::array();
    for (const ConfigChangeRecord& change : store_.changes()) {
        json texts = json::array();
        for (const ConfigDifference& difference : change.differences) {
            texts.push_back(difference.to_string());
        }
        changes.push_back({{"revision", change.revision},
                           {"who", change.who},
                           {"when", utc(change.when)},
                           {"differences", std::move(texts)},
                           {"all_differences", change.all_differences}});
    }
    reply({{"ok", true},
           {"revision", store_.revision()},
           {"save_needed", store_.save_needed()},
           {"reset_needed", store_.reset_needed()},
           {"startup_file", store_.startup_file()},
           {"versions", std::move(versions)},
           {"last_changes", std::move(changes)}});
}

std::expected<ConfigNodePtr, json> ConfigurationCommands::tree_for(const json& request,
                                                                   const Caller& caller) const {
    const auto from = word_in(request, "from", {"running", "startup"});
    const auto secrets = word_in(request, "secrets", {"hidden", "sealed"});
    if (!from || !secrets) {
        return std::unexpected(from ? secrets.error() : from.error());
    }
    const ConfigNodePtr& root = *from == "running" ? store_.running() : store_.startup();
    if (*secrets == "hidden") {
        return with_hidden_secrets(root, catalogue_);
    }
    if (caller.level < AccessLevel::security_administrator) {
        return std::unexpected(
            denied("a sealed secret", AccessLevel::security_administrator, caller));
    }
    if (!sealing_) {
        return std::unexpected(refusal("secrets cannot be sealed: " + sealing_.error().message));
    }
    return with_sealed_secrets(root, catalogue_, *sealing_);
}

void ConfigurationCommands::get(const json& request, const Caller& caller,
                                const Reply& reply) const {
    const auto root = tree_for(request, caller);
    if (!root) {
        reply(root.error());
        return;
    }
    auto part = json_at(*root, request.value("path", ""), catalogue_);
    if (!part) {
        json answer = refusal("path: " + part.error());
        answer["missing"] = true;
        reply(answer);
        return;
    }
    reply({{"ok", true}, {"revision", store_.revision()}, {"configuration", *std::move(part)}});
}

void ConfigurationCommands::text(const json& request, const Caller& caller,
                                 const Reply& reply) const {
    const auto format = word_in(request, "format", {"yaml", "ini", "cli"});
    const auto root = tree_for(request, caller);
    if (!format || !root) {
        reply(format ? root.error() : format.error());
        return;
    }
    const std::string area = request.value("area", "");
    if (!area.empty() && *format != "cli") {
        reply(
            refusal(fmt::format("area: found '{}'; allowed: nothing with the format {}, which "
                                "is whole; the format cli has areas",
                                area, *format)));
        return;
    }
    reply({{"ok", true},
           {"revision", store_.revision()},
           {"text", *format == "yaml"  ? write_yaml(**root, catalogue_)
                    : *format == "ini" ? write_ini(*root, catalogue_, {}, secret_in_clear)
                                       : write_script(*root, catalogue_, area, secret_in_clear)}});
}

void ConfigurationCommands::edit(const json& request, const Caller& caller, const Reply& reply) {
    const auto edits = edits_of(request.value("edits", json()));
    if (!edits) {
        reply(refused({edits.error(), "the edits are not right, nothing was applied", false}));
        return;
    }
    auto root = apply_edits(store_.running(), *edits, catalogue_);
    if (!root) {
        reply(refused({{root.error()}, "the edits are not right, nothing was applied", false}));
        return;
    }
    // A script that was shown without its secrets leaves them alone when it is given back.
    ReadConfiguration read{with_kept_secrets(*root, store_.running()), {}, {}};
    open_sealed_secrets(read, "", catalogue_, sealing_);
    finish(store_.plan(std::move(read), "", revision_in(request)), request.value("preview", false),
           caller, caller.who, reply);
}

void ConfigurationCommands::load(const json& request, const Caller& caller, const Reply& reply) {
    const auto format = word_in(request, "format", {"yaml", "ini", "cli", "json"});
    const auto mode = word_in(request, "mode", {"replace", "merge"});
    if (!format || !mode) {
        reply(format ? mode.error() : format.error());
        return;
    }
    IncomingConfiguration incoming;
    incoming.format = *format == "yaml"  ? ConfigFormat::yaml
                      : *format == "ini" ? ConfigFormat::ini
                      : *format == "cli" ? ConfigFormat::cli
                                         : ConfigFormat::json;
    if (incoming.format == ConfigFormat::json) {
        incoming.json = &request.at("configuration");
    } else {
        incoming.text = request.at("text").get<std::string>();
    }
    incoming.origin = request.value("origin", "");
    incoming.merges = *mode == "merge";
    ReadConfiguration read = read_incoming(incoming, store_.running(), catalogue_);
    open_sealed_secrets(read, incoming.origin, catalogue_, sealing_);
    finish(store_.plan(std::move(read), incoming.origin, revision_in(request)),
           request.value("preview", false), caller, caller.who, reply);
}

void ConfigurationCommands::roll_back(const json& request, const Caller& caller,
                                      const Reply& reply) {
    const int64_t version = request.at("version").get<int64_t>();
    if (version < 1 || version > static_cast<int64_t>(ConfigurationStore::most_versions)) {
        reply(
            refusal(fmt::format("version: found {}; allowed: 1 (the latest) to {}, 'configuration "
                                "status' lists those that there are",
                                version, ConfigurationStore::most_versions)));
        return;
    }
    finish(store_.plan_rollback(static_cast<std::size_t>(version)), request.value("preview", false),
           caller, fmt::format("{}, rollback {}", caller.who, version), reply);
}

void ConfigurationCommands::go_to_factory_defaults(const json& request, const Caller& caller,
                                                   const Reply& reply) {
    finish(store_.plan({factory_defaults(store_.running()), {}, {}}, ""),
           request.value("preview", false), caller, caller.who + ", factory defaults", reply);
}

void ConfigurationCommands::apply(const json& request, const Caller& caller, const Reply& reply) {
    const std::string path = request.value("config", "");
    const auto text = read_configuration_text(path);
    if (!text) {
        reply(refused({text.error(), path + ": nothing was applied", false}));
        return;
    }
    ReadConfiguration read = read_configuration(*text, path, catalogue_);
    open_sealed_secrets(read, path, catalogue_, sealing_);
    read.root = with_files_found_from(read.root, std::filesystem::path(path).parent_path(),
                                      store_.folder(), catalogue_);
    finish(store_.plan(std::move(read), path, revision_in(request)),
           request.value("preview", false), caller, caller.who, reply);
}

void ConfigurationCommands::finish(std::expected<ConfigPlan, ConfigRefusal> plan, bool preview,
                                   const Caller& caller, const std::string& who,
                                   const Reply& reply) {
    if (!plan) {
        reply(refused(plan.error()));
        return;
    }
    if (caller.level < AccessLevel::security_administrator &&
        std::ranges::any_of(plan->differences, is_guarded)) {
        reply(denied("a change of users or certificates", AccessLevel::security_administrator,
                     caller));
        return;
    }
    json answer = {{"ok", true},
                   {"preview", preview},
                   {"differences", json::array()},
                   {"all_differences", plan->differences.size()},
                   {"notes", plan->notes}};
    for (const ConfigDifference& difference : plan->differences) {
        if (answer["differences"].size() == most_listed) {
            break;
        }
        answer["differences"].push_back(to_json(difference));
    }
    if (!plan->waits.empty()) {
        answer["waits"] = plan->waits;
    }
    const auto finished = [this, reply](json told) {
        told.update({{"revision", store_.revision()},
                     {"save_needed", store_.save_needed()},
                     {"reset_needed", store_.reset_needed()}});
        reply(told);
    };
    if (preview) {
        finished(std::move(answer));
        return;
    }
    // Nothing can come between the plan and this: both are in one turn of the control thread.
    store_.carry_out(
        *std::move(plan), who,
        [finished, answer = std::move(answer)](sipstack::ConfigChange change) mutable {
            answer.update(
                {{"added", change.added}, {"removed", change.removed}, {"kept", change.kept}});
            finished(std::move(answer));
        });
}

void ConfigurationCommands::save(const Caller& caller, const Reply& reply) {
    if (auto saved = store_.save(caller.who); !saved) {
        reply(refusal(saved.error().message));
        return;
    }
    reply({{"ok", true},
           {"revision", store_.revision()},
           {"startup_file", store_.startup_file()},
           {"save_needed", store_.save_needed()},
           {"reset_needed", store_.reset_needed()}});
}

}  // namespace trunkline::mgmt
