// One connection of TLS over a socket that never blocks by itself: first driven by events, then
// read and written by a thread until a deadline.
#pragma once

#include "board/file_descriptor.h"
#include "mgmt/rest/http_stream.h"

#include <openssl/types.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace trunkline::mgmt {

class TlsStream final : public HttpStream {
public:
    /// What has to happen before the step that was tried can go on.
    enum class Step { done, wants_read, wants_write, failed };

    /// `socket` is connected and non-blocking. The connection is the server's side.
    TlsStream(board::FileDescriptor socket, SSL_CTX* context, std::string remote);
    ~TlsStream() override;
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    int descriptor() const override { return socket_.get(); }
    const std::string& remote() const override { return remote_; }

    Step handshake();
    /// Reads what is there into input(), up to `most` bytes in all. done: there is more of it than
    /// before; failed: the peer ended it, or it is broken.
    Step receive(std::size_t most);
    /// What was received and not yet read.
    const std::string& input() const { return input_; }

    void set_deadline(Clock::time_point deadline) override { deadline_ = deadline; }
    Clock::time_point deadline() const override { return deadline_; }
    /// Of input(), then of the connection.
    std::size_t read(char* to, std::size_t size) override;
    bool write(const char* from, std::size_t size) override;
    void close(std::chrono::milliseconds patience) override;

private:
    Step step_of(int result) const;
    bool wait(Step step) const;

    const board::FileDescriptor socket_;
    const std::string remote_;
    struct Free {
        void operator()(SSL* ssl) const;
    };
    const std::unique_ptr<SSL, Free> ssl_;
    std::string input_;
    std::size_t taken_ = 0;  ///< of the input
    Clock::time_point deadline_;
};

}  // namespace trunkline::mgmt
