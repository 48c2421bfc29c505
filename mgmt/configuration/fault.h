// A fault of a configuration file: where it is, what stands there, what may stand there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace trunkline::mgmt {

/// Whose words name the places of a configuration.
enum class ConfigWords : uint8_t {
    tree,  ///< YAML, JSON, REST: "signaling_and_media.accounts[2].register"
    ini,   ///< "Account 2: Account_Register"
    cli,   ///< "sip-definition account 2 > register"
};

/// One fault of a configuration file.
struct ConfigFault {
    std::string file;          ///< empty: it was not read from one
    int line = 0, column = 0;  ///< from 1, column in bytes; 0 = the file as a whole
    /// "signaling_and_media.accounts[2].register", with the numbers of rows; may be empty.
    std::string path;
    std::string found;       ///< what stands there, never a secret: "'regulr'"; may be empty
    std::string allowed;     ///< what may stand there, may be empty
    std::string advice;      ///< "did you mean 'regular'?", may be empty
    std::string place = {};  ///< `path` in the words of its surface; empty: as it stands

    /// "conf/lab.yaml:12:17: signaling_and_media.accounts[2].register: found 'regulr'; allowed: no,
    /// regular; did you mean 'regular'?"
    std::string to_string() const;
};

using ConfigFaults = std::vector<ConfigFault>;

/// What stands against a configuration, and what of it was read and would not act as written: a
/// line each, for the same reader.
struct RefusedConfiguration {
    ConfigFaults faults;  ///< one at least
    std::vector<std::string> notes;
};

/// `text` in single quotes, cut where it is long, for `found`.
std::string in_quotes(const std::string& text);

}  // namespace trunkline::mgmt
