// Writes a file so that a reader finds the old text or the new one, whenever the power goes.
#pragma once

#include "board/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

enum class FileReaders : uint8_t {
    owner,            ///< nobody else, as configurations hold secrets
    group_of_folder,  ///< the group that its folder belongs to, too
};

/// Replaces `path` by `text`: a new file beside it, fsync, rename (rename(2)), fsync of the folder.
/// Its owner alone writes it. On an error what was there is there still.
board::Expected<void> write_file(const std::string& path, std::string_view text,
                                 FileReaders readers = FileReaders::owner);

}  // namespace trunkline::mgmt
