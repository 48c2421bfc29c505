#include "dataplane/kernel/next_hop_resolver.h"

#include "board/network_namespace.h"
#include "dataplane/doorbell_watch.h"
#include "dataplane/kernel/rtnetlink.h"
#include "dataplane/static_neighbours.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <compare>
#include <cstring>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace trunkline::dataplane {

namespace {

using std::chrono::milliseconds;

/// Destinations that are followed at once. Beyond, all is forgotten: what is in use is asked for
/// again, and what a flood of invented senders left is gone.
constexpr std::size_t most_destinations = 16384;
/// The kernel gives up after three seconds by itself; this is for when it says nothing.
constexpr milliseconds patience{3000};
/// A full update ring is tried again after this.
constexpr milliseconds retry_delay{2};
/// How often idle neighbours are let go and unmanaged ones asked for again.
constexpr milliseconds housekeeping{20000};

struct Destination {
    IpAddress address;
    uint16_t device = 0;
    auto operator<=>(const Destination&) const = default;
};

/// A neighbour on a twin's link.
struct Hop {
    int interface_index = 0;
    IpAddress address;
    auto operator<=>(const Hop&) const = default;
};

struct HopState {
    std::map<Destination, IpAddress> users;  ///< with the source that each was asked for
    std::optional<MacAddress> mac;           ///< unset: being resolved
    bool managed = false;
    bool fixed = false;  ///< set by hand: never ours to delete
    bool idle = false;   ///< had no users when housekeeping came by
    board::EventLoop::TimerId timer = 0;
};

bool can_be_a_next_hops_destination(const IpAddress& address) {
    if (!address.is_set() || address.is_multicast()) {
        return false;
    }
    if (address.is_v4()) {
        const uint8_t first = address.bytes[0];
        return first != 0 && first != 127 && address.v4_host_order() != 0xffffffff;
    }
    static const IpAddress loopback = *IpAddress::parse("::1");
    static const IpAddress unspecified = *IpAddress::parse("::");
    return address != loopback && address != unspecified;
}

}  // namespace

struct NextHopResolver::State {
    const NetworkConfig& config;
    std::span<const std::unique_ptr<Twin>> twins;
    NextHopChannel& channel;
    Doorbell& worker_doorbell;
    board::EventLoop& loop;
    std::shared_ptr<spdlog::logger> log;
    std::optional<Rtnetlink> kernel;  ///< unset where there are no twins
    std::optional<RtnetlinkEvents> events;
    RtnetlinkEvents::Receiver receiver;
    std::unique_ptr<DoorbellWatch> requests_watch;

    std::map<Hop, HopState> hops;
    std::map<Destination, Hop> destinations;
    std::deque<NextHopUpdate> backlog;
    board::EventLoop::TimerId retry_timer = 0, housekeeping_timer = 0;
    std::set<int> links_down;
    std::set<int> links_to_restore;
    bool must_flush = false, must_ring = false;
    Counters counters;

    State(const NetworkConfig& config_in, std::span<const std::unique_ptr<Twin>> twins_in,
          NextHopChannel& channel_in, Doorbell& doorbell_in, board::EventLoop& loop_in,
          std::shared_ptr<spdlog::logger> log_in)
        : config(config_in),
          twins(twins_in),
          channel(channel_in),
          worker_doorbell(doorbell_in),
          loop(loop_in),
          log(std::move(log_in)) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    ~State() {
        for (auto& [hop, state] : hops) {
            loop.cancel(state.timer);
        }
        loop.cancel(retry_timer);
        loop.cancel(housekeeping_timer);
        if (events) {
            loop.unwatch(events->fd());
        }
    }

    void listen_to_kernel() {
        receiver = {
            .neighbour_changed = [this](const Neighbour& n) { neighbour_changed(n); },
            .neighbour_deleted = [this](const Neighbour& n) { neighbour_deleted(n); },
            .link_changed = [this](const Link& link) { link_changed(link); },
            .routing_changed = [this] { must_flush = true; },
        };
        loop.watch(events->fd(), EPOLLIN, [this](uint32_t) { take_events(); });
        housekeeping_timer = loop.every(housekeeping, [this] { keep_house(); });
        look_at_macs();
    }

    // -- Towards the worker

    void send(const NextHopUpdate& update) {
        if (backlog.empty() && channel.updates.push(update)) {
            must_ring = true;
            return;
        }
        ++counters.updates_delayed;
        backlog.push_back(update);
        if (backlog.size() > most_destinations) {
            must_flush = true;
        }
        if (retry_timer == 0) {
            retry_timer = loop.after(retry_delay, [this] { retry(); });
        }
    }

    void retry() {
        retry_timer = 0;
        while (!backlog.empty() && channel.updates.push(backlog.front())) {
            backlog.pop_front();
            must_ring = true;
        }
        if (!backlog.empty()) {
            retry_timer = loop.after(retry_delay, [this] { retry(); });
        }
        finish_round();
    }

    void send_resolved(const Destination& destination, const MacAddress& mac) {
        ++counters.resolved;
        send({destination.address, mac, destination.device, NextHopUpdate::Kind::resolved});
    }

    void send_unreachable(const Destination& destination) {
        ++counters.unreachable;
        send({destination.address, {}, destination.device, NextHopUpdate::Kind::unreachable});
    }

    /// The end of every callback: what it found out goes to the worker in one piece.
    void finish_round() {
        while (must_flush) {
            must_flush = false;
            flush();
        }
        if (std::exchange(must_ring, false)) {
            worker_doorbell.ring();
        }
    }

    void flush() {
        ++counters.flushes;
        const std::vector<NextHopUpdate> delayed = take_delayed_answers();
        std::vector<std::pair<Destination, IpAddress>> unanswered = askers_of(delayed);
        for (auto& [hop, state] : hops) {
            if (!state.mac) {
                unanswered.insert(unanswered.end(), state.users.begin(), state.users.end());
            }
            state.users.clear();
            loop.cancel(std::exchange(state.timer, 0));
        }
        destinations.clear();
        send({{}, {}, 0, NextHopUpdate::Kind::flush});
        // The worker still waits for these.
        for (const auto& [destination, source] : unanswered) {
            resolve(destination, source);
        }
        for (const NextHopUpdate& answer : delayed) {
            if (answer.kind == NextHopUpdate::Kind::unreachable) {
                send(answer);
            }
        }
    }

    /// Answers that the worker has not got for want of room; none when they are too many: one flush
    /// says more than all of them.
    std::vector<NextHopUpdate> take_delayed_answers() {
        std::vector<NextHopUpdate> answers;
        if (backlog.size() <= most_destinations) {
            std::ranges::copy_if(backlog, std::back_inserter(answers), [](const auto& update) {
                return update.kind != NextHopUpdate::Kind::flush;
            });
        }
        backlog.clear();
        return answers;
    }

    /// Who asked for the answers, of those that are followed.
    std::vector<std::pair<Destination, IpAddress>> askers_of(
        std::span<const NextHopUpdate> delayed) const {
        std::vector<std::pair<Destination, IpAddress>> askers;
        for (const NextHopUpdate& answer : delayed) {
            const Destination destination{answer.destination, answer.device};
            if (const auto known = destinations.find(destination); known != destinations.end()) {
                const auto& users = hops.at(known->second).users;
                askers.emplace_back(destination, users.at(destination));
            }
        }
        return askers;
    }

    // -- From the worker

    void take_requests() {
        std::array<NextHopRequest, 64> requests;
        uint32_t count = 0;
        while ((count = channel.requests.pop(requests)) > 0) {
            for (const NextHopRequest& request : std::span(requests).first(count)) {
                ++counters.requests;
                resolve({request.destination, request.device}, request.source);
            }
        }
        finish_round();
    }

    void resolve(const Destination& destination, const IpAddress& source) {
        forget(destination);
        if (!kernel) {
            const auto mac =
                find_static_next_hop(config, destination.device, source, destination.address);
            mac ? send_resolved(destination, *mac) : send_unreachable(destination);
            return;
        }
        const auto hop = way_to(destination, source);
        if (!hop) {
            send_unreachable(destination);
            return;
        }
        if (destinations.size() >= most_destinations || hops.size() >= most_destinations) {
            start_over();
        }
        destinations[destination] = *hop;
        hops[*hop].users[destination] = source;
        follow(*hop, &destination);
    }

    /// For when there are too many: everything is let go, and what is in use is asked for again.
    void start_over() {
        log->warn("dataplane  more than {} destinations at once: all are looked up again",
                  most_destinations);
        ++counters.flushes;
        const std::vector<NextHopUpdate> delayed = take_delayed_answers();
        send({{}, {}, 0, NextHopUpdate::Kind::flush});
        for (const NextHopUpdate& answer : delayed) {
            send_unreachable({answer.destination, answer.device});
        }
        for (auto hop = hops.begin(); hop != hops.end(); hop = release(hop)) {
            if (!hop->second.mac) {
                for (const auto& [destination, source] : hop->second.users) {
                    send_unreachable(destination);
                }
            }
        }
        destinations.clear();
    }

    std::optional<Hop> way_to(const Destination& destination, const IpAddress& source) {
        if (destination.device >= twins.size() ||
            !can_be_a_next_hops_destination(destination.address)) {
            return std::nullopt;
        }
        const int index = twins[destination.device]->interface_index();
        const auto route = kernel->route(destination.address, source, index);
        if (!route || !route->unicast || route->interface_index != index) {
            log->debug("dataplane  no route to {} from {} through {}",
                       destination.address.to_string(), source.to_string(),
                       twins[destination.device]->name());
            return std::nullopt;
        }
        return Hop{index, route->gateway.value_or(destination.address)};
    }

    void forget(const Destination& destination) {
        const auto found = destinations.find(destination);
        if (found != destinations.end()) {
            hops[found->second].users.erase(destination);
            destinations.erase(found);
        }
    }

    /// Has the kernel resolve the hop. When it has done so already, the newcomer among its users is
    /// answered, or all of them when the address is new.
    void follow(const Hop& hop, const Destination* newcomer) {
        HopState& state = hops[hop];
        state.idle = false;
        const auto known = kernel->neighbour(hop.interface_index, hop.address);
        state.fixed = known && known->is_fixed();
        state.managed = known && known->managed;
        if (!state.fixed) {
            const auto asked = kernel->resolve_neighbour(hop.interface_index, hop.address);
            if (!asked) {
                log->warn("dataplane  the kernel does not resolve {}: {}", hop.address.to_string(),
                          strerror(asked.error()));
                give_up(hop);
                return;
            }
        }
        if (known && known->is_usable()) {
            if (state.mac != known->mac) {
                settle(state, *known->mac);
            } else if (newcomer != nullptr) {
                send_resolved(*newcomer, *known->mac);
            }
            return;
        }
        state.mac.reset();
        if (state.timer == 0) {
            state.timer = loop.after(patience, [this, hop] {
                hops[hop].timer = 0;
                give_up(hop);
                finish_round();
            });
        }
    }

    void settle(HopState& state, const MacAddress& mac) {
        loop.cancel(std::exchange(state.timer, 0));
        state.mac = mac;
        for (const auto& [destination, source] : state.users) {
            send_resolved(destination, mac);
        }
    }

    void give_up(const Hop& hop) {
        const auto found = hops.find(hop);
        if (found == hops.end()) {
            return;
        }
        for (const auto& [destination, source] : found->second.users) {
            log->debug("dataplane  {} does not answer on the way to {}", hop.address.to_string(),
                       destination.address.to_string());
            send_unreachable(destination);
            destinations.erase(destination);
        }
        release(found);
    }

    /// Our interest in a neighbour ends; the kernel stops probing it.
    std::map<Hop, HopState>::iterator release(std::map<Hop, HopState>::iterator hop) {
        loop.cancel(hop->second.timer);
        if (!hop->second.fixed) {
            // It may have gone by itself already: any answer is right.
            static_cast<void>(
                kernel->delete_neighbour(hop->first.interface_index, hop->first.address));
        }
        return hops.erase(hop);
    }

    void keep_house() {
        for (auto hop = hops.begin(); hop != hops.end();) {
            HopState& state = hop->second;
            if (state.users.empty() && std::exchange(state.idle, true)) {
                hop = release(hop);
                continue;
            }
            if (!state.users.empty() && !state.managed && !state.fixed) {
                // An old kernel keeps it only while it is used. A failure comes as an event.
                static_cast<void>(
                    kernel->resolve_neighbour(hop->first.interface_index, hop->first.address));
            }
            ++hop;
        }
        finish_round();
    }

    // -- From the kernel

    void take_events() {
        const auto received = events->receive(receiver);
        if (!received && received.error() == ENOBUFS) {
            ++counters.events_lost;
            log->warn(
                "dataplane  the kernel reported more changes than could be read: all is looked up "
                "again");
            must_flush = true;
            for (const auto& twin : twins) {
                links_to_restore.insert(twin->interface_index());
            }
            look_at_macs();
        } else if (!received) {
            log->error("dataplane  cannot read the kernel's routing events: {}",
                       strerror(received.error()));
        }
        restore_links();
        finish_round();
    }

    void neighbour_changed(const Neighbour& neighbour) {
        const Hop hop{neighbour.interface_index, neighbour.address};
        const auto found = hops.find(hop);
        if (found == hops.end()) {
            return;
        }
        found->second.managed = neighbour.managed;
        if (neighbour.is_usable()) {
            if (found->second.mac != neighbour.mac) {
                settle(found->second, *neighbour.mac);
            }
        } else if (neighbour.is_failed() && found->second.mac) {
            // It did answer once. "Failed" is also what the kernel says of an entry that it deletes
            // (an operator's wish, a link that went down): once more before it is given up.
            found->second.mac.reset();
            follow(hop, nullptr);
        } else if (neighbour.is_failed()) {
            give_up(hop);
        }
    }

    /// The kernel deletes managed entries when the link goes down, and an operator may: ask again.
    void neighbour_deleted(const Neighbour& neighbour) {
        const Hop hop{neighbour.interface_index, neighbour.address};
        const auto found = hops.find(hop);
        if (found == hops.end()) {
            return;
        }
        if (found->second.users.empty()) {
            loop.cancel(found->second.timer);
            hops.erase(found);
        } else {
            follow(hop, nullptr);
        }
    }

    void link_changed(const Link& link) {
        const int index = link.interface_index;
        const auto twin = std::ranges::find_if(
            twins, [&](const auto& one) { return one->interface_index() == index; });
        if (twin == twins.end()) {
            return;
        }
        assert_mac(**twin, link);
        if (link.up != links_down.contains(index)) {
            return;
        }
        if (link.up) {
            links_down.erase(index);
            links_to_restore.insert(index);
        } else {
            links_down.insert(index);
        }
        must_flush = true;
    }

    /// For what changed while nobody listened.
    void look_at_macs() {
        for (const auto& twin : twins) {
            if (const auto link = kernel->link(twin->interface_index())) {
                assert_mac(*twin, *link);
            }
        }
    }

    void assert_mac(Twin& twin, const Link& link) {
        if (!link.mac || *link.mac == twin.mac()) {
            return;
        }
        log->warn(
            "dataplane  somebody gave {} the MAC {}, by which nobody reaches it: it has {} again "
            "(systemd: MACAddressPolicy=none for it)",
            twin.name(), link.mac->to_string(), twin.mac().to_string());
        if (const auto restored = twin.restore_link(); !restored) {
            log->error("dataplane  {}", restored.error().message);
        }
    }

    void restore_links() {
        for (const auto& twin : twins) {
            const int index = twin->interface_index();
            if (links_to_restore.contains(index) && !links_down.contains(index)) {
                for (const board::Error& refused : twin->restore()) {
                    log->error("dataplane  {}", refused.message);
                }
            }
        }
        links_to_restore.clear();
    }
};

board::Expected<std::unique_ptr<NextHopResolver>> NextHopResolver::create(
    const NetworkConfig& config, std::span<const std::unique_ptr<Twin>> twins,
    NextHopChannel& channel, Doorbell& worker_doorbell, board::EventLoop& loop,
    std::shared_ptr<spdlog::logger> log) {
    auto state =
        std::make_unique<State>(config, twins, channel, worker_doorbell, loop, std::move(log));
    if (!twins.empty()) {
        const auto scope = board::NetworkNamespaceScope::enter(config.network_namespace);
        if (!scope) {
            return std::unexpected(scope.error());
        }
        auto events = RtnetlinkEvents::open();
        if (!events) {
            return std::unexpected(events.error());
        }
        auto kernel = Rtnetlink::open();
        if (!kernel) {
            return std::unexpected(kernel.error());
        }
        state->events.emplace(*std::move(events));
        state->kernel.emplace(*std::move(kernel));
        state->listen_to_kernel();
    }
    State* raw = state.get();
    state->requests_watch = std::make_unique<DoorbellWatch>(loop, channel.requests_bell,
                                                            [raw] { raw->take_requests(); });
    return std::unique_ptr<NextHopResolver>(new NextHopResolver(std::move(state)));
}

NextHopResolver::NextHopResolver(std::unique_ptr<State> state) : state_(std::move(state)) {}

NextHopResolver::~NextHopResolver() = default;

const NextHopResolver::Counters& NextHopResolver::counters() const {
    return state_->counters;
}

std::size_t NextHopResolver::followed() const {
    return state_->destinations.size();
}

}  // namespace trunkline::dataplane
