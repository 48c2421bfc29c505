// Auxiliary files of the appliance family (tones, dial plans, prompts, ...): this version uses none
// of them, and keeps what it is given, so that tools that bring them and fetch them work.
#pragma once

#include "board/error.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

struct AuxiliaryFileKind {
    std::string_view name;  ///< as requests call it
    std::string_view title;
};

inline constexpr std::array<AuxiliaryFileKind, 8> auxiliary_file_kinds = {
    {{"amd", "The answering machine detector's file"},
     {"casTable", "The table of channel associated signaling"},
     {"coderTable", "The table of coders"},
     {"cpt", "The call progress tones"},
     {"dialplan", "The dial plan"},
     {"prt", "The prerecorded tones"},
     {"voicePrompts", "The voice prompts"},
     {"sbcWizard", "The templates of the configuration wizard"}}};

/// One file of each kind, in a folder of its own. Any thread.
class AuxiliaryFiles {
public:
    /// The folder is made with the first file.
    explicit AuxiliaryFiles(std::string folder);

    /// Replaces the one that was there; `kind` is one of auxiliary_file_kinds.
    board::Expected<void> put(std::string_view kind, std::string_view content) const;
    bool has(std::string_view kind) const;
    /// nullopt: there is none.
    std::optional<std::string> get(std::string_view kind) const;
    /// false: there was none.
    bool remove(std::string_view kind) const;

private:
    const std::string folder_;
};

}  // namespace trunkline::mgmt
