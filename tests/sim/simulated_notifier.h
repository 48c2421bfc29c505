// The registration event package of a registrar (RFC 3680 over RFC 6665): who subscribed, and the
// NOTIFYs that tell him what becomes of a binding. Who may subscribe is the registrar's to say.
#pragma once

#include "dataplane/address.h"
#include "sipstack/instant.h"
#include "sipstack/message/message.h"
#include "sipstack/random.h"
#include "sipstack/registration/reginfo.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::sim {

using sipstack::Instant;

/// How a request came to a registrar, and where what answers it goes.
struct ReturnWay {
    dataplane::Endpoint peer{};
    uint64_t connection = 0;  ///< 0: datagrams
};

struct NotifiedContact {
    std::string uri;
    std::chrono::seconds left{0};
};

/// A NOTIFY on its way, and what it says of the subscriber's binding.
struct SentNotify {
    ReturnWay way;
    std::string bytes, branch, aor, call_id;
    uint32_t cseq = 0;
    std::optional<sipstack::BindingEvent> event;
    std::chrono::seconds left{0};  ///< of a shortened binding
};

class SimulatedNotifier {
public:
    SimulatedNotifier(dataplane::Endpoint endpoint, uint64_t seed);

    /// A dialog of before that is known.
    bool knows(const sipstack::Message& subscribe) const;
    /// Takes a SUBSCRIBE in; without time it ends the subscription. `contacts`: of that AOR now.
    /// The CSeq has to rise within a dialog, else false.
    bool subscribed(const sipstack::Message& subscribe, const ReturnWay& way,
                    std::chrono::seconds granted, const std::vector<NotifiedContact>& contacts,
                    Instant now);
    /// Whose subscriptions run.
    std::vector<std::string> subscribers(Instant now) const;
    bool has_subscriber(const std::string& aor, Instant now) const;
    /// Tells all who follow that AOR of its binding.
    void tell(const std::string& aor, const NotifiedContact& contact, sipstack::BindingEvent event,
              std::chrono::seconds retry_after, Instant now);
    /// Ends the subscriptions to that AOR; with a reason as RFC 6665 4.1.3 has them.
    void end(const std::string& aor, std::string_view reason, Instant now);
    /// The subscriber says that there is none.
    void forget(const std::string& call_id) { subscriptions_.erase(call_id); }
    void forget_all() { subscriptions_.clear(); }

    std::vector<SentNotify> take_notifies() { return std::exchange(notifies_, {}); }

private:
    struct Subscription {
        ReturnWay way;
        std::string aor, remote_tag, contact;
        uint32_t cseq = 0, notify_cseq = 0;
        uint64_t version = 0;
        Instant until{};
    };
    SentNotify& notify(const std::string& call_id, Subscription& subscription,
                       std::string_view state, std::string_view document);

    const dataplane::Endpoint endpoint_;
    sipstack::Random random_;
    std::map<std::string, Subscription> subscriptions_;  ///< by Call-ID
    std::vector<SentNotify> notifies_;
};

}  // namespace trunkline::sim
