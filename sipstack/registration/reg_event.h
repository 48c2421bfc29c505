// The subscription of one registration to what its registrar does with the binding (the
// registration event package, RFC 3680 over RFC 6665): SUBSCRIBE after a grant, refreshed, ended
// with the registration; NOTIFYs are read and what ends our binding is told. Its failures never
// harm the registration. Its SUBSCRIBEs take their turn as REGISTERs do (pacer.h), and its flows
// are traced. Nothing of it is written down: after a restart, or a crash, a new one begins with the
// binding's next grant. On the shard's thread alone; what it is told about outlives it.
#pragma once

#include "sipstack/config.h"
#include "sipstack/digest/digest.h"
#include "sipstack/instant.h"
#include "sipstack/random.h"
#include "sipstack/registration/authenticator.h"
#include "sipstack/registration/flow_trace.h"
#include "sipstack/registration/pacer.h"
#include "sipstack/registration/reginfo.h"
#include "sipstack/timer_wheel.h"
#include "sipstack/transaction/transaction_layer.h"
#include "sipstack/transport/transport.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trunkline::sipstack {

class RegEventSubscription;
/// The subscriptions of a shard by the Call-ID of their dialog: a NOTIFY finds its own here.
using RegEventDialogs = std::unordered_map<std::string, RegEventSubscription*>;

class RegEventSubscription final : private ClientTransactionUser {
public:
    /// Asked for where the registration's own lifetime is not known (RFC 3680 4.1).
    static constexpr Seconds default_expires{3761};
    /// After the first failure that may pass; doubled with each further one up to refused_retry.
    static constexpr Seconds first_retry{30};
    /// After the peer said that it does not do this for us, or not at all.
    static constexpr Seconds refused_retry{3600};
    /// No two subscriptions begin closer to each other.
    static constexpr Milliseconds min_interval{1000};

    struct Context {
        const Config& config;
        uint32_t shard;
        TimerWheel& wheel;
        Random& random;
        TransactionLayer& transactions;
        Pacer& pacer;
        FlowTrace& trace;
        RegEventDialogs& dialogs;
    };
    /// The binding that is followed, and the way to who granted it.
    struct Binding {
        std::string aor;
        std::string contact_uri;
        std::vector<std::string> service_route;  ///< of the first SUBSCRIBE (RFC 3608 6.1)
        Flow flow;
        std::optional<Seconds> granted;
        PacerLimits limits;  ///< towards that server
        /// Outlive the subscription. nullptr: that server gets none.
        const Credentials* credentials = nullptr;
    };
    /// Called when the registrar has ended the binding or shortened its time.
    using Listener = std::function<void(const BindingChange& change, Instant now)>;

    RegEventSubscription(const Context& context, Listener listener);
    ~RegEventSubscription() override;
    RegEventSubscription(const RegEventSubscription&) = delete;
    RegEventSubscription& operator=(const RegEventSubscription&) = delete;

    /// After each grant: subscribes where there is no subscription with that server yet.
    void follow(Binding binding, Instant now);
    /// Un-subscribes (Expires: 0), as the binding will be removed.
    void end(Instant now);
    /// Forgets the subscription without a word: the binding is lost.
    void drop(Instant now);

    /// Judges a NOTIFY with our Call-ID: the status to answer it with (200, 400, 415, 481, 500).
    int notified(const Message& notify, const Flow& came_from, Instant now);
    /// What that NOTIFY was answered with.
    void answered(const Flow& came_from, std::string_view answer, Instant now);

    /// No SUBSCRIBE is out or waits for its turn.
    bool is_quiet() const { return transaction_ == 0 && !ticket_.is_waiting(); }
    bool has_request_out() const { return transaction_ != 0; }
    /// Of its flows in the shard's FlowTrace: one from each SUBSCRIBE to the next.
    const TraceTrail& trail() const { return trail_; }
    /// For an operator: "subscribing", "active", "pending", "failed: 489 Bad Event", ...
    const std::string& state() const { return state_; }

private:
    void on_provisional(const Message& response, Instant now) override;
    void on_final(const Message& response, const Flow& came_from, std::string request,
                  Instant now) override;
    void on_timeout(Instant now) override;
    void on_transport_error(std::string_view reason, Instant now) override;

    void begin(Instant now);
    void refresh(Instant now);
    void ask_for_turn(Pacer::Urgency urgency, Instant now);
    void send(Instant now);
    /// What is out or waits is not wanted any more.
    void stop(Instant now);
    int judge(const Message& notify, Instant now);
    void trace(TraceEvent::Kind kind, const Flow& flow, std::string_view bytes, Instant now);
    std::string write(std::string_view branch);
    void take_answer(const Message& response, Instant now);
    void granted(const Message& response, Instant now);
    void challenged(const Message& response, Instant now);
    void interval_too_brief(const Message& response, Instant now);
    void failed(std::string_view reason, bool is_refusal, std::optional<uint32_t> retry_after,
                Instant now);
    void begin_after(Milliseconds delay, Instant now);
    void subscription_state(std::string_view value, Instant now);
    void forget_dialog();

    const Context context_;
    const Listener listener_;
    TraceTrail trail_;
    Binding binding_;
    Authenticator authenticator_;
    std::string state_;
    bool is_wanted_ = false;

    std::string call_id_;  ///< empty: there is no dialog, nor one being made
    std::string local_tag_, remote_tag_;
    std::string remote_target_;
    std::vector<std::string> route_set_;
    uint32_t cseq_ = 0;
    uint32_t remote_cseq_ = 0;
    std::optional<uint64_t> version_;  ///< of the last document

    Pacer::Ticket ticket_;
    ClientTransactionId transaction_ = 0;
    Instant sent_at_{};
    Seconds asked_{0};
    bool raised_ = false;
    unsigned failures_ = 0;
    Timer timer_;  ///< to the refresh or the next try
};

}  // namespace trunkline::sipstack
