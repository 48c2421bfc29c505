// One appliance's stream sockets with a core that remembers what it was told, and raw TLS peers.
#pragma once

#include "sipstack/transport/stream_sockets.h"

#include <unistd.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace trunkline::sipstack::testing {

// Ports of loopback, below the kernel's own choice. Each process has its own; the tests of one
// program run in turn.
inline const uint16_t tcp_port = static_cast<uint16_t>(20'000 + getpid() % 4000 * 3);
inline const uint16_t tls_port = tcp_port + 1, unused_port = tcp_port + 2;

class StreamSide final : public StreamEvents {
public:
    explicit StreamSide(const Config& config, uint32_t accept_rate = 1000);
    static board::Expected<std::unique_ptr<KernelStreamSockets>> try_make(
        const Config& config, uint32_t accept_rate = 1000);

    KernelStreamSockets& sockets() { return *sockets_; }
    bool poll(Instant now) { return sockets_->poll(*this, now); }
    bool is_open(StreamId id) const { return open.contains(id); }

    StreamId stream_accepted(Transport transport, uint16_t sip_interface_index,
                             const dataplane::Endpoint& remote, Instant now) override;
    void stream_opened(StreamId id, Instant now) override;
    void stream_received(StreamId id, std::string_view bytes, Instant now) override;
    void stream_closed(StreamId id, std::string_view reason, Instant now) override;

    bool refuses = false;
    std::vector<dataplane::Endpoint> accepted;  ///< their ids count up from 1
    std::map<StreamId, bool> open;
    std::map<StreamId, std::string> received, closed;

private:
    std::unique_ptr<KernelStreamSockets> sockets_;
};

/// Polls all sides in turn until `condition`, for at most some seconds; false: it never came.
bool run_until(const std::vector<StreamSide*>& sides, Instant now,
               const std::function<bool()>& condition);

/// A client that speaks no other version than `version`: "refused", or what was agreed on.
std::string tls_client_outcome(const dataplane::Endpoint& server, int version, StreamSide& side,
                               Instant now);

/// The server name that a session to `host` sends in its first message; empty: none.
std::string server_name_in_hello(const std::string& host, const TlsContext& row);

}  // namespace trunkline::sipstack::testing
