#include "tests/sim/scenario_kinds.h"

#include <fmt/format.h>

#include <array>
#include <initializer_list>

namespace trunkline::sim {
namespace {

using sipstack::IpGroupRegistration;
using sipstack::RegistrationMode;
using sipstack::Secret;

constexpr std::array modes{RegistrationMode::per_endpoint, RegistrationMode::per_gateway,
                           RegistrationMode::per_account, RegistrationMode::dont_register};

class Others {
public:
    Others(sipstack::Random& random, Scenario& scenario)
        : random_(random), scenario_(scenario), config_(scenario.config) {}

    void draw() {
        if (scenario_.kinds.gateway) {
            draw_page();
            const uint64_t groups = between(0, 3);
            for (unsigned id = 1; id <= groups; ++id) {
                draw_trunk_group(id);
            }
        }
        if (scenario_.kinds.users) {
            draw_users();
        }
        if (scenario_.kinds.served) {
            draw_served_group();
        }
        if (scenario_.kinds.own_ports) {
            sipstack::SipInterface& interface = config_.sip_interfaces.front();
            interface.first_additional_udp_port = 6000;
            interface.last_additional_udp_port = 6999;
            interface.additional_udp_ports_mode =
                chance(50) ? sipstack::AdditionalUdpPortsMode::always_open
                           : sipstack::AdditionalUdpPortsMode::open_when_used;
        }
    }

private:
    uint64_t between(uint64_t low, uint64_t high) { return random_.between(low, high); }
    bool chance(unsigned percent) { return between(1, 100) <= percent; }

    void draw_page() {
        auto& page = config_.proxy_and_registration;
        page.enable_registration = true;
        page.gateway_name = chance(70) ? "gateway.example" : "";
        page.gateway_registration_name = "device";
        page.user_name = "gateway";
        page.password = Secret("secret");
        page.use_default_proxy = chance(50);
        page.registration_mode = modes[between(0, modes.size() - 1)];
        if (chance(30)) {
            page.registrar_name = "lab.example";
            page.registrar = sipstack::ProxyAddress{"registrar.lab.example"};
            // What paces REGISTERs to the same servers is one thing then.
            config_.proxy_sets.front().registration_rate = sipstack::ProxySet().registration_rate;
            config_.proxy_sets.front().registration_window =
                sipstack::ProxySet().registration_window;
        }
        if (page.registration_mode == RegistrationMode::per_gateway) {
            scenario_.aors.insert("sip:device@" + device_host({}));
        }
    }

    std::string device_host(const std::string& gateway_name) const {
        const std::string& page_name = config_.proxy_and_registration.gateway_name;
        return !gateway_name.empty() ? gateway_name
               : !page_name.empty()  ? page_name
                                     : appliance_endpoint().address.to_string();
    }

    void draw_trunk_group(unsigned id) {
        const auto channels = static_cast<unsigned>(between(1, 4));
        const unsigned first = 1000 * id;
        config_.trunk_groups.push_back({id, id, 1, 1, 1, channels, std::to_string(first)});
        sipstack::TrunkGroupSettings settings;
        settings.trunk_group_id = id;
        settings.contact_user = fmt::format("group{}", id);
        if (chance(70)) {
            settings.registration_mode = modes[between(0, modes.size() - 1)];
        }
        if (chance(40)) {
            settings.serving_ip_group_index = 0;
        }
        if (chance(30)) {
            settings.gateway_name = fmt::format("group{}.example", id);
        }
        const std::string host = device_host(settings.gateway_name);
        const auto mode =
            settings.registration_mode.value_or(config_.proxy_and_registration.registration_mode);
        if (mode == RegistrationMode::per_gateway && settings.registration_mode) {
            scenario_.aors.insert(fmt::format("sip:group{}@{}", id, host));
        }
        for (unsigned channel = 0; channel < channels; ++channel) {
            if (mode == RegistrationMode::per_endpoint) {
                scenario_.aors.insert(fmt::format("sip:{}@{}", first + channel, host));
            }
            draw_credentials(id, channel + 1, std::to_string(first + channel));
        }
        config_.trunk_group_settings.push_back(std::move(settings));
    }

    /// An endpoint's own, or none: the page's are for it.
    void draw_credentials(unsigned module, unsigned port, const std::string& number) {
        if (chance(30)) {
            config_.endpoint_authentication.push_back(
                {module, port, "port" + number, Secret("secret")});
        } else if (chance(50)) {
            config_.gateway_users.push_back({number, number, "", "", Secret("secret")});
        }
    }

    void draw_users() {
        const bool registers = chance(80);
        const auto group = static_cast<uint16_t>(config_.ip_groups.size());
        config_.ip_groups.push_back(
            {"users", 0, "lab.example", "",
             registers ? IpGroupRegistration::sbc_initiates : IpGroupRegistration::not_needed});
        const uint64_t count = between(1, 6);
        for (uint64_t number = 0; number < count; ++number) {
            const std::string user = fmt::format("person{}", number);
            config_.sbc_users.push_back(
                {user, chance(50) ? "login" + user : "", Secret("secret"), group});
            if (registers) {
                scenario_.aors.insert(fmt::format("sip:{}@lab.example", user));
            }
        }
    }

    void draw_served_group() {
        sipstack::ProxySet set;
        set.name = "served";
        set.addresses.push_back({served_endpoint().address.to_string(), served_endpoint().port,
                                 sipstack::Transport::udp});
        set.keep_alive = sipstack::KeepAlive::using_options;
        set.keep_alive_time = sipstack::Seconds(static_cast<int64_t>(between(10, 60)));
        set.success_detection_retries = static_cast<unsigned>(between(1, 3));
        set.success_detection_interval = sipstack::Seconds(static_cast<int64_t>(between(1, 10)));
        config_.ip_groups.push_back(
            {"served", static_cast<uint16_t>(config_.proxy_sets.size()), "", ""});
        config_.proxy_sets.push_back(std::move(set));
    }

    sipstack::Random& random_;
    Scenario& scenario_;
    sipstack::Config& config_;
};

}  // namespace

Kinds draw_kinds(sipstack::Random& random, bool all) {
    const auto chance = [&](unsigned percent) { return random.between(1, 100) <= percent; };
    if (!all && chance(50)) {
        return {};
    }
    return {all || chance(40), all || chance(40), all || chance(35), all || chance(35),
            all || chance(50)};
}

void draw_others(sipstack::Random& random, Scenario& scenario) {
    Others(random, scenario).draw();
}

void change_modes(sipstack::Config& config, uint64_t detail) {
    for (auto& settings : config.trunk_group_settings) {
        settings.registration_mode = modes[detail % modes.size()];
        detail /= modes.size();
    }
    for (sipstack::IpGroup& group : config.ip_groups) {
        if (group.name == "users") {
            group.registration_mode = detail % 3 == 0 ? IpGroupRegistration::not_needed
                                                      : IpGroupRegistration::sbc_initiates;
        }
    }
}

}  // namespace trunkline::sim
