// Sends OPTIONS and waits for the 200, as a keep-alive does. Any other final answer is wrong.
#pragma once

#include "tools/blast/call_id.h"
#include "tools/blast/client_role.h"

#include <string>

namespace trunkline::blast {

struct OptionsSettings {
    std::string uri;  ///< "sip:192.0.2.10"
    Pace pace;
    TimerSettings timers;
    uint64_t run = 0;  ///< parts the Call-IDs of this run from those of others
};

class OptionsSender : public ClientRole {
public:
    OptionsSender(OptionsSettings settings, const Flow& flow, Outlet& outlet);

private:
    bool assign(Transaction& transaction) override;
    void write(uint32_t slot, TextBuffer& text) override;
    void answered(uint32_t slot, const ScannedMessage& answer, uint64_t now) override;

    OptionsSettings settings_;
    CallIds call_ids_;
    std::string begin_, after_branch_, after_tag_, end_;
    uint32_t number_ = 0;
};

}  // namespace trunkline::blast
