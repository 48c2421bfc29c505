// Names to addresses, kept fresh: DNS on the control thread through c-ares, never on a shard's.
#pragma once

#include "board/error.h"
#include "board/event_loop.h"
#include "dataplane/address.h"

#include <spdlog/logger.h>

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace trunkline::sipstack {

/// A and AAAA look-ups. SRV and NAPTR come with proxy redundancy.
class NameResolver {
public:
    /// How often to ask; the defaults are the appliance's.
    struct Pace {
        std::chrono::milliseconds shortest_refresh{5000};
        std::chrono::milliseconds retry{10'000};        ///< while there is no answer
        std::chrono::milliseconds first_timeout{2000};  ///< of a server; doubles with each try
    };
    /// `servers` in order of preference; none = those of resolv.conf(5). Sockets are made in the
    /// network namespace that the control thread is in. All calls on the control thread.
    static board::Expected<std::unique_ptr<NameResolver>> create(
        board::EventLoop& loop, std::span<const dataplane::Endpoint> servers,
        std::shared_ptr<spdlog::logger> log, const Pace& pace);
    ~NameResolver();  ///< no callback follows

    /// Called with the addresses of a name in the order given by DNS, whenever they differ from the
    /// last call's. While DNS is silent or says no, the last good answer stands.
    using Listener = std::function<void(const std::vector<dataplane::IpAddress>& addresses)>;

    /// Looks `name` up now, again when `refresh` (0 = none) or the answer's time to live is over,
    /// whichever is first, and at the pace's retry time while there is no answer.
    void follow(const std::string& name, std::chrono::seconds refresh, Listener listener);

private:
    struct State;
    explicit NameResolver(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace trunkline::sipstack
