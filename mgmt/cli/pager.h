// What a command writes, on a terminal: page by page with `--MORE--` between (space: the next page,
// Enter: the next line, q: no more), or as it comes.
#pragma once

#include "mgmt/cli/output.h"

#include <cstddef>
#include <string_view>

namespace trunkline::mgmt {

struct PagerOptions {
    int output = 1;          ///< a descriptor that blocks
    int keys = -1;           ///< a terminal that keys are read from; -1: no pages
    std::size_t height = 0;  ///< lines of a page, the one with --MORE-- too; 0: no pages
    std::size_t width = 0;   ///< columns; 0: lines never wrap
    int interrupts = -1;     ///< a descriptor that is readable once Ctrl-C came
};

/// For one command. Nobody reads any more after `q`, Ctrl-C, or when the descriptor is gone.
class Pager : public CliOutput {
public:
    explicit Pager(const PagerOptions& options) : options_(options) {}

    bool write(std::string_view text) override;
    /// The output descriptor is gone: nothing can be shown any more.
    bool is_gone() const { return is_gone_; }

private:
    bool put(std::string_view text);
    void erase_more();
    char key() const;
    bool ask_for_more();
    std::size_t rows_of(std::string_view line) const;

    const PagerOptions options_;
    std::size_t rows_ = 0;     ///< shown since the last key
    std::size_t columns_ = 0;  ///< of the line that has not ended
    bool has_ended_ = false;
    bool is_gone_ = false;
};

}  // namespace trunkline::mgmt
