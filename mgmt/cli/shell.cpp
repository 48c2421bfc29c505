#include "mgmt/cli/shell.h"

#include "board/file_descriptor.h"
#include "mgmt/catalogue/catalogue.h"
#include "mgmt/cli/file_transfer.h"
#include "mgmt/cli/line_editor.h"
#include "mgmt/cli/pager.h"
#include "mgmt/cli/script_run.h"
#include "mgmt/cli/session.h"
#include "mgmt/json_fields.h"
#include "mgmt/local_socket_connection.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <iterator>
#include <optional>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

constexpr std::string_view shell_name = "trunkline-cli";
/// The appliance ends a request that it does not answer before that.
constexpr std::chrono::seconds patience{40};

/// Ctrl-C at a terminal, as something to wait for: it ends what runs and not the session.
class Interrupts {
public:
    explicit Interrupts(bool is_wanted) {
        if (!is_wanted) {
            return;
        }
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGINT);
        sigprocmask(SIG_BLOCK, &signals, nullptr);
        fd_ = board::FileDescriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
        std::signal(SIGQUIT, SIG_IGN);
        std::signal(SIGTSTP, SIG_IGN);
    }

    /// Readable once one came; -1: nobody wants to know.
    int fd() const { return fd_ ? fd_.get() : -1; }
    /// Whether one came; it is forgotten.
    bool take() const {
        signalfd_siginfo info{};
        bool came = false;
        while (fd_ && ::read(fd_.get(), &info, sizeof info) == sizeof info) {
            came = true;
        }
        return came;
    }

private:
    board::FileDescriptor fd_;
};

class Shell {
public:
    explicit Shell(const CliShellOptions& options)
        : catalogue_(built_in_catalogue()),
          socket_(options.socket),
          is_interactive_(options.commands.empty() && ::isatty(STDIN_FILENO) == 1 &&
                          ::isatty(STDOUT_FILENO) == 1),
          interrupts_(is_interactive_),
          connection_({options.socket, patience, interrupts_.fd()}),
          transfer_({.interrupts = interrupts_.fd()}),
          session_(catalogue_, {[this](const json& request) { return ask(request); },
                                is_interactive_, transfer_of(transfer_)}) {}

    bool is_interactive() const { return is_interactive_; }

    int run_terminal() {
        const Completion completion(session_);
        const auto editor = LineEditor::create(completion, interrupts_.fd());
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
            const auto line =
                session_.wants_secret() ? editor->read_secret(prompt) : editor->read(prompt);
            if (!line) {
                break;
            }
            if (interrupts_.take()) {
                session_.forget_secret();
                continue;
            }
            Pager pager(pages());
            session_.execute(*line, pager);
            interrupts_.take();
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

    /// A file is applied as a whole or not at all; what comes of a pipe may have more to come when
    /// somebody looks at what a line did, so each acts as it is read.
    int run_input() { return is_file(STDIN_FILENO) ? run_file() : run_pipe(); }

private:
    static bool is_file(int fd) {
        struct stat state {};
        return ::fstat(fd, &state) == 0 && S_ISREG(state.st_mode);
    }

    int run_file() {
        const std::string script(std::istreambuf_iterator<char>(std::cin), {});
        Pager output({STDOUT_FILENO, -1, 0, 0, -1});
        Pager errors({STDERR_FILENO, -1, 0, 0, -1});
        const CliAsk ask = [this](const json& request) { return connection_.ask(request); };
        const ScriptResult result = mgmt::run_script(
            script, catalogue_,
            [&](const json& request) {
                auto answer = ask(request);
                return answer ? *std::move(answer)
                              : json{{"ok", false}, {"error", answer.error().message}};
            },
            {output, errors}, transfer_of(transfer_));
        if (!result.refusal.is_null()) {
            CliCall{ask, catalogue_, output, errors, {}, false}.refuse(result.refusal);
        }
        return result.is_done ? 0 : tell_stopped(result);
    }

    int run_pipe() {
        std::string line;
        for (std::size_t number = 1; !session_.ended() && std::getline(std::cin, line); ++number) {
            line.erase(line.find_last_not_of('\r') + 1);
            line_ = number;
            if (!run_line(line)) {
                ScriptResult result;
                result.line = number;
                result.acts = acts_;
                return tell_stopped(result);
            }
        }
        return leave_modes() ? 0 : 1;
    }

    static int tell_stopped(const ScriptResult& result) {
        const std::string where = result.line == 0 ? "" : fmt::format(" at line {}", result.line);
        std::cerr << fmt::format("stopped{}: {}\n", where, what_acts(result));
        return 1;
    }

    /// Notes up to which line of a pipe the configuration acts.
    board::Expected<json> ask(const json& request) {
        auto answer = connection_.ask(request);
        if (answer && flag_in(*answer, "ok") && !only_looks(text_in(request, "command"))) {
            acts_ = line_;
        }
        return answer;
    }

    static CliTransfer transfer_of(const FileTransfer& transfer) {
        return {[&transfer](const std::string& url) { return transfer.fetch(url); },
                [&transfer](const std::string& url, const std::string& content) {
                    return transfer.send(url, content);
                }};
    }

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
                is_known ? size.ws_col : std::size_t{0}, interrupts_.fd()};
    }

    /// What fails goes to the standard error, so that a script's output is its own.
    bool run_line(std::string_view line) {
        Pager output({STDOUT_FILENO, -1, 0, 0, -1});
        Pager errors({STDERR_FILENO, -1, 0, 0, -1});
        return session_.execute(line, output, errors) && !output.is_gone();
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
        const auto answer = connection_.ask({{"command", "configuration status"}});
        const std::string error = answer ? text_in(*answer, "error") : answer.error().message;
        if (answer && flag_in(*answer, "ok")) {
            return true;
        }
        std::cerr << "trunkline cli: " << error << '\n';
        return false;
    }

    const Catalogue catalogue_;
    const std::string socket_;
    const bool is_interactive_;
    const Interrupts interrupts_;
    LocalSocketConnection connection_;
    const FileTransfer transfer_;
    std::size_t line_ = 0, acts_ = 0;  ///< of a pipe
    CliSession session_;
};

}  // namespace

bool is_login_shell(const char* called_as) {
    std::string_view name = called_as;
    name.remove_prefix(name.find_last_of('/') + 1);  // npos + 1 is 0
    return name == shell_name || (name.starts_with('-') && name.substr(1) == shell_name);
}

int run_cli(const CliShellOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    Shell shell(options);
    if (shell.is_interactive()) {
        return shell.run_terminal();
    }
    return options.commands.empty() ? shell.run_input() : shell.run_script(options.commands);
}

}  // namespace trunkline::mgmt
