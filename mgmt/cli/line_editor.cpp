#include "mgmt/cli/line_editor.h"

#include "mgmt/cli/words.h"

#include <fmt/format.h>
#include <histedit.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <utility>

namespace trunkline::mgmt {

namespace {

constexpr int remembered_lines = 500;

std::size_t terminal_width() {
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// `words` side by side.
std::string in_columns(const std::vector<std::string>& words) {
    std::size_t width = 0;
    for (const std::string& word : words) {
        width = std::max(width, word.size() + 2);
    }
    const std::size_t columns = std::max<std::size_t>(1, terminal_width() / width);
    std::string text;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const bool ends = at % columns == columns - 1 || at + 1 == words.size();
        text += ends ? words[at] + "\n" : fmt::format("{:<{}}", words[at], width);
    }
    return text;
}

std::string common_beginning(const std::vector<std::string>& words) {
    std::string common = words.front();
    for (const std::string& word : words) {
        const auto [end, unused] = std::ranges::mismatch(common, word);
        common.erase(end, common.end());
    }
    return common;
}

void show(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

bool is_inside_quotes(std::string_view line) {
    bool inside = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '\\' && inside) {
            ++at;
        } else if (line[at] == '"') {
            inside = !inside;
        }
    }
    return inside;
}

/// Of UTF-8, as the editor counts.
int characters_in(std::string_view text) {
    return static_cast<int>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

struct LineEditor::State {
    struct EndEdit {
        void operator()(EditLine* edit) const { ::el_end(edit); }
    };
    struct EndHistory {
        void operator()(History* history) const { ::history_end(history); }
    };

    State(const Helper& a_helper, int the_interrupts)
        : helper(a_helper), interrupts(the_interrupts) {}
    ~State() {
        edit.reset();  // it gives back what it found
        if (is_set) {
            ::tcsetattr(STDIN_FILENO, TCSADRAIN, &found);
        }
    }

    bool take_terminal() {
        is_set = ::tcgetattr(STDIN_FILENO, &found) == 0;
        hide_keys();
        return is_set;
    }

    /// What is typed while a command runs is shown when it is read, not twice; a password never.
    /// And it is kept as it is typed: the kernel's lines would eat a Ctrl-D. The editor undoes this
    /// with each line.
    void hide_keys() const {
        termios quiet = found;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
        quiet.c_cc[VMIN] = 1;
        quiet.c_cc[VTIME] = 0;
        ::tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet);
    }

    bool start_editor() {
        edit.reset(::el_init("trunkline", stdin, stdout, stderr));
        history.reset(::history_init());
        if (!edit || !history) {
            return false;
        }
        HistEvent event{};
        ::history(history.get(), &event, H_SETSIZE, remembered_lines);
        ::history(history.get(), &event, H_SETUNIQUE, 1);
        // Tools say that they are a VT100 and would find the filling, which a slow terminal needs
        // behind some sequences, in what they read.
        const char* const terminal = std::getenv("TERM");
        if (terminal != nullptr && std::string_view(terminal).starts_with("vt")) {
            ::el_set(edit.get(), EL_TERMINAL, "xterm");
        }
        ::el_set(edit.get(), EL_CLIENTDATA, this);
        ::el_set(edit.get(), EL_GETCFN, &State::next_character);
        ::el_set(edit.get(), EL_HIST, ::history, history.get());
        ::el_set(edit.get(), EL_PROMPT, &State::current_prompt);
        ::el_set(edit.get(), EL_EDITOR, "emacs");
        ::el_set(edit.get(), EL_SIGNAL, 0);
        ::el_set(edit.get(), EL_ADDFN, "trunkline-complete", "complete the word",
                 &State::on_complete);
        ::el_set(edit.get(), EL_ADDFN, "trunkline-help", "tell what fits here", &State::on_help);
        ::el_set(edit.get(), EL_BIND, "^I", "trunkline-complete", nullptr);
        ::el_set(edit.get(), EL_BIND, "?", "trunkline-help", nullptr);
        hide_keys();  // the editor turned them on
        return true;
    }

    static State& of(EditLine* line) {
        void* state = nullptr;
        ::el_get(line, EL_CLIENTDATA, &state);
        return *static_cast<State*>(state);
    }
    static char* current_prompt(EditLine* line) { return of(line).prompt.data(); }
    static std::string before_cursor(EditLine* line) {
        const LineInfo* info = ::el_line(line);
        return {info->buffer, info->cursor};
    }

    /// A byte; 0: the input has ended; negative with errno, EINTR after Ctrl-C. Ctrl-C that comes
    /// between two waits is not missed.
    int next_byte(char& byte) const {
        std::array<pollfd, 2> wanted{{{STDIN_FILENO, POLLIN, 0}, {interrupts, POLLIN, 0}}};
        for (;;) {
            const int ready = ::poll(wanted.data(), wanted.size(), -1);
            if (ready > 0 && wanted[1].revents != 0) {
                errno = EINTR;
                return -1;
            }
            if (ready > 0) {
                return static_cast<int>(::read(STDIN_FILENO, &byte, 1));
            }
            if (errno != EINTR) {
                return -1;
            }
        }
    }

    static int next_character(EditLine* line, wchar_t* character) {
        const State& state = of(line);
        std::mbstate_t so_far{};
        for (;;) {
            char byte = 0;
            const int got = state.next_byte(byte);
            if (got <= 0) {
                return got;
            }
            const std::size_t size = std::mbrtowc(character, &byte, 1, &so_far);
            if (size == static_cast<std::size_t>(-1)) {
                so_far = {};  // no UTF-8: left out
            } else if (size != static_cast<std::size_t>(-2)) {
                return 1;
            }
        }
    }

    static unsigned char on_help(EditLine* line, int) {
        const std::string typed = before_cursor(line);
        if (is_inside_quotes(typed)) {
            return ::el_insertstr(line, "?") == 0 ? CC_REFRESH : CC_ERROR;
        }
        show("?\n" + of(line).helper.help(typed));
        return CC_REDISPLAY;
    }

    static unsigned char on_complete(EditLine* line, int) {
        const std::string typed = before_cursor(line);
        const auto words = of(line).helper.completions(typed);
        if (words.empty()) {
            return CC_REFRESH_BEEP;
        }
        const std::string begun = typed.substr(begun_word(typed));
        std::string more = common_beginning(words) + (words.size() == 1 ? " " : "");
        if (more.starts_with(begun)) {
            more.erase(0, begun.size());
        } else if (more.size() > begun.size()) {
            ::el_deletestr(line, characters_in(begun));  // it gets the quotes that it needs
        } else {
            more.clear();
        }
        if (!more.empty()) {
            return ::el_insertstr(line, more.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
        }
        show("\n" + in_columns(words));
        return CC_REDISPLAY;
    }

    const Helper& helper;
    const int interrupts;
    termios found{};
    bool is_set = false;
    std::string prompt;
    std::unique_ptr<EditLine, EndEdit> edit;
    std::unique_ptr<History, EndHistory> history;
};

LineEditor::LineEditor(std::unique_ptr<State> state) : state_(std::move(state)) {}
LineEditor::~LineEditor() = default;

std::unique_ptr<LineEditor> LineEditor::create(const Helper& helper, int interrupts) {
    ::setlocale(LC_CTYPE, "C.UTF-8");
    auto state = std::make_unique<State>(helper, interrupts);
    if (!state->take_terminal() || !state->start_editor()) {
        return nullptr;
    }
    return std::unique_ptr<LineEditor>(new LineEditor(std::move(state)));
}

std::optional<std::string> LineEditor::read(const std::string& prompt) {
    state_->prompt = prompt;
    ::el_resize(state_->edit.get());
    int count = 0;
    errno = 0;
    const char* const text = ::el_gets(state_->edit.get(), &count);
    const int reason = errno;
    state_->hide_keys();
    if (text == nullptr || count <= 0) {
        if (count < 0 && reason == EINTR) {
            show("\n");
            return "";
        }
        return std::nullopt;
    }
    std::string line(text, static_cast<std::size_t>(count));
    line.erase(line.find_last_not_of("\r\n") + 1);
    if (line.find_first_not_of(" \t") != line.npos) {
        HistEvent event{};
        ::history(state_->history.get(), &event, H_ENTER, line.c_str());
    }
    return line;
}

std::optional<std::string> LineEditor::read_secret(const std::string& prompt) {
    show(prompt);
    std::string line;
    for (;;) {
        char byte = 0;
        const int size = state_->next_byte(byte);
        if (size < 0 && errno == EINTR) {
            show("\n");
            return "";
        }
        if (size <= 0) {
            return std::nullopt;
        }
        constexpr char end_of_input = 4, kill = 21, backspace = 8, erase = 127;
        if (byte == '\n' || byte == '\r') {
            show("\n");
            return line;
        }
        if (byte == end_of_input && line.empty()) {
            return std::nullopt;
        }
        if (byte == kill) {
            line.clear();
        } else if (byte != backspace && byte != erase) {
            line += byte;
        } else if (!line.empty()) {
            line.pop_back();
        }
    }
}

}  // namespace trunkline::mgmt
