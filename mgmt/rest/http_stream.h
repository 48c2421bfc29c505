// The bytes of one connection, as HTTP reads and writes them.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace trunkline::mgmt {

class HttpStream {
public:
    using Clock = std::chrono::steady_clock;

    virtual ~HttpStream() = default;
    virtual int descriptor() const = 0;
    /// Numeric address of the peer.
    virtual const std::string& remote() const = 0;

    /// By when reading and writing has to be over; what is late fails.
    virtual void set_deadline(Clock::time_point deadline) = 0;
    virtual Clock::time_point deadline() const = 0;
    /// Some of what comes; 0: it ended, or is late.
    virtual std::size_t read(char* to, std::size_t size) = 0;
    /// All of it; false: the peer has gone, or is late.
    virtual bool write(const char* from, std::size_t size) = 0;
    /// Says good-bye, and reads away what the peer still sends so that he gets what was written;
    /// `patience` at most.
    virtual void close(std::chrono::milliseconds patience) = 0;
};

}  // namespace trunkline::mgmt
