// The kernel's sockets for SIP over TCP and TLS: one shard's listening ports and connections, all
// non-blocking, behind one epoll(7) descriptor. What they carry is connections.h's business.
//
// Sockets belong to the network namespace of the thread that makes them: create() and the shard's
// thread are in the appliance's.
#pragma once

#include "board/error.h"
#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/transport/transport.h"

#include <spdlog/logger.h>

#include <cstdint>
#include <memory>
#include <optional>

namespace trunkline::sipstack {

struct StreamSocketCounters {
    uint64_t accepted = 0;            ///< by the kernel for us
    uint64_t accept_pauses = 0;       ///< too many at a time, or no descriptors: they wait
    uint64_t handshakes_refused = 0;  ///< too many TLS handshakes of peers under way
    uint64_t handshakes_failed = 0;   ///< of peers, time-outs included
};

class KernelStreamSockets final : public StreamSockets {
public:
    struct Options {
        std::shared_ptr<const Config> config;
        std::shared_ptr<spdlog::logger> log;
        uint32_t accept_rate = 500;        ///< connections a second, with a burst as large
        std::size_t max_handshakes = 500;  ///< of peers, at a time
    };

    /// A peer's TLS handshake takes at most this.
    static constexpr Seconds handshake_timeout{10};
    /// What one connection may have waiting to be written.
    static constexpr std::size_t max_queued_bytes = 1024 * 1024;

    /// Whether any SIP interface has a TCP or TLS port.
    static bool are_needed(const Config& config);
    /// Loads the TLS contexts and listens on the TCP and TLS ports of all SIP interfaces (on a TLS
    /// port only with a certificate to show). Several shards share the ports (SO_REUSEPORT): the
    /// kernel spreads connections over them.
    static board::Expected<std::unique_ptr<KernelStreamSockets>> create(const Options& options);
    ~KernelStreamSockets() override;

    /// Readable when poll() has something to do.
    int fd() const;
    /// Moves what can be moved without waiting, a bounded piece of it, and tells `events`. true:
    /// there was something.
    bool poll(StreamEvents& events, Instant now);
    /// When poll() is next needed though fd() is not readable; nullopt: never.
    std::optional<Instant> next_deadline() const;

    void open(StreamId id, const StreamPeer& peer) override;
    bool write(StreamId id, std::string_view bytes) override;
    void close(StreamId id) override;

    const StreamSocketCounters& counters() const;

private:
    struct State;
    explicit KernelStreamSockets(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace trunkline::sipstack
