// A registrar under virtual time: it challenges, checks nonce, nc, CSeq and digest by its own
// reading of the RFCs, keeps bindings, lets them expire, and can be stopped and started.
#pragma once

#include "dataplane/address.h"
#include "sipstack/instant.h"
#include "sipstack/message/message.h"
#include "sipstack/random.h"
#include "tests/sim/fast_paths.h"
#include "tests/sim/simulated_notifier.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace trunkline::sim {

using sipstack::Instant;
using sipstack::Milliseconds;

enum class ChallengeForm : uint8_t {
    plain,     ///< MD5 with qop=auth
    legacy,    ///< without qop (RFC 2069)
    auth_int,  ///< qop="auth-int" alone
    sha256,
    several,  ///< an algorithm that nobody knows, another scheme, and MD5
    proxy,    ///< 407
    none,     ///< everyone is welcome
};

/// How a 200 tells of the bindings.
enum class ContactForm : uint8_t {
    plain,
    rewritten,       ///< with the host and port that the request came from, as through a NAT
    among_others,    ///< behind bindings of other devices
    header_expires,  ///< the time in the Expires header
    no_expires,      ///< no time at all: what was asked for
    missing,         ///< ours is not among them, and not kept
};

/// What every REGISTER gets as its answer.
struct Refusal {
    int status = 500;
    std::string headers;  ///< rows with their ends; a # becomes the number of the refusal
};

struct RegistrarPolicy {
    std::string realm = "lab.example";
    std::chrono::seconds min_expires{60};
    std::chrono::seconds max_expires{3600};
    bool lengthens = false;  ///< grants max_expires to all
    Milliseconds nonce_lifetime = std::chrono::hours(24);
    bool says_stale = true;  ///< some registrars replace an aged nonce without a word
    bool gives_next_nonce = false;
    bool knows_gin = true, knows_outbound = true;
    bool requires_path = false;
    bool knows_passwords = true;  ///< else every digest is wrong
    ChallengeForm challenge_form = ChallengeForm::plain;
    ContactForm contact_form = ContactForm::plain;
    std::optional<Refusal> refusal{};
    /// What every SUBSCRIBE gets; a status of 0: no answer.
    std::optional<Refusal> refusal_of_subscriptions{};
};

struct RegistrarCounters {
    uint64_t requests = 0;  ///< without repetitions
    uint64_t repetitions = 0;
    uint64_t challenges = 0;
    uint64_t stale_challenges = 0;
    uint64_t wrong_digests = 0;
    uint64_t too_brief = 0;
    uint64_t grants = 0;
    uint64_t removals = 0;
    uint64_t cseq_violations = 0;  ///< a CSeq that does not rise within a Call-ID
    uint64_t nonce_replays = 0;    ///< an nc that does not rise within a nonce
    uint64_t unreadable = 0;
    uint64_t probes = 0;  ///< OPTIONS
    uint64_t refusals = 0;
    uint64_t refused_extensions = 0;
    uint64_t denials = 0;  ///< digests refused, as no password is known
    uint64_t odd_challenges = 0;
    uint64_t odd_contacts = 0;
    uint64_t shortened = 0, lengthened = 0;
    uint64_t subscriptions = 0;  ///< SUBSCRIBEs that were granted time
    uint64_t refused_subscriptions = 0;
};

class SimulatedRegistrar {
public:
    SimulatedRegistrar(dataplane::Endpoint endpoint, RegistrarPolicy policy, uint64_t seed,
                       FastPaths& fast_paths);

    const dataplane::Endpoint& endpoint() const { return endpoint_; }
    void add_user(const std::string& user, const std::string& password);

    /// A stopped registrar is silent; its bindings go on to expire.
    void stop() { is_running_ = false; }
    void start() { is_running_ = true; }
    /// As a restart without storage: bindings, nonces and transactions are gone.
    void lose_memory();
    void set_policy(RegistrarPolicy policy) { policy_ = std::move(policy); }

    /// The answer, if there is one. `way`: back to who sent it.
    std::optional<std::string> receive(std::string_view bytes, Instant now,
                                       const ReturnWay& way = {});
    SimulatedNotifier& notifier() { return notifier_; }
    /// Ends the newest binding of that AOR, or shortens it to `left`, and tells who subscribed.
    /// false: there is none.
    bool change_binding(const std::string& aor, sipstack::BindingEvent event,
                        std::chrono::seconds left, Instant now);

    std::size_t bindings(Instant now) const;
    bool has_binding(const std::string& aor, Instant now) const;
    /// One that a REGISTER of that Call-ID made or refreshed last.
    bool has_binding(const std::string& aor, std::string_view call_id, Instant now) const;
    /// Until when the answer to the request of that branch promised a binding, even if it was
    /// forgotten since; nullopt: it promised none. Known while the transaction is.
    std::optional<Instant> granted_until(std::string_view branch) const;
    const RegistrarCounters& counters() const { return counters_; }

private:
    struct Binding {
        std::string contact;
        std::string call_id;
        uint32_t cseq = 0;
        Instant until{};
    };
    struct Nonce {
        Instant issued{};
        uint64_t last_count = 0;
        ChallengeForm form = ChallengeForm::plain;
    };
    struct Transaction {
        std::string response;
        std::optional<Instant> granted_until;
    };
    enum class Check : uint8_t { good, none, stale, wrong };

    std::string respond(const sipstack::Message& request, int status, const std::string& extra);
    std::string challenge(const sipstack::Message& request, bool is_stale, Instant now);
    Check check_digest(const sipstack::Message& request, Instant now);
    bool is_right(const sipstack::Message& request, std::string_view credentials,
                  const std::string& nonce_text, ChallengeForm form) const;
    /// What it says of the request's extensions: 420, 421 or 439; empty: nothing.
    std::string refused_extension(const sipstack::Message& request);
    std::string serve(const sipstack::Message& request, Instant now);
    std::optional<std::string> serve_subscribe(const sipstack::Message& request,
                                               const ReturnWay& way, Instant now);
    std::string subscribe(const sipstack::Message& request, const ReturnWay& way, Instant now);
    std::string refuse(const sipstack::Message& request, const Refusal& refusal);
    std::string store(const sipstack::Message& request, Instant now);
    std::string remove(const sipstack::Message& request, Instant now);
    std::string name_bindings(const sipstack::Message& request, const Binding& own, Instant now);
    std::string next_nonce(Instant now);
    void forget_old_transactions(Instant now);

    dataplane::Endpoint endpoint_;
    RegistrarPolicy policy_;
    FastPaths& fast_paths_;
    sipstack::Random random_;
    SimulatedNotifier notifier_;
    bool is_running_ = true;
    RegistrarCounters counters_;
    std::unordered_map<std::string, std::string> passwords_;
    std::unordered_map<std::string, std::vector<Binding>> bindings_;
    std::optional<Instant> granted_until_;  ///< by the answer that is being made
    std::unordered_map<std::string, Nonce> nonces_;
    ChallengeForm used_form_ = ChallengeForm::plain;  ///< of the nonce that a request used last
    std::unordered_map<std::string, Transaction> transactions_;  ///< by branch
    std::deque<std::pair<Instant, std::string>> transaction_ends_;
};

}  // namespace trunkline::sim
