// What a shard answers the requests that reach it, by the inspections of RFC 3261 8.2: OPTIONS is
// served, NOTIFY where an account subscribes to its registration's events, nothing else yet. Of a
// locked appliance OPTIONS has the answer that an INVITE would have (RFC 3261 11.2), so that peers
// route around it: 503, without a Retry-After, as nobody knows when it is unlocked.
#pragma once

#include "sipstack/administrative_state.h"
#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/message/message.h"
#include "sipstack/message/parse_fault.h"
#include "sipstack/message/writer.h"
#include "sipstack/random.h"
#include "sipstack/registration/reg_event.h"
#include "sipstack/transport/transport.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

/// What it is given outlives it. On the shard's thread.
class RequestAnswers {
public:
    RequestAnswers(uint32_t shard_index, const Config& config, Random& random,
                   RegEventDialogs& dialogs, const AdministrativeState& state);

    /// Whether NOTIFY is served: some account subscribes. Not at first.
    /// To be called when the configuration has changed, too.
    void set_subscriber(bool is_subscriber);
    /// The value of Allow.
    std::string_view allow() const;

    /// The whole answer to a request that began a transaction; a NOTIFY acts on its subscription.
    std::string to(const Message& request, const Flow& flow, Instant now);

    struct Malformed {
        std::string text;
        Flow flow;  ///< the way back
    };
    /// The answer to what is no Message; nullopt: it must not or cannot be answered.
    std::optional<Malformed> to_malformed(const Flow& flow, std::string_view bytes,
                                          const ParseFault& fault) const;

private:
    MessageWriter begin(const Message& request, const Flow& flow, int status);
    std::string to_notify(const Message& request, const Flow& flow, Instant now);

    const uint32_t shard_index_;
    const Config& config_;
    Random& random_;
    RegEventDialogs& dialogs_;
    const AdministrativeState& state_;
    bool is_subscriber_ = false;
    std::string rest_of_ok_;  ///< what ends the answer to each OPTIONS, from Server on
};

}  // namespace trunkline::sipstack
