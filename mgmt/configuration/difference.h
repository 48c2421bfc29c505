// What one configuration has and another has not, for people: before it is applied, in the activity
// log, in a conflict.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/node.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trunkline::mgmt {

/// One parameter, or a row that came or went.
struct ConfigDifference {
    /// Rows stand there by their numbers: "signaling_and_media.accounts[7].register".
    std::string path;
    std::optional<std::string> before, after;  ///< as YAML has it; a secret is "(a secret)"
    bool is_row = false;                       ///< a whole row came or went
    bool needs_reset = false;                  ///< acts after a restart alone

    /// "+ accounts[7] office", "- ...", "~ ...register: regular -> no".
    std::string to_string() const;
};

/// Both are canonical(). In the order of the catalogue; rows are the same where their numbers are.
std::vector<ConfigDifference> difference(const ConfigNode& before, const ConfigNode& after,
                                         const Catalogue& catalogue);

/// Whether any of them acts after a restart alone.
bool needs_reset(std::span<const ConfigDifference> differences);

}  // namespace trunkline::mgmt
