#include "tests/sim/simulation.h"

#include "sipstack/message/envelope.h"
#include "sipstack/registration/registrants.h"
#include "sipstack/shard_key.h"

#include <fmt/format.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace trunkline::sim {
namespace {

using sipstack::RegistrationState;
using sipstack::RegistrationStatus;

const dataplane::Endpoint appliance{dataplane::IpAddress::v4(0xc000020a), 5060};
const dataplane::Endpoint registrar_endpoint{dataplane::IpAddress::v4(0xc0000201), 5060};

std::shared_ptr<const sipstack::Config> configure(const SimulationOptions& options) {
    sipstack::Config config;
    config.shards = options.shards;
    config.proxy_and_registration = options.page;
    sipstack::SipInterface interface;
    interface.name = "SIPInterface_0";
    interface.address = appliance.address;
    interface.udp_port = appliance.port;
    config.sip_interfaces.push_back(interface);
    config.proxy_sets.push_back(
        {"registrar", 0, {{"192.0.2.1", std::nullopt, sipstack::Transport::udp}}});
    config.ip_groups.push_back({"registrar", 0, "lab.example", ""});
    for (unsigned index = 0; index < options.accounts; ++index) {
        sipstack::Account account;
        account.name = fmt::format("account{}", index);
        account.user_name = fmt::format("user{}", index);
        account.contact_user = account.user_name;
        account.password = sipstack::Secret(options.password);
        account.register_mode = sipstack::AccountRegister::regular;
        config.accounts.push_back(account);
    }
    return std::make_shared<const sipstack::Config>(std::move(config));
}

}  // namespace

/// The sending side of one shard.
class Simulation::Wire final : public sipstack::MessageSender {
public:
    Wire(Simulation& simulation, uint32_t shard) : simulation_(simulation), shard_(shard) {}

    bool send(const sipstack::Flow& flow, std::string_view bytes) override {
        simulation_.note(bytes);
        simulation_.invariants_.sent({shard_, flow.remote}, bytes, simulation_.now_);
        simulation_.network_.transmit({flow.local, flow.remote, std::string(bytes)},
                                      simulation_.now_);
        return true;
    }

private:
    Simulation& simulation_;
    const uint32_t shard_;
};

Simulation::Simulation(const SimulationOptions& options)
    : config_(configure(options)),
      seed_(options.seed),
      has_journal_(options.has_journal),
      log_(
          std::make_shared<spdlog::logger>("sim", std::make_shared<spdlog::sinks::null_sink_st>())),
      network_(options.seed),
      registrar_(registrar_endpoint, options.registrar, options.seed + 1, fast_paths_),
      invariants_(fast_paths_),
      now_(std::chrono::hours(1)) {
    network_.set_conditions(appliance.address, registrar_endpoint.address, options.link);
    network_.set_conditions(registrar_endpoint.address, appliance.address, options.link);
    const auto& page = config_->proxy_and_registration;
    Promises promises;
    promises.page_rate = static_cast<double>(page.max_generated_registers_rate) /
                         static_cast<double>(page.generated_registers_interval.count()) /
                         options.shards;
    promises.window = config_->proxy_sets[0].registration_window / options.shards;
    invariants_.set_promises(promises);
    for (unsigned index = 0; index < options.accounts; ++index) {
        registrar_.add_user(fmt::format("user{}", index), "secret");
    }
    journal_.set_clock(clocks());
    boot();
}

Simulation::~Simulation() = default;

sipstack::ClockReading Simulation::clocks() const {
    return {sipstack::WallTime(now_.time_since_epoch() + std::chrono::hours(400'000)), now_,
            now_.time_since_epoch(), 1};
}

void Simulation::boot() {
    for (unsigned index = 0; index < config_->shards; ++index) {
        wires_.push_back(std::make_unique<Wire>(*this, index));
        sipstack::ShardServices services{*wires_.back()};
        services.journal = has_journal_ ? &journal_ : nullptr;
        shards_.push_back(std::make_unique<sipstack::Shard>(
            index, config_, services,
            sipstack::Random::seed_from(seed_ * 1000 + boots_ * 100 + index), log_, now_));
    }
    ++boots_;
}

void Simulation::find_owners() {
    owners_.clear();
    for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
        for (std::size_t at = 0; at < shards_[shard]->registration_count(); ++at) {
            owners_[shards_[shard]->registration_status(at, now_).call_id] = {shard, at};
        }
    }
}

void Simulation::crash() {
    shards_.clear();
    wires_.clear();
}

void Simulation::restart() {
    const auto records = journal_.reload(clocks());
    std::unordered_map<std::string, std::string> aors;  // by key
    for (const sipstack::Registrant& registrant : sipstack::registrants(*config_)) {
        aors[registrant.key()] = registrant.aor;
    }
    std::unordered_map<std::string, sipstack::RegistrationRecord> by_aor;
    for (const auto& record : records) {
        by_aor[aors.at(record.key)] = record;
    }
    invariants_.restarted(by_aor, {});
    boot();
    for (const auto& shard : shards_) {
        shard->restore(records, now_);
    }
    start();
}

void Simulation::start() {
    find_owners();
    for (const auto& shard : shards_) {
        shard->set_targets(
            sipstack::ProxySetTargets{0, {{registrar_endpoint, sipstack::Transport::udp}}}, now_);
        shard->start(now_);
    }
}

void Simulation::unregister_all() {
    for (const auto& shard : shards_) {
        shard->unregister_all(now_);
    }
}

bool Simulation::is_quiet() const {
    return std::all_of(shards_.begin(), shards_.end(),
                       [](const auto& shard) { return shard->is_quiet(); });
}

void Simulation::deliver(const Datagram& datagram) {
    note(datagram.bytes);
    if (datagram.to == registrar_endpoint) {
        if (auto answer = registrar_.receive(datagram.bytes, now_)) {
            network_.transmit({registrar_endpoint, datagram.from, std::move(*answer)}, now_);
        }
        return;
    }
    if (shards_.empty()) {
        return;
    }
    const uint32_t target =
        sipstack::owning_shard(datagram.bytes, static_cast<uint32_t>(shards_.size()));
    const auto envelope = sipstack::scan_envelope(datagram.bytes);
    fast_paths_.received(datagram.from, datagram.bytes);
    invariants_.delivered(datagram.bytes,
                          registrar_.granted_until(envelope ? envelope->branch : ""), now_);
    shards_[target]->receive({sipstack::Transport::udp, 0, appliance, datagram.from},
                             datagram.bytes, now_);
    const auto owner = envelope ? owners_.find(std::string(envelope->call_id)) : owners_.end();
    if (owner == owners_.end() || owner->second.first != target) {
        ++misdirected_;
        return;
    }
    invariants_.seen(shards_[target]->registration_status(owner->second.second, now_), now_);
}

std::optional<Instant> Simulation::next_event() const {
    std::optional<Instant> next = network_.next_delivery();
    for (const auto& shard : shards_) {
        const auto deadline = shard->next_deadline();
        if (deadline && (!next || *deadline < *next)) {
            next = deadline;
        }
    }
    return next;
}

void Simulation::run_for(Milliseconds span) {
    const Instant end = now_ + span;
    for (auto next = next_event(); next && *next <= end; next = next_event()) {
        now_ = std::max(now_, *next);
        while (const auto datagram = network_.take_due(now_)) {
            deliver(*datagram);
        }
        for (const auto& shard : shards_) {
            shard->advance(now_);
        }
        invariants_.judge_fast_paths(now_);
    }
    now_ = end;
    look_at_all();
}

void Simulation::look_at_all() {
    for (const RegistrationStatus& row : rows()) {
        invariants_.seen(row, now_);
    }
}

std::vector<RegistrationStatus> Simulation::rows() const {
    std::vector<RegistrationStatus> all;
    for (const auto& shard : shards_) {
        for (std::size_t at = 0; at < shard->registration_count(); ++at) {
            all.push_back(shard->registration_status(at, now_));
        }
    }
    return all;
}

std::size_t Simulation::count(RegistrationState state) const {
    const auto all = rows();
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [&](const RegistrationStatus& row) { return row.state == state; }));
}

std::size_t Simulation::registered() const {
    const auto all = rows();
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [](const RegistrationStatus& row) { return row.registered; }));
}

}  // namespace trunkline::sim
