// `| include`, `| exclude`, `| begin` and `| count` behind a command: what of its lines is shown.
#pragma once

#include "mgmt/cli/output.h"
#include "mgmt/cli/words.h"

#include <regex.h>

#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace trunkline::mgmt {

/// An extended regular expression (POSIX), compiled. One that could cost more time or memory than
/// its length promises has no place in an appliance: repetition counts ("{9}") and back references
/// are refused.
class LinePattern {
public:
    static std::expected<LinePattern, std::string> compile(const std::string& text);
    bool matches(const std::string& line) const;

private:
    struct Free {
        void operator()(regex_t* pattern) const;
    };
    std::unique_ptr<regex_t, Free> pattern_;
};

struct LineFilter {
    enum class Kind { include, exclude, begin, count };
    Kind kind = Kind::include;
    LinePattern pattern;
};

/// The filters of "| include x | count y"; `words` begin with the first bar, which may stand at the
/// head of the word behind it.
std::expected<std::vector<LineFilter>, std::string> line_filters(std::span<const CliWord> words);

/// Passes on the lines that a filter lets through; several stand one before the other.
class FilteredOutput : public CliOutput {
public:
    /// Both outlive it.
    FilteredOutput(const LineFilter& filter, CliOutput& next) : filter_(filter), next_(next) {}

    bool write(std::string_view text) override;
    /// What ended without a line end, and the number of lines that were counted.
    void finish();

private:
    bool pass(const std::string& line);

    const LineFilter& filter_;
    CliOutput& next_;
    std::string rest_;  ///< of a line that has not ended
    std::size_t count_ = 0;
    bool has_begun_ = false;
};

}  // namespace trunkline::mgmt
