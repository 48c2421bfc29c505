#include "tests/sim/soak_run.h"

#include "sipstack/registration/pacer.h"
#include "sipstack/registration/registrants.h"
#include "tests/sim/soak_parts.h"

#include <fmt/format.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace trunkline::sim {
namespace {

using namespace std::chrono_literals;
using sipstack::RegistrationState;
using sipstack::RegistrationStatus;

const Instant start{1h};

std::vector<sipstack::Target> configured_targets(const sipstack::Config& config,
                                                 std::size_t set = 0) {
    std::vector<sipstack::Target> targets;
    for (const sipstack::ProxyAddress& address : config.proxy_sets.at(set).addresses) {
        sipstack::Target target;
        target.endpoint = {*dataplane::IpAddress::parse(address.host), *address.port};
        target.host = address.host;
        target.transport = *address.transport;
        targets.push_back(target);
    }
    return targets;
}

}  // namespace

Milliseconds longest_wait(const sipstack::ProxyAndRegistration& page) {
    using sipstack::RetryProfile;
    if (page.retry_profile == RetryProfile::tmedia) {
        return 5s;
    }
    const auto stretched = [&](Milliseconds time) {
        return time + time * page.refresh_jitter / 100;
    };
    const Milliseconds after_failure =
        page.retry_profile == RetryProfile::rfc5626 ? Milliseconds(1800s)
        : page.max_registration_backoff_time > 0s   ? page.max_registration_backoff_time
                                                    : stretched(page.registration_retry_time);
    return std::max(after_failure, stretched(page.refused_retry_time));
}

/// The sending side of one shard.
class SoakRun::Wire final : public sipstack::MessageSender {
public:
    Wire(SoakRun& run, uint32_t shard) : run_(run), shard_(shard) {}

    bool send(const sipstack::Flow& flow, std::string_view bytes) override {
        const Datagram datagram{flow.local, flow.remote, std::string(bytes)};
        run_.tell("sends", datagram);
        run_.note(bytes);
        run_.judge_sent({shard_, flow.remote}, datagram);
        run_.transmit(datagram);
        return true;
    }

private:
    SoakRun& run_;
    const uint32_t shard_;
};

/// What a shard tells the others; they hear it after the step.
class SoakRun::Listener final : public sipstack::ShardListener {
public:
    Listener(SoakRun& run, std::size_t shard) : run_(run), shard_(shard) {}

    void on_server_news(const sipstack::ServerNews& news) override {
        run_.step(fmt::format("finds {} {}", news.server.endpoint.to_string(),
                              news.aside_until ? "aside"
                              : news.online    ? "online"
                                               : "offline"));
        run_.told_.push_back({shard_, news});
    }

    void on_redirection_name(const sipstack::RedirectionName& name) override {
        run_.step(fmt::format("asks for {}", name.host));
        run_.names_.ask(shard_, name, run_.now_);
    }

private:
    SoakRun& run_;
    const std::size_t shard_;
};

SoakRun::SoakRun(Scenario scenario, std::size_t kept_steps)
    : scenario_(std::move(scenario)),
      kept_steps_(kept_steps),
      config_(scenario_.config),
      random_(sipstack::Random::seed_from(scenario_.seed ^ 0x5eed)),
      network_(scenario_.seed + 1),
      invariants_(fast_paths_),
      now_(start),
      streams_(now_, scenario_.seed + 2, *this),
      names_(scenario_.seed + 3, configured_targets(config_),
             registrar_endpoint(static_cast<unsigned>(scenario_.registrars.size()),
                                scenario_.registrars.size())),
      requests_(scenario_.seed + 4),
      log_(std::make_shared<spdlog::logger>("soak",
                                            std::make_shared<spdlog::sinks::null_sink_st>())),
      stalled_until_(config_.shards),
      kept_back_(config_.shards),
      next_account_(static_cast<unsigned>(config_.accounts.size())) {
    const std::size_t count = scenario_.registrars.size();
    for (unsigned number = 0; number <= count; ++number) {
        RegistrarPolicy policy;
        if (number < count) {
            policy = scenario_.registrars[number];
        } else if (!scenario_.foreign_challenges) {
            policy.challenge_form = ChallengeForm::none;
        }
        const auto endpoint = registrar_endpoint(number, count);
        registrars_.push_back(std::make_unique<Registrar>(
            endpoint, policy, scenario_.seed * 31 + number, fast_paths_));
        set_conditions(endpoint, scenario_.link);
        for (const auto& [user, password] : logins(config_)) {
            registrars_.back()->server.add_user(user, password);
        }
    }
    if (scenario_.kinds.subscriptions) {
        requests_.allow_notify();
    }
    if (scenario_.kinds.served) {
        registrars_.push_back(std::make_unique<Registrar>(served_endpoint(), RegistrarPolicy(),
                                                          scenario_.seed, fast_paths_));
    }
    for (const PlannedFault& fault : scenario_.faults) {
        happenings_.push_back({start + fault.begin, fault, true});
        happenings_.push_back({start + fault.begin + fault.duration, fault, false});
    }
    std::ranges::stable_sort(happenings_, {}, &Happening::at);
    result_.accounts = config_.accounts.size();
}

SoakRun::~SoakRun() = default;

SoakResult SoakRun::run() {
    longest_wait_ = longest_wait(config_.proxy_and_registration);
    own_ports_.follow(config_);
    boot();
    expect_registrants();
    run_until(start + scenario_.fault_time + 1ms);
    expect_all_registered();
    expect_all_bound();
    expect_all_subscribed();
    expect_nothing_left();
    look_at_all();
    result_.fast_paths = fast_paths_.counts();
    met(Fault::loss, network_.lost());
    met(Fault::duplication, network_.duplicated());
    met(Fault::cut, streams_.held_back());
    met(Fault::refused, streams_.refused());
    result_.connections = streams_.opened();
    result_.answers = requests_.answers();
    result_.own_ports = own_ports_.seen();
    result_.notifies = subscriptions_.accepted();
    result_.trace = trace_.value();
    result_.violations = invariants_.violations();
    result_.simulated = now_ - start;
    result_.registers = invariants_.transactions();
    result_.retransmissions = invariants_.retransmissions();
    for (const auto& registrar : registrars_) {
        result_.grants += registrar->server.counters().grants;
        result_.subscriptions += registrar->server.counters().subscriptions;
    }
    return std::move(result_);
}

// The appliance.

Promises SoakRun::promises() const {
    const auto& page = config_.proxy_and_registration;
    const sipstack::ProxySet& set = config_.proxy_sets.front();
    const double shards = config_.shards;
    Promises promises;
    promises.page_rate = page.max_generated_registers_rate /
                         static_cast<double>(page.generated_registers_interval.count()) / shards;
    promises.server_rate = set.registration_rate / shards;
    promises.window =
        set.registration_window == 0 ? 0 : std::max(1U, set.registration_window / config_.shards);
    const bool stalls = std::ranges::any_of(scenario_.faults, [](const PlannedFault& planned) {
        return planned.fault == Fault::stall;
    });
    promises.lateness = stalls ? 1ms + sipstack::Pacer::max_catch_up : 1ms;
    if (set.hot_swap) {
        promises.transmissions.insert(page.hot_swap_rtx);
    }
    if (set.keep_alive == sipstack::KeepAlive::using_register &&
        set.failure_detection_retransmissions > 0) {
        promises.transmissions.insert(static_cast<unsigned>(set.failure_detection_retransmissions));
    }
    promises.uses_streams = std::ranges::any_of(set.addresses, [](const auto& address) {
        return address.transport != sipstack::Transport::udp;
    });
    for (const sipstack::Target& target : configured_targets(config_)) {
        promises.trusted.insert({target.endpoint, target.transport != sipstack::Transport::udp});
    }
    return promises;
}

void SoakRun::boot() {
    boots_at_.reset();
    const sipstack::ClockReading clock{
        sipstack::WallTime(now_.time_since_epoch() + 400'000h + wall_offset_), now_,
        now_ - machine_started_, machine_starts_};
    const auto records = journal_.reload(clock);
    std::unordered_map<std::string, std::string> aors;  // by key
    for (const sipstack::Registrant& registrant : sipstack::registrants(config_)) {
        aors[registrant.key()] = registrant.aor;
    }
    std::unordered_map<std::string, sipstack::RegistrationRecord> by_aor;
    for (const auto& record : records) {
        if (const auto aor = aors.find(record.key); aor != aors.end()) {
            by_aor[aor->second] = record;
        }
    }
    if (boots_ > 0) {
        ++result_.restarts;
        invariants_.restarted(by_aor, restart_);
        subscriptions_.restarted();
    }
    restart_ = {};
    invariants_.set_promises(promises());
    if (served_down_since_) {
        served_down_since_ = now_;
    }
    expect_served_change();
    const auto config = std::make_shared<const sipstack::Config>(config_);
    for (unsigned index = 0; index < config_.shards; ++index) {
        wires_.push_back(std::make_unique<Wire>(*this, index));
        listeners_.push_back(std::make_unique<Listener>(*this, index));
        sipstack::ShardServices services{*wires_.back()};
        services.streams = &streams_.sockets(index);
        services.journal = &journal_;
        services.listener = listeners_.back().get();
        shards_.push_back(std::make_unique<sipstack::Shard>(
            index, config, services,
            sipstack::Random::seed_from(scenario_.seed * 1000 + boots_ * 16 + index), log_, now_));
        shards_.back()->restore(records, now_);
        shards_.back()->start(now_);
        tell_targets(*shards_.back());
    }
    ++boots_;
    step(fmt::format("boots with {} records", records.size()));
    find_rows();
}

void SoakRun::tell_targets(sipstack::Shard& shard) {
    for (uint16_t set = 0; set < config_.proxy_sets.size(); ++set) {
        shard.set_targets(sipstack::ProxySetTargets{set, configured_targets(config_, set)}, now_);
    }
    if (config_.proxy_and_registration.registrar) {
        shard.set_targets(sipstack::RegistrarTargets{configured_targets(config_)}, now_);
    }
}

/// Who registers is what the scenario means.
void SoakRun::expect_registrants() {
    std::set<std::string> aors;
    for (const auto& [aor, place] : rows_) {
        const auto glance = shards_[place.first]->registration_glance(place.second);
        ++result_.kinds[std::to_underlying(glance.kind)];
        aors.insert(aor);
        if (!scenario_.aors.contains(aor)) {
            invariants_.complain("registers, but is not to", aor, now_);
        }
    }
    for (const std::string& aor : scenario_.aors) {
        if (!aors.contains(aor)) {
            invariants_.complain("does not register", aor, now_);
        }
    }
}

void SoakRun::shut_down() {
    shards_.clear();
    streams_.drop_all();
    names_.drop_all();
    visits_.clear();
    inboxes_.clear();
    listeners_.clear();
    wires_.clear();
    told_.clear();
    rows_.clear();
    unregistered_by_hand_.clear();
    std::ranges::fill(stalled_until_, std::nullopt);
    kept_back_.assign(config_.shards, {});
}

void SoakRun::find_rows() {
    rows_.clear();
    for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
        for (std::size_t at = 0; at < shards_[shard]->registration_count(); ++at) {
            rows_[shards_[shard]->registration_status(at, now_).aor] = {shard, at};
        }
    }
}

/// A shard that stalled goes on: all that it missed at once.
void SoakRun::wake(std::size_t shard) {
    stalled_until_[shard].reset();
    expect_served_change();
    const KeptBack kept = std::exchange(kept_back_[shard], {});
    const bool reads_first = random_.between(0, 1) == 0;
    if (!reads_first) {
        shards_[shard]->advance(now_);
    }
    for (const Datagram& datagram : kept.datagrams) {
        hand_over(shard, datagram);
    }
    for (const StreamEvent& event : kept.events) {
        handle(event);
    }
    for (const auto& targets : kept.names) {
        hear_of_name(shard, targets);
    }
    for (const auto& news : kept.news) {
        shards_[shard]->take_news(news, now_);
    }
    shards_[shard]->advance(now_);
    expect_served_change();
}

void SoakRun::wake_all() {
    for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
        if (stalled_until_[shard]) {
            wake(shard);
        }
    }
}

/// What a shard found of a server reaches the others.
void SoakRun::relay() {
    auto told = std::exchange(told_, {});
    for (const auto& [teller, news] : told) {
        for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
            if (shard == teller) {
                continue;
            }
            if (stalled_until_[shard]) {
                kept_back_[shard].news.push_back(news);
            } else {
                shards_[shard]->take_news(news, now_);
            }
        }
    }
}

// Time.

std::optional<Instant> SoakRun::next_event() const {
    std::optional<Instant> next = network_.next_delivery();
    const auto consider = [&](const std::optional<Instant>& event) {
        if (event && (!next || *event < *next)) {
            next = event;
        }
    };
    consider(streams_.next_event());
    consider(names_.next_answer());
    consider(boots_at_);
    if (next_happening_ < happenings_.size()) {
        consider(happenings_[next_happening_].at);
    }
    for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
        consider(stalled_until_[shard] ? stalled_until_[shard] : shards_[shard]->next_deadline());
    }
    return next;
}

void SoakRun::advance() {
    for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
        if (!stalled_until_[shard]) {
            shards_[shard]->advance(now_);
        } else if (*stalled_until_[shard] <= now_) {
            wake(shard);
        }
    }
}

void SoakRun::run_until(Instant end) {
    constexpr uint64_t steps_between_looks = 64;
    for (auto next = next_event(); next && *next <= end && invariants_.violations().empty();
         next = next_event()) {
        now_ = std::max(now_, *next);
        while (next_happening_ < happenings_.size() && happenings_[next_happening_].at <= now_) {
            happen(happenings_[next_happening_++]);
        }
        if (boots_at_ && *boots_at_ <= now_) {
            boot();
        }
        while (const auto datagram = network_.take_due(now_)) {
            deliver(*datagram);
        }
        while (const auto event = streams_.take_due()) {
            handle(*event);
        }
        hear_of_names();
        advance();
        relay();
        invariants_.judge_fast_paths(now_);
        if (++steps_ % steps_between_looks == 0) {
            look_at_all();
        }
    }
    if (invariants_.violations().empty()) {
        now_ = end;
        look_at_all();
    }
}

void SoakRun::look_at(const std::string& aor) {
    const auto found = rows_.find(aor);
    if (found != rows_.end()) {
        const auto& [shard, at] = found->second;
        invariants_.seen(shards_[shard]->registration_status(at, now_), now_);
    }
}

void SoakRun::look_at_all() {
    for (const auto& [aor, place] : rows_) {
        look_at(aor);
    }
    judge_served();
}

// The end.

Milliseconds SoakRun::pacing_bound() const {
    const Promises limits = promises();
    const double rate =
        limits.server_rate > 0 ? std::min(limits.server_rate, limits.page_rate) : limits.page_rate;
    // An attempt takes up to four requests: a challenge, a 423, an aged nonce.
    const double requests = 4.0 * static_cast<double>(senders(config_)) + 4;
    return Milliseconds(static_cast<int64_t>(1000 * requests / rate));
}

/// From the end of all faults until all are registered, at worst: what is out runs into its
/// timeout at one server after the other; keep-alive finds a server online again, or the time that
/// a 503 asked for passes; the longest wait before the next attempt; its turn.
Milliseconds SoakRun::recovery_bound() const {
    const sipstack::ProxySet& set = config_.proxy_sets.front();
    const auto servers = static_cast<int>(scenario_.registrars.size());
    const Milliseconds keep_alive = set.keep_alive_time + timer_f +
                                    (set.success_detection_retries + 1) *
                                        (set.success_detection_interval + set.keep_alive_time);
    const Milliseconds aside = longest_retry_after + longest_retry_after / 10;
    // A redirection ends there: the look-up, and two servers of a name.
    const Milliseconds redirection = sipstack::RedirectionNames::longest_look_up + 2 * timer_f;
    return (servers + 1) * timer_f + redirection + keep_alive + aside +
           std::max(longest_wait_, aside) + 2 * pacing_bound() + served_bound() + slack;
}

Milliseconds SoakRun::stalled_time() const {
    Milliseconds stalled{0};
    for (const PlannedFault& planned : scenario_.faults) {
        stalled += planned.fault == Fault::stall ? planned.duration : 0ms;
    }
    return stalled;
}

/// Until an un-REGISTER leaves: what is out ends, those before it in the window do, and its turn
/// comes; all of that later where shards stall.
Milliseconds SoakRun::removal_bound() const {
    const unsigned window = promises().window;
    const std::size_t rounds = window == 0 ? 0 : 1 + (senders(config_) + 4) / window;
    return (2 + static_cast<int>(rounds)) * timer_f + 2 * pacing_bound() + stalled_time() + slack;
}

void SoakRun::expect_all_registered() {
    wake_all();
    for (const std::string& name : unregistered_by_hand_) {
        hurry(name);
        for (const auto& shard : shards_) {
            shard->register_now({sipstack::RegistrantSelector::Kind::name, 0, name}, now_);
        }
    }
    LinkConditions calm = scenario_.link;
    calm.loss = 0;
    for (const auto& registrar : registrars_) {
        set_conditions(registrar->server.endpoint(), calm);
    }
    end_visits();
    step("all faults are over");
    if (boots_at_) {
        run_until(*boots_at_);
    }
    run_until(now_ + recovery_bound());
    invariants_.judge_removed(removal_bound(), now_);
    if (!invariants_.violations().empty()) {
        return;
    }
    for (const auto& [aor, place] : rows_) {
        const auto row = shards_[place.first]->registration_status(place.second, now_);
        if (!row.registered || row.state == RegistrationState::failed) {
            invariants_.complain(
                fmt::format("not registered {} s after the last fault: {}, {}",
                            recovery_bound().count() / 1000, to_string(row.state), row.reason),
                aor, now_);
        }
    }
}

/// The registrars agree, after a refresh of all.
void SoakRun::expect_all_bound() {
    if (!invariants_.violations().empty()) {
        return;
    }
    Milliseconds latest{0};
    for (const auto& [aor, place] : rows_) {
        const auto row = shards_[place.first]->registration_status(place.second, now_);
        latest = std::max(latest, row.next_attempt_in.value_or(0ms));
    }
    run_until(now_ + latest + pacing_bound() + slack);
    for (const auto& [aor, place] : rows_) {
        if (std::ranges::none_of(registrars_, [&](const auto& registrar) {
                return registrar->server.has_binding(aor, now_);
            })) {
            invariants_.complain("no registrar has a binding", aor, now_);
        }
    }
    for (const auto& gone : invariants_.taken_back()) {
        for (const auto& registrar : registrars_) {
            if (registrar->server.endpoint() == gone.server &&
                registrar->server.has_binding(gone.aor, gone.call_id, now_)) {
                invariants_.complain("the registrar still has its binding", gone.aor, now_);
            }
        }
    }
}

/// Un-registered, an appliance keeps nothing of what it did.
void SoakRun::expect_nothing_left() {
    if (!invariants_.violations().empty()) {
        return;
    }
    for (const auto& [aor, place] : rows_) {
        invariants_.hurried(aor, now_);
    }
    for (const auto& shard : shards_) {
        shard->unregister_all(now_);
    }
    run_until(now_ + 2 * timer_f + pacing_bound() + slack);
    expect_no_connection_lost();
    if (names_.needless() != 0) {
        invariants_.complain(fmt::format("{} needless look-ups", names_.needless()), "names", now_);
    }
    // Keep-alive goes on: what is out, and what lingers for T4.
    const std::size_t probes = 2 * registrars_.size();
    for (const auto& shard : shards_) {
        const sipstack::ShardUsage usage = shard->usage();
        if (!shard->is_quiet() || usage.waiting + usage.held + usage.lines + usage.leaving != 0 ||
            usage.transactions > probes || usage.transactions_on_streams > usage.transactions ||
            usage.timers > 10 * probes) {
            invariants_.complain(
                fmt::format("left behind: {} transactions ({} on streams), {} waiting, {} held, {} "
                            "lines, {} leaving, {} timers",
                            usage.transactions, usage.transactions_on_streams, usage.waiting,
                            usage.held, usage.lines, usage.leaving, usage.timers),
                "shard", now_);
        }
    }
    uint64_t unreadable = 0, replays = 0, wrong = 0, out_of_order = 0;
    for (const auto& registrar : registrars_) {
        unreadable += registrar->server.counters().unreadable;
        replays += registrar->server.counters().nonce_replays;
        wrong += registrar->server.counters().wrong_digests;
        out_of_order += registrar->server.counters().cseq_violations;
    }
    if (unreadable != 0 || (!has_lost_records_ && replays + out_of_order != 0) ||
        (!had_new_password_ && wrong != 0)) {
        invariants_.complain(
            fmt::format("registrars saw {} unreadable requests, {} nonce counts and {} CSeqs that "
                        "did not rise, {} wrong digests",
                        unreadable, replays, out_of_order, wrong),
            "registrars", now_);
    }
}

void SoakRun::step(std::string text) {
    if (kept_steps_ == 0) {
        return;
    }
    if (result_.last_steps.size() == kept_steps_) {
        result_.last_steps.pop_front();
    }
    result_.last_steps.push_back(
        fmt::format("{:>10} ms  {}", (now_ - start).count(), std::move(text)));
}

}  // namespace trunkline::sim
