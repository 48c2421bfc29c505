// DPDK's log, caught: nothing of it reaches the terminal by itself. There is one such log in a
// process, DPDK's own making; this file fences it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace trunkline::board {

/// From here on DPDK's lines are kept instead of printed. Any thread may log.
void catch_dpdk_log();
/// Back to DPDK's default; what was kept is forgotten.
void release_dpdk_log();

/// The last few warnings and errors since the last call, "; " between them, empty when there were
/// none. Call it before a DPDK function to forget what was before, and after it for the reason.
std::string take_dpdk_complaints();

/// Called with each warning or error line as it comes, from the thread that logged it; for the
/// appliance's own log. An empty function ends that.
void forward_dpdk_complaints(std::function<void(std::string_view line)> receiver);

/// While it lives, what DPDK prints to stderr past its own log is caught too, as complaints that
/// are not forwarded: rte_eal_init() does so for its fatal errors, and libxdp for whatever it does.
/// For boot and its reverse, when no other thread prints there.
class CaughtStandardError {
public:
    CaughtStandardError();
    ~CaughtStandardError();
    CaughtStandardError(const CaughtStandardError&) = delete;
    CaughtStandardError& operator=(const CaughtStandardError&) = delete;

private:
    FILE* previous_;
    FILE* caught_;
};

}  // namespace trunkline::board
