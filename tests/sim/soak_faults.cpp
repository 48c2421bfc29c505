// How each fault of a scenario begins and ends in a SoakRun.
#include "sipstack/registration/registrants.h"
#include "tests/sim/soak_parts.h"

#include <fmt/format.h>

#include <algorithm>

namespace trunkline::sim {

using namespace std::chrono_literals;

void SoakRun::happen(const Happening& happening) {
    const PlannedFault& fault = happening.fault;
    step(fmt::format("{}: {} (registrar {})", happening.begins ? "begins" : "ends",
                     to_string(fault.fault), fault.registrar));
    if (happening.begins) {
        begin(fault);
    } else {
        end(fault);
    }
}

bool SoakRun::is_of_link(const PlannedFault& fault, bool begins) {
    Registrar& registrar = *registrars_[fault.registrar];
    LinkConditions conditions = scenario_.link;
    switch (fault.fault) {
        case Fault::loss:
            conditions.loss = 0.1 + 0.01 * static_cast<double>(fault.detail % 60);
            break;
        case Fault::duplication:
            conditions.duplication = 0.5;
            conditions.max_delay = 500ms;
            break;
        case Fault::reordering:
            conditions.max_delay = 2s;
            break;
        default:
            return false;
    }
    if (!begins) {
        conditions = scenario_.link;
    }
    registrar.link_fault = begins ? std::optional(fault.fault) : std::nullopt;
    set_conditions(registrar.server.endpoint(), conditions);
    return true;
}

void SoakRun::begin(const PlannedFault& fault) {
    if (is_of_link(fault, true)) {
        return;
    }
    Registrar& registrar = *registrars_[fault.registrar];
    switch (fault.fault) {
        case Fault::cut:
            registrar.is_cut_off = true;
            streams_.set_reach(registrar.server.endpoint(), Reach::cut);
            return;
        case Fault::refused:
            streams_.set_reach(registrar.server.endpoint(), Reach::refusing);
            streams_.close_all(registrar.server.endpoint(), "connection reset");
            return;
        case Fault::forgotten:
            met(Fault::forgotten, streams_.forget_all(registrar.server.endpoint()));
            return;
        case Fault::stopped:
            registrar.is_stopped = true;
            return;
        case Fault::forgetful:
            registrar.server.lose_memory();
            met(Fault::forgetful);
            return;
        case Fault::late:
        case Fault::twice:
        case Fault::silent:
        case Fault::provisional:
        case Fault::cut_message:
        case Fault::half_closed:
            registrar.manners_fault = fault.fault;
            return;
        case Fault::request_by_datagram:
        case Fault::request_on_our_connection:
        case Fault::request_by_connection:
        case Fault::half_request:
        case Fault::garbage:
            visit(fault);
            return;
        case Fault::subscription_ended:
        case Fault::binding_ended:
        case Fault::binding_shortened:
            trouble_subscribers(fault);
            return;
        case Fault::served_down:
            met(Fault::served_down);
            set_served_down(true);
            return;
        case Fault::redirection_to_name:
            registrar.policy = registrar.calm;
            redirect_to_name(fault, registrar);
            registrar.policy_fault = fault.fault;
            registrar.server.set_policy(registrar.policy);
            return;
        default:
            break;
    }
    if (fault.fault >= Fault::account_removed) {
        begin_by_hand(fault);
    } else if (fault.fault >= Fault::stall) {
        begin_at_appliance(fault);
    } else {
        set_policy(fault, registrar);
    }
}

void SoakRun::end(const PlannedFault& fault) {
    if (is_of_link(fault, false)) {
        return;
    }
    Registrar& registrar = *registrars_[fault.registrar];
    if (fault.fault == Fault::cut) {
        registrar.is_cut_off = false;
        streams_.set_reach(registrar.server.endpoint(), Reach::open);
    } else if (fault.fault == Fault::refused) {
        streams_.set_reach(registrar.server.endpoint(), Reach::open);
    } else if (fault.fault == Fault::stopped) {
        registrar.is_stopped = false;
    } else if (fault.fault == Fault::served_down) {
        set_served_down(false);
    } else if (registrar.manners_fault == fault.fault) {
        registrar.manners_fault.reset();
    } else if (registrar.policy_fault == fault.fault) {
        registrar.policy_fault.reset();
        registrar.policy = registrar.calm;
        registrar.server.set_policy(registrar.policy);
    }
}

void SoakRun::set_policy(const PlannedFault& fault, Registrar& registrar) {
    RegistrarPolicy policy = registrar.calm;
    const auto refuse = [&](int status, std::string headers = {}) {
        policy.refusal = Refusal{status, std::move(headers)};
    };
    const auto redirect_to = [&](unsigned number) {
        constexpr std::array<int, 3> statuses{301, 302, 305};
        const auto endpoint = registrar_endpoint(number, scenario_.registrars.size());
        refuse(statuses[fault.detail % statuses.size()],
               fmt::format("Contact: <sip:{}>\r\n", endpoint.address.to_string()));
    };
    const auto count = static_cast<unsigned>(scenario_.registrars.size());
    switch (fault.fault) {
        case Fault::odd_challenge: {
            constexpr std::array forms{ChallengeForm::legacy, ChallengeForm::auth_int,
                                       ChallengeForm::sha256, ChallengeForm::several,
                                       ChallengeForm::proxy,  ChallengeForm::none};
            policy.challenge_form = forms[fault.detail % forms.size()];
            break;
        }
        case Fault::aged_nonce:
        case Fault::aged_nonce_without_stale:
            policy.nonce_lifetime = 20s;
            policy.says_stale = fault.fault == Fault::aged_nonce;
            break;
        case Fault::next_nonce:
            policy.gives_next_nonce = true;
            break;
        case Fault::too_brief:
            policy.min_expires = std::chrono::seconds(3601 + fault.detail % 3600);
            policy.max_expires = 7201s;
            break;
        case Fault::shortened:
            policy.max_expires = std::chrono::seconds(1 + fault.detail % 40);
            break;
        case Fault::lengthened:
            policy.lengthens = true;
            policy.max_expires = 7200s;
            break;
        case Fault::odd_contact: {
            constexpr std::array forms{ContactForm::rewritten, ContactForm::among_others,
                                       ContactForm::header_expires, ContactForm::no_expires};
            policy.contact_form = forms[fault.detail % forms.size()];
            break;
        }
        case Fault::missing_contact:
            policy.contact_form = ContactForm::missing;
            break;
        case Fault::redirection:
            redirect_to((fault.registrar + 1) % count);
            break;
        case Fault::redirection_abroad:
            redirect_to(count);
            break;
        case Fault::unavailable:
            refuse(503);
            break;
        case Fault::retry_after:
            refuse(503, fmt::format("Retry-After: {}\r\n",
                                    1 + fault.detail % longest_retry_after.count()));
            break;
        case Fault::server_error:
            refuse(500);
            break;
        case Fault::temporarily_unavailable:
            refuse(480);
            break;
        case Fault::not_found:
            refuse(404);
            break;
        case Fault::forbidden:
            refuse(403);
            break;
        case Fault::declined_everywhere:
            refuse(603);
            break;
        case Fault::denied_password:
            policy.knows_passwords = false;
            break;
        case Fault::subscription_refused: {
            constexpr std::array statuses{489, 403, 480, 500, 503, 603, 0};
            policy.refusal_of_subscriptions = Refusal{statuses[fault.detail % statuses.size()], ""};
            break;
        }
        default:
            return;
    }
    registrar.policy_fault = fault.fault;
    registrar.policy = policy;
    registrar.server.set_policy(policy);
}

void SoakRun::begin_at_appliance(const PlannedFault& fault) {
    if (shards_.empty()) {
        return;
    }
    if (fault.fault == Fault::stall) {
        stalled_until_[fault.detail % shards_.size()] = now_ + fault.duration;
        met(Fault::stall);
    } else {
        crash(fault);
    }
}

/// Everything of the appliance is gone but the journal, at least most of it.
void SoakRun::crash(const PlannedFault& fault) {
    shut_down();
    constexpr uint64_t longest_down_time = 60'000;
    boots_at_ = now_ + Milliseconds(static_cast<int64_t>(1 + fault.detail % longest_down_time));
    restart_.all_was_kept = true;
    switch (fault.fault) {
        case Fault::lost_records:
            journal_.lose_last(1 + fault.detail % 12);
            restart_.all_was_kept = false;
            break;
        case Fault::damaged_journal:
            for (unsigned place = 0; place < 3 && journal_.size() > 0; ++place) {
                journal_.damage((fault.detail >> place) % journal_.size());
            }
            restart_.all_was_kept = false;
            break;
        case Fault::empty_journal:
            journal_.lose_last(journal_.entries());
            restart_.all_was_kept = false;
            break;
        case Fault::wall_clock_forward:
            wall_offset_ += std::chrono::seconds(fault.detail % 7200);
            break;
        case Fault::wall_clock_back:
            wall_offset_ -= std::chrono::seconds(fault.detail % 7200);
            break;
        case Fault::reboot:
            reboot(fault.detail);
            break;
        default:
            break;
    }
    has_lost_records_ = has_lost_records_ || !restart_.all_was_kept;
    met(fault.fault);
}

void SoakRun::reboot(uint64_t detail) {
    ++machine_starts_;
    machine_started_ = now_;
    const std::chrono::seconds by(detail % 7200);
    switch (detail % 3) {
        case 0:
            wall_offset_ -= by;
            restart_.is_wall_set_back = true;
            break;
        case 1:
            wall_offset_ += by;
            break;
        default:
            break;
    }
}

void SoakRun::begin_by_hand(const PlannedFault& fault) {
    if (shards_.empty() || config_.accounts.empty()) {
        return;
    }
    wake_all();
    met(fault.fault);
    if (fault.fault < Fault::timing_changed) {
        change_accounts(fault);
        return;
    }
    if (fault.fault == Fault::timing_changed) {
        sipstack::Config config = config_;
        auto& page = config.proxy_and_registration;
        page.registration_time = std::chrono::seconds(60 + fault.detail % 1800);
        page.registration_retry_time = std::chrono::seconds(10 + fault.detail % 50);
        page.re_registration_timing = static_cast<unsigned>(50 + fault.detail % 40);
        if (fault.detail % 2 == 0) {
            page.max_generated_registers_rate =
                static_cast<unsigned>(30 + fault.detail % 270) * rate_scale(config);
        }
        apply(std::move(config));
        return;
    }
    const std::vector<sipstack::Registrant> all = sipstack::registrants(config_);
    const std::string& name = all[fault.detail % all.size()].name;
    const sipstack::RegistrantSelector whom{sipstack::RegistrantSelector::Kind::name, 0, name};
    hurry(name);
    for (const auto& shard : shards_) {
        if (fault.fault == Fault::registered_by_hand) {
            // Who does not see at once that something happens does it again.
            for (uint64_t time = 0; time <= fault.detail % 3; ++time) {
                shard->register_now(whom, now_);
            }
        } else {
            shard->unregister(whom, now_);
        }
    }
    if (fault.fault == Fault::unregistered_by_hand) {
        unregistered_by_hand_.push_back(name);
    }
}

}  // namespace trunkline::sim
