// What a registration knows while it tries to register and forgets with the outcome: an account
// that is registered has none. How it is carried on is registration.h.
#pragma once

#include "sipstack/message/uri.h"
#include "sipstack/registration/pacer.h"
#include "sipstack/registration/register_request.h"
#include "sipstack/registration/server_choice.h"
#include "sipstack/slot_pool.h"
#include "sipstack/transport/transport.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trunkline::sipstack {

/// From the choice of a server to the outcome; several REGISTERs, to several servers, where one
/// does not do.
struct RegistrationAttempt {
    /// What the REGISTER that is out, or next in line, is for.
    enum class Purpose : uint8_t { bind, clear, unbind };
    /// A 3xx that is followed.
    struct Redirection {
        std::string answer;  ///< in words
        std::vector<SipUri> uris;
        std::size_t next = 0;  ///< of them
        bool as_proxy = false;
        Transport transport = Transport::udp;  ///< of the request
        std::optional<uint32_t> retry_after;
    };

    RegistrationAttempt(std::function<void(Instant now)> turn, const ServerChoice& server_choice)
        : ticket(std::move(turn)), servers(server_choice) {}

    /// Begins anew for `next_purpose`, with nothing tried; the place in the line is kept.
    void begin(Purpose next_purpose) {
        purpose = next_purpose;
        servers.begin();
        redirected_to.clear();
        redirections = 0;
        waiting_redirection.reset();
        extension_changes = 0;
        raised = false;
        first_sent_at.reset();
    }
    /// For its turn, or for the connection to open that it shall have then.
    bool is_waiting() const { return ticket.is_waiting() || awaited_stream != 0; }

    Purpose purpose = Purpose::bind;
    uint8_t extension_changes = 0;  ///< as its answers asked
    bool raised = false;            ///< a 423 asked for a longer time
    std::optional<Instant> first_sent_at;
    unsigned redirections = 0;
    Pacer::Ticket ticket;
    ServerChoice servers;
    std::optional<Target> target;
    std::string redirected_to;                         ///< the Request-URI that a 301 or 302 gave
    std::unique_ptr<Redirection> waiting_redirection;  ///< for the address of its next URI
    std::string challenged;       ///< the last REGISTER, when credentials alone are to be added
    RegisterSeams seams;          ///< of the last REGISTER
    StreamId awaited_stream = 0;  ///< had its turn while this was being opened
    Flow flow;                    ///< of the last REGISTER
};

/// Those of a shard: most of their time registrations have none.
using RegistrationAttempts = SlotPool<RegistrationAttempt>;

}  // namespace trunkline::sipstack
