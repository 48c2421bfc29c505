// The life of one registrant: REGISTER, challenge, grant, refresh, failure, fail-over, retry,
// un-REGISTER (RFC 3261 10.2). Runs on its shard's thread alone.
//
// Who registers is registrants.h, how the request looks register_request.h, what an answer asks for
// answer.h, how long to wait after a failure retry.h, which server is next server_choice.h, when it
// is its turn pacer.h; what keeps it from registering for a while registration_holds.cpp.
#pragma once

#include "sipstack/administrative_state.h"
#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/proxy_set/proxy_sets.h"
#include "sipstack/random.h"
#include "sipstack/registration/attempt.h"
#include "sipstack/registration/authenticator.h"
#include "sipstack/registration/durations.h"
#include "sipstack/registration/flow_trace.h"
#include "sipstack/registration/journal.h"
#include "sipstack/registration/pacer.h"
#include "sipstack/registration/raised_time.h"
#include "sipstack/registration/redirection_names.h"
#include "sipstack/registration/reg_event.h"
#include "sipstack/registration/register_extensions.h"
#include "sipstack/registration/register_request.h"
#include "sipstack/registration/registrants.h"
#include "sipstack/registration/retry.h"
#include "sipstack/registration/server_choice.h"
#include "sipstack/registration/status.h"
#include "sipstack/timer_wheel.h"
#include "sipstack/transaction/transaction_layer.h"
#include "sipstack/transport/connections.h"
#include "sipstack/transport/stun_keep_alive.h"

#include <spdlog/logger.h>

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

/// What a registration uses of its shard; all of it outlives the registration.
struct RegistrationContext {
    const Config& config;
    uint32_t shard;
    TimerWheel& wheel;
    Random& random;
    TransactionLayer& transactions;
    Connections& connections;
    StunKeepAlive& stun_keep_alive;
    ProxySets& proxy_sets;
    RedirectionNames& redirection_names;
    Pacer& pacer;
    FlowTrace& trace;
    RegistrationJournal& journal;
    RegistrationAttempts& attempts;
    RegistrationDurations& durations;
    RegistrationRecord& scratch_record;  ///< filled by each for the journal; keeps its memory
    RegEventDialogs& reg_event_dialogs;
    const AdministrativeState& administrative_state;
    spdlog::logger& log;
};

class Registration final : private ClientTransactionUser {
public:
    /// No two attempts after a failure or a very short grant are closer than this.
    static constexpr Milliseconds min_interval{1000};
    /// Times that one attempt changes its extensions: there are as many.
    static constexpr unsigned max_extension_changes = 3;
    /// Redirections that one attempt follows.
    static constexpr unsigned max_redirections = 5;
    /// Between the removal of old bindings at start-up and the first REGISTER.
    static constexpr Milliseconds after_clearing{1000};
    /// Over UDP a larger request goes by TCP where the SIP interface has it (RFC 3261 18.1.1).
    static constexpr std::size_t largest_datagram = 1300;

    /// The context outlives the registration: all of a shard share one.
    Registration(Registrant registrant, const RegistrationContext& context);
    ~Registration() override;
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

    const Registrant& registrant() const { return registrant_; }

    /// Takes up what an earlier run of the appliance wrote down of this binding: it is refreshed
    /// when it is due and not at once. Before start().
    void restore(const RegistrationRecord& record, Instant now);
    /// Registers as soon as a server is known and it is its turn.
    void start(Instant now);
    /// The servers of the set that serves it, or of the set that it watches, have changed.
    void proxy_set_changed(ProxySets::Index set, Instant now);
    /// A connection is open, perhaps the one that it waits for.
    void connection_opened(StreamId id, Instant now);
    /// A connection is gone, or a UDP flow is found dead by its keep-alive; what was out on it has
    /// been told already.
    void flow_failed(const Flow& flow, std::string_view reason, Instant now);
    /// The Ethernet link under these IP interfaces is back. Over one of them an account that
    /// searches its registrar as IMS does registers again, unless a server has refused it.
    void link_came_up(std::span<const uint16_t> ip_interfaces, Instant now);
    /// A look-up of a name has ended, perhaps of the one that a redirection waits for.
    void redirection_name_known(Instant now);
    /// The appliance was locked or unlocked: what registers un-registers as by unregister(), and
    /// registers again as by register_now(); what an operator un-registered stays so.
    void administrative_state_changed(Instant now) { follow_holds(now); }
    /// The same binding under a changed configuration: new timing and credentials hold from the
    /// next REGISTER on. Precondition: equal keys.
    void adopt(Registrant registrant, Instant now);
    /// Where the proxy sets that it names are now: another configuration moved them.
    void follow_proxy_sets(const std::map<uint16_t, uint16_t>& places) {
        for (auto* const set : {&registrant_.proxy_set_index, &registrant_.only_while_online}) {
            if (*set) {
                *set = places.at(**set);
            }
        }
    }

    /// An operator's wish: registers or refreshes now, also what he un-registered before.
    void register_now(Instant now);
    /// Removes the binding, if one is believed to stand, after an outstanding REGISTER has ended;
    /// then stays unregistered until register_now().
    void unregister(Instant now);
    /// A granted lifetime runs.
    bool is_registered() const { return expires_at_.has_value(); }
    RegistrationState state() const { return state_; }
    /// unregister() was called, and no register_now() since.
    bool is_ending() const { return ending_; }
    /// No REGISTER is out or waits for its turn, nor is a SUBSCRIBE out.
    bool is_quiet() const { return !is_under_way() && (!reg_event_ || reg_event_->is_quiet()); }
    /// A REGISTER or SUBSCRIBE is out.
    bool has_request_out() const {
        return transaction_ != 0 || (reg_event_ && reg_event_->has_request_out());
    }
    /// A binding of ours stands, or was given up without the registrar's word that it is gone.
    bool leaves_binding() const { return is_registered() || is_binding_left_; }
    /// A binding stands, or an answer may come: its own UDP port is open (AdditionalUdpPortsMode).
    bool uses_its_port() const { return is_registered() || !is_quiet(); }

    RegistrationStatus status(Instant now) const;
    /// The last flows of its REGISTERs and of its subscription, in the order of their beginning.
    std::vector<TraceFlow> flows() const;

private:
    using Attempt = RegistrationAttempt;
    using Purpose = Attempt::Purpose;
    using Redirection = Attempt::Redirection;
    /// What keeps it from registering until it is over.
    enum class Hold : uint8_t {
        none,
        locked,          ///< the appliance
        served_offline,  ///< the IP group that it serves
    };
    /// What few registrations have.
    struct Extras {
        std::string random_contact_user;
        std::vector<std::string> service_route;
        std::string associated_uri;
        StunKeepAlive::Use flow_in_use;  ///< where the binding's is a UDP flow of outbound
    };
    /// How the REGISTER went that was granted last; the far side is bound_server_.
    struct BoundFlow {
        Transport transport = Transport::udp;
        uint16_t sip_interface_index = 0;
        uint16_t local_port = 0;
        StreamId stream = 0;
    };

    void on_provisional(const Message& response, Instant now) override;
    void on_final(const Message& response, const Flow& came_from, std::string request,
                  Instant now) override;
    void on_timeout(Instant now) override;
    void on_transport_error(std::string_view reason, Instant now) override;

    bool is_served_offline(Instant now) const;
    Hold current_hold(Instant now) const;
    /// Why it is not registered.
    static std::string_view reason_of(Hold held_by);
    /// Un-registers what is held from now on, and registers what is not held any more.
    void follow_holds(Instant now);
    void begin_attempt(Pacer::Urgency urgency, Instant now);
    Attempt& attempt_for(Purpose purpose);
    ServerChoice choice_of_servers();
    /// Takes a place in the line of the attempt's next server, whose turn may come within.
    void line_up(Target server, Pacer::Urgency urgency, Instant now);
    /// `challenged`: the request that is to be sent again with credentials and nothing else
    /// changed.
    void ask_for_turn(Pacer::Urgency urgency, Instant now, std::string challenged = {});
    void no_server(Instant now);

    void send(Instant now);
    /// A 503 to another registration asked for it while this one waited for its turn.
    void leave_server_aside(Instant now);
    std::optional<Flow> flow_to(Transport transport, Instant now);
    bool waits_for(const Flow& flow);
    std::string write_request(std::string_view branch, std::string_view with_credentials_of);
    std::string repeat_request(std::string_view branch);
    RegisterRequest request(std::string_view branch) const;

    void take_answer(const Message& response, Instant now);
    void challenged(const Message& response, std::string request, Instant now);
    void leave_unanswered(const std::string& reason, const Message& challenge, Instant now);
    void granted(const Message& response, Instant now);
    void remember_routes(const Message& response);
    /// RFC 5626 4.4, of a binding that is made by the rules of outbound.
    void keep_flow_alive(const Message& response, Instant now);
    void schedule_refresh(Seconds granted, Instant now);
    void interval_too_brief(const Message& response, Instant now);
    void redirected(const Message& response, bool as_proxy, Instant now);
    void follow(Redirection redirection, Instant now);
    std::optional<std::vector<Target>> targets_of(const SipUri& uri, Transport transport,
                                                  Instant now);
    void wait_for_name(Redirection redirection, Instant now);
    /// The same server again with other extensions, as it asks; false: only where we have them, and
    /// each once in an attempt.
    bool changes_extensions(const Message& response, Instant now);
    RegisterExtensions configured_extensions() const {
        return {registrant_.gin, registrant_.outbound, false};
    }
    void try_again(Instant now, std::string request = {});
    /// The server gave no answer, or one that means another server may do.
    void server_failed(FailureKind kind, std::string reason, Instant now,
                       std::optional<uint32_t> retry_after = std::nullopt);
    void fail(FailureKind kind, std::string reason, Instant now,
              std::optional<uint32_t> retry_after = std::nullopt);
    void cleared(Instant now);
    void follow_reg_event(Instant now);
    void end_reg_event(Instant now);
    /// The registrar says that it has ended the binding, or shortened its time.
    void changed_by_registrar(const BindingChange& change, Instant now);
    void shortened_by_registrar(Seconds left, Instant now);
    void expired(Instant now);
    void finish_attempt(Instant now);
    void count_durations(Instant now);

    /// As unregister(); held by something, it registers again when that is over.
    void end_registering(Hold held_by, Instant now);
    void continue_ending(Instant now);
    /// `trouble`: why the registrar may still hold the binding; empty: it does not.
    void ended(const std::string& trouble, Instant now);

    bool is_bound(Instant now) const { return expires_at_ && now < *expires_at_; }
    bool is_under_way() const { return transaction_ != 0 || is_waiting(); }
    bool is_waiting() const { return attempt_ && attempt_->is_waiting(); }
    bool waits_for_name() const { return attempt_ && attempt_->waiting_redirection; }
    const SipInterface& interface() const;
    Flow bound_flow() const;
    std::string_view contact_user() const;
    const Extras& extras() const;
    Extras& own_extras();
    std::string awaited_names() const;
    std::string who() const;
    void forget_binding();
    void save(bool outstanding);
    void note(std::string_view text, Instant now);
    void trace_message(TraceEvent::Kind kind, const Flow& flow, std::string_view bytes,
                       Instant now);

    Registrant registrant_;
    const RegistrationContext& context_;
    TraceTrail trail_;
    std::string call_id_;
    std::string from_tag_;
    uint32_t cseq_ = 0;
    int last_status_ = 0;

    RegistrationState state_ = RegistrationState::resolving;
    bool started_ = false;
    bool ending_ = false;            ///< un-registers, or has
    bool starts_again_ = false;      ///< register_now() came while it was ending
    Hold held_by_ = Hold::none;      ///< un-registered because of it
    bool clears_first_ = false;      ///< UnregisterOnStartup, not done yet
    bool is_restored_ = false;       ///< nothing was granted since restore()
    bool waits_for_server_ = false;  ///< none was left to choose
    bool is_binding_left_ = false;   ///< its un-REGISTER had no good answer

    RegistrationAttempts::Pointer attempt_;  ///< nullptr: none is under way, nor waits
    BoundServer bound_server_;
    BoundFlow bound_flow_;
    RegisterExtensions extensions_;
    bool stays_on_udp_ = false;             ///< TCP was tried for its size and refused
    Transport transport_ = Transport::udp;  ///< of the last REGISTER

    ClientTransactionId transaction_ = 0;
    Instant sent_at_{};  ///< of the last REGISTER: a granted time counts from there at the earliest
    Seconds requested_{0};
    RaisedTime raised_;
    Authenticator authenticator_;

    std::optional<Instant> expires_at_;
    std::optional<Seconds> granted_;
    std::optional<Instant> up_since_;
    std::optional<Instant> failing_since_;
    std::unique_ptr<Extras> extras_;                   ///< nullptr: it has none of them
    std::unique_ptr<RegEventSubscription> reg_event_;  ///< of accounts that want it
    Timer attempt_timer_;
    Timer expiry_timer_;

    std::string reason_;
    std::optional<dataplane::Endpoint> answered_by_;
    unsigned consecutive_failures_ = 0;
    unsigned backoff_failures_ = 0;  ///< survives a short time up (RFC 5626 4.5)
    uint64_t attempts_ = 0;
};

}  // namespace trunkline::sipstack
