// Network namespaces (ip-netns(8), setns(2)): enter one for a scope.
#pragma once

#include "board/error.h"

#include <string>

namespace trunkline::board {

/// While it lives, the calling thread (it alone) is in another network namespace; sockets, TAPs and
/// threads made meanwhile belong there. Needs CAP_SYS_ADMIN.
class NetworkNamespaceScope {
public:
    /// `name` as in `ip netns`; an empty one is a scope that changes nothing.
    static Expected<NetworkNamespaceScope> enter(const std::string& name);
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
