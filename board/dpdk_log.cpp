#include "board/dpdk_log.h"

#include <rte_log.h>

#include <cstdio>
#include <deque>
#include <mutex>
#include <utility>

namespace trunkline::board {

namespace {

/// Text comes in pieces; lines come out.
struct LineAssembler {
    std::string rest;
};

struct Log {
    std::mutex mutex;
    std::deque<std::string> complaints;
    std::function<void(std::string_view)> receiver;
    LineAssembler dpdk, standard_error;
    FILE* stream = nullptr;
};

/// DPDK holds one stream for the whole process, so its keeper is one too.
Log& the_log() {
    static Log log;
    return log;
}

enum class Weight : uint8_t {
    chatter,    ///< forgotten
    remark,     ///< a complaint for those who look for the reason of a failure
    complaint,  ///< forwarded, too
};

void keep(const std::string& line, Weight weight) {
    constexpr std::size_t most = 4;
    if (weight == Weight::chatter || line.empty()) {
        return;
    }
    std::function<void(std::string_view)> receiver;
    {
        const std::lock_guard lock(the_log().mutex);
        auto& complaints = the_log().complaints;
        // rte_eal_init() says its fatal errors twice.
        if (complaints.empty() || complaints.back() != line) {
            complaints.push_back(line);
        }
        if (complaints.size() > most) {
            complaints.pop_front();
        }
        receiver = the_log().receiver;
    }
    if (receiver && weight == Weight::complaint) {
        receiver(line);
    }
}

void take_text(LineAssembler& assembler, std::string_view text, Weight weight) {
    constexpr std::size_t longest_line = 1024;
    for (;;) {
        std::string line;
        {
            const std::lock_guard lock(the_log().mutex);
            const std::size_t end = text.find('\n');
            assembler.rest += text.substr(0, end);
            assembler.rest.resize(std::min(assembler.rest.size(), longest_line));
            if (end == std::string_view::npos) {
                return;
            }
            text.remove_prefix(end + 1);
            line = std::exchange(assembler.rest, {});
        }
        keep(line, weight);
    }
}

ssize_t write_dpdk(void*, const char* text, std::size_t size) {
    const int level = rte_log_cur_msg_loglevel();
    take_text(the_log().dpdk, {text, size},
              level >= 0 && std::cmp_less_equal(level, RTE_LOG_WARNING) ? Weight::complaint
                                                                        : Weight::chatter);
    return static_cast<ssize_t>(size);
}

ssize_t write_standard_error(void*, const char* text, std::size_t size) {
    take_text(the_log().standard_error, {text, size}, Weight::remark);
    return static_cast<ssize_t>(size);
}

FILE* open_stream(cookie_write_function_t* write) {
    cookie_io_functions_t functions{};
    functions.write = write;
    return fopencookie(nullptr, "w", functions);
}

}  // namespace

void catch_dpdk_log() {
    Log& log = the_log();
    if (log.stream == nullptr) {
        log.stream = open_stream(write_dpdk);
        rte_openlog_stream(log.stream);
    }
}

void release_dpdk_log() {
    Log& log = the_log();
    if (log.stream != nullptr) {
        rte_openlog_stream(nullptr);
        // cert-err33: what is lost here are lines that nobody waits for.
        static_cast<void>(fclose(log.stream));
        log.stream = nullptr;
    }
    forward_dpdk_complaints(nullptr);
    take_dpdk_complaints();
}

std::string take_dpdk_complaints() {
    const std::lock_guard lock(the_log().mutex);
    std::string result;
    for (const std::string& line : the_log().complaints) {
        result += (result.empty() ? "" : "; ") + line;
    }
    the_log().complaints.clear();
    return result;
}

void forward_dpdk_complaints(std::function<void(std::string_view)> receiver) {
    const std::lock_guard lock(the_log().mutex);
    the_log().receiver = std::move(receiver);
}

// glibc's stderr is a variable, which "may be assigned to like any other" (its manual, 12.2).
CaughtStandardError::CaughtStandardError()
    : previous_(stderr), caught_(open_stream(write_standard_error)) {
    if (caught_ != nullptr) {
        stderr = caught_;
    }
}

CaughtStandardError::~CaughtStandardError() {
    stderr = previous_;
    if (caught_ != nullptr) {
        static_cast<void>(fclose(caught_));
    }
}

}  // namespace trunkline::board
