#include "mgmt/cli/shell.h"

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/cli/line_editor.h"
#include "mgmt/cli/pager.h"
#include "mgmt/cli/session.h"
#include "mgmt/json_fields.h"
#include "mgmt/local_socket_connection.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <optional>

namespace trunkline::mgmt {

namespace {

constexpr std::string_view shell_name = "trunkline-cli";
/// The appliance ends a request that it does not answer before that.
constexpr std::chrono::seconds patience{40};

/// Set by Ctrl-C, taken back before the next command. A signal handler has nothing but globals.
volatile std::sig_atomic_t interrupt_came = 0;

void on_interrupt(int) {
    interrupt_came = 1;
}

bool is_interrupted() {
    return interrupt_came != 0;
}

/// SIGINT ends what runs, not the session: system calls return at it.
void take_signals() {
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    sigaction(SIGINT, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGQUIT, SIG_IGN);
    std::signal(SIGTSTP, SIG_IGN);
}

class Shell {
public:
    explicit Shell(const CliShellOptions& options)
        : catalogue_(built_in_catalogue()),
          socket_(options.socket),
          connection_({options.socket, patience, is_interrupted}),
          is_interactive_(options.commands.empty() && ::isatty(STDIN_FILENO) == 1 &&
                          ::isatty(STDOUT_FILENO) == 1),
          session_(catalogue_,
                   {[this](const nlohmann::json& request) { return connection_.ask(request); },
                    is_interactive_}) {}

    bool is_interactive() const { return is_interactive_; }

    int run_terminal() {
        const Completion completion(session_);
        const auto editor = LineEditor::create(completion);
        if (!editor) {
            std::cerr
                << "trunkline cli: this terminal cannot be set; use -c, or lines from a pipe\n";
            return 1;
        }
        if (!is_welcome()) {
            return 1;
        }
        while (!session_.ended()) {
            const std::string prompt = session_.prompt();
            if (connection_.is_lost()) {
                return tell_lost();
            }
            interrupt_came = 0;
            const auto line =
                session_.wants_secret() ? editor->read_secret(prompt) : editor->read(prompt);
            if (!line) {
                break;
            }
            if (interrupt_came != 0 && session_.wants_secret()) {
                session_.forget_secret();
                continue;
            }
            interrupt_came = 0;
            Pager pager(pages());
            session_.execute(*line, pager);
            if (pager.is_gone()) {
                return 1;
            }
            if (connection_.is_lost() && !session_.ended()) {
                return tell_lost();
            }
        }
        return 0;
    }

    int run_script(const std::vector<std::string>& commands) {
        for (const std::string& command : commands) {
            std::size_t begin = 0;
            while (begin <= command.size() && !session_.ended()) {
                const std::size_t end = std::min(command.find('\n', begin), command.size());
                if (!run_line(command.substr(begin, end - begin))) {
                    return 1;
                }
                begin = end + 1;
            }
        }
        return leave_modes() ? 0 : 1;
    }

    int run_input() {
        std::string line;
        for (int number = 1; !session_.ended() && std::getline(std::cin, line); ++number) {
            line.erase(line.find_last_not_of('\r') + 1);
            if (!run_line(line)) {
                std::cerr << fmt::format("stopped at line {}\n", number);
                return 1;
            }
        }
        return leave_modes() ? 0 : 1;
    }

private:
    class Completion : public LineEditor::Helper {
    public:
        explicit Completion(const CliSession& session) : session_(session) {}
        std::vector<std::string> completions(std::string_view line) const override {
            return session_.completions(line);
        }
        std::string help(std::string_view line) const override { return session_.help(line); }

    private:
        const CliSession& session_;
    };

    PagerOptions pages() const {
        winsize size{};
        const bool is_known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
        return {STDOUT_FILENO, STDIN_FILENO,
                session_.window_height().value_or(is_known ? size.ws_row : 0),
                is_known ? size.ws_col : std::size_t{0}, is_interrupted};
    }

    /// What fails goes to the standard error, so that a script's output is its own.
    bool run_line(std::string_view line) {
        Pager output({STDOUT_FILENO, -1, 0, 0, is_interrupted});
        Pager errors({STDERR_FILENO, -1, 0, 0, is_interrupted});
        return session_.execute(line, output, errors) && !output.is_gone() && !is_interrupted();
    }

    /// What a script typed and did not apply is applied at its end, as `exit` does.
    bool leave_modes() {
        while (session_.is_in_mode() && !session_.ended()) {
            if (!run_line("exit")) {
                return false;
            }
        }
        return true;
    }

    int tell_lost() const {
        std::cout << fmt::format("The appliance at {} is lost: the session ends.\n", socket_);
        return 1;
    }

    /// An appliance answers, and has a place for this user.
    bool is_welcome() {
        const auto answer = connection_.ask({{"command", "system status"}});
        const std::string error = answer ? text_in(*answer, "error") : answer.error().message;
        if (answer && flag_in(*answer, "ok")) {
            return true;
        }
        std::cerr << "trunkline cli: " << error << '\n';
        return false;
    }

    const Catalogue catalogue_;
    const std::string socket_;
    LocalSocketConnection connection_;
    const bool is_interactive_;
    CliSession session_;
};

}  // namespace

bool is_login_shell(const char* called_as) {
    std::string_view name = called_as;
    name.remove_prefix(name.find_last_of('/') + 1);  // npos + 1 is 0
    return name == shell_name || (name.starts_with('-') && name.substr(1) == shell_name);
}

int run_cli(const CliShellOptions& options) {
    take_signals();
    Shell shell(options);
    if (shell.is_interactive()) {
        return shell.run_terminal();
    }
    return options.commands.empty() ? shell.run_input() : shell.run_script(options.commands);
}

}  // namespace trunkline::mgmt
