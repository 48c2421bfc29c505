// Reads a configuration of any format that files have, YAML or ini, into a tree.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/fault.h"
#include "mgmt/configuration/node.h"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

struct ReadConfiguration {
    ConfigNodePtr root;              ///< not judged yet; nullptr: there is nothing to look at
    ConfigFaults faults;             ///< of the format; what could be read is in `root`
    std::vector<std::string> notes;  ///< what was read and does not act as written, a line each
    ConfigWords words = ConfigWords::tree;  ///< that it was written in; faults are told in them
};

/// Any file that can be read to its end; pipes too ("trunkline check /dev/stdin").
std::expected<std::string, ConfigFaults> read_configuration_text(const std::string& path);

/// `origin` is the file's name: one that ends with .ini is read so, and what begins like one.
ReadConfiguration read_configuration(std::string_view text, const std::string& origin,
                                     const Catalogue& catalogue);

}  // namespace trunkline::mgmt
