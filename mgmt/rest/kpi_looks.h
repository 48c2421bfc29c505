// Looks at the KPIs once a minute, for their history. On the control thread.
#pragma once

#include "board/event_loop.h"
#include "mgmt/command_table.h"
#include "mgmt/rest/kpi_history.h"

#include <chrono>
#include <memory>

namespace trunkline::mgmt {

class KpiLooks {
public:
    static constexpr std::chrono::milliseconds period{60'000};

    /// The first look is at once. Loop and commands outlive this; a look that is answered after it
    /// has gone is none.
    KpiLooks(board::EventLoop& loop, const CommandTable& commands,
             const std::shared_ptr<KpiHistory>& history);
    ~KpiLooks();
    KpiLooks(const KpiLooks&) = delete;
    KpiLooks& operator=(const KpiLooks&) = delete;

private:
    board::EventLoop& loop_;
    board::EventLoop::TimerId timer_ = 0;
};

/// One look; `history` may be gone when it is answered.
void look_at_kpis(const CommandTable& commands, const std::weak_ptr<KpiHistory>& history);

}  // namespace trunkline::mgmt
