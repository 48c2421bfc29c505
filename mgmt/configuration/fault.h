// A fault of a configuration file: where it is, what stands there, what may stand there.
#pragma once

#include <string>
#include <vector>

namespace trunkline::mgmt {

/// One fault of a configuration file.
struct ConfigFault {
    std::string file;          ///< empty: it was not read from one
    int line = 0, column = 0;  ///< from 1, column in bytes; 0 = the file as a whole
    std::string path;          ///< "signaling_and_media.accounts[2].register"; may be empty
    std::string found;         ///< what stands there, never a secret: "'regulr'"
    std::string allowed;       ///< what may stand there, may be empty
    std::string advice;        ///< "did you mean 'regular'?", may be empty

    /// "conf/lab.yaml:12:17: signaling_and_media.accounts[2].register: found 'regulr'; allowed: no,
    /// regular; did you mean 'regular'?"
    std::string to_string() const;
};

using ConfigFaults = std::vector<ConfigFault>;

/// `text` in single quotes, cut where it is long, for `found`.
std::string in_quotes(const std::string& text);

}  // namespace trunkline::mgmt
