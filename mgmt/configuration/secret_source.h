// Fetches a secret from where the configuration says it is. No message holds the secret.
#pragma once

#include "sipstack/config.h"

#include <expected>
#include <string>

namespace trunkline::mgmt {

/// Why a secret could not be had.
struct SecretFault {
    std::string found;    ///< "no file '/etc/x.secret' (No such file or directory)"
    std::string allowed;  ///< "a readable file"
    std::string advice;   ///< may be empty
};

/// The text of a regular file of at most 64 KiB without the line end that closes it. A relative
/// `path` starts at `folder`.
std::expected<sipstack::Secret, SecretFault> secret_from_file(const std::string& path,
                                                              const std::string& folder);
/// The text of an environment variable.
std::expected<sipstack::Secret, SecretFault> secret_from_environment(const std::string& name);

}  // namespace trunkline::mgmt
