#include "mgmt/rest/script_run.h"

#include "mgmt/cli/session.h"
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
    explicit Gathering(const std::function<json(const json&)>& ask) : ask_(ask) {}

    /// Of the line that is being run.
    std::size_t line = 0;

    json answer(const json& request) {
        const std::string command = text_in(request, "command");
        if (command == "configuration edit") {
            for (const json& edit : list_in(request, "edits")) {
                edits_.push_back(edit);
                lines_.push_back(line);
            }
            return {{"ok", true}, {"differences", json::array()}};
        }
        constexpr std::array<std::string_view, 5> looks{"configuration get", "configuration status",
                                                        "configuration text", "system status",
                                                        "ping"};
        const bool only_looks =
            command.starts_with("show ") || std::ranges::find(looks, command) != looks.end();
        if (!only_looks) {
            if (json applied = apply(); !flag_in(applied, "ok")) {
                return applied;
            }
        }
        return ask_(request);
    }

    /// All that was kept back, or none of it.
    json apply() {
        if (edits_.empty()) {
            return {{"ok", true}};
        }
        json reply = ask_({{"command", "configuration edit"}, {"edits", std::move(edits_)}});
        edits_ = json::array();
        const auto lines = std::exchange(lines_, {});
        if (!flag_in(reply, "ok")) {
            refused_line = line_of(reply, lines);
        }
        return reply;
    }

    std::size_t refused_line = 0;  ///< 0: it is not known which

private:
    /// "edits[2].set.register" is what came of one line.
    static std::size_t line_of(const json& reply, const std::vector<std::size_t>& lines) {
        constexpr std::string_view head = "edits[";
        for (const json& fault : list_in(reply, "faults")) {
            const std::string path = text_in(fault, "path");
            std::size_t at = 0;
            if (path.starts_with(head) &&
                std::from_chars(path.data() + head.size(), path.data() + path.size(), at).ec ==
                    std::errc{} &&
                at < lines.size()) {
                return lines[at];
            }
        }
        return 0;
    }

    const std::function<json(const json&)>& ask_;
    json edits_ = json::array();
    std::vector<std::size_t> lines_;  ///< of each edit
};

}  // namespace

ScriptResult run_script(std::string_view script, const Catalogue& catalogue,
                        const std::function<json(const json&)>& ask) {
    Gathering gathering(ask);
    CliSession session(catalogue, {[&](const json& request) -> board::Expected<json> {
                                       return gathering.answer(request);
                                   },
                                   false});
    BoundedText output;
    ScriptResult result;
    while (!script.empty() && !session.ended()) {
        const std::size_t end = std::min(script.find('\n'), script.size());
        std::string_view line = script.substr(0, end);
        script.remove_prefix(std::min(end + 1, script.size()));
        line.remove_suffix(line.ends_with('\r') ? 1 : 0);
        ++gathering.line;
        if (!session.execute(line, output)) {
            result.line = gathering.refused_line != 0 ? gathering.refused_line : gathering.line;
            result.output = std::move(output.text);
            return result;
        }
    }
    if (json applied = gathering.apply(); !flag_in(applied, "ok")) {
        result.line = gathering.refused_line;
        result.refusal = std::move(applied);
    } else {
        result.is_done = true;
    }
    result.output = std::move(output.text);
    return result;
}

}  // namespace trunkline::mgmt
