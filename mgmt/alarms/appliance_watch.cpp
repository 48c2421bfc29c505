#include "mgmt/alarms/appliance_watch.h"

#include "mgmt/json_fields.h"
#include "mgmt/registration_view.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using sipstack::RegistrationState;
using sipstack::RegistrationStatus;

constexpr std::chrono::milliseconds period{1000};
constexpr std::size_t rows_a_turn = 256;
const std::string registration_alarm = "acAccountRegistrationAlarm";
const std::string proxy_alarm = "acProxyConnectionLost";
const std::string link_alarm = "acBoardEthernetLinkAlarm";

struct Seen {
    RegistrationState state = RegistrationState::resolving;
    bool registered = false;
    bool operator==(const Seen&) const = default;
};
/// By a hash of the name: it is there for every account.
using SeenRows = std::unordered_map<uint64_t, Seen>;

struct Counts {
    uint64_t total = 0, registered = 0, failed = 0, attempts = 0;
};

/// What one shard found in one look.
struct Look {
    SeenRows seen;
    Counts counts;
    std::size_t next = 0;  ///< row
    std::vector<RegistrationStatus> changed;
    std::size_t more = 0;  ///< changes beyond those
};

uint64_t key_of(const std::string& name) {
    return std::hash<std::string>{}(name);
}

/// Refreshing is as good as registered: a state that says nothing to an operator is no change.
RegistrationState told_state(const RegistrationStatus& row) {
    return row.state == RegistrationState::refreshing ? RegistrationState::registered : row.state;
}

void look_at(Look& look, const SeenRows& before, sipstack::Shard& shard, sipstack::Instant now) {
    const std::size_t end = std::min(shard.registration_count(), look.next + rows_a_turn);
    for (; look.next < end; ++look.next) {
        RegistrationStatus row = shard.registration_status(look.next, now);
        const Seen seen{told_state(row), row.registered};
        ++look.counts.total;
        look.counts.registered += row.registered ? 1 : 0;
        look.counts.failed += row.state == RegistrationState::failed ? 1 : 0;
        look.counts.attempts += row.attempts;
        const uint64_t key = key_of(row.name);
        const auto known = before.find(key);
        look.seen.insert_or_assign(key, seen);
        if (known != before.end() && known->second == seen) {
            continue;
        }
        if (look.changed.size() < ApplianceWatch::most_told) {
            look.changed.push_back(std::move(row));
        } else {
            ++look.more;
        }
    }
}

std::string date_of(std::chrono::system_clock::time_point when) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(when)));
}

json to_json(const Alarm& alarm) {
    return {{"id", alarm.id},
            {"name", alarm.name},
            {"description", alarm.description},
            {"severity", to_string(alarm.severity)},
            {"source", alarm.source},
            {"date", date_of(alarm.when)}};
}

AlarmQuery query_of(const json& request) {
    AlarmQuery query;
    for (const auto& [key, field] :
         {std::pair("after", &query.after), std::pair("before", &query.before)}) {
        if (const auto found = request.find(key);
            found != request.end() && found->is_number_unsigned()) {
            *field = found->get<uint64_t>();
        }
    }
    query.limit = std::clamp<std::size_t>(request.value("limit", query.limit), 1, 1000);
    return query;
}

json to_json(const AlarmPage& page) {
    json reply{{"ok", true}, {"alarms", json::array()}};
    for (const Alarm& alarm : page.alarms) {
        reply["alarms"].push_back(to_json(alarm));
    }
    reply["after"] = page.after ? json(*page.after) : json();
    reply["before"] = page.before ? json(*page.before) : json();
    return reply;
}

}  // namespace

struct ApplianceWatch::State : std::enable_shared_from_this<ApplianceWatch::State> {
    State(board::EventLoop& event_loop, sipstack::ShardGroup& shard_group,
          std::span<const std::unique_ptr<board::Port>> port_list, CommandTable& command_table)
        : loop(event_loop), shards(shard_group), ports(port_list), commands(command_table) {}

    void look() {
        if (--looks_to_wait > 0 || is_looking) {
            look_at_the_rest();
            return;
        }
        is_looking = true;
        seen.resize(shards.shards().size(), std::make_shared<const SeenRows>());
        const auto looks = std::make_shared<std::vector<Look>>(seen.size());
        shards.ask(
            [looks, before = seen](std::size_t index, sipstack::Shard& shard,
                                   sipstack::Instant now) {
                Look& own = (*looks)[index];
                look_at(own, *before[index], shard, now);
                return own.next >= shard.registration_count();
            },
            [weak = weak_from_this(), looks] {
                if (const auto self = weak.lock()) {
                    self->take(*looks);
                }
            });
        look_at_the_rest();
    }

    void look_at_the_rest() {
        look_at_links();
        look_at_proxy_sets();
        look_at_configuration();
    }

    void take(std::vector<Look>& looks) {
        is_looking = false;
        counts = {};
        std::size_t more = 0;
        for (std::size_t i = 0; i < looks.size(); ++i) {
            Look& own = looks[i];
            counts.total += own.counts.total;
            counts.registered += own.counts.registered;
            counts.failed += own.counts.failed;
            counts.attempts += own.counts.attempts;
            more += own.more;
            seen[i] = std::make_shared<const SeenRows>(std::move(own.seen));
            for (const RegistrationStatus& row : own.changed) {
                tell(row);
            }
        }
        if (more > 0) {
            events.publish(
                "registrations",
                {{"changed", more}, {"total", counts.total}, {"registered", counts.registered}});
        }
        clear_of_the_gone();
        looks_to_wait = 1 + counts.total / rows_a_second;
    }

    void tell(const RegistrationStatus& row) {
        events.publish("registration", to_json_row(row));
        const std::string source = fmt::format("Board#1/Account#{}", row.name);
        if (row.state == RegistrationState::failed && !row.registered) {
            alarms.raise(
                registration_alarm, source, AlarmSeverity::major,
                fmt::format("Registration failure for {} {}", to_string(row.kind), row.name));
            with_alarm.emplace(key_of(row.name), source);
        } else if (row.registered || row.state == RegistrationState::unregistered) {
            alarms.clear(registration_alarm, source);
            with_alarm.erase(key_of(row.name));
        }
    }

    static json to_json_row(const RegistrationStatus& row) {
        return {{"name", row.name},
                {"kind", to_string(row.kind)},
                {"aor", row.aor},
                {"state", to_string(told_state(row))},
                {"registered", row.registered},
                {"reason", row.reason}};
    }

    /// What the configuration has no more fails no more.
    void clear_of_the_gone() {
        std::erase_if(with_alarm, [this](const auto& entry) {
            const bool is_there = std::ranges::any_of(
                seen, [&](const auto& rows) { return rows->contains(entry.first); });
            if (!is_there) {
                alarms.clear(registration_alarm, entry.second);
            }
            return !is_there;
        });
    }

    void look_at_links() {
        for (std::size_t i = 0; i < ports.size(); ++i) {
            const std::string source = fmt::format("Board#1/EthernetLink#{}", i);
            if (ports[i]->link().up) {
                alarms.clear(link_alarm, source);
            } else {
                alarms.raise(
                    link_alarm, source, AlarmSeverity::minor,
                    fmt::format("Ethernet link alarm. LAN port {} link is down", ports[i]->name()));
            }
        }
    }

    void look_at_proxy_sets() {
        commands.answer({{"command", "show proxy-sets"}}, {"the appliance", AccessLevel::master},
                        [weak = weak_from_this()](const json& reply) {
                            if (const auto self = weak.lock()) {
                                self->take_proxy_sets(list_in(reply, "proxy_sets"));
                            }
                        });
    }

    void take_proxy_sets(const json& sets) {
        std::set<std::string> there;
        for (std::size_t i = 0; i < sets.size(); ++i) {
            const std::string name = text_in(sets[i], "name");
            const json servers = list_in(sets[i], "servers");
            const auto online = static_cast<std::size_t>(std::ranges::count_if(
                servers, [](const json& server) { return flag_in(server, "online"); }));
            const std::string source = fmt::format("System#0/ProxyConnection#{}", i);
            there.insert(source);
            const bool is_watched = text_in(sets[i], "keep_alive") != "disable";
            if (!is_watched || online == servers.size()) {
                alarms.clear(proxy_alarm, source);
            } else {
                alarms.raise(proxy_alarm, source,
                             online == 0 ? AlarmSeverity::major : AlarmSeverity::minor,
                             fmt::format("Proxy Set Alarm: Proxy Set {} ({}): Proxy lost. looking "
                                         "for another proxy",
                                         i, name));
            }
            const std::string state = fmt::format("{}/{}", online, servers.size());
            if (const auto known = proxies.find(name);
                known != proxies.end() && known->second != state) {
                events.publish("proxySet",
                               {{"name", name}, {"online", online}, {"servers", servers.size()}});
            }
            proxies[name] = state;
        }
        for (const std::string& gone : with_proxy_alarm) {
            if (!there.contains(gone)) {
                alarms.clear(proxy_alarm, gone);
            }
        }
        with_proxy_alarm = std::move(there);
    }

    /// Asked for only while somebody listens.
    void look_at_configuration() {
        if (events.listeners() == 0) {
            return;
        }
        commands.answer({{"command", "configuration status"}},
                        {"the appliance", AccessLevel::master},
                        [weak = weak_from_this()](const json& reply) {
                            if (const auto self = weak.lock(); self && flag_in(reply, "ok")) {
                                self->take_configuration(reply);
                            }
                        });
    }

    void take_configuration(const json& reply) {
        const json state{{"revision", number_in(reply, "revision")},
                         {"saveNeeded", flag_in(reply, "save_needed")},
                         {"resetNeeded", flag_in(reply, "reset_needed")}};
        if (!configuration.is_null() && configuration != state) {
            events.publish("configuration", state);
        }
        configuration = state;
    }

    board::EventLoop& loop;
    sipstack::ShardGroup& shards;
    const std::span<const std::unique_ptr<board::Port>> ports;
    CommandTable& commands;
    EventHub events;
    AlarmTable alarms{std::chrono::system_clock::now,
                      [this](const Alarm& alarm) { events.publish("alarm", to_json(alarm)); }};

    board::EventLoop::TimerId timer = 0;
    bool is_looking = false;
    std::size_t looks_to_wait = 1;
    std::vector<std::shared_ptr<const SeenRows>> seen;  ///< of each shard
    Counts counts;
    std::unordered_map<uint64_t, std::string> with_alarm;  ///< source
    std::unordered_map<std::string, std::string> proxies;  ///< name -> servers that are online
    std::set<std::string> with_proxy_alarm;
    json configuration;
};

ApplianceWatch::ApplianceWatch(board::EventLoop& loop, sipstack::ShardGroup& shards,
                               std::span<const std::unique_ptr<board::Port>> ports,
                               CommandTable& commands)
    : state_(std::make_shared<State>(loop, shards, ports, commands)) {
    state_->timer = loop.every(period, [state = state_.get()] { state->look(); });
}

ApplianceWatch::~ApplianceWatch() {
    state_->loop.cancel(state_->timer);
}

EventHub& ApplianceWatch::events() {
    return state_->events;
}

void ApplianceWatch::add_to(CommandTable& table) {
    const auto own = state_;
    table.add("alarms active", AccessLevel::monitor,
              [own](const json& request, const Caller&, const Reply& reply) {
                  reply(to_json(own->alarms.active(query_of(request))));
              });
    table.add("alarms history", AccessLevel::monitor,
              [own](const json& request, const Caller&, const Reply& reply) {
                  reply(to_json(own->alarms.history(query_of(request))));
              });
    table.add("alarm", AccessLevel::monitor,
              [own](const json& request, const Caller&, const Reply& reply) {
                  const auto id = static_cast<uint64_t>(number_in(request, "id"));
                  const AlarmQuery query{id == 0 ? 0 : id - 1, id + 1, 1};
                  const AlarmPage page = text_in(request, "table") == "history"
                                             ? own->alarms.history(query)
                                             : own->alarms.active(query);
                  reply(page.alarms.empty()
                            ? refusal(fmt::format("there is no alarm {}", id))
                            : json{{"ok", true}, {"alarm", to_json(page.alarms.front())}});
              });
    table.add("registration counts", AccessLevel::monitor,
              [own](const json&, const Caller&, const Reply& reply) {
                  reply({{"ok", true},
                         {"total", own->counts.total},
                         {"registered", own->counts.registered},
                         {"failed", own->counts.failed},
                         {"attempts", own->counts.attempts}});
              });
}

}  // namespace trunkline::mgmt
