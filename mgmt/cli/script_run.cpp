#include "mgmt/cli/script_run.h"

#include "mgmt/cli/session.h"
#include "mgmt/configuration/edit.h"
#include "mgmt/json_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

class BoundedText final : public CliOutput {
public:
    bool write(std::string_view piece) override {
        if (is_cut_) {
            return false;
        }
        text.append(piece.substr(0, most_script_output - text.size()));
        if (text.size() == most_script_output) {
            text += "\n(more was left out)\n";
            is_cut_ = true;
        }
        return !is_cut_;
    }
    std::string text;

private:
    bool is_cut_ = false;
};

/// Between the session and the appliance: keeps edits back until they are applied together.
class Gathering {
public:
    Gathering(const std::function<json(const json&)>& ask, const Catalogue& catalogue)
        : ask_(ask), catalogue_(catalogue) {}

    /// Of the line that is being run.
    std::size_t line = 0;

    json answer(const json& request) {
        const std::string command = text_in(request, "command");
        if (command == "configuration edit") {
            for (const json& edit : list_in(request, "edits")) {
                kept_.push_back({place_of(edit), line});
                edits_.push_back(edit);
            }
            return {{"ok", true}, {"differences", json::array()}};
        }
        if (only_looks(command)) {
            return ask_(request);
        }
        if (json applied = apply(); !flag_in(applied, "ok")) {
            return applied;
        }
        json reply = ask_(request);
        if (flag_in(reply, "ok")) {
            acts = line;
        }
        return reply;
    }

    /// All that was kept back, or none of it.
    json apply() {
        if (edits_.empty()) {
            return {{"ok", true}};
        }
        json reply = ask_(
            {{"command", "configuration edit"}, {"edits", std::move(edits_)}, {"words", "cli"}});
        edits_ = json::array();
        const auto kept = std::exchange(kept_, {});
        if (!flag_in(reply, "ok")) {
            refused_line = line_of(reply, kept);
        } else {
            acts = line - 1;
        }
        return reply;
    }

    std::size_t refused_line = 0;  ///< 0: it is not known which
    std::size_t acts = 0;          ///< lines that were applied

private:
    struct Kept {
        std::string place;  ///< the row: "signaling_and_media.accounts[2]"
        std::size_t line = 0;
    };

    std::string place_of(const json& edit) const {
        return path_of({edit.at("table"), edit.at("rows"), {}, {}, false}, catalogue_);
    }

    /// Of the edit that a fault is of: "edits[2].set.register", or the last one of its row.
    static std::size_t line_of(const json& reply, const std::vector<Kept>& kept) {
        constexpr std::string_view head = "edits[";
        for (const json& fault : list_in(reply, "faults")) {
            const std::string path = text_in(fault, "path");
            std::size_t at = 0;
            if (path.starts_with(head) &&
                std::from_chars(path.data() + head.size(), path.data() + path.size(), at).ec ==
                    std::errc{} &&
                at < kept.size()) {
                return kept[at].line;
            }
            const auto row = std::find_if(kept.rbegin(), kept.rend(), [&](const Kept& edit) {
                const std::size_t end = edit.place.size();
                return path.starts_with(edit.place) &&
                       (path.size() == end || path[end] == '.' || path[end] == '[');
            });
            if (row != kept.rend()) {
                return row->line;
            }
        }
        return 0;
    }

    const std::function<json(const json&)>& ask_;
    const Catalogue& catalogue_;
    json edits_ = json::array();
    std::vector<Kept> kept_;  ///< of each edit
};

}  // namespace

std::string what_acts(const ScriptResult& result) {
    return result.acts == 0 ? "nothing of it acts"
           : result.acts == 1
               ? "its first line acts, the others do not"
               : fmt::format("its lines 1 to {} act, the others do not", result.acts);
}

bool only_looks(std::string_view command) {
    constexpr std::array<std::string_view, 7> looks{"configuration get",
                                                    "configuration status",
                                                    "configuration text",
                                                    "configuration prompt",
                                                    "system status",
                                                    "enable",
                                                    "ping"};
    return command.starts_with("show ") || std::ranges::find(looks, command) != looks.end();
}

ScriptResult run_script(std::string_view script, const Catalogue& catalogue,
                        const std::function<json(const json&)>& ask) {
    BoundedText output;
    ScriptResult result = run_script(script, catalogue, ask, {output, output}, {});
    result.output = std::move(output.text);
    return result;
}

ScriptResult run_script(std::string_view script, const Catalogue& catalogue,
                        const std::function<json(const json&)>& ask, const ScriptOutputs& outputs,
                        CliTransfer transfer) {
    Gathering gathering(ask, catalogue);
    CliSession session(catalogue, {[&](const json& request) -> board::Expected<json> {
                                       return gathering.answer(request);
                                   },
                                   false, std::move(transfer)});
    ScriptResult result;
    const auto run = [&](std::string_view line) {
        const bool done = session.execute(line, outputs.output, outputs.errors);
        if (!done) {
            result.line = gathering.refused_line != 0 ? gathering.refused_line : gathering.line;
        }
        return done;
    };
    bool is_right = true;
    while (is_right && !script.empty() && !session.ended()) {
        const std::size_t end = std::min(script.find('\n'), script.size());
        std::string_view line = script.substr(0, end);
        script.remove_prefix(std::min(end + 1, script.size()));
        line.remove_suffix(line.ends_with('\r') ? 1 : 0);
        ++gathering.line;
        is_right = run(line);
    }
    // What was typed and not applied is applied at the end, as `exit` does.
    while (is_right && session.is_in_mode() && !session.ended()) {
        is_right = run("exit");
    }
    if (is_right) {
        json applied = gathering.apply();
        result.is_done = flag_in(applied, "ok");
        if (!result.is_done) {
            result.line = gathering.refused_line;
            result.refusal = std::move(applied);
        }
    }
    result.acts = gathering.acts;
    return result;
}

}  // namespace trunkline::mgmt
