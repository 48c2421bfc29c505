// Lines from a terminal with editing, history, completion at Tab and help at `?` (libedit).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

/// One at a time, for the terminal at the standard descriptors. Sets the terminal and gives it back
/// as it was.
class LineEditor {
public:
    /// What helps while a line is typed.
    class Helper {
    public:
        virtual ~Helper() = default;
        virtual std::vector<std::string> completions(std::string_view line) const = 0;
        virtual std::string help(std::string_view line) const = 0;
    };

    /// `helper` outlives it. `interrupts` is a descriptor that is readable once Ctrl-C came.
    /// nullptr: there is no terminal that could be set.
    static std::unique_ptr<LineEditor> create(const Helper& helper, int interrupts);
    ~LineEditor();
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;

    /// A line without its end; an empty one after Ctrl-C; nothing when the input has ended.
    std::optional<std::string> read(const std::string& prompt);
    /// The same without showing or remembering it.
    std::optional<std::string> read_secret(const std::string& prompt);

private:
    struct State;
    explicit LineEditor(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace trunkline::mgmt
