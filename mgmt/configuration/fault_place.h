// Where a fault is and what it speaks of, as whoever wrote what has it knows them: by the numbers
// of rows, and in the words of YAML and JSON, of ini files or of the command line.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/fault.h"
#include "mgmt/configuration/node.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

/// Turns the positions of a tree's lists into the numbers that their rows have.
class RowNumbering {
public:
    explicit RowNumbering(const ConfigNode& root) : root_(root) {}  ///< which outlives this

    /// "accounts[1].register" -> "accounts[9].register". What the tree does not have stays.
    std::string numbered(std::string_view path);

private:
    const ConfigNode& root_;
    std::map<const ConfigNode*, std::vector<std::size_t>> numbers_;  ///< of the lists met so far
};

/// The place at `path`, whose rows have their numbers, in `words`: "proxy-set 9 > proxy-name",
/// "ProxySet 9: ProxySet_ProxyName". A path that the catalogue does not know stays as it is.
std::string place_in_words(const std::string& path, const Catalogue& catalogue, ConfigWords words);

/// `text` with the words of each table and parameter that is named() in it.
std::string text_in_words(std::string_view text, const Catalogue& catalogue, ConfigWords words);

/// Gives each fault its place, and its texts their words. Every fault goes through here before it
/// is shown.
void name_places(ConfigFaults& faults, const Catalogue& catalogue, ConfigWords words);

}  // namespace trunkline::mgmt
