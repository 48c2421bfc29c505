#include "tests/unit/sipstack/transport/stream_side.h"

#include "sipstack/transport/tls_context.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <spdlog/sinks/null_sink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>

namespace trunkline::sipstack::testing {

board::Expected<std::unique_ptr<KernelStreamSockets>> StreamSide::try_make(const Config& config,
                                                                           uint32_t accept_rate) {
    return KernelStreamSockets::create(
        {std::make_shared<const Config>(config),
         std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>()),
         accept_rate});
}

StreamSide::StreamSide(const Config& config, uint32_t accept_rate) {
    auto made = try_make(config, accept_rate);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    sockets_ = std::move(made.value());
}

StreamId StreamSide::stream_accepted(Transport, uint16_t, const dataplane::Endpoint& remote,
                                     Instant) {
    if (refuses) {
        return 0;
    }
    accepted.push_back(remote);
    return accepted.size();
}

void StreamSide::stream_opened(StreamId id, Instant) {
    open[id] = true;
}

void StreamSide::stream_received(StreamId id, std::string_view bytes, Instant) {
    received[id] += bytes;
}

void StreamSide::stream_closed(StreamId id, std::string_view reason, Instant) {
    EXPECT_FALSE(closed.contains(id)) << "told twice";
    closed[id] = reason;
}

bool run_until(const std::vector<StreamSide*>& sides, Instant now,
               const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
        bool worked = false;
        for (StreamSide* const side : sides) {
            worked |= side->poll(now);
        }
        if (!worked) {
            std::this_thread::yield();
        }
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
    }
    return true;
}

std::string tls_client_outcome(const dataplane::Endpoint& server, int version, StreamSide& side,
                               Instant now) {
    sockaddr_storage address{};
    socklen_t size = 0;
    if (server.address.is_v4()) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(address);
        v4 = {.sin_family = AF_INET,
              .sin_port = htons(server.port),
              .sin_addr = {htonl(server.address.v4_host_order())},
              .sin_zero = {}};
        size = sizeof(v4);
    } else {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(server.port);
        std::ranges::copy(server.address.bytes, v6.sin6_addr.s6_addr);
        size = sizeof(v6);
    }
    const int fd = socket(address.ss_family, SOCK_STREAM, 0);
    EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), size), 0);
    std::string outcome;
    // Blocking, so on a thread of its own: the server's side is polled here.
    std::thread client([&] {
        SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_min_proto_version(context, version);
        SSL_CTX_set_max_proto_version(context, version);
        SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
        SSL* const ssl = SSL_new(context);
        SSL_set_fd(ssl, fd);
        const bool is_up = SSL_connect(ssl) == 1;
        outcome = is_up ? SSL_get_version(ssl) : "refused";
        SSL_free(ssl);
        SSL_CTX_free(context);
        close(fd);
    });
    const std::size_t accepted = side.accepted.size();
    const uint64_t failed = side.sockets().counters().handshakes_failed;
    EXPECT_TRUE(run_until({&side}, now, [&] {
        return side.accepted.size() > accepted ||
               side.sockets().counters().handshakes_failed > failed;
    }));
    client.join();
    return outcome;
}

std::string server_name_in_hello(const std::string& host, const TlsContext& row) {
    std::array<int, 2> pair{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data()), 0);
    const auto context = LoadedTlsContext::load(row);
    const auto session = context->connect(pair[0], host, "peer");
    EXPECT_EQ(session->handshake(), TlsSession::Progress::wants_read);
    std::string name;
    SSL_CTX* const server = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_client_hello_cb(
        server,
        [](SSL* ssl, int*, void* into) {
            const unsigned char* bytes = nullptr;
            std::size_t size = 0;
            // List length, type and name length come first (RFC 6066 3).
            constexpr std::size_t before_name = 5;
            if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &bytes, &size) == 1 &&
                size > before_name) {
                static_cast<std::string*>(into)->assign(
                    reinterpret_cast<const char*>(bytes) + before_name, size - before_name);
            }
            return SSL_CLIENT_HELLO_SUCCESS;
        },
        &name);
    SSL* const ssl = SSL_new(server);
    SSL_set_fd(ssl, pair[1]);
    SSL_accept(ssl);
    SSL_free(ssl);
    SSL_CTX_free(server);
    close(pair[0]);
    close(pair[1]);
    return name;
}

}  // namespace trunkline::sipstack::testing
