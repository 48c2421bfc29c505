// What must hold at every step of a simulation, judged from the wire and the rows that operators
// see, without knowledge of the implementation. Requests are those that leave the appliance.
#pragma once

#include "dataplane/address.h"
#include "sipstack/instant.h"
#include "sipstack/message/envelope.h"
#include "sipstack/registration/journal.h"
#include "sipstack/registration/status.h"
#include "sipstack/transport/transport.h"
#include "tests/sim/fast_paths.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace trunkline::sim {

using sipstack::Instant;
using sipstack::Milliseconds;

/// What the configuration promises; rates and window are those of one shard.
struct Promises {
    double page_rate = 0;    ///< new REGISTERs a second; 0 = no limit
    double server_rate = 0;  ///< towards one server; 0 = no limit
    unsigned window = 0;     ///< outstanding at one server; 0 = no limit
    /// How much too early a turn may come: a tick, and more where shards are late (pacer.h).
    Milliseconds lateness{1};
    /// Transmissions after which a request may be given up before Timer F.
    std::set<unsigned> transmissions{};
    /// Some servers are reached by streams.
    bool uses_streams = false;
    /// Who may see credentials, and whether over streams; empty: everyone.
    std::set<std::pair<dataplane::Endpoint, bool>> trusted{};
};

/// The way of a request.
struct Departure {
    uint32_t shard = 0;
    dataplane::Endpoint remote{};
    sipstack::StreamId stream = 0;  ///< 0: a datagram
    /// For its connection: its turn was earlier, by this at most.
    Milliseconds waited{0};
};

/// What an appliance began with after a restart.
struct RestartConditions {
    bool all_was_kept = true;       ///< no record was lost on the way to the disk or on it
    bool is_wall_set_back = false;  ///< and the machine was started anew: no clock knows better
};

class Invariants {
public:
    /// Hears of each REGISTER that is sent again with credentials, and of each that is granted.
    explicit Invariants(FastPaths& fast_paths) : fast_paths_(fast_paths) {}

    /// Holds from now on; those before are forgotten.
    void set_promises(Promises promises);

    /// One outstanding REGISTER an address of record; in a Call-ID the CSeq one more than the last;
    /// a branch never seen, or else the same bytes again (RFC 3261 10.2, 22.2, 17.1.2); not before
    /// min_interval after a failure at that server, unless one was granted since; inside rate and
    /// window.
    void sent(const Departure& way, std::string_view bytes, Instant now);
    /// The shard gave up that stream or was told that it is no more: what was out on it is lost.
    /// Of one that never opened nobody knows what waited for it.
    void stream_ended(uint32_t shard, sipstack::StreamId stream, bool was_open, Instant now);
    /// A response that reached its shard. `granted_until`: what it promises, if anything.
    void delivered(std::string_view bytes, std::optional<Instant> granted_until, Instant now);
    /// A row after a step: REGISTERED only inside what the registrar promised.
    void seen(const sipstack::RegistrationStatus& row, Instant now);

    /// An operator's wish or new credentials: the next attempts need not wait for a failure's sake.
    void hurried(const std::string& aor, Instant now);
    /// A SUBSCRIBE leaves: it has its turn as REGISTERs have (pacer.h), and credentials are for
    /// the same servers alone.
    void subscribes(const Departure& way, std::string_view bytes, std::string_view aor,
                    Instant now);
    /// The appliance has heard from the registrar that the binding stands for no longer than that.
    void shortened(const std::string& aor, Instant until);
    /// The appliance begins anew with `records`, by address of record; what was out is out no more.
    void restarted(const std::unordered_map<std::string, sipstack::RegistrationRecord>& records,
                   const RestartConditions& conditions);
    /// From now on the configuration does not have it: no REGISTER of before may make its binding
    /// stand for longer, and a binding that stands, as `is_registered` says or a late answer
    /// grants, is to be taken back.
    void removed(const std::string& aor, bool is_registered, Instant now);
    /// The configuration has it, perhaps again.
    void added(const std::string& aor);
    /// Time has come for all whom removed() told of: an un-REGISTER of each has left unless the
    /// binding ran out within `patience`, or the connection for it never opened.
    void judge_removed(Milliseconds patience, Instant now);
    /// Of those that are removed: where a 2xx said that the binding of that Call-ID is gone.
    struct TakenBack {
        std::string aor, call_id;
        dataplane::Endpoint server;
    };
    const std::vector<TakenBack>& taken_back() const { return taken_back_; }

    /// No fast path has said anything else than the general way.
    void judge_fast_paths(Instant now);

    void complain(std::string_view what, std::string_view whose, Instant now);

    /// The first few violations, for the test's message.
    const std::vector<std::string>& violations() const { return violations_; }
    uint64_t transactions() const { return transactions_; }
    uint64_t retransmissions() const { return retransmissions_; }

private:
    struct Entity {
        std::string call_id;
        uint64_t cseq = 0;
        std::string branch;
        std::string bytes;
        dataplane::Endpoint server{};
        uint32_t shard = 0;
        sipstack::StreamId stream = 0;
        uint64_t streams_unopened = 0;  ///< of its shard, when it was sent
        unsigned transmissions = 0;
        bool is_outstanding = false;
        bool has_provisional = false;
        std::optional<Instant> challenged_at;  ///< its request that is over
        bool may_be_answered = false;          ///< its answer came at the very end of its time
        bool is_restored = false;              ///< and nothing was granted since
        bool is_unsure = false;                ///< its clock may be wrong
        Instant sent_at{};                     ///< by its turn, at the earliest
        std::optional<Instant> promised_until;
        Instant longest_promise{};
        Instant hurried_until{};
        std::optional<Instant> removed_at;  ///< by a changed configuration
        /// Its binding stands, and since then no un-REGISTER has left.
        std::optional<Instant> owes_removal_since;
        /// By server and whether over a stream: another transport is another target (RFC 3263 4.1).
        std::map<std::pair<dataplane::Endpoint, bool>, Instant> failed_at;
    };
    /// GCRA: what n turns may take at least.
    struct Pace {
        double opens_at = -1e18;  ///< milliseconds

        bool pass(double interval, Milliseconds lateness, Instant now);
    };
    struct Line {
        Pace pace;
        std::unordered_set<Entity*> out;
    };
    Instant over_at(const Entity& entity) const;
    void judge_order(Entity& entity, const Departure& way, std::string_view aor, Instant now);
    static void fail(Entity& entity, Instant when);
    void judge_purpose(Entity& entity, const Departure& way, std::string_view bytes,
                       std::string_view aor, Instant now);
    void answered_removed(Entity& entity, const sipstack::Envelope& answer, bool grants,
                          Instant now);
    void judge_identity(Entity& entity, const sipstack::Envelope& envelope, uint64_t unseen,
                        Instant now);
    void judge_repetition(const Entity& entity, const Departure& way, std::string_view bytes,
                          std::string_view aor, Instant now);
    Line& judge_rate(const Departure& way, std::string_view aor, Instant now);
    void judge_trust(const Departure& way, std::string_view bytes, std::string_view aor,
                     Instant now);
    void judge_pace(Entity& entity, const Departure& way, std::string_view aor, Instant now);

    FastPaths& fast_paths_;
    Promises promises_;
    std::unordered_map<std::string, Entity> entities_;  ///< by address of record
    std::unordered_set<std::size_t> branches_;
    std::unordered_set<std::size_t> call_ids_;
    std::map<uint32_t, Pace> pages_;
    std::map<std::pair<uint32_t, dataplane::Endpoint>, Line> lines_;
    std::map<uint32_t, uint64_t> streams_unopened_;  ///< by shard
    std::vector<TakenBack> taken_back_;
    std::vector<std::string> violations_;
    uint64_t transactions_ = 0;
    uint64_t retransmissions_ = 0;
};

}  // namespace trunkline::sim
