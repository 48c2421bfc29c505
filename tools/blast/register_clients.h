// Clients that register: each operation is REGISTER, challenge, REGISTER with digest, 200, for the
// next account in turn; from the second round on it refreshes the binding.
#pragma once

#include "tools/blast/call_id.h"
#include "tools/blast/client_role.h"
#include "tools/blast/digest.h"
#include "tools/blast/huge_pages.h"

#include <string>
#include <vector>

namespace trunkline::blast {

struct RegisterSettings {
    uint32_t accounts = 1000;
    std::string user = "u";   ///< accounts are called user0, user1, ...
    std::string password;     ///< of all
    std::string domain;       ///< "lab.example": of the request's URI and of the AORs
    uint32_t expires = 3600;  ///< asked for; 0 un-registers
    Pace pace;
    TimerSettings timers;
    uint64_t run = 0;  ///< parts the Call-IDs of this run from those of others
};

class RegisterClients : public ClientRole {
public:
    RegisterClients(RegisterSettings settings, const Flow& flow, Outlet& outlet);

private:
    struct Account {
        uint32_t cseq = 0;
        bool busy = false;
        uint64_t realm = 0;  ///< hash of the realm that `ha1` is of; 0: none
        HashText ha1{};
    };
    enum Step : uint8_t { first, with_credentials };

    bool assign(Transaction& transaction) override;
    void write(uint32_t slot, TextBuffer& text) override;
    void answered(uint32_t slot, const ScannedMessage& answer, uint64_t now) override;
    void released(const Transaction& transaction) override;

    void challenged(uint32_t slot, const ScannedMessage& answer, uint64_t now);
    bool fits(const Transaction& transaction, const ScannedMessage& answer) const;
    bool grants(const Transaction& transaction, const ScannedMessage& answer) const;

    RegisterSettings settings_;
    CallIds call_ids_;
    std::string uri_;  ///< "sip:lab.example"
    std::string begin_, after_branch_, at_domain_, local_, at_local_;
    DigestMaker digests_;
    HugePageVector<Account> accounts_;
    std::vector<std::string> credentials_;  ///< of each slot: the line, until its answer comes
    uint32_t next_account_ = 0;
};

}  // namespace trunkline::blast
