#include "mgmt/show_client.h"

#include "board/file_descriptor.h"
#include "mgmt/appliance_request.h"
#include "mgmt/counters_view.h"
#include "mgmt/json_fields.h"
#include "mgmt/not_in_effect_view.h"
#include "mgmt/proxy_set_view.h"
#include "mgmt/registration_view.h"
#include "mgmt/trace_view.h"

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

board::Expected<json> ask(const CommandLine& command_line, const char* command) {
    return request_appliance(command_line, {{"command", command}});
}

board::Expected<json> ask_for_registrations(const CommandLine& command_line) {
    json request{{"command", "show registration"}};
    if (!command_line.name.empty()) {
        request["name"] = command_line.name;
    }
    auto reply = request_appliance(command_line, std::move(request));
    return reply ? list_in(*reply, "registrations") : std::move(reply);
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
        const auto rows = ask_for_registrations(command_line);
        if (!rows) {
            errors << rows.error().message << '\n';
            return seen ? 0 : 1;
        }
        if (redraw) {
            constexpr std::string_view home_and_clear = "\x1b[H\x1b[2J";
            out << home_and_clear << registration_table(*rows, true) << std::flush;
        } else {
            changes.print(*rows);
        }
        if (end.wait(watch_period_ms)) {
            return 0;
        }
    }
}

int show_trace(const CommandLine& command_line, std::ostream& out, std::ostream& errors) {
    if (command_line.name.empty()) {
        errors << "--trace needs the name of a registration; 'trunkline show registration' has "
                  "them\n";
        return 1;
    }
    const auto reply =
        request_appliance(command_line, {{"command", "show trace"}, {"name", command_line.name}});
    if (!reply) {
        errors << reply.error().message << '\n';
        return 1;
    }
    const json flows = list_in(*reply, "flows");
    out << (command_line.json ? dumped(flows, 2) + "\n" : trace_ladder(command_line.name, flows));
    out.flush();
    return 0;
}

}  // namespace

int show_registration(const CommandLine& command_line, std::ostream& out, std::ostream& errors,
                      bool terminal) {
    if (command_line.trace) {
        return show_trace(command_line, out, errors);
    }
    if (command_line.watch) {
        return watch_registration(command_line, out, errors, terminal);
    }
    const auto rows = ask_for_registrations(command_line);
    if (!rows) {
        errors << rows.error().message << '\n';
        return 1;
    }
    if (rows->empty() && !command_line.name.empty()) {
        errors << fmt::format("nothing registers as '{}'\n", command_line.name);
        return 1;
    }
    out << (command_line.json ? dumped(*rows, 2) + "\n" : registration_table(*rows, terminal));
    out.flush();
    return 0;
}

int show_proxy_sets(const CommandLine& command_line, std::ostream& out, std::ostream& errors,
                    bool terminal) {
    const auto reply = ask(command_line, "show proxy-sets");
    if (!reply) {
        errors << reply.error().message << '\n';
        return 1;
    }
    const json rows = list_in(*reply, "proxy_sets");
    out << (command_line.json ? dumped(rows, 2) + "\n" : proxy_set_table(rows, terminal));
    out.flush();
    return 0;
}

int show_not_in_effect(const CommandLine& command_line, std::ostream& out, std::ostream& errors) {
    const auto reply = ask(command_line, "show not-in-effect");
    if (!reply) {
        errors << reply.error().message << '\n';
        return 1;
    }
    const json rows = list_in(*reply, "parameters");
    if (command_line.json) {
        out << dumped(rows, 2) << '\n';
        return 0;
    }
    for (const json& row : rows) {
        out << not_in_effect_line(row) << '\n';
    }
    out << fmt::format("{} parameter{} set and not yet in effect\n", rows.size(),
                       rows.size() == 1 ? "" : "s");
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
