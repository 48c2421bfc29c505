// The command line of the appliance: modes, prompt, and what a line does. It knows no sockets,
// threads or terminals: it asks the appliance through `ask` and writes to a CliOutput.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/cli/cli_settings.h"
#include "mgmt/cli/command.h"
#include "mgmt/cli/configurator.h"
#include "mgmt/cli/copy.h"
#include "mgmt/cli/edit_request.h"
#include "mgmt/cli/mode_tree.h"
#include "mgmt/cli/output.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

class CliSession {
public:
    struct Options {
        CliAsk ask;
        /// A person, or a tool that acts as one: begins in basic mode, `enable` has a dialogue.
        /// Otherwise a script, which begins in privileged mode.
        bool is_interactive = false;
        /// For `copy`; empty where there is nobody whose files could go and come.
        CliTransfer transfer = {};
    };

    /// The catalogue outlives it.
    CliSession(const Catalogue& catalogue, Options options);
    CliSession(const CliSession&) = delete;
    CliSession& operator=(const CliSession&) = delete;

    /// "Name> ", "Name(proxy-set-1)*# ", or "Password: ". Asks the appliance for its name and
    /// whether a save is needed.
    std::string prompt();
    /// The next line is a password: it is not to be seen, and not to be remembered.
    bool wants_secret() const { return asks_password_; }

    void forget_secret() { asks_password_ = false; }

    /// false: it failed, or was refused, and nothing of it was applied; `errors` says why.
    bool execute(std::string_view line, CliOutput& output, CliOutput& errors);
    bool execute(std::string_view line, CliOutput& output) { return execute(line, output, output); }
    /// In a configuration mode, where `exit` applies what was typed.
    bool is_in_mode() const { return settings_.is_open() || is_configuring(); }
    /// After `exit` in the outermost mode, `quit`, `reload`: nothing more is taken.
    bool ended() const { return ended_; }

    /// Words that the last one of `line` may become, or, after a blank, that may follow.
    std::vector<std::string> completions(std::string_view line) const;
    /// What may stand there, a line each.
    std::string help(std::string_view line) const;

    /// Lines of a page; 0: no pages; nullopt: as high as the terminal is.
    std::optional<std::size_t> window_height() const { return settings_.window_height(); }

private:
    bool is_configuring() const { return !configurator_->is_outside(); }
    std::vector<CliChoice> choices(std::span<const CliWord> words) const;
    std::vector<CliChoice> mode_choices(std::span<const CliWord> words) const;
    std::vector<CliChoice> value_choices(std::span<const CliWord> words) const;
    void add_own_commands();
    bool run_command(std::span<const CliWord> words, const CliCall& call);
    bool run_words(std::span<const CliWord> words, CliCall given);
    /// `run` with an output that the filters of a line (`| include x`) stand before.
    static bool filtered(std::span<const CliWord> behind, const CliCall& call,
                         const std::function<bool(CliOutput& output)>& run);
    bool configure(std::vector<CliWord> words, const CliCall& call);
    bool step(std::span<const CliWord> words, const CliCall& call);
    bool take_password(const CliCall& call);

    const Catalogue& catalogue_;
    const Options options_;
    const ModeTree modes_;
    CliCommandTable commands_;
    std::optional<Configurator> configurator_;  ///< always there; replaced when a line succeeds
    CliSettings settings_;
    std::string hostname_ = "trunkline";
    SeenRevision revision_;  ///< when the prompt was asked for
    SeenRevision seen_;      ///< when this mode was entered, of a person's session
    bool is_save_needed_ = false;
    bool is_privileged_ = false;
    bool asks_password_ = false;
    bool ended_ = false;
};

}  // namespace trunkline::mgmt
