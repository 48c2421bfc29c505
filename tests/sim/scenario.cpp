#include "tests/sim/scenario.h"

#include "sipstack/random.h"
#include "sipstack/registration/registrants.h"
#include "tests/sim/scenario_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace trunkline::sim {
namespace {

constexpr unsigned most_drawn = 36;  // who register in a seed

using sipstack::KeepAlive;
using sipstack::Seconds;
using std::chrono::minutes;

class Draw {
public:
    Draw(uint64_t seed, const ScenarioLimits& limits)
        : random_(sipstack::Random::seed_from(seed)), limits_(limits) {
        scenario_.seed = seed;
    }

    Scenario draw() {
        const auto registrars = static_cast<unsigned>(between(2, 3));
        scenario_.kinds = draw_kinds(random_, limits_.all_kinds);
        scenario_.ends_subscribed = scenario_.kinds.subscriptions && chance(8);
        draw_page();
        draw_proxy_set(registrars);
        draw_others(random_, scenario_);
        draw_accounts();
        fit_rates();
        for (unsigned number = 0; number < registrars; ++number) {
            scenario_.registrars.push_back(draw_registrar());
        }
        scenario_.foreign_challenges = chance(70);
        scenario_.link = {chance(30) ? 0.02 : 0, chance(30) ? 0.02 : 0, Milliseconds(1),
                          Milliseconds(between(1, 150))};
        draw_faults(registrars);
        return std::move(scenario_);
    }

private:
    uint64_t between(uint64_t low, uint64_t high) { return random_.between(low, high); }
    bool chance(unsigned percent) { return between(1, 100) <= percent; }
    template <typename Value>
    Value one_of(std::initializer_list<Value> values) {
        return *(values.begin() + between(0, values.size() - 1));
    }
    Seconds seconds(uint64_t low, uint64_t high) {
        return Seconds(static_cast<int64_t>(between(low, high)));
    }

    void draw_page() {
        auto& page = scenario_.config.proxy_and_registration;
        page.registration_time = one_of({Seconds(60), Seconds(180), Seconds(600), Seconds(3600)});
        page.re_registration_timing = static_cast<unsigned>(between(50, 90));
        page.registration_retry_time = seconds(10, 60);
        page.refused_retry_time = chance(50) ? Seconds(0) : seconds(30, 300);
        page.max_registration_backoff_time = chance(70) ? Seconds(0) : seconds(60, 300);
        page.registration_time_threshold = chance(80) ? Seconds(0) : seconds(10, 120);
        page.unregister_on_startup = chance(10);
        page.explicit_unregistration = chance(20);
        page.add_empty_authorization_header = chance(10);
        page.use_random_user = chance(10);
        page.hot_swap_rtx = static_cast<unsigned>(between(1, 5));
        page.redundancy_mode =
            one_of({sipstack::RedundancyMode::parking, sipstack::RedundancyMode::homing});
        page.challenge_caching_mode =
            one_of({sipstack::ChallengeCachingMode::none, sipstack::ChallengeCachingMode::full});
        page.max_generated_registers_rate = static_cast<unsigned>(between(30, 300));
        page.generated_registers_interval = seconds(1, 5);
        page.refresh_jitter = static_cast<unsigned>(between(0, 50));
        page.retry_profile =
            one_of({sipstack::RetryProfile::mediant, sipstack::RetryProfile::mediant,
                    sipstack::RetryProfile::tmedia, sipstack::RetryProfile::rfc5626});
        page.prefer_strongest_digest = chance(30);
        page.use_ping_pong_keep_alive = chance(30);
        page.ping_pong_keep_alive_time = seconds(10, 60);
        page.re_register_on_connection_failure = chance(30);
        page.sync_ims_accounts = chance(20);
    }

    void draw_proxy_set(unsigned registrars) {
        sipstack::Config& config = scenario_.config;
        config.shards = static_cast<unsigned>(between(1, 3));
        sipstack::SipInterface interface;
        interface.name = "SIPInterface_0";
        interface.address = appliance_endpoint().address;
        interface.udp_port = appliance_endpoint().port;
        interface.tcp_port = appliance_endpoint().port;
        config.sip_interfaces.push_back(interface);
        const unsigned by_tcp = one_of({0U, 0U, 0U, 50U, 100U, 100U});  // percent
        sipstack::ProxySet set;
        set.name = "registrars";
        for (unsigned number = 0; number < registrars; ++number) {
            const auto endpoint = registrar_endpoint(number, registrars);
            set.addresses.push_back(
                {endpoint.address.to_string(), endpoint.port,
                 chance(by_tcp) ? sipstack::Transport::tcp : sipstack::Transport::udp});
        }
        set.keep_alive =
            one_of({KeepAlive::disable, KeepAlive::using_options, KeepAlive::using_register,
                    KeepAlive::using_options_on_active_server});
        set.keep_alive_time = seconds(10, 60);
        set.success_detection_retries = static_cast<unsigned>(between(1, 3));
        set.success_detection_interval = seconds(1, 10);
        set.failure_detection_retransmissions = one_of({-1, 2, 5});
        set.hot_swap = chance(50);
        set.load_balancing =
            one_of({sipstack::LoadBalancing::disable, sipstack::LoadBalancing::disable,
                    sipstack::LoadBalancing::round_robin, sipstack::LoadBalancing::random_weights});
        set.registration_rate = one_of({0U, 2U, 10U, 50U});
        set.registration_window = one_of({0U, 3U, 10U, 200U});
        config.proxy_sets.push_back(set);
        config.ip_groups.push_back({"registrars", 0, "lab.example", ""});
    }

    void draw_accounts() {
        const auto drawn = static_cast<unsigned>(scenario_.kinds.any() ? between(1, 8)
                                                 : chance(80)          ? between(1, 12)
                                                                       : between(13, most_drawn));
        const unsigned count = limits_.accounts.value_or(drawn);
        for (unsigned number = 0; number < count; ++number) {
            sipstack::Account account = make_account(number);
            account.registrar_stickiness = chance(25) ? sipstack::RegistrarStickiness::enable
                                                      : sipstack::RegistrarStickiness::disable;
            account.registrar_search_mode =
                chance(25) ? sipstack::RegistrarSearchMode::according_to_ims
                           : sipstack::RegistrarSearchMode::current_working_server;
            account.outbound = chance(20);
            account.register_mode =
                chance(20) ? sipstack::AccountRegister::gin : sipstack::AccountRegister::regular;
            if (scenario_.kinds.any()) {
                give_kinds(account, scenario_, random_.next());
            }
            scenario_.aors.insert(aor_of(account));
            scenario_.config.accounts.push_back(std::move(account));
        }
    }

    void fit_rates() {
        const unsigned scale = rate_scale(scenario_.config);
        scenario_.config.proxy_and_registration.max_generated_registers_rate *= scale;
        scenario_.config.proxy_sets.front().registration_rate *= scale;
        scenario_.config.proxy_sets.front().registration_window *= scale;
    }

    RegistrarPolicy draw_registrar() {
        RegistrarPolicy policy;
        policy.min_expires = one_of({Seconds(10), Seconds(60), Seconds(300)});
        policy.max_expires = one_of({Seconds(300), Seconds(1800), Seconds(3600)});
        policy.knows_gin = chance(60);
        policy.knows_outbound = chance(60);
        policy.requires_path = chance(20);
        if (scenario_.kinds.subscriptions && !scenario_.ends_subscribed && chance(15)) {
            policy.refusal_of_subscriptions = Refusal{one_of({489, 405, 0}), ""};
        }
        policy.nonce_lifetime = one_of({minutes(5), minutes(60), minutes(24 * 60)});
        return policy;
    }

    void draw_faults(unsigned registrars) {
        const double day = 24.0 * 60;
        const auto length =
            limits_.days ? static_cast<uint64_t>(*limits_.days * day) : between(10, 40);
        const uint64_t count = limits_.days ? std::max<uint64_t>(length / 4, 3) : between(3, 14);
        scenario_.fault_time = minutes(length);
        const auto end = static_cast<uint64_t>(scenario_.fault_time.count());
        for (uint64_t number = 0; number < count; ++number) {
            PlannedFault planned;
            planned.begin = Milliseconds(between(0, end - 1));
            planned.duration = Milliseconds(between(1, chance(80) ? 120'000 : 400'000));
            planned.duration = std::min(planned.duration, scenario_.fault_time - planned.begin);
            Fault kind{};
            do {
                kind = static_cast<Fault>(between(0, fault_count - 1));
            } while (!can_happen(kind));
            planned.registrar = static_cast<unsigned>(between(0, registrars - 1));
            planned.detail = random_.next();
            set_kind(planned, kind, scenario_.fault_time);
            scenario_.faults.push_back(planned);
        }
        std::ranges::stable_sort(scenario_.faults, {}, &PlannedFault::begin);
    }

    bool can_happen(Fault fault) const {
        const Kinds& kinds = scenario_.kinds;
        const bool is_of_subscriptions =
            fault >= Fault::subscription_refused && fault <= Fault::binding_shortened;
        return (!is_of_subscriptions || kinds.subscriptions) &&
               (fault != Fault::served_down || kinds.served) &&
               (fault != Fault::modes_changed || kinds.gateway || kinds.users);
    }

    sipstack::Random random_;
    const ScenarioLimits& limits_;
    Scenario scenario_;
};

}  // namespace

dataplane::Endpoint registrar_endpoint(unsigned number, std::size_t registrars) {
    const uint32_t address = number == registrars ? 0xc6336407 : 0xc0000201 + number;
    return {dataplane::IpAddress::v4(address), 5060};
}

dataplane::Endpoint appliance_endpoint() {
    return {dataplane::IpAddress::v4(0xc000020a), 5060};
}

dataplane::Endpoint served_endpoint() {
    return {dataplane::IpAddress::v4(0xc0000264), 5060};
}

void set_kind(PlannedFault& planned, Fault kind, Milliseconds fault_time) {
    planned.fault = kind;
    if (kind == Fault::served_down && planned.detail % 2 == 0) {
        const Milliseconds more(static_cast<int64_t>(planned.detail / 2 % 300'000));
        planned.duration = std::min(minutes(5) + more, fault_time - planned.begin);
    }
}

sipstack::Account make_account(unsigned number) {
    sipstack::Account account;
    account.name = fmt::format("account{}", number);
    account.user_name = fmt::format("user{}", number);
    account.contact_user = account.user_name;
    account.password = sipstack::Secret("secret");
    account.register_mode = sipstack::AccountRegister::regular;
    return account;
}

std::string aor_of(const sipstack::Account& account) {
    return fmt::format("sip:{}@lab.example", account.contact_user);
}

void give_kinds(sipstack::Account& account, const Scenario& scenario, uint64_t detail) {
    const auto& groups = scenario.config.ip_groups;
    account.udp_port_assignment = scenario.kinds.own_ports && detail % 3 != 0;
    account.reg_event_package_subscription = scenario.kinds.subscriptions && detail / 6 % 4 != 0;
    account.register_only_if_served_is_online = scenario.kinds.served && detail / 3 % 2 == 0;
    if (account.register_only_if_served_is_online) {
        const auto served = std::ranges::find(groups, "served", &sipstack::IpGroup::name);
        account.served_ip_group_index = static_cast<uint16_t>(served - groups.begin());
    }
}

std::vector<std::pair<std::string, std::string>> logins(const sipstack::Config& config) {
    std::vector<std::pair<std::string, std::string>> all;
    const auto add = [&](const std::string& user, const sipstack::Secret& password) {
        all.emplace_back(user, password.reveal());
    };
    for (const sipstack::Account& account : config.accounts) {
        add(account.user_name, account.password);
    }
    for (const sipstack::SbcUser& user : config.sbc_users) {
        add(user.user_name.empty() ? user.local_user : user.user_name, user.password);
    }
    for (const sipstack::GatewayUser& user : config.gateway_users) {
        add(user.user_name.empty() ? user.global_phone_number : user.user_name, user.password);
    }
    for (const sipstack::EndpointAuthentication& row : config.endpoint_authentication) {
        add(row.user_name, row.password);
    }
    add(config.proxy_and_registration.user_name, config.proxy_and_registration.password);
    return all;
}

std::size_t senders(const sipstack::Config& config) {
    std::size_t count = 0;
    for (const sipstack::Registrant& registrant : sipstack::registrants(config)) {
        count += registrant.reg_event_subscription ? 2 : 1;
    }
    return count;
}

unsigned rate_scale(const sipstack::Config& config) {
    const std::size_t count = std::max<std::size_t>(senders(config), 1);
    return static_cast<unsigned>(1 + (count - 1) / most_drawn);
}

Scenario draw_scenario(uint64_t seed, const ScenarioLimits& limits) {
    return Draw(seed, limits).draw();
}

}  // namespace trunkline::sim
