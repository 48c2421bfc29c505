// What a registration writes down so that a restart is not a storm: Call-ID, CSeq, nonces, granted
// time and target. Where and how it is stored is not here (journal_file.h).
#pragma once

#include "sipstack/config.h"
#include "sipstack/digest/digest.h"
#include "sipstack/instant.h"
#include "sipstack/registration/raised_time.h"
#include "sipstack/registration/register_extensions.h"
#include "sipstack/transport/transport.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

/// All that one registrant remembers. A later record replaces an earlier one of its key.
struct RegistrationRecord {
    std::string key;  ///< of the registrant: registrants.h
    std::string call_id;
    std::string from_tag;
    std::string contact_user;
    uint32_t cseq = 0;
    bool outstanding = false;  ///< the REGISTER with that CSeq had no final answer yet
    RaisedTime raised;         ///< what a 423 taught us to ask
    Seconds granted{0};
    std::optional<Instant> expires_at;  ///< unset: no binding stands
    std::optional<Instant> refresh_at;  ///< when the next REGISTER is due
    Target target;                      ///< that granted the binding
    bool is_elsewhere = false;          ///< a redirection had named it
    std::string request_uri;            ///< that a redirection gave; empty: the registrant's
    uint16_t local_port = 0;            ///< that the binding was registered from
    RegisterExtensions learnt;          ///< of the registrar's: RegisterExtensions::learnt()
    std::vector<std::string> service_route;
    std::vector<DigestMemory> digests;

    bool operator==(const RegistrationRecord&) const = default;
};

/// Takes records off the shard's hands. Called on the shard's thread; never blocks.
class RegistrationJournal {
public:
    virtual ~RegistrationJournal() = default;
    virtual void save(const RegistrationRecord& record) = 0;
    virtual void erase(std::string_view key) = 0;
};

}  // namespace trunkline::sipstack
