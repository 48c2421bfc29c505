#include "mgmt/rest/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace trunkline::mgmt {

void TlsStream::Free::operator()(SSL* ssl) const {
    SSL_free(ssl);
}

TlsStream::TlsStream(board::FileDescriptor socket, SSL_CTX* context, std::string remote)
    : socket_(std::move(socket)), remote_(std::move(remote)), ssl_(SSL_new(context)) {
    if (ssl_) {
        SSL_set_fd(ssl_.get(), socket_.get());
        SSL_set_accept_state(ssl_.get());
    }
}

TlsStream::~TlsStream() = default;

TlsStream::Step TlsStream::step_of(int result) const {
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_NONE:
            return Step::done;
        case SSL_ERROR_WANT_READ:
            return Step::wants_read;
        case SSL_ERROR_WANT_WRITE:
            return Step::wants_write;
        default:
            return Step::failed;
    }
}

TlsStream::Step TlsStream::handshake() {
    if (!ssl_) {
        return Step::failed;
    }
    ERR_clear_error();
    return step_of(SSL_do_handshake(ssl_.get()));
}

TlsStream::Step TlsStream::receive(std::size_t most) {
    input_.erase(0, std::exchange(taken_, 0));
    const std::size_t before = input_.size();
    std::array<char, 4096> piece{};
    Step step = Step::done;
    while (step == Step::done && input_.size() < most) {
        ERR_clear_error();
        const int size = SSL_read(ssl_.get(), piece.data(),
                                  static_cast<int>(std::min(piece.size(), most - input_.size())));
        step = step_of(size);
        if (size > 0) {
            input_.append(piece.data(), static_cast<std::size_t>(size));
        }
    }
    return input_.size() > before ? Step::done : step;
}

bool TlsStream::wait(Step step) const {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    if (left <= 0 || step == Step::failed) {
        return false;
    }
    pollfd entry{.fd = socket_.get(),
                 .events = static_cast<short>(step == Step::wants_write ? POLLOUT : POLLIN),
                 .revents = 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::min<long>(left, 60'000)));
    return ready > 0 || (ready < 0 && errno == EINTR) || Clock::now() < deadline_;
}

std::size_t TlsStream::read(char* to, std::size_t size) {
    if (taken_ < input_.size()) {
        const std::size_t part = std::min(size, input_.size() - taken_);
        std::memcpy(to, input_.data() + taken_, part);
        taken_ += part;
        return part;
    }
    for (;;) {
        if (Clock::now() >= deadline_) {
            return 0;  // a peer that always has one more byte is late, too
        }
        ERR_clear_error();
        const int got =
            SSL_read(ssl_.get(), to, static_cast<int>(std::min<std::size_t>(size, 1 << 20)));
        if (got > 0) {
            return static_cast<std::size_t>(got);
        }
        if (!wait(step_of(got))) {
            return 0;
        }
    }
}

bool TlsStream::write(const char* from, std::size_t size) {
    while (size > 0) {
        if (Clock::now() >= deadline_) {
            return false;
        }
        ERR_clear_error();
        const int sent =
            SSL_write(ssl_.get(), from, static_cast<int>(std::min<std::size_t>(size, 1 << 20)));
        if (sent > 0) {
            from += sent;
            size -= static_cast<std::size_t>(sent);
        } else if (!wait(step_of(sent))) {
            return false;
        }
    }
    return true;
}

void TlsStream::close(std::chrono::milliseconds patience) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ::shutdown(socket_.get(), SHUT_WR);
    deadline_ = Clock::now() + patience;
    std::array<char, 16384> piece{};
    while (wait(Step::wants_read)) {
        if (const ssize_t got = ::recv(socket_.get(), piece.data(), piece.size(), 0);
            got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            return;
        }
    }
}

}  // namespace trunkline::mgmt
