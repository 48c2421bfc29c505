// All proxy sets of a shard, and the registrar address of the Proxy & Registration page as one more
// of them. Tells when what a set says of its servers has changed.
#pragma once

#include "sipstack/config.h"
#include "sipstack/proxy_set/proxy_set_state.h"
#include "sipstack/proxy_set/server_news.h"
#include "sipstack/random.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace trunkline::sipstack {

class ProxySets {
public:
    /// Position in Config::proxy_sets; unset: the registrar address.
    using Index = std::optional<uint16_t>;
    /// Called within the call that changed the list, the online state or the active server.
    using Listener = std::function<void(Index set)>;
    /// Called with what other shards must know: that a 503 set a server aside, and that one that
    /// keep-alive watches by OPTIONS went offline for want of an answer to another request. Who
    /// watches it would not find it online again.
    using NewsListener = std::function<void(const ServerNews& news)>;

    /// The arguments outlive the object.
    ProxySets(
        const Config& config, Random& random, Listener listener,
        NewsListener news_listener = [](const ServerNews&) {});

    /// After `config` was replaced: sets of the same name keep what is known of their servers.
    /// Those that are gone and `in_use` (by their positions of before) stay behind the others until
    /// the next time, so that what leaves with them can still be sent. Returns where the sets in
    /// use are now.
    std::map<uint16_t, uint16_t> follow_config(const std::set<uint16_t>& in_use);

    /// The set's row; of the registrar address: defaults with that one address, and the hot swap of
    /// the first set where that has no keep-alive.
    const ProxySet& row(Index set) const { return at(set).row; }
    const ProxySetState& state(Index set) const { return at(set).state; }
    /// Without those that are gone.
    std::size_t size() const { return config_.proxy_sets.size(); }

    void set_targets(Index set, std::span<const Target> targets);
    void set_online(Index set, const Target& target, bool online);
    std::optional<Target> choose(Index set, std::span<const Target> tried, Instant now);
    void served(Index set, const Target& target);
    void did_not_serve(Index set, const Target& target, Instant now);
    void set_aside(Index set, const Target& target, Instant until);
    /// What another shard found out; of a set that is gone it is ignored.
    void take_news(const ServerNews& news);

private:
    struct Entry {
        Entry(ProxySet set, const ProxyAndRegistration& page, Random& random)
            : row(std::move(set)), state(row, page, random) {}

        ProxySet row;
        ProxySetState state;
    };
    Entry& at(Index set);
    const Entry& at(Index set) const;
    /// Runs `change` and tells the listener when it made a difference.
    template <typename Change>
    void change(Index set, Change change);

    const Config& config_;
    Random& random_;
    Listener listener_;
    NewsListener news_listener_;
    std::vector<std::unique_ptr<Entry>> sets_;
    std::unique_ptr<Entry> registrar_;
};

}  // namespace trunkline::sipstack
