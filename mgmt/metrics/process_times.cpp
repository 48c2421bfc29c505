#include "mgmt/metrics/process_times.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

namespace trunkline::mgmt {

namespace {

// Fields of /proc/PID/stat behind the name, counted from 0.
constexpr std::size_t user_time = 11, kernel_time = 12, start_time = 19, resident_pages = 21;

struct Stat {
    std::string name;
    std::vector<uint64_t> fields;  ///< behind the name; what is no number is 0

    uint64_t at(std::size_t field) const { return field < fields.size() ? fields[field] : 0; }
};

double seconds_of(uint64_t ticks) {
    return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

/// A thread may have ended by now: it reads as nothing then.
Stat read_stat(const std::filesystem::path& path) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    // The name stands in brackets and may have some itself.
    const std::size_t open = text.find('('), close = text.rfind(')');
    if (open == std::string::npos || close == std::string::npos || close < open) {
        return {};
    }
    Stat stat{text.substr(open + 1, close - open - 1), {}};
    std::istringstream rest(text.substr(close + 1));
    for (std::string word; rest >> word;) {
        stat.fields.push_back(std::strtoull(word.c_str(), nullptr, 10));
    }
    return stat;
}

/// Seconds since the epoch at which the kernel's count of ticks began.
double boot_time() {
    std::ifstream file("/proc/stat");
    for (std::string word; file >> word;) {
        if (double seconds = 0; word == "btime" && file >> seconds) {
            return seconds;
        }
    }
    return 0;
}

}  // namespace

ProcessTimes process_times() {
    const Stat whole = read_stat("/proc/self/stat");
    ProcessTimes times;
    times.cpu_seconds = seconds_of(whole.at(user_time) + whole.at(kernel_time));
    times.started_at = boot_time() + seconds_of(whole.at(start_time));
    times.resident_bytes =
        whole.at(resident_pages) * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
    std::error_code gone;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", gone)) {
        if (const Stat stat = read_stat(thread.path() / "stat"); !stat.fields.empty()) {
            times.thread_cpu_seconds[stat.name] +=
                seconds_of(stat.at(user_time) + stat.at(kernel_time));
        }
    }
    const std::filesystem::directory_iterator descriptors("/proc/self/fd", gone);
    times.open_descriptors = static_cast<uint64_t>(std::distance(begin(descriptors), {}));
    return times;
}

}  // namespace trunkline::mgmt
