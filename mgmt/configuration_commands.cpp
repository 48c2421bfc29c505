#include "mgmt/configuration_commands.h"

#include "mgmt/cli/script.h"
#include "mgmt/configuration/difference.h"
#include "mgmt/configuration/factory.h"
#include "mgmt/configuration/fault_place.h"
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
#include <memory>
#include <span>
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

/// "differences" as far as one answer takes them, and how many there are.
void list_differences(std::span<const ConfigDifference> differences, json& answer) {
    answer["differences"] = json::array();
    for (const ConfigDifference& difference :
         differences.first(std::min(differences.size(), ConfigurationCommands::most_listed))) {
        answer["differences"].push_back(to_json(difference));
    }
    answer["all_differences"] = differences.size();
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
    if (!why.notes.empty()) {
        answer["notes"] = why.notes;
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

constexpr const char* wrong_edits = "the edits are not right, nothing was applied";

/// Of no fault of the request's: it may be asked again.
json too_many_wait(std::string_view what) {
    json reply = refusal(fmt::format("{} {} wait already; nothing was done, try again later",
                                     WorkThread::most_waiting, what));
    reply["unavailable"] = true;
    return reply;
}

std::optional<uint64_t> revision_in(const json& request) {
    const auto given = request.find("based_on");
    return given == request.end() || given->is_null() ? std::nullopt
                                                      : std::optional(given->get<uint64_t>());
}

}  // namespace

ConfigurationCommands::ConfigurationCommands(ConfigurationStore& store, const Catalogue& catalogue,
                                             const board::Expected<Sealing>& sealing,
                                             WorkThread& work, WorkThread& reading)
    : store_(store), catalogue_(catalogue), sealing_(sealing), work_(work), reading_(reading) {}

void ConfigurationCommands::add_to(CommandTable& table) {
    using enum AccessLevel;
    table.add("configuration status", monitor,
              [this](const json&, const Caller&, const Reply& reply) { status(reply); });
    table.add(
        "configuration unsaved", monitor,
        [this](const json&, const Caller& caller, const Reply& reply) { unsaved(caller, reply); });
    table.add("configuration prompt", monitor,
              [this](const json&, const Caller&, const Reply& reply) { prompt(reply); });
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

void ConfigurationCommands::unsaved(const Caller& caller, const Reply& reply) const {
    const auto answer = std::make_shared<json>(json{{"ok", true}});
    WorkThread::Job job{caller.who, "looks at the configuration", false, {}, {}, {}};
    job.work = [this, answer, startup = store_.startup(), running = store_.running()] {
        list_differences(difference(*startup, *running, catalogue_), *answer);
    };
    job.done = [answer, reply] { reply(*answer); };
    if (!reading_.add(std::move(job))) {
        reply(too_many_wait("requests to look at the configuration"));
    }
}

void ConfigurationCommands::prompt(const Reply& reply) const {
    const Parameter* const hostname = catalogue_.table("appliance")->parameter("hostname");
    const ConfigNodePtr given = node_at(store_.running(), config_path("appliance.hostname"));
    reply({{"ok", true},
           {"revision", store_.revision()},
           {"hostname", (given ? given : hostname->default_value)->text},
           {"save_needed", store_.save_needed()}});
}

void ConfigurationCommands::show(const json& request, const Caller& caller, Write write,
                                 const Reply& reply) const {
    const auto from = word_in(request, "from", {"running", "startup"});
    const auto secrets = word_in(request, "secrets", {"hidden", "sealed"});
    if (!from || !secrets) {
        reply(from ? secrets.error() : from.error());
        return;
    }
    const bool wants_sealed = *secrets == "sealed";
    if (wants_sealed && caller.level < AccessLevel::security_administrator) {
        reply(denied("a sealed secret", AccessLevel::security_administrator, caller));
        return;
    }
    if (wants_sealed && !sealing_) {
        reply(refusal("secrets cannot be sealed: " + sealing_.error().message));
        return;
    }
    const auto answer = std::make_shared<json>();
    WorkThread::Job job{caller.who, "looks at the configuration", false, {}, {}, {}};
    job.work = [this, answer, wants_sealed, write = std::move(write), revision = store_.revision(),
                root = *from == "running" ? store_.running() : store_.startup()] {
        *answer = write(wants_sealed ? with_sealed_secrets(root, catalogue_, *sealing_)
                                     : with_hidden_secrets(root, catalogue_));
        if (flag_in(*answer, "ok")) {
            (*answer)["revision"] = revision;
        }
    };
    job.done = [answer, reply] { reply(*answer); };
    if (!reading_.add(std::move(job))) {
        reply(too_many_wait("requests to look at the configuration"));
    }
}

void ConfigurationCommands::get(const json& request, const Caller& caller,
                                const Reply& reply) const {
    const auto write = [this, path = request.value("path", "")](const ConfigNodePtr& root) {
        auto part = json_at(root, path, catalogue_);
        if (part) {
            return json{{"ok", true}, {"configuration", *std::move(part)}};
        }
        json answer = refusal("path: " + part.error());
        answer["missing"] = true;
        return answer;
    };
    show(request, caller, write, reply);
}

void ConfigurationCommands::text(const json& request, const Caller& caller,
                                 const Reply& reply) const {
    const auto format = word_in(request, "format", {"yaml", "ini", "cli"});
    if (!format) {
        reply(format.error());
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
    const auto write = [this, format = *format, area](const ConfigNodePtr& root) {
        return json{{"ok", true},
                    {"text", format == "yaml" ? write_yaml(*root, catalogue_)
                             : format == "ini"
                                 ? write_ini(root, catalogue_, ini_header(root), secret_in_clear)
                                 : write_script(root, catalogue_, area, secret_in_clear)}};
    };
    show(request, caller, write, reply);
}

void ConfigurationCommands::edit(const json& request, const Caller& caller, const Reply& reply) {
    const auto words_of_edit = word_in(request, "words", {"tree", "cli"});
    if (!words_of_edit) {
        reply(words_of_edit.error());
        return;
    }
    const ConfigWords words = *words_of_edit == "cli" ? ConfigWords::cli : ConfigWords::tree;
    auto edits = edits_of(request.value("edits", json()));
    if (!edits) {
        reply(refused({edits.error(), wrong_edits, false}));
        return;
    }
    change(
        {caller, caller.who, "", request.value("preview", false), revision_in(request)},
        [this, words, edits = *std::move(edits)](
            const ConfigBasis& basis) -> std::expected<ConfigPlan, ConfigRefusal> {
            auto root = apply_edits(basis.running, edits, catalogue_);
            if (!root) {
                ConfigFaults faults{root.error()};
                name_places(faults, catalogue_, words);
                return std::unexpected(ConfigRefusal{std::move(faults), wrong_edits, false});
            }
            // A script that was shown without its secrets leaves them alone when it is given
            // back.
            ReadConfiguration read{with_kept_secrets(*root, basis.running), {}, {}, words};
            open_sealed_secrets(read, "", catalogue_, sealing_);
            return store_.judge(std::move(read), "", basis);
        },
        reply);
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
    json tree;
    if (incoming.format == ConfigFormat::json) {
        tree = request.at("configuration");
    } else {
        incoming.text = request.at("text").get<std::string>();
    }
    incoming.origin = request.value("origin", "");
    incoming.merges = *mode == "merge";
    const std::string what =
        "loads " + (incoming.origin.empty() ? "a configuration" : incoming.origin);
    change(
        {caller, caller.who, what, request.value("preview", false), revision_in(request)},
        [this, incoming = std::move(incoming),
         tree = std::move(tree)](const ConfigBasis& basis) mutable {
            incoming.json = &tree;
            ReadConfiguration read = read_incoming(incoming, basis.running, catalogue_);
            open_sealed_secrets(read, incoming.origin, catalogue_, sealing_);
            return store_.judge(std::move(read), incoming.origin, basis);
        },
        reply);
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
    change(
        {caller,
         fmt::format("{}, rollback {}", caller.who, version),
         fmt::format("goes back to version {}", version),
         request.value("preview", false),
         {}},
        [this, version](const ConfigBasis& basis) {
            return store_.judge_rollback(static_cast<std::size_t>(version), basis);
        },
        reply);
}

void ConfigurationCommands::go_to_factory_defaults(const json& request, const Caller& caller,
                                                   const Reply& reply) {
    change(
        {caller,
         caller.who + ", factory defaults",
         "goes to the factory defaults",
         request.value("preview", false),
         {}},
        [this](const ConfigBasis& basis) {
            return store_.judge({factory_defaults(basis.running), {}, {}}, "", basis);
        },
        reply);
}

void ConfigurationCommands::apply(const json& request, const Caller& caller, const Reply& reply) {
    const std::string path = request.value("config", "");
    change(
        {caller, caller.who, "applies " + path, request.value("preview", false),
         revision_in(request)},
        [this, path](const ConfigBasis& basis) -> std::expected<ConfigPlan, ConfigRefusal> {
            const auto text = read_configuration_text(path);
            if (!text) {
                return std::unexpected(
                    ConfigRefusal{text.error(), path + ": nothing was applied", false});
            }
            ReadConfiguration read = read_configuration(*text, path, catalogue_);
            open_sealed_secrets(read, path, catalogue_, sealing_);
            read.root = with_files_found_from(read.root, std::filesystem::path(path).parent_path(),
                                              store_.folder(), catalogue_);
            return store_.judge(std::move(read), path, basis);
        },
        reply);
}

void ConfigurationCommands::change(Change change, Judge judge, const Reply& reply) {
    if (const WorkThread::Job* const other = change.what.empty() ? nullptr : work_.exclusive()) {
        reply(refused({{},
                       fmt::format("{} {} at the moment; look at what comes of it and try again",
                                   other->who, other->what),
                       true}));
        return;
    }
    /// The other thread's between begin and done.
    struct Judging {
        ConfigBasis basis;
        std::optional<std::expected<ConfigPlan, ConfigRefusal>> plan;
    };
    const auto judging = std::make_shared<Judging>();
    WorkThread::Job job{change.caller.who, change.what, !change.what.empty(), {}, {}, {}};
    job.begin = [this, judging, based_on = change.based_on] {
        judging->basis = store_.basis();
        if (auto conflict = store_.conflict(based_on)) {
            judging->plan = std::unexpected(*std::move(conflict));
        }
    };
    job.work = [judging, judge = std::move(judge)] {
        if (!judging->plan) {
            judging->plan = judge(judging->basis);
        }
    };
    job.done = [this, judging, change = std::move(change), reply] {
        finish(*std::move(judging->plan), change.preview, change.caller, change.who, reply);
    };
    if (!work_.add(std::move(job))) {
        reply(too_many_wait("changes"));
    }
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
    json answer = {{"ok", true}, {"preview", preview}, {"notes", plan->notes}};
    list_differences(plan->differences, answer);
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
    // Nothing came between the plan and this: the next change begins after it.
    store_.carry_out(
        *std::move(plan), who,
        [finished, answer = std::move(answer)](sipstack::ConfigChange change) mutable {
            answer.update(
                {{"added", change.added}, {"removed", change.removed}, {"kept", change.kept}});
            finished(std::move(answer));
        });
}

void ConfigurationCommands::save(const Caller& caller, const Reply& reply) {
    struct Writing {
        ConfigNodePtr running;
        ConfigSaving saving;
    };
    const auto writing = std::make_shared<Writing>();
    WorkThread::Job job{caller.who, "saves the configuration", false, {}, {}, {}};
    job.begin = [this, writing] { writing->running = store_.running(); };
    job.work = [this, writing] { writing->saving = store_.write_startup_file(writing->running); };
    job.done = [this, writing, who = caller.who, reply] {
        if (auto saved = store_.take_saving(writing->saving, who); !saved) {
            reply(refusal(saved.error().message));
            return;
        }
        reply({{"ok", true},
               {"revision", store_.revision()},
               {"startup_file", store_.startup_file()},
               {"save_needed", store_.save_needed()},
               {"reset_needed", store_.reset_needed()}});
    };
    if (!work_.add(std::move(job))) {
        reply(too_many_wait("changes"));
    }
}

}  // namespace trunkline::mgmt
