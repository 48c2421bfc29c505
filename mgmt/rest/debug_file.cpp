#include "mgmt/rest/debug_file.h"

#include "mgmt/json_fields.h"
#include "mgmt/rest/tar_archive.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

/// A file of the archive that is the reply to a request.
struct Question {
    const char* file;
    const char* help;
    json request;
};

std::vector<Question> questions() {
    const std::size_t most = DebugFile::most_rows;
    return {{"status.json", "the version, the box and how it is", {{"command", "system status"}}},
            {"configuration-status.json",
             "the revision, who changed what, and what waits for a save or a restart",
             {{"command", "configuration status"}}},
            {"configuration.ini",
             "the running configuration, its secrets hidden",
             {{"command", "configuration text"},
              {"format", "ini"},
              {"from", "running"},
              {"secrets", "hidden"}}},
            {"alarms-active.json",
             "the alarms that stand",
             {{"command", "alarms active"}, {"limit", most}}},
            {"alarms-history.json",
             "alarms that were raised and cleared",
             {{"command", "alarms history"}, {"limit", most}}},
            {"registrations.json",
             "how many registrations there are in which state",
             {{"command", "registration counts"}}},
            {"registrations-failed.json",
             "those that failed, the first of them with their reasons",
             {{"command", "show registration"}, {"state", "FAILED"}, {"limit", most}}},
            {"proxy-sets.json", "the servers", {{"command", "show proxy-sets"}}},
            {"counters.json", "what was counted", {{"command", "show counters"}}},
            {"not-in-effect.json",
             "parameters that are configured and do not act",
             {{"command", "show not-in-effect"}}}};
}

/// The text of a reply that is one, else the reply itself.
std::string content_of(const json& reply) {
    return reply.contains("text")
               ? text_in(reply, "text")
               : reply.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

DebugFile::DebugFile(Ask ask, LogLines log_lines, Clock clock)
    : ask_(std::move(ask)), log_lines_(std::move(log_lines)), clock_(std::move(clock)) {}

DebugFile::Made DebugFile::make(const Caller& caller, bool wants_core_dump) {
    {
        const std::lock_guard guard(lock_);
        if (maker_) {
            return {0, true, *maker_};
        }
        maker_ = caller.who;
    }
    auto made = std::make_shared<const std::string>(archive(caller, wants_core_dump));
    const std::lock_guard guard(lock_);
    maker_.reset();
    last_ = std::move(made);
    return {++made_, false, ""};
}

std::shared_ptr<const std::string> DebugFile::last() const {
    const std::lock_guard guard(lock_);
    return last_;
}

std::string DebugFile::archive(const Caller& caller, bool wants_core_dump) const {
    const auto now = clock_();
    TarArchive archive(now);
    std::string contents = fmt::format("Made at {:%FT%TZ} for {}.\n\n",
                                       std::chrono::floor<std::chrono::seconds>(now), caller.who);
    const auto add = [&](const std::string& name, const std::string& help, std::string content) {
        contents += fmt::format("{}: {}", name, help);
        if (content.size() > most_bytes) {
            contents += fmt::format("; cut at {} of {} bytes", most_bytes, content.size());
            content.resize(most_bytes);
        }
        contents += "\n";
        archive.add("debug/" + name, content);
    };
    for (const Question& question : questions()) {
        const json reply = ask_(question.request, caller);
        if (flag_in(reply, "ok")) {
            add(question.file, question.help, content_of(reply));
        } else {
            contents += fmt::format("{}: missing, as the appliance said: {}\n", question.file,
                                    text_in(reply, "error"));
        }
    }
    add("log.txt", "the last lines of the log", fmt::format("{}", fmt::join(log_lines_(), "")));
    if (wants_core_dump) {
        contents += "There is no core dump: the appliance keeps none.\n";
    }
    archive.add("debug/contents.txt", contents);
    return archive.finish();
}

}  // namespace trunkline::mgmt
