// The modes of the command line and the parameters in each, made of the catalogue's CLI paths:
// "configure voip > proxy-set <i> > proxy-ip <j>" is a mode within a mode within a mode.
#pragma once

#include "mgmt/catalogue/catalogue.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

struct CliParameter {
    std::string word;  ///< "registration-time"
    const Table* table = nullptr;
    const Parameter* parameter = nullptr;
    std::size_t part = 0, parts = 1;  ///< which part of the value it gives, of how many
    bool is_other_word = false;       ///< CommandWords::also: taken, and not shown

    bool is_part() const { return parts > 1; }
};

struct CliMode {
    std::vector<std::string> words;  ///< that enter it: {"sip-definition", "account"}
    std::string prompt;              ///< "account", or "config-voip"
    /// A mode of rows: the number of a row follows the words. nullptr: settings, or modes alone.
    const Table* list = nullptr;
    std::vector<CliParameter> parameters;  ///< of several tables, where settings share a mode
    std::vector<std::unique_ptr<CliMode>> modes;

    const CliParameter* parameter(std::string_view word) const;
    /// The mode that `given` words enter from here, a number behind them aside; nullptr: none.
    const CliMode* mode(std::vector<std::string> given) const;
};

/// The catalogue outlives it.
class ModeTree {
public:
    explicit ModeTree(const Catalogue& catalogue);

    /// Its modes are "configure voip", "configure network" and so on.
    const CliMode& root() const { return root_; }

private:
    CliMode root_;
};

}  // namespace trunkline::mgmt
