// What must hold of an appliance's subscriptions to its registrations (RFC 3680), judged from the
// wire: its SUBSCRIBEs, and what it answers to NOTIFYs.
#pragma once

#include "sipstack/instant.h"
#include "tests/sim/invariants.h"
#include "tests/sim/simulated_notifier.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace trunkline::sim {

class Subscriptions {
public:
    /// A SUBSCRIBE leaves: in a Call-ID the CSeq is one more than the last; a branch was never
    /// seen, or else the same bytes again, before the final answer and over UDP; a refresh waits
    /// for the one before. What is wrong, in words.
    std::optional<std::string> sent(const Departure& way, std::string_view aor,
                                    std::string_view bytes, Instant now);
    /// A SUBSCRIBE of that branch is the last one that left, and does so again.
    bool is_repeated(const std::string& aor, std::string_view branch) const;
    /// A message is about to reach a shard.
    void delivered(std::string_view bytes);
    /// All dialogs are forgotten.
    void restarted();

    /// A NOTIFY is on its way. `may_be_ignored`: to a port that may be closed.
    void expect(const SentNotify& notify, bool may_be_ignored);
    /// An answer of the appliance: whose NOTIFY it is for; nullptr: none of those.
    const SentNotify* notify_of(std::string_view answer) const;
    /// It got an answer before, as it came twice.
    bool is_answered(const SentNotify& notify) const;
    /// One that came in order is taken, or there is no such dialog, or nobody who subscribes; one
    /// that another one has overtaken is refused; the same again gets the same answer.
    std::optional<std::string> answered(const SentNotify& notify, std::string_view answer,
                                        bool is_subscriber, Instant now);
    /// After the shard's step: what was not answered, in words.
    std::optional<std::string> settle();

    uint64_t accepted() const { return accepted_; }  ///< NOTIFYs

private:
    struct Dialog {
        std::string call_id, branch, bytes;
        uint64_t cseq = 0;
        bool is_outstanding = false;
        Instant until{};  ///< at the latest
    };
    struct Notified {
        SentNotify notify;
        bool may_be_ignored = false;
        std::string answer;
        Instant answered_at{};
    };

    std::unordered_map<std::string, Dialog> dialogs_;  ///< by AOR
    std::unordered_set<std::string> call_ids_, branches_;
    std::unordered_map<std::string, Notified> notifies_;       ///< by branch
    std::unordered_map<std::string, uint32_t> last_notified_;  ///< CSeq by Call-ID
    std::string owed_;                                         ///< branch
    uint64_t accepted_ = 0;
};

}  // namespace trunkline::sim
