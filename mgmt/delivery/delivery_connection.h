// A connection to a server that takes a message at a time and answers none: syslog, HEP. Blocks its
// thread, each call for `patience` at most.
#pragma once

#include "board/file_descriptor.h"
#include "dataplane/address.h"
#include "mgmt/delivery/delivery_protocol.h"
#include "sipstack/transport/tls_context.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// How a stream tells one message from the next.
enum class DeliveryFraming : uint8_t {
    none,     ///< messages say themselves how long they are
    lengths,  ///< "8 <133>abc" (RFC 6587 3.4.1, RFC 5425 4.3)
};

struct DeliveryServer {
    DeliveryProtocol protocol = DeliveryProtocol::udp;
    dataplane::Endpoint address;
    std::shared_ptr<const sipstack::LoadedTlsContext> tls;  ///< for TLS alone
    DeliveryFraming framing = DeliveryFraming::none;

    /// "udp 192.0.2.1:514"
    std::string to_string() const;
};

class DeliveryConnection {
public:
    static constexpr std::chrono::milliseconds patience{2000};

    /// The error is why not, in words.
    static std::expected<std::unique_ptr<DeliveryConnection>, std::string> open(
        const DeliveryServer& server);

    /// After an error the connection is of no more use, but over UDP. That the server got a message
    /// is known in no case.
    std::expected<void, std::string> send(std::string_view message);

private:
    using Clock = std::chrono::steady_clock;
    DeliveryConnection(const DeliveryServer& server, board::FileDescriptor socket);

    std::expected<void, std::string> connect(Clock::time_point deadline);
    std::expected<void, std::string> send_datagram(std::string_view message);
    std::expected<void, std::string> write(std::string_view bytes, Clock::time_point deadline);
    bool wait_for(short events, Clock::time_point deadline) const;
    bool is_ended_by_server() const;

    const DeliveryServer server_;
    const board::FileDescriptor socket_;
    std::unique_ptr<sipstack::TlsSession> tls_;
};

}  // namespace trunkline::mgmt
