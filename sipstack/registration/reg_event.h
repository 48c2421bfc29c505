// The subscription of one registration to what its registrar does with the binding (the
// registration event package, RFC 3680 over RFC 6665): SUBSCRIBE after a grant, refreshed, ended
// with the registration; NOTIFYs are read and what ends our binding is told. Its failures never
// harm the registration. On the shard's thread alone; what it is told about outlives it.
#pragma once

#include "sipstack/config.h"
#include "sipstack/digest/digest.h"
#include "sipstack/instant.h"
#include "sipstack/random.h"
#include "sipstack/registration/authenticator.h"
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
        RegEventDialogs& dialogs;
    };
    /// The binding that is followed, and the way to who granted it.
    struct Binding {
        std::string aor;
        std::string contact_uri;
        std::vector<std::string> service_route;  ///< of the first SUBSCRIBE (RFC 3608 6.1)
        Flow flow;
        std::optional<Seconds> granted;
        /// Outlive the subscription. nullptr: that server gets none.
        const Credentials* credentials = nullptr;
    };
    /// Called when the registrar has ended the binding.
    using Listener = std::function<void(const BindingEnd& end, Instant now)>;

    RegEventSubscription(const Context& context, Listener listener);
    ~RegEventSubscription() override;
    RegEventSubscription(const RegEventSubscription&) = delete;
    RegEventSubscription& operator=(const RegEventSubscription&) = delete;

    /// After each grant: subscribes where there is no subscription with that server yet.
    void follow(Binding binding, Instant now);
    /// Un-subscribes (Expires: 0), as the binding will be removed.
    void end(Instant now);
    /// Forgets the subscription without a word: the binding is lost.
    void drop();

    /// Judges a NOTIFY with our Call-ID: the status to answer it with (200, 400, 415, 481, 500).
    int notified(const Message& notify, Instant now);

    /// No SUBSCRIBE is out.
    bool is_quiet() const { return transaction_ == 0; }
    /// For an operator: "subscribing", "active", "pending", "failed: 489 Bad Event", ...
    const std::string& state() const { return state_; }

private:
    void on_provisional(const Message& response, Instant now) override;
    void on_final(const Message& response, const Flow& came_from, Instant now) override;
    void on_timeout(Instant now) override;
    void on_transport_error(std::string_view reason, Instant now) override;

    void begin(Instant now);
    void refresh(Instant now);
    void send(Instant now);
    std::string write(std::string_view branch);
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

    ClientTransactionId transaction_ = 0;
    Instant sent_at_{};
    Seconds asked_{0};
    bool raised_ = false;
    unsigned failures_ = 0;
    Timer timer_;  ///< to the refresh or the next try
};

}  // namespace trunkline::sipstack
