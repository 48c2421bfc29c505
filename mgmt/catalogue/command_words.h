// The words of one parameter on the command line, read from Parameter::cli.
#pragma once

#include "mgmt/catalogue/catalogue.h"

#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

struct CommandWords {
    std::string mode;  ///< "configure network > interface network-if <i>"
    /// One, or one for each part of the value (value_parts.h): "ip-address", "prefix-length".
    std::vector<std::string> parts;
    /// Those that are taken for it as well, as the appliance family has several for what is one
    /// here: "gwipv4-sip-int-name".
    std::vector<std::string> also;
};

/// Of "MODE > WORD", "MODE > WORD + WORD" or "MODE > WORD | WORD | WORD".
CommandWords command_words(const Parameter& parameter);

/// What stands in `text` before, between and behind each `between`; nothing of an empty text.
std::vector<std::string> split_words(std::string_view text, std::string_view between);

}  // namespace trunkline::mgmt
