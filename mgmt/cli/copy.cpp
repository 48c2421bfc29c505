#include "mgmt/cli/copy.h"

#include "mgmt/cli/file_transfer.h"
#include "mgmt/cli/readable_secrets.h"
#include "mgmt/cli/script_run.h"
#include "mgmt/command_table.h"
#include "mgmt/configuration_upload.h"
#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <optional>
#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

/// A configuration as a file.
struct File {
    const char* word;
    const char* help;
    const char* format;  ///< as requests call it
    const char* source;  ///< of what is sent: running, startup; nullptr: it is not sent
};

constexpr File ini_file = {"ini-file", "the whole configuration as an ini file", "ini", "running"};
constexpr File ini_to_add = {"incremental-ini-file", "what an ini file adds to the configuration",
                             "ini", nullptr};
constexpr File script = {"cli-script", "a script of this command line", "cli", "running"};
constexpr File startup_script = {
    "startup-script", "the whole configuration as a script, that of the start", "cli", "startup"};

/// What administrators look for here.
struct Elsewhere {
    const char* words;
    const char* instead;
};

constexpr std::array<Elsewhere, 7> elsewhere = {{
    {"firmware from",
     "an engineer's shell installs it: ssh root@BOX trunkline firmware install - <FILE"},
    {"debug-file to", "REST has it: GET /api/v1/files/debugFile"},
    {"tls-cert from", "REST takes it: PUT /api/v1/files/tls/0/certificate"},
    {"tls-private-key from", "REST takes it: PUT /api/v1/files/tls/0/privateKey"},
    {"tls-root-cert from", "REST takes it: PUT /api/v1/files/tls/0/trustedRoot"},
    {"call_progress_tones from", "REST takes it: PUT /api/v1/files/cpt"},
    {"dial_plan from", "REST takes it: PUT /api/v1/files/dialplan"},
}};

AskControl ask_of(const CliCall& call) {
    return [&call](const json& request) {
        auto answer = call.ask(request);
        return answer ? *std::move(answer) : refusal(answer.error().message);
    };
}

class Copies {
public:
    Copies(CliTransfer transfer, std::function<void()> restarts)
        : transfer_(std::move(transfer)), restarts_(std::move(restarts)) {}

    bool send(const CliCall& call, const File& file) const {
        if (!may_copy(call)) {
            return false;
        }
        const auto answer = with_readable_secrets(call, {{"command", "configuration text"},
                                                         {"format", file.format},
                                                         {"from", file.source},
                                                         {"area", ""}});
        if (!answer) {
            return false;
        }
        const std::string text = text_in(*answer, "text");
        if (const auto sent = transfer_.send(call.arguments.front(), text); !sent) {
            return call.fail(sent.error().message);
        }
        return call.print(fmt::format("{} bytes were copied to {}\n", text.size(), to_show(call)));
    }

    bool replace(const CliCall& call, const File& file) const {
        const auto upload = fetch(call, file);
        if (!upload) {
            return false;
        }
        const auto loaded = replace_configuration(*upload, ask_of(call));
        if (!loaded) {
            return call.refuse(loaded.error());
        }
        print_notes(call, loaded->notes);
        call.print(fmt::format("The {} was loaded and saved\n", file.word));
        if (loaded->restarts) {
            call.print("The appliance starts anew\n");
            restarts_();
        }
        return true;
    }

    bool merge(const CliCall& call, const File& file) const {
        const auto upload = fetch(call, file);
        if (!upload) {
            return false;
        }
        const auto loaded = merge_configuration(*upload, ask_of(call));
        if (!loaded) {
            return call.refuse(loaded.error());
        }
        print_notes(call, loaded->notes);
        return call.print(fmt::format("The {} was loaded; 'write' keeps it\n", file.word));
    }

    bool run(const CliCall& call, const File& file) const {
        const auto upload = fetch(call, file);
        if (!upload) {
            return false;
        }
        const ScriptResult result = run_script(upload->text, call.catalogue, ask_of(call));
        call.print(result.output);
        if (result.is_done) {
            return call.print(fmt::format("The {} was loaded; 'write' keeps it\n", file.word));
        }
        if (!result.refusal.is_null()) {
            call.refuse(result.refusal);
        }
        const std::string line = result.line == 0 ? "" : fmt::format(":{}", result.line);
        return call.fail(fmt::format("{}{}: the {} failed; {}", upload->origin, line, file.word,
                                     what_acts(result)));
    }

private:
    static std::string to_show(const CliCall& call) { return shown_url(call.arguments.front()); }

    /// Who may not change the configuration has no connections made from here to other hosts.
    bool may_copy(const CliCall& call) const {
        if (!transfer_.fetch || !transfer_.send) {
            return call.fail(
                "copy is for sessions alone; where a script is loaded, load the file itself");
        }
        return call.answer_to({{"command", "enable"}}).has_value();
    }

    std::optional<ConfigurationUpload> fetch(const CliCall& call, const File& file) const {
        if (!may_copy(call)) {
            return std::nullopt;
        }
        auto text = transfer_.fetch(call.arguments.front());
        if (!text || text->empty()) {
            call.fail(text ? to_show(call) + ": the file is empty" : text.error().message);
            return std::nullopt;
        }
        return ConfigurationUpload{file.format, *std::move(text), to_show(call)};
    }

    static void print_notes(const CliCall& call, const json& notes) {
        for (const json& note : notes) {
            call.print(fmt::format("Note: {}\n", note.is_string() ? note.get<std::string>() : ""));
        }
    }

    const CliTransfer transfer_;
    const std::function<void()> restarts_;
};

}  // namespace

void add_copies(CliCommandTable& table, CliTransfer transfer, std::function<void()> restarts) {
    const auto copies = std::make_shared<const Copies>(std::move(transfer), std::move(restarts));
    const auto add = [&](const File& file, const char* way, const char* help,
                         bool (Copies::*act)(const CliCall&, const File&) const) {
        table.add({fmt::format("copy {} {}", file.word, way), help, true, {}});
        table.add(
            {fmt::format("copy {} {} <url>", file.word, way),
             "http, https, ftp, ftps, tftp, scp or sftp", true,
             [copies, file, act](const CliCall& call) { return ((*copies).*act)(call, file); }});
    };
    table.add({"copy", "bring files to other hosts, and fetch files there", true, {}});
    for (const File& file : {ini_file, ini_to_add, script, startup_script}) {
        table.add({fmt::format("copy {}", file.word), file.help, true, {}});
        if (file.source != nullptr) {
            add(file, "to", "another host", &Copies::send);
        }
    }
    add(ini_file, "from", "it replaces the configuration and is saved", &Copies::replace);
    add(ini_to_add, "from", "another host", &Copies::merge);
    add(script, "from", "it is run, all or nothing", &Copies::run);
    add(startup_script, "from", "it replaces the configuration and is saved", &Copies::replace);
    for (const Elsewhere& what : elsewhere) {
        table.add({fmt::format("copy {} <url>", what.words), "not available here", true,
                   [what](const CliCall& call) {
                       return call.fail(
                           fmt::format("copy {} is not available; {}", what.words, what.instead));
                   }});
    }
}

}  // namespace trunkline::mgmt
