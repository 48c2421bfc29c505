// Writes a file so that a reader finds the old text or the new one, whenever the power goes.
#pragma once

#include "board/error.h"

#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// Replaces `path` by `text`: a new file beside it, fsync, rename (rename(2)), fsync of the folder.
/// Readable and writable for its owner alone, as configurations hold secrets. On an error what was
/// there is there still.
board::Expected<void> write_file(const std::string& path, std::string_view text);

}  // namespace trunkline::mgmt
