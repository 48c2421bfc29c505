// What came and went through a SIP interface of a shard.
#pragma once

#include <cstdint>

namespace trunkline::sipstack {

/// Messages, and keep-alives over UDP.
struct SipInterfaceCounters {
    uint64_t received = 0, sent = 0;
};

}  // namespace trunkline::sipstack
