// Network namespaces (ip-netns(8), setns(2)): enter one for a scope.
#pragma once

#include "board/error.h"

#include <string>

namespace trunkline::board {

/// While it lives, the calling thread (it alone) is in another network namespace; sockets, TAPs and
/// threads made meanwhile belong there. Needs CAP_SYS_ADMIN, unless the thread is there already.
class NetworkNamespaceScope {
public:
    /// `name` as in `ip netns`; an empty one is a scope that changes nothing.
    static Expected<NetworkNamespaceScope> enter(const std::string& name);
    /// The namespace that `descriptor` (of open_current()) stands for; the caller keeps it.
    static Expected<NetworkNamespaceScope> enter(int descriptor);
    /// A descriptor of the calling thread's namespace, to enter it again later; the caller closes
    /// it. -1 when there is no /proc or no descriptor to be had (errno).
    static int open_current();

    /// Goes back. Aborts when that fails: the thread would do its work in the wrong place.
    ~NetworkNamespaceScope();
    NetworkNamespaceScope(NetworkNamespaceScope&& other) noexcept;
    NetworkNamespaceScope(const NetworkNamespaceScope&) = delete;
    NetworkNamespaceScope& operator=(const NetworkNamespaceScope&) = delete;
    NetworkNamespaceScope& operator=(NetworkNamespaceScope&&) = delete;

private:
    explicit NetworkNamespaceScope(int previous) : previous_(previous) {}
    int previous_ = -1;  ///< descriptor of the namespace to go back to; -1 = nowhere
};

}  // namespace trunkline::board
