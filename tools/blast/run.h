// The loop: receives, lets the role play, sends, tells how it goes; ends when the role
// is done, time is up, or somebody says so.
#pragma once

#include "board/file_descriptor.h"
#include "tools/blast/clock.h"
#include "tools/blast/link.h"
#include "tools/blast/role.h"

#include <cstdint>
#include <memory>

namespace trunkline::blast {

/// SIGINT and SIGTERM as something to be read. Make it before EAL starts its threads, which inherit
/// that the two are blocked.
class StopSignals {
public:
    StopSignals();
    /// Whether one has come since the last call.
    bool take();

private:
    board::FileDescriptor fd_;
};

struct RunSettings {
    uint64_t nanoseconds = 0;  ///< after which a server stops; 0: never. Clients stop by their pace
    uint64_t nap = 0;          ///< nanoseconds to sleep in a turn without work; 0: poll on
    bool progress = true;      ///< lines on standard error while it runs
    uint64_t interval = 1'000'000'000;  ///< nanoseconds between two of them
};

struct RunResult {
    double seconds = 0;
    /// Share of the time spent in turns that had work: what is left of a core's capacity is the
    /// rest.
    double busy_share = 0;
    /// Processor time of this thread. Clearly less than `seconds` without naps: others had the
    /// core, and neither rates nor latencies are worth much.
    double cpu_seconds = 0;
    bool interrupted = false;
};

/// After an interruption what is under way has a second to end; another one ends it at once.
RunResult run(Role& role, Link& link, const Clock& clock, StopSignals& signals,
              const RunSettings& settings);

/// Whether a port that cannot be opened may be there soon: the client of a memif finds no socket
/// before its server is there; but nobody makes the socket's folder.
bool may_come(const board::Device& device);

/// Opens the link. What may come is tried until `patience` nanoseconds are over; everything else
/// opens or fails at once.
board::Expected<std::unique_ptr<Link>> open_link(const LinkSettings& settings, const Clock& clock,
                                                 StopSignals& signals, uint64_t patience);

/// Turns without a role until the link is up and the way to `remote` known. The Error says what is
/// missing after `patience` nanoseconds.
board::Expected<Flow> wait_for_way(Link& link, const dataplane::Endpoint& remote,
                                   uint16_t local_port, const Clock& clock, StopSignals& signals,
                                   uint64_t patience);

}  // namespace trunkline::blast
