// What keeps a registration from registering for a while (registration.h): the appliance is locked,
// or the IP group that it serves is offline.
#include "sipstack/registration/registration.h"

namespace trunkline::sipstack {

/// Account_RegByServedIPG.
bool Registration::is_served_offline(Instant now) const {
    const auto& set = registrant_.only_while_online;
    if (!set || context_.proxy_sets.state(*set).is_online()) {
        return false;
    }
    // What an earlier run registered stays until the set's addresses are known.
    return !is_restored_ || !is_bound(now) || !context_.proxy_sets.state(*set).servers().empty();
}

Registration::Hold Registration::current_hold(Instant now) const {
    if (context_.administrative_state == AdministrativeState::locked) {
        return Hold::locked;
    }
    return is_served_offline(now) ? Hold::served_offline : Hold::none;
}

std::string_view Registration::reason_of(Hold held_by) {
    switch (held_by) {
        case Hold::none:
            break;
        case Hold::locked:
            return "the appliance is locked";
        case Hold::served_offline:
            return "the IP group that it serves is offline";
    }
    return "un-registered";
}

void Registration::follow_holds(Instant now) {
    const Hold hold = current_hold(now);
    if (hold != Hold::none && started_ && !ending_) {
        end_registering(hold, now);
    } else if (hold == Hold::none && held_by_ != Hold::none) {
        register_now(now);
    } else if (held_by_ != hold && held_by_ != Hold::none) {
        held_by_ = hold;
        reason_ = reason_of(hold);
    }
}

}  // namespace trunkline::sipstack
