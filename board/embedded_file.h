// Data files built into the binary (tools/embed): models here, the catalogue in mgmt.
#pragma once

#include <span>
#include <string_view>

namespace trunkline::board {

struct EmbeddedFile {
    std::string_view name;  ///< file name without folder and extension
    std::string_view text;
};

/// board/models/*.yaml, sorted by name.
extern const std::span<const EmbeddedFile> model_files;

}  // namespace trunkline::board
