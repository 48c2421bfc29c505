// Reads an ini file of the appliance family into a configuration. What the catalogue does not know
// is kept aside (the table `kept_aside`) and told, never lost.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/fault.h"
#include "mgmt/configuration/node.h"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

struct IniConfiguration {
    /// As read_yaml() gives it: not judged yet, with the places of the ini file.
    ConfigNodePtr root;
    /// What was read and does not act as written, a line each: "device.ini:12:1: ...".
    std::vector<std::string> notes;
};

/// `base` is what the file adds to, if anything: its rows keep the names that the file does not
/// give, and the file may refer to them.
std::expected<IniConfiguration, RefusedConfiguration> read_ini(std::string_view text,
                                                               const std::string& origin,
                                                               const Catalogue& catalogue,
                                                               const ConfigNodePtr& base = nullptr);

/// Whether a file is to be read as ini: its name ends so, or its first words are those of one.
bool is_ini(std::string_view path, std::string_view text);

}  // namespace trunkline::mgmt
