#include "mgmt/cli/script.h"

#include "mgmt/cli/configurator.h"
#include "mgmt/cli/mode_tree.h"
#include "mgmt/cli/words.h"
#include "mgmt/configuration/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <tuple>
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
            if (value != nullptr && !known.is_other_word) {
                line_of(known, *value, depth);
            }
        }
    }

    void line_of(const CliParameter& known, const ConfigNode& value, int depth) {
        const std::string text = word_value(known, value, secret_);
        if (!text.empty()) {
            open(known.word + " " + text, depth);
        }
    }

    const ConfigNodePtr& root_;
    const Catalogue& catalogue_;
    const CliSecret& secret_;
    std::string text_;
};

/// On which line of a script each value was written, until the row that it is in is applied.
class LinesOfValues {
public:
    void note(const CliParameter* parameter, const CliWord& word, int line) {
        if (parameter != nullptr) {
            places_[{parameter->table->path, parameter->parameter->name}] = {
                line, static_cast<int>(word.column)};
        }
    }
    void put_into(std::vector<ConfigEdit>& edits) {
        for (ConfigEdit& edit : edits) {
            for (ConfigNode::Entry& entry : edit.set) {
                if (const auto place = places_.find({edit.table, entry.key});
                    place != places_.end()) {
                    std::tie(entry.line, entry.column) = place->second;
                    entry.value = at_place(*entry.value, place->second);
                }
            }
            for (ConfigPart& part : edit.parts) {
                const auto place = places_.find({edit.table, part.parameter});
                if (part.value && place != places_.end()) {
                    part.value = at_place(*part.value, place->second);
                }
            }
        }
        if (!edits.empty()) {
            places_.clear();
        }
    }

private:
    using Place = std::pair<int, int>;

    static ConfigNodePtr at_place(ConfigNode node, Place place) {
        std::tie(node.line, node.column) = place;
        for (ConfigNodePtr& item : node.items) {
            item = at_place(*item, place);
        }
        for (ConfigNode::Entry& entry : node.entries) {
            entry.value = at_place(*entry.value, place);
        }
        return std::make_shared<const ConfigNode>(std::move(node));
    }

    std::map<std::pair<std::string, std::string>, Place> places_;
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
    LinesOfValues lines;
    int number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const auto words = cli_words(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (!words) {
            faults.push_back({origin, number, 1, "", "", "", words.error()});
            continue;
        }
        if (words->empty() || is_comment(words->front().text) ||
            is_other_command(words->front().text)) {
            continue;
        }
        const CliParameter* const parameter = configurator.value_wanted(std::span(*words).first(1));
        auto step = configurator.line(*words);
        if (!step) {
            faults.push_back({origin, number, static_cast<int>(words->front().column),
                              configurator.prompt(), "", "", step.error()});
            continue;
        }
        lines.note(parameter, words->front(), number);
        lines.put_into(step->edits);
        std::ranges::move(step->edits, std::back_inserter(edits));
    }
    while (!configurator.is_outside()) {
        const CliWord exit{"exit", false, 1};
        auto left = configurator.line(std::span(&exit, 1));
        lines.put_into(left->edits);
        std::ranges::move(left->edits, std::back_inserter(edits));
    }
    if (!faults.empty()) {
        return std::unexpected(std::move(faults));
    }
    return edits;
}

}  // namespace trunkline::mgmt
