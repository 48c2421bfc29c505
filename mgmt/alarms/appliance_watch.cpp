#include "mgmt/alarms/appliance_watch.h"

#include "mgmt/alarms/alarm_kinds.h"
#include "mgmt/alarms/certificate_end.h"
#include "mgmt/alarms/conditions.h"
#include "mgmt/alarms/hardware_conditions.h"
#include "mgmt/alarms/overload.h"
#include "mgmt/alarms/registration_sources.h"
#include "mgmt/alarms/seen_registrations.h"
#include "mgmt/json_fields.h"
#include "mgmt/registration_view.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using sipstack::RegistrationState;
using sipstack::RegistrationStatus;

constexpr std::chrono::milliseconds period{1000};
/// Reading them takes the disk.
constexpr uint64_t seconds_between_certificates = 60;
constexpr std::size_t rows_a_turn = 256;

struct Counts {
    uint64_t total = 0, registered = 0, failed = 0, attempts = 0;
};

/// A registration that fails.
struct Failing {
    sipstack::RegistrantKind kind;
    std::string name;
};

/// What one shard found in one look, beside what it has seen.
struct Look {
    uint64_t attempts = 0;
    std::vector<RegistrationStatus> changed;
    std::size_t more = 0;  ///< changes beyond those
    std::vector<Failing> failing;
};

void note_failing(std::vector<Failing>& failing, const sipstack::RegistrationGlance& row) {
    if (failing.size() < AlarmTable::most_active) {
        failing.push_back({row.kind, std::string(row.name)});
    }
}

/// A slice; true: it was the last one. The attempts are counted where they are wanted: a whole row
/// is some microseconds of the shard's, a glance a tenth of that.
bool look_at(Look& look, SeenRegistrations& seen, bool counts_attempts,
             const sipstack::Shard& shard, sipstack::Instant now) {
    const std::size_t end = std::min(shard.registration_count(), seen.next_row() + rows_a_turn);
    while (seen.next_row() < end) {
        const std::size_t row = seen.next_row();
        const sipstack::RegistrationGlance glance = shard.registration_glance(row);
        const auto [has_changed, is_failing] = seen.note(glance);
        if (is_failing) {
            note_failing(look.failing, glance);
        }
        if (!has_changed && !counts_attempts) {
            continue;
        }
        RegistrationStatus status = shard.registration_status(row, now);
        look.attempts += status.attempts;
        if (!has_changed) {
            continue;
        }
        if (look.changed.size() < ApplianceWatch::most_told) {
            look.changed.push_back(std::move(status));
        } else {
            ++look.more;
        }
    }
    return end >= shard.registration_count();
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
    query.limit =
        std::clamp<std::size_t>(request.value("limit", query.limit), 1, AlarmTable::most_active);
    return query;
}

json to_json(const AlarmPage& page) {
    json reply{{"ok", true}, {"alarms", json::array()}};
    for (const Alarm& alarm : page.alarms) {
        reply["alarms"].push_back(to_json(alarm));
    }
    reply["after"] = page.after ? json(*page.after) : json();
    reply["before"] = page.before ? json(*page.before) : json();
    reply["total"] = page.total;
    return reply;
}

}  // namespace

struct ApplianceWatch::State : std::enable_shared_from_this<ApplianceWatch::State> {
    State(board::EventLoop& event_loop, sipstack::ShardGroup& shard_group,
          std::span<const std::unique_ptr<board::Port>> port_list,
          const board::Hardware& board_hardware, CommandTable& command_table,
          Configuration configuration_now, std::function<ConfigNodePtr()> running_tree,
          std::string startup, AlarmTable::Listener alarm_listener)
        : loop(event_loop),
          shards(shard_group),
          ports(port_list),
          hardware(board_hardware),
          commands(command_table),
          config(std::move(configuration_now)),
          sources(std::move(running_tree)),
          startup_file(std::move(startup)),
          on_alarm(std::move(alarm_listener)) {}

    void look() {
        ++seconds_since_count;
        ++seconds_since_look;
        const bool counts_attempts = seconds_since_count > counts.total / rows_a_second;
        const std::size_t pace =
            events.listeners() > 0 ? glances_a_second_when_heard : glances_a_second;
        const bool glances = seconds_since_look > counts.total / pace;
        if (!is_looking && (counts_attempts || glances)) {
            look_at_registrations(counts_attempts);
        }
        look_at_the_rest();
    }

    void look_at_registrations(bool counts_attempts) {
        is_looking = true;
        seconds_since_look = 0;
        seconds_since_count = counts_attempts ? 0 : seconds_since_count;
        seen->resize(shards.shards().size());
        for (SeenRegistrations& rows : *seen) {
            rows.begin();
        }
        const auto looks = std::make_shared<std::vector<Look>>(seen->size());
        shards.ask(
            [looks, counts_attempts, rows = seen](std::size_t index, sipstack::Shard& shard,
                                                  sipstack::Instant now) {
                return look_at((*looks)[index], (*rows)[index], counts_attempts, shard, now);
            },
            [weak = weak_from_this(), looks, counts_attempts] {
                if (const auto self = weak.lock()) {
                    self->take(*looks, counts_attempts);
                }
            });
    }

    void look_at_the_rest() {
        look_at_links();
        look_at_losses();
        look_at_hardware();
        look_at_proxy_sets();
        look_at_configuration();
        follow(board_configuration_alarm, refused_configuration_conditions(startup_file));
        if (seconds_to_certificates == 0) {
            seconds_to_certificates = seconds_between_certificates;
            look_at_certificates();
        }
        --seconds_to_certificates;
    }

    void take(const std::vector<Look>& looks, bool counts_attempts) {
        is_looking = false;
        counts = {0, 0, 0, counts_attempts ? 0 : counts.attempts};
        std::size_t more = 0;
        AlarmConditions failing;
        for (const SeenRegistrations& rows : *seen) {
            counts.total += rows.counts().total;
            counts.registered += rows.counts().registered;
            counts.failed += rows.counts().failed;
        }
        for (const Look& own : looks) {
            counts.attempts += counts_attempts ? own.attempts : 0;
            more += own.more;
            for (const auto& [kind, name] : own.failing) {
                failing.push_back(
                    {sources.of(kind, name), AlarmSeverity::major,
                     fmt::format("Registration failure for {} {}", to_string(kind), name)});
            }
            for (const RegistrationStatus& row : own.changed) {
                events.publish("registration", to_json_row(row));
            }
        }
        if (more > 0) {
            events.publish(
                "registrations",
                {{"changed", more}, {"total", counts.total}, {"registered", counts.registered}});
        }
        follow(account_registration_alarm, failing);
    }

    static json to_json_row(const RegistrationStatus& row) {
        return {{"name", row.name},
                {"kind", to_string(row.kind)},
                {"aor", row.aor},
                {"state", to_string(told_state(row.state))},
                {"registered", row.registered},
                {"reason", row.reason}};
    }

    void look_at_links() {
        std::vector<SeenLink> links;
        for (const auto& port : ports) {
            const board::LinkState link = port->link();
            links.push_back({port->name(), link.up, link.source, port->is_enabled()});
        }
        follow(ethernet_link_alarm, link_conditions(links));
        follow(ethernet_group_alarm, group_conditions(config().board.ethernet_groups, links));
    }

    void look_at_losses() {
        uint64_t lost = 0;
        for (const auto& port : ports) {
            lost += port->statistics().drops;
        }
        for (const auto& shard : shards.shards()) {
            lost += shard->lost_datagrams();
        }
        follow(overload_alarm, overload.look(lost));
    }

    void look_at_hardware() {
        follow(fan_tray_alarm, fan_tray_conditions(hardware.units()));
        follow(power_supply_alarm, power_supply_conditions(hardware.units()));
        follow(board_temperature_alarm, temperature_conditions(hardware.temperatures()));
    }

    void look_at_proxy_sets() {
        commands.answer({{"command", "show proxy-sets"}}, {"the appliance", AccessLevel::master},
                        [weak = weak_from_this()](const json& reply) {
                            if (const auto self = weak.lock(); self && flag_in(reply, "ok")) {
                                self->take_proxy_sets(list_in(reply, "proxy_sets"));
                            }
                        });
    }

    void take_proxy_sets(const json& sets) {
        const auto& interfaces = config().network.ip_interfaces;
        const auto with_dns = std::ranges::find_if(
            interfaces, [](const auto& row) { return !row.dns_servers.empty(); });
        follow(proxy_connection_alarm, proxy_conditions(sets));
        follow(dns_alarm,
               dns_conditions(sets, static_cast<std::size_t>(with_dns - interfaces.begin())));
        for (const json& set : sets) {
            tell_of_proxy_set(set);
        }
    }

    void tell_of_proxy_set(const json& set) {
        const std::string name = text_in(set, "name");
        const json servers = list_in(set, "servers");
        const auto online = static_cast<std::size_t>(std::ranges::count_if(
            servers, [](const json& server) { return flag_in(server, "online"); }));
        const std::string state = fmt::format("{}/{}", online, servers.size());
        if (const auto known = proxies.find(name);
            known != proxies.end() && known->second != state) {
            events.publish("proxySet",
                           {{"name", name}, {"online", online}, {"servers", servers.size()}});
        }
        proxies[name] = state;
    }

    void look_at_certificates() {
        std::vector<CertificateEnd> ends;
        const auto& contexts = config().sip.tls_contexts;
        for (std::size_t i = 0; i < contexts.size(); ++i) {
            if (const auto end = certificate_end(contexts[i].certificate_file)) {
                ends.push_back({i, contexts[i].name, *end});
            }
        }
        follow(certificate_expiry_alarm,
               certificate_conditions(ends, std::chrono::system_clock::now()));
    }

    void follow(const AlarmKind& kind, const AlarmConditions& conditions) {
        alarms.follow(std::string(kind.name), conditions);
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
    const board::Hardware& hardware;
    CommandTable& commands;
    const Configuration config;
    RegistrationSources sources;
    const std::string startup_file;
    const AlarmTable::Listener on_alarm;
    EventHub events;
    AlarmTable alarms{std::chrono::system_clock::now, [this](const Alarm& alarm) {
                          events.publish("alarm", to_json(alarm));
                          on_alarm(alarm);
                      }};

    board::EventLoop::TimerId timer = 0;
    bool is_looking = false;
    uint64_t seconds_since_count = 0, seconds_since_look = 0;
    /// Of each shard, and its own while it looks.
    const std::shared_ptr<std::vector<SeenRegistrations>> seen =
        std::make_shared<std::vector<SeenRegistrations>>();
    Counts counts;
    std::unordered_map<std::string, std::string> proxies;  ///< name -> servers that are online
    OverloadWatch overload;
    uint64_t seconds_to_certificates = 0;
    json configuration;
};

ApplianceWatch::ApplianceWatch(board::EventLoop& loop, sipstack::ShardGroup& shards,
                               std::span<const std::unique_ptr<board::Port>> ports,
                               const board::Hardware& hardware, CommandTable& commands,
                               Configuration config, std::function<ConfigNodePtr()> running,
                               std::string startup_file, AlarmTable::Listener on_alarm)
    : state_(std::make_shared<State>(loop, shards, ports, hardware, commands, std::move(config),
                                     std::move(running), std::move(startup_file),
                                     std::move(on_alarm))) {
    state_->timer = loop.every(period, [state = state_.get()] { state->look(); });
}

ApplianceWatch::~ApplianceWatch() {
    state_->loop.cancel(state_->timer);
}

void ApplianceWatch::take_administrative_state(sipstack::AdministrativeState state) {
    state_->follow(admin_state_alarm, admin_state_conditions(state));
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
