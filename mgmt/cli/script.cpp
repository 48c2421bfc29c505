#include "mgmt/cli/script.h"

#include "mgmt/cli/configurator.h"
#include "mgmt/cli/mode_tree.h"
#include "mgmt/cli/words.h"
#include "mgmt/configuration/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace trunkline::mgmt {

namespace {

class Writer {
public:
    Writer(const ConfigNodePtr& root, const Catalogue& catalogue, const CliSecret& secret)
        : root_(root), catalogue_(catalogue), secret_(secret) {}

    std::string write(const CliMode& top, std::string_view area) {
        for (const auto& mode : top.modes) {
            if (!area.empty() && mode->words.back() != area) {
                continue;
            }
            const std::size_t before = text_.size();
            open(fmt::format("{}", fmt::join(mode->words, " ")), 0);
            const std::size_t head = text_.size();
            modes_within(*mode, {}, 1);
            if (text_.size() == head) {
                text_.resize(before);
            } else {
                open("exit", 0);
            }
        }
        return std::move(text_);
    }

private:
    void open(std::string_view line, int depth) {
        text_ += fmt::format("{:{}}{}\n", "", depth, line);
    }

    void modes_within(const CliMode& mode, const std::vector<std::size_t>& rows, int depth) {
        for (const auto& inner : mode.modes) {
            if (inner->list == nullptr) {
                settings(*inner, rows, depth);
                continue;
            }
            const ConfigNodePtr list = list_of(*inner->list, rows);
            for (const std::size_t number :
                 list ? row_numbers(*list) : std::vector<std::size_t>{}) {
                std::vector<std::size_t> here = rows;
                here.push_back(number);
                open(fmt::format("{} {}", fmt::join(inner->words, " "), number), depth);
                parameters(*inner, here, depth + 1);
                open("activate", depth + 1);
                modes_within(*inner, here, depth + 1);
                open("exit", depth);
            }
        }
    }

    void settings(const CliMode& mode, const std::vector<std::size_t>& rows, int depth) {
        const std::size_t before = text_.size();
        open(fmt::format("{}", fmt::join(mode.words, " ")), depth);
        const std::size_t head = text_.size();
        parameters(mode, rows, depth + 1);
        if (text_.size() > head) {
            open("activate", depth + 1);
        }
        modes_within(mode, rows, depth + 1);
        if (text_.size() == head) {
            text_.resize(before);
        } else {
            open("exit", depth);
        }
    }

    ConfigNodePtr list_of(const Table& list, const std::vector<std::size_t>& rows) const {
        const Table* outer = catalogue_.list_above(list);
        if (outer == nullptr) {
            return node_at(root_, config_path(list.path));
        }
        const ConfigNodePtr row =
            edited_node(root_, {outer->path, rows, {}, {}, false}, catalogue_);
        return row ? row->find_shared(list.name()) : nullptr;
    }

    void parameters(const CliMode& mode, const std::vector<std::size_t>& rows, int depth) {
        for (const CliParameter& known : mode.parameters) {
            const ConfigNodePtr table =
                edited_node(root_, {known.table->path, rows, {}, {}, false}, catalogue_);
            const ConfigNode* value = table ? table->find(known.parameter->name) : nullptr;
            if (value != nullptr) {
                open(known.word + " " + to_cli(*known.parameter, *value, secret_), depth);
            }
        }
    }

    const ConfigNodePtr& root_;
    const Catalogue& catalogue_;
    const CliSecret& secret_;
    std::string text_;
};

/// What a script may hold beside configuration.
bool is_other_command(std::string_view word) {
    constexpr std::array<std::string_view, 4> others = {"show", "do", "write", "enable"};
    return std::ranges::find(others, word) != others.end();
}

bool is_comment(std::string_view word) {
    return word.starts_with('!') || word.starts_with('#');
}

}  // namespace

std::string write_script(const ConfigNodePtr& root, const Catalogue& catalogue,
                         std::string_view area, const CliSecret& secret) {
    const ModeTree modes(catalogue);
    return Writer(root, catalogue, secret).write(modes.root(), area);
}

std::expected<std::vector<ConfigEdit>, ConfigFaults> read_script(std::string_view text,
                                                                 const std::string& origin,
                                                                 const Catalogue& catalogue) {
    const ModeTree modes(catalogue);
    Configurator configurator(catalogue, modes);
    std::vector<ConfigEdit> edits;
    ConfigFaults faults;
    int number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const auto words = cli_words(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (!words) {
            faults.push_back({origin, number, 1, "", words.error(), "", ""});
            continue;
        }
        if (words->empty() || is_comment(words->front().text) ||
            is_other_command(words->front().text)) {
            continue;
        }
        auto step = configurator.line(*words);
        if (!step) {
            faults.push_back({origin, number, static_cast<int>(words->front().column),
                              configurator.prompt(), step.error(), "", ""});
            continue;
        }
        std::ranges::move(step->edits, std::back_inserter(edits));
    }
    while (!configurator.is_outside()) {
        const CliWord exit{"exit", false, 1};
        std::ranges::move(configurator.line(std::span(&exit, 1))->edits, std::back_inserter(edits));
    }
    if (!faults.empty()) {
        return std::unexpected(std::move(faults));
    }
    return edits;
}

}  // namespace trunkline::mgmt
