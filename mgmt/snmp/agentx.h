// A subagent of an SNMP master agent such as snmpd (AgentX, RFC 2741): answers what managers ask of
// its subtrees, and sends traps. All of net-snmp's agent library, which keeps its state in globals,
// is behind this header.
#pragma once

#include "board/error.h"
#include "mgmt/snmp/mib.h"
#include "mgmt/snmp/trap.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace trunkline::mgmt {

/// One in the life of a process, as the library does not start twice. It has a thread of its own.
/// The master is looked for until it is there, and again when it has gone.
class AgentX {
public:
    /// A trap more is dropped. The master gets them as fast as it takes them.
    static constexpr std::size_t most_waiting = 1024;

    struct Options {
        std::string socket;  ///< of the master: the path of a Unix socket
        std::vector<Oid> subtrees;
        /// On the agent's thread, once for each request: what there is at this moment.
        std::function<std::shared_ptr<const Mib>()> mib;
        /// Any thread: what the library has to say, a line each.
        std::function<void(const std::string& line)> tell;
    };

    static board::Expected<std::unique_ptr<AgentX>> start(Options options);
    /// Takes leave of the master, after the traps that still wait; two seconds later it no longer
    /// waits for a master that does not take them.
    ~AgentX();
    AgentX(const AgentX&) = delete;
    AgentX& operator=(const AgentX&) = delete;

    /// Any thread, without waiting. It is lost where no master is there to take it.
    void send(Trap trap);

private:
    struct State;
    explicit AgentX(std::unique_ptr<State> state);

    const std::unique_ptr<State> state_;
};

}  // namespace trunkline::mgmt
