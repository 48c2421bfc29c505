// What the generator plays: takes the datagrams that come in, sends what is due, and tells at the
// end what it saw. Roles read no clock and know no port, so that tests play them in
// memory.
#pragma once

#include "tools/blast/datagram.h"
#include "tools/blast/histogram.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <span>
#include <string>

namespace trunkline::blast {

/// Times are nanoseconds of one clock that never goes back.
class Role {
public:
    virtual ~Role() = default;

    /// Before anything else.
    virtual void start(uint64_t now) = 0;
    virtual void receive(std::span<const Datagram> batch, uint64_t now) = 0;
    /// Sends what is due; whether there was something.
    virtual bool poll(uint64_t now) = 0;
    /// Begins nothing new from now on; what is under way may still end.
    virtual void stop() = 0;
    /// Nothing is under way and nothing will begin. A server is never done by itself.
    virtual bool done(uint64_t now) const = 0;

    /// Operations that ended well since the start, for the rate.
    virtual uint64_t completed() const = 0;
    /// Answers or requests that no correct peer sends.
    virtual uint64_t wrong() const = 0;
    /// What it set out to do and nobody answered, in words; empty: nothing. A server only waits.
    virtual std::string unanswered() const { return {}; }
    /// Of the progress line: "registered 5000, challenged 5000".
    virtual std::string progress(uint64_t now) const = 0;
    /// Everything it counted.
    virtual nlohmann::ordered_json report(uint64_t now) const = 0;
};

/// p50, p99, p99.9, max, mean in microseconds, and the count.
nlohmann::ordered_json latency_report(const Histogram& histogram);

}  // namespace trunkline::blast
