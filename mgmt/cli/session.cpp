#include "mgmt/cli/session.h"

#include "mgmt/cli/actions.h"
#include "mgmt/cli/admin_state.h"
#include "mgmt/cli/config_rows.h"
#include "mgmt/cli/edit_request.h"
#include "mgmt/cli/mode_view.h"
#include "mgmt/cli/output_filter.h"
#include "mgmt/cli/row_actions.h"
#include "mgmt/cli/show.h"
#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

bool is_comment(std::string_view word) {
    return word.starts_with('!') || word.starts_with('#');
}

bool is_bar(const CliWord& word) {
    return !word.is_quoted && word.text.starts_with('|');
}

bool is_json_flag(const CliWord& word) {
    return !word.is_quoted && word.text == "--json";
}

constexpr std::string_view mode_of_settings = "config-system";

/// Commands of the outermost mode that scripts have inside of others, too.
bool is_command_anywhere(std::string_view word) {
    return word == "show" || word == "write" || word == "ping";
}

/// What is typed so far: the words that are complete, and the one that is not.
struct TypedLine {
    std::vector<CliWord> words;
    CliWord begun;

    bool may_become(const CliChoice& choice) const {
        return choice.word.starts_with(begun.text) && (choice.is_name || !begun.is_quoted);
    }
    /// As it is typed from here on.
    std::string typed_out(const CliChoice& choice) const {
        return !choice.is_name   ? choice.word
               : begun.is_quoted ? in_cli_quotes(choice.word)
                                 : as_cli_word(choice.word);
    }
};

TypedLine typed(std::string_view line) {
    const std::size_t begin = begun_word(line);
    TypedLine result{cli_words(line.substr(0, begin)).value_or(std::vector<CliWord>{}), {}};
    const std::string begun(line.substr(begin));
    for (const char* const end : {"", "\""}) {  // inside of a text or not
        if (auto word = cli_words(begun + end); word && !word->empty()) {
            result.begun = std::move(word->front());
            break;
        }
    }
    return result;
}

}  // namespace

CliSession::CliSession(const Catalogue& catalogue, Options options)
    : catalogue_(catalogue), options_(std::move(options)), modes_(catalogue) {
    configurator_.emplace(catalogue_, modes_);
    is_privileged_ = !options_.is_interactive;
    add_own_commands();
    add_voip_shows(commands_);
    add_system_shows(commands_);
    add_hardware_shows(commands_);
    add_network_shows(commands_);
    add_configuration_shows(commands_);
    add_appliance_shows(commands_);
    add_configuration_actions(commands_);
    add_registration_actions(commands_);
    add_admin_state(commands_);
    add_copies(commands_, options_.transfer, [this] { ended_ = true; });
    add_ping(commands_);
    add_debug(commands_);
}

void CliSession::add_own_commands() {
    commands_.add({"enable", "go to privileged mode", false, [this](const CliCall&) {
                       asks_password_ = !is_privileged_;
                       return true;
                   }});
    commands_.add({"disable", "go back to basic mode", true, [this](const CliCall&) {
                       is_privileged_ = false;
                       return true;
                   }});
    for (const char* word : {"exit", "quit"}) {
        commands_.add({word, "end the session", false, [this](const CliCall&) {
                           ended_ = true;
                           return true;
                       }});
    }
    commands_.add({"terminal", "the terminal of this session", false, {}});
    commands_.add({"terminal length", "how high a page is", false, {}});
    commands_.add({"terminal length <lines>", "lines of a page, 0: no pages", false,
                   [this](const CliCall& call) {
                       const std::vector<CliWord> words{{"window-height", false, 1},
                                                        {call.arguments.front(), false, 17}};
                       const auto done = settings_.line(words);
                       return done ? true : call.fail(done.error());
                   }});
    commands_.add({"configure", "change the configuration", true, {}});
    for (const auto& area : modes_.root().modes) {
        commands_.add({fmt::format("{}", fmt::join(area->words, " ")),
                       fmt::format("the configuration of {}", area->words.back()), true,
                       [this, words = area->words](const CliCall&) {
                           std::vector<CliWord> line;
                           std::ranges::transform(words, std::back_inserter(line),
                                                  [](const std::string& word) {
                                                      return CliWord{word, false, 1};
                                                  });
                           return configurator_->line(line).has_value();
                       }});
    }
    for (const auto& [when, help] : reload_words) {
        commands_.add({fmt::format("reload {}", when), std::string(help), true,
                       [this, when = std::string(when)](const CliCall& call) {
                           const auto restarts = reload(call, when);
                           ended_ = restarts.value_or(false);
                           return restarts.has_value();
                       }});
    }
}

std::string CliSession::prompt() {
    if (asks_password_) {
        return "Password: ";
    }
    const auto shown = options_.ask({{"command", "configuration prompt"}});
    if (shown && flag_in(*shown, "ok")) {
        hostname_ = text_in(*shown, "hostname");
        is_save_needed_ = flag_in(*shown, "save_needed");
        if (options_.is_interactive && shown->contains("revision")) {
            revision_ = number_in(*shown, "revision");
        }
    }
    if (!is_privileged_) {
        return hostname_ + "> ";
    }
    const std::string mode = settings_.is_open() ? CliSettings::word : configurator_->prompt();
    return fmt::format("{}{}{}# ", hostname_, mode.empty() ? "" : "(" + mode + ")",
                       is_save_needed_ ? "*" : "");
}

bool CliSession::execute(std::string_view line, CliOutput& output, CliOutput& errors) {
    const CliCall call{options_.ask, catalogue_, output, errors, {}, false};
    if (asks_password_) {
        return take_password(call);
    }
    auto words = cli_words(line);
    if (!words) {
        return call.fail(words.error());
    }
    if (words->empty() || is_comment(words->front().text)) {
        return true;
    }
    return is_in_mode() ? configure(*std::move(words), call) : run_command(*words, call);
}

/// Who somebody is was proven when he came in, and his level decides: tools find the dialogue that
/// they know, and there is no second password that could be known to many.
bool CliSession::take_password(const CliCall& call) {
    asks_password_ = false;
    is_privileged_ = call.answer_to({{"command", "enable"}}).has_value();
    return is_privileged_;
}

bool CliSession::run_command(std::span<const CliWord> words, const CliCall& call) {
    const auto bar = std::ranges::find_if(words, is_bar);
    std::vector<CliWord> plain(words.begin(), bar);
    const bool as_json = std::erase_if(plain, is_json_flag) > 0;
    return filtered({bar, words.end()}, call, [&](CliOutput& output) {
        return run_words(plain, {call.ask, catalogue_, output, call.errors, {}, as_json});
    });
}

bool CliSession::filtered(std::span<const CliWord> behind, const CliCall& call,
                          const std::function<bool(CliOutput& output)>& run) {
    const auto filters = line_filters(behind);
    if (!filters) {
        return call.fail(filters.error());
    }
    // Each writes to the one behind it, the last to the output itself.
    std::vector<std::unique_ptr<FilteredOutput>> chain;
    CliOutput* next = &call.output;
    for (auto filter = filters->rbegin(); filter != filters->rend(); ++filter) {
        chain.push_back(std::make_unique<FilteredOutput>(*filter, *next));
        next = chain.back().get();
    }
    const bool done = run(*next);
    for (auto filtered = chain.rbegin(); filtered != chain.rend(); ++filtered) {
        (*filtered)->finish();
    }
    return done;
}

bool CliSession::run_words(std::span<const CliWord> words, CliCall given) {
    if (words.empty()) {
        return given.fail("a command comes before |");
    }
    auto match = commands_.match(words, is_privileged_);
    if (!match) {
        const bool would_fit = !is_privileged_ && commands_.match(words, true).has_value();
        return given.fail(would_fit ? "this command needs privileged mode: 'enable' first"
                                    : match.error());
    }
    given.arguments = std::move(match->arguments);
    try {
        return match->command->run(given);
    } catch (const json::exception&) {
        return given.fail("the appliance's answer lacks a value, or one has a wrong type");
    }
}

std::vector<CliChoice> CliSession::mode_choices(std::span<const CliWord> words) const {
    if (settings_.is_open()) {
        return settings_.choices(words);
    }
    std::vector<CliChoice> found = configurator_->choices(words);
    if (words.empty()) {
        std::ranges::move(row_actions(*configurator_), std::back_inserter(found));
        if (configurator_->prompt() == mode_of_settings) {
            found.push_back({CliSettings::word, "settings of this session", false});
        }
        found.push_back({"do", "a command of the outermost mode", false});
    }
    return found;
}

bool CliSession::configure(std::vector<CliWord> words, const CliCall& call) {
    const auto first = full_word(words.front(), mode_choices({}));
    if (!first) {
        return call.fail(first.error());
    }
    if (*first == "do" && words.size() > 1) {
        return run_command(std::span(words).subspan(1), call);
    }
    if (!*first && is_command_anywhere(words.front().text)) {
        return run_command(words, call);
    }
    if (settings_.is_open()) {
        const auto shown = settings_.line(words);
        return shown ? call.print(*shown) : call.fail(shown.error());
    }
    const bool is_alone = words.size() == 1;
    const bool may_open = is_alone && configurator_->prompt() == mode_of_settings;
    if (may_open && (*first == CliSettings::word || words[0].text == CliSettings::older_word)) {
        settings_.open();
        return true;
    }
    if (is_alone && *first && is_row_action(**first)) {
        return act_on_row(call, *configurator_, **first);
    }
    if (const auto bar = std::ranges::find_if(words, is_bar);
        *first == "display" && bar == words.begin() + 1) {
        return filtered({bar, words.end()}, call, [&](CliOutput& output) {
            return display_mode({call.ask, catalogue_, output, call.errors, {}, false},
                                *configurator_);
        });
    }
    const auto full = configurator_->in_full(std::move(words));
    return full ? step(*full, call) : call.fail(full.error());
}

bool CliSession::step(std::span<const CliWord> words, const CliCall& call) {
    // What fails leaves everything as it was, so that it can be put right.
    Configurator next = *configurator_;
    const auto step = next.line(words);
    if (!step) {
        return call.fail(step.error());
    }
    if (step->displays) {
        return display_mode(call, *configurator_);
    }
    if (!apply_edits(call, step->edits, seen_)) {
        return false;
    }
    if (next.prompt() != configurator_->prompt() && step->edits.empty()) {
        seen_ = revision_;
    }
    configurator_.emplace(std::move(next));
    return true;
}

std::vector<CliChoice> CliSession::choices(std::span<const CliWord> words) const {
    if (!is_in_mode()) {
        return commands_.choices(words, is_privileged_);
    }
    if (words.empty()) {
        return mode_choices(words);
    }
    const auto first = full_word(words.front(), mode_choices({}));
    if (first && *first == "do") {
        return commands_.choices(words.subspan(1), is_privileged_);
    }
    if (first && !*first && is_command_anywhere(words.front().text)) {
        return commands_.choices(words, is_privileged_);
    }
    if (settings_.is_open()) {
        return mode_choices(words);
    }
    const auto full = configurator_->in_full({words.begin(), words.end()});
    return full ? value_choices(*full) : std::vector<CliChoice>{};
}

/// Of a reference those rows that there are to refer to; only while somebody completes a line, as
/// the appliance is asked for them.
std::vector<CliChoice> CliSession::value_choices(std::span<const CliWord> words) const {
    std::vector<CliChoice> found = configurator_->choices(words);
    const CliParameter* const wanted = configurator_->value_wanted(words);
    if (wanted != nullptr && wanted->parameter->type == ValueType::reference) {
        const Table& table = *catalogue_.table(wanted->parameter->reference);
        for (const std::string& key : row_keys(options_.ask, table)) {
            found.push_back({key, "", false, true});
        }
    }
    return found;
}

std::vector<std::string> CliSession::completions(std::string_view line) const {
    const TypedLine so_far = typed(line);
    std::vector<std::string> words;
    if (asks_password_) {
        return words;
    }
    for (const CliChoice& choice : choices(so_far.words)) {
        if (!choice.is_value && so_far.may_become(choice)) {
            words.push_back(so_far.typed_out(choice));
        }
    }
    std::ranges::sort(words);
    const auto [first, last] = std::ranges::unique(words);
    words.erase(first, last);
    return words;
}

std::string CliSession::help(std::string_view line) const {
    const TypedLine so_far = typed(line);
    if (asks_password_) {
        return "";
    }
    std::vector<CliChoice> fitting = choices(so_far.words);
    std::erase_if(fitting, [&](const CliChoice& choice) {
        return !so_far.may_become(choice) && (!choice.is_value || choice.word == line_end);
    });
    for (CliChoice& choice : fitting) {
        choice.word = so_far.typed_out(choice);
    }
    return fitting.empty() ? "  nothing fits here\n" : help_text(fitting);
}

}  // namespace trunkline::mgmt
