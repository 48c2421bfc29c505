// Names that redirections lead to and the configuration does not have: looked up when the first
// registration wants one, kept as long as the answer lives, bounded in number, as anyone who
// answers a REGISTER may name as many as he likes. Pure; on the shard's thread. The look-up itself
// is the control thread's (transport/redirection_lookup.h).
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/timer_wheel.h"
#include "sipstack/transport/transport.h"

#include <compare>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trunkline::sipstack {

/// What decides where a redirection to a name leads (RFC 3263 4).
struct RedirectionName {
    std::string host;                    ///< lower case
    std::optional<uint16_t> port;        ///< of the URI
    std::optional<Transport> transport;  ///< of the URI; unset: DNS chooses
    uint16_t sip_interface_index = 0;    ///< from which it is to be reached

    auto operator<=>(const RedirectionName&) const = default;
};

/// Where it leads. No targets: nowhere.
struct RedirectionTargets {
    RedirectionName name;
    std::vector<Target> targets;  ///< in order of preference
    Milliseconds time_to_live{0};
};

class RedirectionNames {
public:
    static constexpr std::size_t max_names = 64;
    /// Of one name; more are left out.
    static constexpr std::size_t max_targets = 8;
    /// A look-up that was not answered by then leads nowhere.
    static constexpr Milliseconds longest_look_up{10'000};
    /// Whatever DNS says.
    static constexpr Milliseconds shortest_life{5000}, longest_life = std::chrono::hours(1);

    using Ask = std::function<void(const RedirectionName& name)>;
    /// Some look-up has ended: whoever waits may look again.
    using Listener = std::function<void(Instant now)>;

    /// `wheel` outlives the object.
    RedirectionNames(TimerWheel& wheel, Ask ask, Listener listener);
    RedirectionNames(const RedirectionNames&) = delete;
    RedirectionNames& operator=(const RedirectionNames&) = delete;

    /// Where `name` leads; valid until the next call. nullopt: that is awaited. Asks when it is not
    /// known. While too many names are being looked up, it leads nowhere.
    std::optional<std::span<const Target>> find(const RedirectionName& name, Instant now);
    /// The look-up's outcome; one that nobody asked for is ignored.
    void answered(const RedirectionTargets& answer, Instant now);

    std::size_t size() const { return names_.size(); }

private:
    struct Entry {
        bool is_asking = true;
        Instant until{};  ///< the end of the look-up, or of the answer's life
        std::vector<Target> targets;
    };
    bool make_room(Instant now);
    void end_look_ups(Instant now);
    void schedule();

    TimerWheel& wheel_;
    const Ask ask_;
    const Listener listener_;
    std::map<RedirectionName, Entry> names_;
    Timer timer_{[this](Instant now) { end_look_ups(now); }};
};

}  // namespace trunkline::sipstack
