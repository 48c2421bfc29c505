// Opens the files that a configuration names: secrets, certificates.
#pragma once

#include "board/file_descriptor.h"

#include <expected>
#include <string>

namespace trunkline::mgmt {

/// `path` as it stands, or below `folder` when it is relative.
std::string path_in(const std::string& folder, const std::string& path);

/// For reading, without waiting; the error says why not: "No such file or directory", "it is a
/// folder".
std::expected<board::FileDescriptor, std::string> open_regular_file(const std::string& path);

}  // namespace trunkline::mgmt
