// Writes one REGISTER (RFC 3261 10.2, RFC 6140, RFC 5626) and the Contact that it offers. What is
// in it is decided elsewhere (registration.h).
#pragma once

#include "sipstack/config.h"
#include "sipstack/message/uri.h"
#include "sipstack/message/writer.h"
#include "sipstack/registration/register_extensions.h"
#include "sipstack/registration/registrants.h"
#include "sipstack/transport/transport.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

/// Where the text of a REGISTER has what it will have anew when it is sent again with credentials;
/// offsets.
struct RegisterSeams {
    /// Of a larger text there are none: `credentials` is 0.
    static constexpr std::size_t largest_text = 65535;

    uint16_t branch = 0, branch_end = 0;
    uint16_t cseq = 0, cseq_end = 0;
    uint16_t credentials = 0, credentials_end = 0;

    void end_credentials(const MessageWriter& writer);
};

struct RegisterRequest {
    const Registrant& registrant;
    const Config& config;
    const Flow& flow;
    const Target& target;
    /// Of a 3xx: the Request-URI instead of the registrant's. Empty: none.
    std::string_view redirected_to;
    std::string_view contact_user;
    std::string_view call_id;
    std::string_view from_tag;
    std::string_view branch;
    uint32_t cseq = 0;
    Seconds expires{0};
    bool all_bindings = false;  ///< Contact: *, with Expires: 0
    RegisterExtensions extensions = {};

    std::string request_uri() const;
    /// From and To: "sip:user@host".
    std::string aor() const;
    /// The URI of our Contact, without brackets.
    std::string contact_uri() const;
    /// All but what authenticates and ends it.
    MessageWriter begin(RegisterSeams* seams = nullptr) const;

private:
    struct AorParts {
        std::string_view front;
        std::string server;  ///< its address, where that is the host
    };
    AorParts aor_parts() const;
};

/// A fast path beside RegisterRequest::begin(): `text`, a whole REGISTER that was challenged, up to
/// its credentials, with another branch and CSeq. `seams` of the text become those of what is
/// written. Unit tests and the simulation hold it against what begin() writes.
MessageWriter begin_again(std::string_view text, RegisterSeams& seams, std::string_view branch,
                          uint32_t cseq);

/// The Via of a request of ours over `flow`; over UDP with rport (RFC 3581).
void add_own_via(MessageWriter& writer, const Flow& flow, std::string_view branch);

/// "host" or "host:port" of our own side of `flow`; the transport's own port is left out.
std::string own_host_port(const Flow& flow);

}  // namespace trunkline::sipstack
