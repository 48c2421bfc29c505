#include "mgmt/system_commands.h"

#include "board/model.h"
#include "mgmt/json_fields.h"
#include "mgmt/version.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <expected>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

/// The number behind `key` in a file like /proc/meminfo, in bytes; 0 when there is none.
uint64_t bytes_in(const char* path, const std::string& key) {
    std::ifstream file(path);
    std::string line;
    while (std::getline(file, line)) {
        if (line.starts_with(key + ":")) {
            uint64_t kilobytes = 0;
            std::istringstream(line.substr(key.size() + 1)) >> kilobytes;
            return kilobytes * 1024;
        }
    }
    return 0;
}

/// The serial number that the hardware tells (SMBIOS); null where it tells none.
std::size_t cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    return ::sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<std::size_t>(CPU_COUNT(&set))
                                                         : 0;
}

/// "255.255.255.0" of an IPv4 prefix, "/64" of an IPv6 one.
std::string mask_of(const dataplane::IpPrefix& prefix) {
    if (prefix.address.is_v6()) {
        return fmt::format("/{}", prefix.length);
    }
    const uint32_t bits = prefix.length == 0 ? 0 : ~uint32_t{0} << (32 - prefix.length);
    return fmt::format("{}.{}.{}.{}", bits >> 24, bits >> 16 & 255, bits >> 8 & 255, bits & 255);
}

}  // namespace

std::string serial_number() {
    std::ifstream file("/sys/class/dmi/id/product_serial");
    std::string serial;
    std::getline(file, serial);
    const bool is_none =
        serial == "None" || serial == "Not Specified" || serial == "To be filled by O.E.M.";
    return is_none ? "" : serial;
}

SystemCommands::SystemCommands(ConfigurationStore& store, ConfigurationCommands& configuration,
                               WorkThread& work, Options options)
    : store_(store), configuration_(configuration), work_(work), options_(std::move(options)) {}

void SystemCommands::add_to(CommandTable& table) {
    table.add("system status", AccessLevel::monitor,
              [this](const json&, const Caller&, const Reply& reply) { reply(status()); });
    table.add("reload", AccessLevel::administrator,
              [this](const json& request, const Caller& caller, const Reply& reply) {
                  reload(request, caller, reply);
              });
}

SystemCommands::CpuTimes SystemCommands::cpu_times() {
    CpuTimes times;
    times.at = std::chrono::steady_clock::now();
    std::ifstream file("/proc/stat");
    std::string name;
    file >> name;  // "cpu": all of them together
    constexpr int idle = 3, io_wait = 4, fields = 8;
    for (int field = 0; field < fields; ++field) {
        uint64_t ticks = 0;
        file >> ticks;
        times.all += ticks;
        times.busy += field == idle || field == io_wait ? 0 : ticks;
    }
    return times;
}

double SystemCommands::cpu_percent() {
    const CpuTimes now = cpu_times();
    if (now.at - before_.at >= std::chrono::seconds(1) && now.all > before_.all) {
        // The kernel's count of waiting for I/O may go back (proc(5)), and the sum with it.
        last_cpu_percent_ = std::min(100.0, 100.0 * static_cast<double>(now.busy - before_.busy) /
                                                static_cast<double>(now.all - before_.all));
        before_ = now;
    }
    return last_cpu_percent_;
}

json SystemCommands::status() {
    const std::string serial = serial_number();
    const uint64_t ram = bytes_in("/proc/meminfo", "MemTotal");
    const uint64_t available = bytes_in("/proc/meminfo", "MemAvailable");
    json answer = {
        {"ok", true},
        {"hostname", options_.board.hostname},
        {"model", options_.board.model},
        {"version", version},
        {"serial", serial.empty() ? json() : json(serial)},
        {"mac", options_.mac},
        {"locked", options_.is_locked()},
        {"started_at",
         fmt::format("{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(started_at_))},
        {"uptime_s", std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::steady_clock::now() - power_on_)
                         .count()},
        {"cores", cores()},
        {"cpu_percent", cpu_percent()},
        {"ram_bytes", ram},
        {"memory_percent",
         ram == 0 ? 0.0 : 100.0 * static_cast<double>(ram - available) / static_cast<double>(ram)},
        {"process_memory_bytes", bytes_in("/proc/self/status", "VmRSS")}};
    const auto& interfaces = options_.network.ip_interfaces;
    const auto oamp = std::ranges::find_if(
        interfaces, [](const auto& row) { return row.carries(dataplane::ApplicationType::oamp); });
    if (!interfaces.empty()) {
        const auto& own = oamp == interfaces.end() ? interfaces.front() : *oamp;
        answer["address"] = own.address.address.to_string();
        answer["mask"] = mask_of(own.address);
        answer["gateway"] = own.gateway ? own.gateway->to_string() : "";
    }
    if (const auto model = board::load_model(options_.board.model)) {
        answer["product"] = model->title;
        answer["product_number"] = model->product_number;
        answer["capacity"] = {{"signaling_sessions", model->capacity.signaling_sessions},
                              {"media_sessions", model->capacity.media_sessions},
                              {"srtp_sessions", model->capacity.srtp_sessions},
                              {"registered_users", model->capacity.registered_users}};
    }
    return answer;
}

void SystemCommands::reload(const json& request, const Caller& caller, const Reply& reply) {
    const std::string when = request.value("when", "now");
    if (when != "now" && when != "without-saving" && when != "if-needed") {
        reply(refusal(
            fmt::format("when: found '{}'; allowed: now, without-saving, if-needed", when)));
        return;
    }
    if (when == "if-needed" && !store_.reset_needed()) {
        reply({{"ok", true}, {"restarts", false}});
        return;
    }
    restart(when != "without-saving", caller, reply);
}

/// When its turn has come, so that changes which were asked for before are in what is saved. A file
/// that was spoiled meanwhile must not end the appliance.
void SystemCommands::restart(bool saves, const Caller& caller, const Reply& reply) {
    const auto right = std::make_shared<std::expected<void, std::string>>();
    WorkThread::Job job{caller.who, "starts the appliance anew", false, {}, {}, {}};
    job.work = [&store = store_, right] { *right = store.check_startup_file(); };
    job.done = [this, saves, right, caller, reply] {
        if (saves && store_.save_needed()) {
            save_and_restart(caller, reply);
            return;
        }
        if (!*right) {
            reply(refusal("it goes on, as it could not start with its startup file: " +
                          right->error()));
            return;
        }
        store_.note(caller.who, "starts the appliance anew");
        reply({{"ok", true}, {"restarts", true}});
        options_.restart();
    };
    if (!work_.add(std::move(job))) {
        reply(refusal("it goes on, as too many changes wait; try again later"));
    }
}

void SystemCommands::save_and_restart(const Caller& caller, const Reply& reply) {
    configuration_.save(caller, [this, caller, reply](const json& saved) {
        if (flag_in(saved, "ok")) {
            restart(true, caller, reply);
        } else {
            reply(refusal("it goes on, as the configuration cannot be saved: " +
                          text_in(saved, "error")));
        }
    });
}

}  // namespace trunkline::mgmt
