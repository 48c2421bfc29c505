#include "mgmt/rest/kpi_looks.h"

#include "mgmt/json_fields.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;

void look_at_kpis(const CommandTable& commands, const std::weak_ptr<KpiHistory>& history) {
    const Caller appliance{"the appliance", AccessLevel::monitor};
    const auto facts = std::make_shared<KpiFacts>();
    const auto ask = [&](const json& request, json KpiFacts::*field) {
        commands.answer(request, appliance,
                        [facts, field](const json& reply) { (*facts).*field = reply; });
    };
    ask({{"command", "registration counts"}}, &KpiFacts::registrations);
    ask({{"command", "system status"}}, &KpiFacts::system);
    // Last, as the shards answer it later.
    commands.answer({{"command", "show counters"}}, appliance, [facts, history](const json& reply) {
        facts->counters = reply;
        if (const auto kept = history.lock(); kept && flag_in(reply, "ok")) {
            kept->add(kpi_tree(*facts), std::chrono::system_clock::now());
        }
    });
}

KpiLooks::KpiLooks(board::EventLoop& loop, const CommandTable& commands,
                   const std::shared_ptr<KpiHistory>& history)
    : loop_(loop) {
    look_at_kpis(commands, history);
    timer_ = loop.every(
        period, [&commands, weak = std::weak_ptr(history)] { look_at_kpis(commands, weak); });
}

KpiLooks::~KpiLooks() {
    loop_.cancel(timer_);
}

}  // namespace trunkline::mgmt
