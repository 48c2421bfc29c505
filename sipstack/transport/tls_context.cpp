#include "sipstack/transport/tls_context.h"

#include "dataplane/address.h"
#include "sipstack/transport/certificate_identity.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace trunkline::sipstack {

namespace {

// A BIO over a socket, as BIO_s_socket(), but its writes raise no SIGPIPE.

int descriptor_of(BIO* bio) {
    return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio)));
}

int transferred(BIO* bio, ssize_t count, int retry_flags) {
    BIO_clear_retry_flags(bio);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        BIO_set_flags(bio, retry_flags | BIO_FLAGS_SHOULD_RETRY);
    }
    return static_cast<int>(count);
}

int write_socket(BIO* bio, const char* bytes, int size) {
    const ssize_t sent =
        send(descriptor_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    return transferred(bio, sent, BIO_FLAGS_WRITE);
}

int read_socket(BIO* bio, char* bytes, int size) {
    const ssize_t received = recv(descriptor_of(bio), bytes, static_cast<std::size_t>(size), 0);
    if (received == 0) {
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    }
    return transferred(bio, received, BIO_FLAGS_READ);
}

long control_socket(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) {
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    }
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

/// Never freed: it serves until the process ends.
const BIO_METHOD* quiet_socket() {
    static const BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "quiet socket");
        if (made == nullptr || BIO_meth_set_write(made, write_socket) != 1 ||
            BIO_meth_set_read(made, read_socket) != 1 ||
            BIO_meth_set_ctrl(made, control_socket) != 1) {
            std::abort();  // out of memory at start
        }
        return made;
    }();
    return method;
}

/// The first word of OpenSSL about what went wrong; clears its queue.
std::string openssl_reason() {
    const unsigned long error = ERR_get_error();
    ERR_clear_error();
    if (error == 0) {
        return "no reason is given";
    }
    const char* const text = ERR_reason_error_string(error);
    return text != nullptr ? text : fmt::format("error {:x}", error);
}

board::Error fault(const TlsContext& row, const std::string& what) {
    return {fmt::format("TLS context '{}': {}", row.name, what)};
}

board::Expected<void> check_readable(const TlsContext& row, const std::string& file) {
    if (access(file.c_str(), R_OK) != 0) {
        return std::unexpected(
            fault(row, fmt::format("cannot read {}: {}", file, strerror(errno))));
    }
    return {};
}

/// A key that is locked by a pass phrase must not make the appliance wait for a terminal.
int no_pass_phrase(char*, int, int, void*) {
    return -1;
}

board::Expected<void> load_certificate(SSL_CTX* context, const TlsContext& row) {
    const std::string& chain = row.certificate_file;
    const std::string& key = row.private_key_file.empty() ? chain : row.private_key_file;
    for (const std::string* file : {&chain, &key}) {
        if (auto readable = check_readable(row, *file); !readable) {
            return readable;
        }
    }
    if (SSL_CTX_use_certificate_chain_file(context, chain.c_str()) != 1) {
        return std::unexpected(fault(
            row, fmt::format("{} holds no certificate in PEM form ({})", chain, openssl_reason())));
    }
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return std::unexpected(fault(
            row, fmt::format("{} holds no private key in PEM form without a pass phrase that fits "
                             "the certificate in {} ({})",
                             key, chain, openssl_reason())));
    }
    return {};
}

board::Expected<void> load_roots(SSL_CTX* context, const TlsContext& row) {
    const std::string& file = row.trusted_roots_file;
    if (file.empty()) {
        // An empty store is no error here: peers are refused then, with the reason.
        SSL_CTX_set_default_verify_paths(context);
        return {};
    }
    if (auto readable = check_readable(row, file); !readable) {
        return readable;
    }
    if (SSL_CTX_load_verify_file(context, file.c_str()) != 1) {
        return std::unexpected(fault(
            row, fmt::format("{} holds no certificates in PEM form ({})", file, openssl_reason())));
    }
    return {};
}

board::Expected<void> set_up(SSL_CTX* context, const TlsContext& row, const std::string& ciphers) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_default_passwd_cb(context, no_pass_phrase);
    SSL_CTX_set_min_proto_version(context, row.minimum_version == TlsContext::Version::tls1_3
                                               ? TLS1_3_VERSION
                                               : TLS1_2_VERSION);
    if (SSL_CTX_set_cipher_list(context, ciphers.c_str()) != 1) {
        return std::unexpected(fault(row, fmt::format("'{}' names no cipher that OpenSSL has ({})",
                                                      ciphers, openssl_reason())));
    }
    return row.certificate_file.empty() ? board::Expected<void>() : load_certificate(context, row);
}

}  // namespace

void TlsSession::Deleter::operator()(ssl_st* ssl) const {
    SSL_free(ssl);
}

void LoadedTlsContext::Deleter::operator()(ssl_ctx_st* context) const {
    SSL_CTX_free(context);
}

LoadedTlsContext::LoadedTlsContext(Handle client, Handle server, const TlsContext& row)
    : client_(std::move(client)),
      server_(std::move(server)),
      has_certificate_(!row.certificate_file.empty()),
      verify_server_(row.verify_server) {}

board::Expected<LoadedTlsContext> LoadedTlsContext::load(const TlsContext& row) {
    ERR_clear_error();
    Handle client(SSL_CTX_new(TLS_client_method()));
    Handle server(SSL_CTX_new(TLS_server_method()));
    if (!client || !server) {
        return std::unexpected(fault(row, openssl_reason()));
    }
    if (auto ready = set_up(client.get(), row, row.client_ciphers); !ready) {
        return std::unexpected(ready.error());
    }
    if (auto ready = set_up(server.get(), row, row.server_ciphers); !ready) {
        return std::unexpected(ready.error());
    }
    if (auto loaded = load_roots(client.get(), row); !loaded) {
        return std::unexpected(loaded.error());
    }
    SSL_CTX_set_client_cert_cb(client.get(), &TlsSession::on_certificate_request);
    // Reading an operating system's worth of roots takes a while; once is enough.
    SSL_CTX_set1_cert_store(server.get(), SSL_CTX_get_cert_store(client.get()));
    return LoadedTlsContext(std::move(client), std::move(server), row);
}

namespace {

SSL* session_over(SSL_CTX* context, int socket) {
    SSL* const ssl = SSL_new(context);
    BIO* const bio = BIO_new(quiet_socket());
    if (ssl == nullptr || bio == nullptr) {
        SSL_free(ssl);
        BIO_free(bio);
        return nullptr;
    }
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(socket)));
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    return ssl;
}

}  // namespace

std::unique_ptr<TlsSession> LoadedTlsContext::connect(int socket, const std::string& host,
                                                      std::string peer_name) const {
    std::unique_ptr<ssl_st, TlsSession::Deleter> ssl(session_over(client_.get(), socket));
    if (!ssl) {
        return nullptr;
    }
    SSL_set_connect_state(ssl.get());
    SSL_set_verify(ssl.get(), verify_server_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    if (!host.empty() && !dataplane::IpAddress::parse(host)) {
        SSL_set_tlsext_host_name(ssl.get(), host.c_str());
    }
    return std::unique_ptr<TlsSession>(new TlsSession(
        std::move(ssl), verify_server_ ? host : std::string(), std::move(peer_name)));
}

std::unique_ptr<TlsSession> LoadedTlsContext::accept(int socket, bool wants_certificate,
                                                     std::string peer_name) const {
    std::unique_ptr<ssl_st, TlsSession::Deleter> ssl(session_over(server_.get(), socket));
    if (!ssl) {
        return nullptr;
    }
    SSL_set_accept_state(ssl.get());
    SSL_set_verify(
        ssl.get(),
        wants_certificate ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE,
        nullptr);
    return std::unique_ptr<TlsSession>(new TlsSession(std::move(ssl), {}, std::move(peer_name)));
}

TlsSession::TlsSession(std::unique_ptr<ssl_st, Deleter> ssl, std::string host,
                       std::string peer_name)
    : ssl_(std::move(ssl)), host_(std::move(host)), peer_name_(std::move(peer_name)) {
    SSL_set_app_data(ssl_.get(), this);
}

TlsSession::~TlsSession() = default;

TlsSession::Progress TlsSession::handshake() {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result != 1) {
        return judge(result);
    }
    return check_identity() ? Progress::done : Progress::failed;
}

TlsSession::Result TlsSession::read(std::span<char> room) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl_.get(), room.data(), room.size(), &count);
    return result == 1 ? Result{Progress::done, count} : Result{judge(result), 0};
}

TlsSession::Result TlsSession::write(std::string_view bytes) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
    return result == 1 ? Result{Progress::done, count} : Result{judge(result), 0};
}

void TlsSession::end() {
    ERR_clear_error();
    if (why_.empty() && SSL_is_init_finished(ssl_.get()) == 1) {
        SSL_shutdown(ssl_.get());
    }
    ERR_clear_error();
}

TlsSession::Progress TlsSession::judge(int result) {
    const int system_error = errno;
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return Progress::wants_read;
        case SSL_ERROR_WANT_WRITE:
            return Progress::wants_write;
        case SSL_ERROR_ZERO_RETURN:
            return Progress::closed;
        case SSL_ERROR_SYSCALL:
            why_ =
                fmt::format("TLS: connection to {} broke: {}", peer_name_, strerror(system_error));
            return Progress::failed;
        default:
            if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
                ERR_clear_error();
                return Progress::closed;  // without a close_notify, as many do
            }
            why_ = describe_failure();
            return Progress::failed;
    }
}

/// Called where none was loaded; 0: the handshake goes on without.
int TlsSession::on_certificate_request(SSL* ssl, X509** /*certificate*/, EVP_PKEY** /*key*/) {
    static_cast<TlsSession*>(SSL_get_app_data(ssl))->lacks_certificate_ = true;
    return 0;
}

/// What an operator can act on: the certificate's fault, the peer's alert, or OpenSSL's own words.
std::string TlsSession::describe_failure() const {
    const unsigned long error = ERR_peek_error();
    const int reason = ERR_GET_REASON(error);
    const bool is_ours = ERR_GET_LIB(error) == ERR_LIB_SSL;
    if (is_ours && reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        return describe_certificate_fault(SSL_get_verify_result(ssl_.get()), peer_name_);
    }
    const std::string words = openssl_reason();
    if (is_ours && reason > SSL_AD_REASON_OFFSET) {
        return fmt::format(
            "TLS: refused by {}: {}{}", peer_name_, words,
            lacks_certificate_ ? "; it asks for our certificate, and there is none" : "");
    }
    return fmt::format("TLS: no session with {}: {}", peer_name_, words);
}

bool TlsSession::check_identity() {
    if (host_.empty()) {
        return true;
    }
    X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
    if (certificate == nullptr) {
        why_ = fmt::format("TLS: {} has shown no certificate", peer_name_);
        return false;
    }
    if (!is_certificate_for(certificate, host_)) {
        why_ = fmt::format("TLS: the certificate is for {}, not {}",
                           describe_identities(certificate), host_);
        return false;
    }
    return true;
}

board::Expected<std::vector<LoadedTlsContext>> load_tls_contexts(const Config& config) {
    std::vector<TlsContext> rows = config.tls_contexts;
    if (rows.empty()) {
        rows.emplace_back().name = "default";
    }
    std::vector<LoadedTlsContext> contexts;
    for (const TlsContext& row : rows) {
        auto loaded = LoadedTlsContext::load(row);
        if (!loaded) {
            return std::unexpected(loaded.error());
        }
        contexts.push_back(std::move(*loaded));
    }
    return contexts;
}

}  // namespace trunkline::sipstack
