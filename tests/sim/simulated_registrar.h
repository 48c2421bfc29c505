// A registrar under virtual time: it challenges, checks nonce, nc, CSeq and digest by its own
// reading of the RFCs, keeps bindings, lets them expire, and can be stopped and started.
#pragma once

#include "dataplane/address.h"
#include "sipstack/instant.h"
#include "sipstack/message/message.h"
#include "sipstack/random.h"

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

struct RegistrarPolicy {
    std::string realm = "lab.example";
    std::chrono::seconds min_expires{60};
    std::chrono::seconds max_expires{3600};
    Milliseconds nonce_lifetime = std::chrono::hours(24);
    bool says_stale = true;  ///< some registrars replace an aged nonce without a word
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
};

class SimulatedRegistrar {
public:
    SimulatedRegistrar(dataplane::Endpoint endpoint, RegistrarPolicy policy, uint64_t seed);

    const dataplane::Endpoint& endpoint() const { return endpoint_; }
    void add_user(const std::string& user, const std::string& password);

    /// A stopped registrar is silent; its bindings go on to expire.
    void stop() { is_running_ = false; }
    void start() { is_running_ = true; }
    /// As a restart without storage: bindings, nonces and transactions are gone.
    void lose_memory();
    void set_policy(RegistrarPolicy policy) { policy_ = std::move(policy); }

    /// The answer, if there is one.
    std::optional<std::string> receive(std::string_view bytes, Instant now);

    std::size_t bindings(Instant now) const;
    /// Until when the last 200 promised a binding of `aor`, even if it was forgotten since.
    std::optional<Instant> promised_until(const std::string& aor) const;
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
    };
    enum class Check : uint8_t { good, none, stale, wrong };

    std::string respond(const sipstack::Message& request, int status, const std::string& extra);
    std::string challenge(const sipstack::Message& request, bool is_stale, Instant now);
    Check check_digest(const sipstack::Message& request, Instant now);
    std::string serve(const sipstack::Message& request, Instant now);
    std::string store(const sipstack::Message& request, Instant now);
    void forget_old_transactions(Instant now);

    dataplane::Endpoint endpoint_;
    RegistrarPolicy policy_;
    sipstack::Random random_;
    bool is_running_ = true;
    RegistrarCounters counters_;
    std::unordered_map<std::string, std::string> passwords_;
    std::unordered_map<std::string, std::vector<Binding>> bindings_;
    std::unordered_map<std::string, Instant> promises_;
    std::unordered_map<std::string, Nonce> nonces_;
    std::unordered_map<std::string, std::string> transactions_;  ///< branch -> response
    std::deque<std::pair<Instant, std::string>> transaction_ends_;
};

}  // namespace trunkline::sim
