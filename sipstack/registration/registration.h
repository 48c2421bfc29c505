// The life of one registrant: REGISTER, challenge, grant, refresh, failure, retry, un-REGISTER
// (RFC 3261 10.2). Runs on its shard's thread alone; who registers is registrants.h.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/random.h"
#include "sipstack/registration/authenticator.h"
#include "sipstack/registration/registrants.h"
#include "sipstack/registration/status.h"
#include "sipstack/timer_wheel.h"
#include "sipstack/transaction/transaction_layer.h"
#include "sipstack/transport/transport.h"

#include <spdlog/logger.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

/// What a registration uses of its shard; all of it outlives the registration.
struct RegistrationContext {
    const Config& config;
    uint32_t shard;
    TimerWheel& wheel;
    Random& random;
    TransactionLayer& transactions;
    spdlog::logger& log;
};

class Registration final : private ClientTransactionUser {
public:
    /// No two attempts after a failure or a very short grant are closer than this.
    static constexpr Milliseconds min_interval{1000};
    /// A Retry-After beyond this is cut.
    static constexpr Seconds max_retry_after{1800};

    Registration(Registrant registrant, RegistrationContext context);
    ~Registration() override;
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

    const Registrant& registrant() const { return registrant_; }

    /// Registers as soon as there is a target.
    void start(Instant now);
    /// In order of preference; the first that the SIP interface can reach is used, from the next
    /// REGISTER on. Empty: the name is not resolved.
    void set_targets(std::span<const Target> targets, Instant now);
    /// Removes the binding, if one is believed to stand, after an outstanding REGISTER has ended;
    /// then stays unregistered.
    void unregister(Instant now);
    /// A granted lifetime runs.
    bool is_registered() const { return expires_at_.has_value(); }
    /// No REGISTER is out.
    bool is_quiet() const { return transaction_ == 0; }

    RegistrationStatus status(Instant now) const;

private:
    void on_provisional(const Message& response, Instant now) override;
    void on_final(const Message& response, const Flow& came_from, Instant now) override;
    void on_timeout(Instant now) override;
    void on_transport_error(std::string_view reason, Instant now) override;

    void begin_attempt(Instant now);
    void send(Seconds expires, Instant now);
    std::string write_request(Seconds expires, std::string_view branch);

    void challenged(const Message& response, Instant now);
    void granted(const Message& response, Instant now);
    void interval_too_brief(const Message& response, Instant now);
    void no_response(std::string reason, Instant now);
    void fail(std::string reason, Instant now, std::optional<uint32_t> retry_after = std::nullopt);
    void expired(Instant now);

    void continue_ending(Instant now);
    /// `trouble`: why the registrar may still hold the binding; empty: it does not.
    void ended(const std::string& trouble);

    bool is_bound(Instant now) const { return expires_at_ && now < *expires_at_; }
    const SipInterface& interface() const;
    std::string awaited_names() const;
    std::string who() const;

    const Registrant registrant_;
    const RegistrationContext context_;
    const std::string call_id_;
    const std::string from_tag_;
    uint32_t cseq_ = 0;

    RegistrationState state_ = RegistrationState::resolving;
    bool started_ = false;
    bool ending_ = false;  ///< unregister() was called
    std::optional<Target> target_;
    Flow flow_;        ///< of the last REGISTER
    Flow bound_flow_;  ///< of the one that was granted last

    ClientTransactionId transaction_ = 0;
    Instant sent_at_{};  ///< of the last REGISTER: a granted time counts from there at the earliest
    Seconds requested_{0};
    Seconds raised_{0};  ///< what a 423 taught us to ask
    bool raised_in_attempt_ = false;
    Authenticator authenticator_;

    std::optional<Instant> expires_at_;
    std::optional<Seconds> granted_;
    Timer attempt_timer_;
    Timer expiry_timer_;

    int last_status_ = 0;
    std::string reason_;
    std::optional<dataplane::Endpoint> answered_by_;
    unsigned consecutive_failures_ = 0;
    uint64_t attempts_ = 0;
};

}  // namespace trunkline::sipstack
