// TLS for SIP connections by OpenSSL 3: a row of the TLS Contexts table loaded from its files, the
// sessions made of it, and whom a certificate is for (RFC 5922). Belongs to one shard's thread.
//
// Sessions are never resumed and never renegotiated, so none outlives its connection. Nothing here
// raises SIGPIPE.
#pragma once

#include "board/error.h"
#include "sipstack/config.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_st;

namespace trunkline::sipstack {

/// One side of a TLS connection over a non-blocking socket that the caller keeps.
class TlsSession {
public:
    enum class Progress : uint8_t {
        done,
        wants_read,   ///< call again when the socket is readable
        wants_write,  ///< call again when it is writable
        closed,       ///< the peer has ended the session or the connection
        failed,       ///< why() says it
    };
    struct Result {
        Progress progress = Progress::done;
        std::size_t bytes = 0;  ///< read or written
    };

    ~TlsSession();
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    /// Call until done. As the client it ends with the check of the server's identity.
    Progress handshake();
    /// At most one record; `room` of 16 KiB leaves none of it behind.
    Result read(std::span<char> room);
    /// May take less than all. After wants_... the same bytes come first in the next call.
    Result write(std::string_view bytes);
    /// Tells the peer that we end; best effort.
    void end();
    /// Of a failure: "TLS: certificate of registrar.example has expired".
    const std::string& why() const { return why_; }

private:
    friend class LoadedTlsContext;
    struct Deleter {
        void operator()(ssl_st* ssl) const;
    };
    TlsSession(std::unique_ptr<ssl_st, Deleter> ssl, std::string host, std::string peer_name);
    Progress judge(int result);
    std::string describe_failure() const;
    static int on_certificate_request(ssl_st* ssl, x509_st** certificate, evp_pkey_st** key);
    bool check_identity();

    std::unique_ptr<ssl_st, Deleter> ssl_;
    std::string host_;       ///< whose certificate is expected; empty: nobody's
    std::string peer_name_;  ///< for why()
    std::string why_;
    bool lacks_certificate_ = false;  ///< the server asked for one, and there is none to show
};

/// A TLS context with its certificates, keys and roots in memory.
class LoadedTlsContext {
public:
    /// An error names the file and what is wrong with it. A row without a certificate serves
    /// clients alone.
    static board::Expected<LoadedTlsContext> load(const TlsContext& row);

    bool has_certificate() const { return has_certificate_; }
    /// `host` is who must be there and is sent as SNI unless it is numeric. `peer_name` is for
    /// messages. nullptr: out of memory.
    std::unique_ptr<TlsSession> connect(int socket, const std::string& host,
                                        std::string peer_name) const;
    /// `wants_certificate`: a client without a trusted certificate is refused.
    std::unique_ptr<TlsSession> accept(int socket, bool wants_certificate,
                                       std::string peer_name) const;

private:
    struct Deleter {
        void operator()(ssl_ctx_st* context) const;
    };
    using Handle = std::unique_ptr<ssl_ctx_st, Deleter>;
    LoadedTlsContext(Handle client, Handle server, const TlsContext& row);

    Handle client_, server_;
    bool has_certificate_;
    bool verify_server_;
};

/// Parallel to Config::tls_contexts; where there are none, one for clients that trust what the
/// operating system trusts.
board::Expected<std::vector<LoadedTlsContext>> load_tls_contexts(const Config& config);

}  // namespace trunkline::sipstack
