#include "mgmt/show_client.h"

#include "board/file_descriptor.h"
#include "mgmt/appliance_config.h"
#include "mgmt/counters_view.h"
#include "mgmt/local_socket.h"
#include "mgmt/registration_view.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/signalfd.h>

#include <csignal>
#include <map>
#include <string>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

constexpr int watch_period_ms = 1000;

std::string socket_of(const CommandLine& command_line) {
    return command_line.socket.empty() ? AdministrationConfig{}.local_socket : command_line.socket;
}

/// The reply to a command, refused ones as errors.
board::Expected<json> ask(const CommandLine& command_line, const char* command) {
    auto reply = ask_appliance(socket_of(command_line), {{"command", command}});
    if (!reply) {
        return reply;
    }
    const auto ok = reply->find("ok");
    if (ok == reply->end() || !ok->is_boolean() || !ok->get<bool>()) {
        const auto error = reply->find("error");
        return std::unexpected(board::Error{error != reply->end() && error->is_string()
                                                ? error->get<std::string>()
                                                : "the appliance gave no reason"});
    }
    return reply;
}

json rows_of(const json& reply) {
    const auto rows = reply.find("registrations");
    return rows != reply.end() && rows->is_array() ? *rows : json::array();
}

std::string dumped(const json& value, int indent) {
    return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

/// SIGINT and SIGTERM as something to wait for, so that a watch ends between two pictures.
class EndSignals {
public:
    EndSignals() {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGINT);
        sigaddset(&signals, SIGTERM);
        sigprocmask(SIG_BLOCK, &signals, &before_);
        fd_ = board::FileDescriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    }
    ~EndSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
    EndSignals(const EndSignals&) = delete;
    EndSignals& operator=(const EndSignals&) = delete;

    /// true when one came. It is taken off, so that it does not end the process afterwards.
    bool wait(int milliseconds) const {
        pollfd wanted{fd_.get(), POLLIN, 0};
        if (::poll(&wanted, 1, milliseconds) <= 0) {
            return false;
        }
        signalfd_siginfo info{};
        return ::read(fd_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info);
    }

private:
    sigset_t before_{};
    board::FileDescriptor fd_;
};

/// Prints what changed since the picture before.
class ChangePrinter {
public:
    ChangePrinter(std::ostream& out, bool as_json) : out_(out), as_json_(as_json) {}

    void print(const json& rows) {
        for (const json& row : rows) {
            const std::string line = registration_line(row, false);
            std::string& before = lines_[line.substr(0, line.find(": "))];
            if (before != line) {
                out_ << (as_json_ ? dumped(row, -1) : line) << '\n';
                before = line;
            }
        }
        out_.flush();
    }

private:
    std::ostream& out_;
    const bool as_json_;
    std::map<std::string, std::string> lines_;
};

int watch_registration(const CommandLine& command_line, std::ostream& out, std::ostream& errors,
                       bool terminal) {
    const EndSignals end;
    ChangePrinter changes(out, command_line.json);
    const bool redraw = terminal && !command_line.json;
    for (bool seen = false;; seen = true) {
        const auto reply = ask(command_line, "show registration");
        if (!reply) {
            errors << reply.error().message << '\n';
            return seen ? 0 : 1;
        }
        if (redraw) {
            constexpr std::string_view home_and_clear = "\x1b[H\x1b[2J";
            out << home_and_clear << registration_table(rows_of(*reply), true) << std::flush;
        } else {
            changes.print(rows_of(*reply));
        }
        if (end.wait(watch_period_ms)) {
            return 0;
        }
    }
}

}  // namespace

int show_registration(const CommandLine& command_line, std::ostream& out, std::ostream& errors,
                      bool terminal) {
    if (command_line.watch) {
        return watch_registration(command_line, out, errors, terminal);
    }
    const auto reply = ask(command_line, "show registration");
    if (!reply) {
        errors << reply.error().message << '\n';
        return 1;
    }
    const json rows = rows_of(*reply);
    out << (command_line.json ? dumped(rows, 2) + "\n" : registration_table(rows, terminal));
    out.flush();
    return 0;
}

int show_counters(const CommandLine& command_line, std::ostream& out, std::ostream& errors) {
    auto reply = ask(command_line, "show counters");
    if (!reply) {
        errors << reply.error().message << '\n';
        return 1;
    }
    reply->erase("ok");
    out << (command_line.json ? dumped(*reply, 2) + "\n" : counters_table(*reply));
    out.flush();
    return 0;
}

}  // namespace trunkline::mgmt
