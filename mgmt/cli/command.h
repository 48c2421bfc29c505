// The commands of the command line outside its configuration modes, as a table: a row a command.
#pragma once

#include "board/error.h"
#include "mgmt/catalogue/catalogue.h"
#include "mgmt/cli/choice.h"
#include "mgmt/cli/output.h"
#include "mgmt/cli/words.h"

#include <nlohmann/json_fwd.hpp>

#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

/// Asks the appliance and waits for its answer. The error: none came.
using CliAsk = std::function<board::Expected<nlohmann::json>(const nlohmann::json& request)>;

/// A command as it was given, and what it needs to run.
struct CliCall {
    const CliAsk& ask;
    const Catalogue& catalogue;
    CliOutput& output;
    CliOutput& errors;  ///< no filter of the line is between
    /// What stood for the values and alternatives of the command's words, in their order.
    std::vector<std::string> arguments;
    bool as_json = false;  ///< --json

    /// The answer; a refusal was written already, with its faults, and so was that none came.
    std::optional<nlohmann::json> answer_to(const nlohmann::json& request) const;
    /// true: it is a success, even though nobody may read it.
    bool print(std::string_view text) const;
    bool print_json(const nlohmann::json& value) const;
    /// Writes "Error: ..."; false, so that a handler returns it.
    bool fail(std::string_view why) const;
    /// The same of a refusal of the appliance, with its faults.
    bool refuse(const nlohmann::json& refusal) const;
};

struct CliCommand {
    /// "show voip calls history sbc first <count>": `a|b` is one of them, `<x>` any one word,
    /// `<x...>` all that follows, at least one.
    std::string words;
    std::string help;
    bool privileged = false;  ///< after `enable` alone
    /// false: it failed, and said so. Empty: the words are the beginning of others, for their help.
    std::function<bool(const CliCall& call)> run;
};

/// What stands in the help of a command that is complete.
inline constexpr std::string_view line_end = "<cr>";

class CliCommandTable {
public:
    /// In the order in which help shows them.
    void add(CliCommand command);

    struct Match {
        const CliCommand* command = nullptr;
        std::vector<std::string> arguments;
    };
    /// Words may be cut short as long as they are clear. The error: what was found and what is
    /// allowed.
    std::expected<Match, std::string> match(std::span<const CliWord> words, bool privileged) const;
    /// What may follow `words`; none where they are wrong. A command that is complete has the
    /// choice line_end.
    std::vector<CliChoice> choices(std::span<const CliWord> words, bool privileged) const;

private:
    struct Row {
        CliCommand command;
        std::vector<std::string> tokens;
    };
    struct Walk;

    std::vector<Row> rows_;
};

}  // namespace trunkline::mgmt
