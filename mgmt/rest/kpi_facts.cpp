#include "mgmt/rest/kpi_facts.h"

#include "mgmt/json_fields.h"
#include "mgmt/rest/answers.h"

#include <initializer_list>

namespace trunkline::mgmt {

using nlohmann::json;

std::expected<KpiFacts, HttpResponse> ask_kpi_facts(const decltype(RestSources::ask)& ask,
                                                    const Caller& caller) {
    KpiFacts facts{ask({{"command", "show counters"}}, caller),
                   ask({{"command", "registration counts"}}, caller),
                   ask({{"command", "system status"}}, caller),
                   {}};
    const json groups = ask({{"command", "configuration get"},
                             {"from", "running"},
                             {"path", "signaling_and_media.ip_groups"},
                             {"secrets", "hidden"}},
                            caller);
    for (const json* const reply : std::initializer_list<const json*>{
             &facts.counters, &facts.registrations, &facts.system, &groups}) {
        if (is_unavailable(*reply)) {
            return std::unexpected(refusal_response(*reply));
        }
    }
    for (const json& row : list_in(groups, "configuration")) {
        facts.ip_groups.push_back(text_in(row, "name"));
    }
    return facts;
}

}  // namespace trunkline::mgmt
