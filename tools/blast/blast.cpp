// Trunkline's load generator: plays registrars, clients and media against an appliance.
#include "board/eal.h"
#include "tools/blast/command_line.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sched.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <random>

namespace {

using namespace trunkline;
using namespace trunkline::blast;

int fail(const std::string& message) {
    fmt::print(stderr, "blast: {}\n", message);
    return 1;
}

board::Expected<void> stay_on(unsigned cpu) {
    cpu_set_t one;
    CPU_ZERO(&one);
    if (cpu < CPU_SETSIZE) {
        CPU_SET(cpu, &one);
    }
    if (sched_setaffinity(0, sizeof one, &one) != 0) {
        return std::unexpected(board::Error{
            fmt::format("cannot stay on CPU {}; /proc/self/status lists those allowed", cpu)});
    }
    return {};
}

/// Room for the buffers, the rings and the driver's own.
unsigned memory_for(const LinkSettings& link) {
    constexpr unsigned bytes_a_packet = 8192 + 512, others = 64, megabyte = 1024 * 1024;
    return others + static_cast<unsigned>(uint64_t{link.packets} * bytes_a_packet / megabyte);
}

std::unique_ptr<Role> make_role(const CommandLine& line, const Flow& flow, Link& link) {
    if (const auto* clients = std::get_if<RegisterSettings>(&line.role)) {
        return std::make_unique<RegisterClients>(*clients, flow, link);
    }
    if (const auto* options = std::get_if<OptionsSettings>(&line.role)) {
        return std::make_unique<OptionsSender>(*options, flow, link);
    }
    if (const auto* rtp = std::get_if<RtpSettings>(&line.role)) {
        return std::make_unique<RtpSender>(*rtp, flow, link);
    }
    if (const auto* rtp_peer = std::get_if<RtpPeerSettings>(&line.role)) {
        return std::make_unique<RtpPeer>(*rtp_peer, link);
    }
    return std::make_unique<Registrar>(std::get<RegistrarSettings>(line.role), link);
}

nlohmann::ordered_json link_report(Link& link) {
    const LinkCounts& counts = link.counts();
    return {{"received", counts.received},
            {"sent", counts.sent},
            {"answered", counts.answered},
            {"not_ours", counts.not_ours},
            {"unreachable", counts.unreachable},
            {"fragments", counts.fragments},
            {"bad_checksums", counts.bad_checksums},
            {"others", counts.others},
            {"no_room", counts.no_room},
            {"device_drops", link.device_drops()}};
}

/// "registered            5000" a line, groups indented; zeros are left out but for what was wrong
/// and what was done.
void print_summary(const nlohmann::ordered_json& report, int indent = 0) {
    for (const auto& [key, value] : report.items()) {
        const bool zero = value.is_number() && value == 0;
        const bool always = key == "wrong" || key == "completed";
        if (value.is_object() && !value.empty()) {
            fmt::print("{:{}}{}\n", "", indent, key);
            print_summary(value, indent + 2);
        } else if (value.is_number_float()) {
            fmt::print("{:{}}{:<{}} {:.3f}\n", "", indent, key, 20 - indent, value.get<double>());
        } else if (value.is_string()) {
            fmt::print("{:{}}{:<{}} {}\n", "", indent, key, 20 - indent, value.get<std::string>());
        } else if (!value.is_object() && (!zero || always)) {
            fmt::print("{:{}}{:<{}} {}\n", "", indent, key, 20 - indent, value.dump());
        }
    }
}

board::Expected<void> write_aors(const std::string& path, const AorTable& aors) {
    std::ofstream file(path);
    file << "aor,registered,refreshed,unregistered,wrong\n";
    for (std::size_t i = 0; i < aors.size(); ++i) {
        const Aor& aor = aors.at(i);
        file << aors.name(i) << ',' << aor.registered << ',' << aor.refreshed << ','
             << aor.unregistered << ',' << aor.wrong << '\n';
    }
    file.close();
    if (!file) {
        return std::unexpected(
            board::Error{fmt::format("cannot write {}; give another --aor-csv", path)});
    }
    return {};
}

/// The exit code; what is missing is told, as the summary may be a program's.
int verdict(const Role& role, const LinkCounts& counts) {
    if (const std::string unanswered = role.unanswered(); !unanswered.empty()) {
        return fail(unanswered);
    }
    return role.wrong() + counts.bad_checksums > 0 ? 1 : 0;
}

int play(const CommandLine& line, StopSignals& signals) {
    board::BoardConfig config;
    config.memory_megabytes = memory_for(line.link);
    config.physical_ports = {{"blast", line.link.device, ""}};
    const auto eal = board::Eal::start(config);
    if (!eal) {
        return fail(eal.error().message);
    }
    const Clock clock;
    const auto link = open_link(line.link, clock, signals, line.patience);
    if (!link) {
        return fail(link.error().message);
    }
    for (const std::string& warning : (*link)->warnings()) {
        fmt::print(stderr, "blast: {}\n", warning);
    }
    Flow flow;
    if (line.peer.port != 0) {
        const auto way =
            wait_for_way(**link, line.peer, line.local_port, clock, signals, line.patience);
        if (!way) {
            return fail(way.error().message);
        }
        flow = *way;
    }
    const std::unique_ptr<Role> role = make_role(line, flow, **link);
    const RunResult result = run(*role, **link, clock, signals, line.run);
    nlohmann::ordered_json report = role->report(clock.now());
    report["completed"] = role->completed();
    report["seconds"] = result.seconds;
    report["rate"] = static_cast<double>(role->completed()) / result.seconds;
    report["busy_share"] = result.busy_share;
    report["cpu_seconds"] = result.cpu_seconds;
    report["interrupted"] = result.interrupted;
    report["link"] = link_report(**link);
    if (line.json) {
        fmt::print("{}\n", report.dump(2));
    } else {
        print_summary(report);
    }
    if (const auto* registrar = dynamic_cast<const Registrar*>(role.get());
        registrar != nullptr && !line.aor_file.empty()) {
        if (const auto written = write_aors(line.aor_file, registrar->aors()); !written) {
            return fail(written.error().message);
        }
    }
    return verdict(*role, (*link)->counts());
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const auto line = parse_command_line(argc, argv);
        if (!line) {
            fmt::print(line.error().exit_code == 0 ? stdout : stderr, "{}", line.error().text);
            return line.error().exit_code;
        }
        if (line->cpu) {
            if (const auto pinned = stay_on(*line->cpu); !pinned) {
                return fail(pinned.error().message);
            }
        }
        StopSignals signals;
        return play(*line, signals);
    } catch (const std::exception& error) {
        return fail(error.what());
    }
}
