// Where a command of the command line writes, piece by piece: long output streams.
#pragma once

#include <string>
#include <string_view>

namespace trunkline::mgmt {

class CliOutput {
public:
    virtual ~CliOutput() = default;
    /// Any text, not by lines. false: nobody reads any more (a hang-up, `q` at the pager, Ctrl-C);
    /// the command ends at its next convenience.
    virtual bool write(std::string_view text) = 0;
};

/// Keeps what is written.
class CliText : public CliOutput {
public:
    bool write(std::string_view piece) override {
        text += piece;
        return true;
    }
    std::string text;
};

}  // namespace trunkline::mgmt
