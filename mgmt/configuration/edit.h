// One change to one table of a configuration, as the command line and REST make it: parameters of
// settings or of a row are set or left out, a row comes or goes. Rows are named by their numbers.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/fault.h"
#include "mgmt/configuration/node.h"

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <vector>

namespace trunkline::mgmt {

/// A part of a value (value_parts.h); the others stay as they are.
struct ConfigPart {
    std::string parameter;
    std::size_t part = 0;
    ConfigNodePtr value;  ///< nullptr: none
};

struct ConfigEdit {
    std::string table;              ///< its path in the catalogue
    std::vector<std::size_t> rows;  ///< the number of the row, after those of the rows around it
    std::vector<ConfigNode::Entry> set;
    std::vector<std::string> left_out;  ///< parameters that get their defaults
    bool removes_row = false;           ///< then nothing is set
    std::vector<ConfigPart> parts{};    ///< after `set`
};

/// "signaling_and_media.proxy_sets[3].proxy_addresses[0]".
std::string path_of(const ConfigEdit& edit, const Catalogue& catalogue);

/// The table or row that `edit` is about; nullptr: there is none (yet).
ConfigNodePtr edited_node(const ConfigNodePtr& root, const ConfigEdit& edit,
                          const Catalogue& catalogue);

/// `root` after all of `edits`, which is not judged yet. A new row that needs a name and gets none
/// has the table's and its number: "Account_0". A fault: no such table or parameter, a row
/// within one that does not exist, a row to remove that is not there.
std::expected<ConfigNodePtr, ConfigFault> apply_edits(ConfigNodePtr root,
                                                      std::span<const ConfigEdit> edits,
                                                      const Catalogue& catalogue);

}  // namespace trunkline::mgmt
