// Where somebody stands in the configuration modes of the command line, and what was typed there
// and is not applied yet. A script and a person at a terminal are read alike.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/cli/choice.h"
#include "mgmt/cli/mode_tree.h"
#include "mgmt/cli/words.h"
#include "mgmt/configuration/edit.h"

#include <cstddef>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

/// What a line asks for beyond moving about.
struct CliStep {
    /// Applied now, all or nothing: after `activate`, on the way out of a mode, for `no TABLE N`.
    std::vector<ConfigEdit> edits;
    bool displays = false;  ///< `display`: what stands in this mode is to be shown
};

class Configurator {
public:
    /// Both outlive it.
    Configurator(const Catalogue& catalogue, const ModeTree& modes);

    /// "config-voip", "proxy-ip-1/0"; empty outside all configuration modes.
    std::string prompt() const;
    bool is_outside() const { return frames_.size() == 1; }

    /// A line of a configuration mode, or `configure AREA` outside. Words are not empty. The error
    /// says what was found and what is allowed; then nothing has changed.
    std::expected<CliStep, std::string> line(std::span<const CliWord> words);
    /// Leaves all modes; what was not activated is forgotten.
    void leave();

    /// The parameter whose value, or next member, follows `words`; nullptr: none does.
    const CliParameter* value_wanted(std::span<const CliWord> words) const;
    /// What may stand first in a line here, and what may follow `words`.
    std::vector<CliChoice> choices(std::span<const CliWord> words) const;
    /// `words` with those in full that are cut short and clear; values of parameters too. The
    /// error: one begins several words that may stand there.
    std::expected<std::vector<CliWord>, std::string> in_full(std::vector<CliWord> words) const;
    /// The list whose row this mode is; nullptr: it is no row.
    const Table* list() const { return frames_.back().mode->list; }
    /// The table, or the row of it, that this mode shows; nullopt in a mode of modes.
    std::optional<ConfigEdit> here() const;
    /// The parameters of this mode.
    std::span<const CliParameter> parameters() const { return frames_.back().mode->parameters; }
    /// What was typed here and is not applied.
    std::span<const ConfigEdit> pending() const { return frames_.back().pending; }

private:
    struct Frame {
        const CliMode* mode = nullptr;
        std::vector<std::size_t> rows;  ///< of the lists from outside to here
        std::vector<ConfigEdit> pending;
        /// The word and the value that each parameter was typed with, of those that are pending.
        std::map<const Parameter*, std::pair<std::string, std::string>> typed;
        bool is_fresh = false;  ///< a row was entered and not activated yet
    };

    std::optional<Frame> entered(std::span<const CliWord> words) const;
    std::expected<CliStep, std::string> set(std::span<const CliWord> words);
    std::expected<CliStep, std::string> unset(std::span<const CliWord> words);
    std::optional<std::string> second_word(const CliParameter& known,
                                           std::span<const CliWord> value);
    std::expected<CliStep, std::string> set_part(const CliParameter& known,
                                                 std::span<const CliWord> value);
    void put_part(const CliParameter& known, const ConfigNodePtr& value);
    static void forget(ConfigEdit& edit, const Parameter& parameter);
    std::vector<ConfigEdit> take_pending();
    ConfigEdit& pending_for(const Table& table);
    void add_modes(std::span<const CliWord> words, bool rows_alone,
                   std::vector<CliChoice>& to) const;
    static std::string help_of(const CliMode& mode);
    std::string help_of_group(std::span<const CliWord> words, const CliMode& one) const;
    std::string unknown(std::span<const CliWord> words) const;

    const Catalogue& catalogue_;
    std::vector<Frame> frames_;  ///< the first is outside
};

}  // namespace trunkline::mgmt
