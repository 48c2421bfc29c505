#include "dataplane/next_hop.h"

#include <fmt/format.h>

namespace trunkline::dataplane {

board::Expected<std::unique_ptr<NextHopChannel>> NextHopChannel::create(uint32_t worker,
                                                                        uint32_t capacity) {
    auto requests = SpscRing<NextHopRequest>::create(fmt::format("w{}_hop_ask", worker), capacity);
    if (!requests) {
        return std::unexpected(requests.error());
    }
    auto updates = SpscRing<NextHopUpdate>::create(fmt::format("w{}_hop_say", worker), capacity);
    if (!updates) {
        return std::unexpected(updates.error());
    }
    return std::make_unique<NextHopChannel>(std::move(*requests), std::move(*updates));
}

}  // namespace trunkline::dataplane
