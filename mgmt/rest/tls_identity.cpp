#include "mgmt/rest/tls_identity.h"

#include "mgmt/file_writer.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

namespace trunkline::mgmt {

namespace {

using board::Error;
using board::Expected;

template <auto Function>
struct Free {
    void operator()(auto* what) const { Function(what); }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Context = std::shared_ptr<SSL_CTX>;

constexpr std::string_view identity_file = "https.pem", roots_file = "https.roots.pem",
                           next_key_file = "https.next.key.pem";
constexpr long years_10 = 10L * 365 * 24 * 3600;
constexpr std::size_t most_text = std::size_t{256} << 10;

std::string reason() {
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
    ERR_clear_error();
    return text.data();
}

Bio bio_of(std::string_view text) {
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

/// Nobody is there to be asked for the password of a key.
int no_password(char*, int, int, void*) {
    return -1;
}

Key read_key(std::string_view pem) {
    return Key(PEM_read_bio_PrivateKey(bio_of(pem).get(), nullptr, no_password, nullptr));
}

std::vector<Certificate> read_certificates(std::string_view pem) {
    std::vector<Certificate> all;
    const Bio bio = bio_of(pem);
    while (auto* const one = PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)) {
        all.emplace_back(one);
    }
    ERR_clear_error();  // the end of the text
    return all;
}

std::string pem_of(EVP_PKEY* key) {
    const Bio bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return text_of(bio.get());
}

std::string pem_of(const std::vector<Certificate>& chain) {
    const Bio bio(BIO_new(BIO_s_mem()));
    for (const Certificate& certificate : chain) {
        PEM_write_bio_X509(bio.get(), certificate.get());
    }
    return text_of(bio.get());
}

std::string name_of(const X509_NAME* name) {
    const Bio bio(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
    return text_of(bio.get());
}

std::string time_of(const ASN1_TIME* time) {
    std::tm parts{};
    ASN1_TIME_to_tm(time, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

bool is_address(const std::string& name) {
    std::array<unsigned char, 16> bytes{};
    return ::inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
           ::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

bool add_extension(X509* certificate, int kind, const std::string& value) {
    X509_EXTENSION* const extension = X509V3_EXT_nconf_nid(nullptr, nullptr, kind, value.c_str());
    const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

/// Characters that would end a value of the library's own text form are no part of a host's name.
std::string alternative_names(const std::vector<std::string>& names) {
    std::string all = "DNS:localhost,IP:127.0.0.1,IP:::1";
    for (const std::string& name : names) {
        if (is_address(name)) {
            all += ",IP:" + name;
        } else if (!name.empty() &&
                   name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789-._") == std::string::npos) {
            all += ",DNS:" + name;
        }
    }
    return all;
}

std::optional<std::pair<std::string, std::string>> make_identity(
    const std::vector<std::string>& names) {
    const Key key(EVP_EC_gen("P-256"));
    Certificate certificate(X509_new());
    std::array<unsigned char, 16> serial{};
    if (!key || !certificate || RAND_bytes(serial.data(), serial.size()) != 1) {
        return std::nullopt;
    }
    // A positive number (RFC 5280 4.1.2.2), and no zeros before it: DER has none (X.690 8.3.2).
    serial[0] = static_cast<unsigned char>((serial[0] & 0x3f) | 0x40);
    ASN1_STRING_set(X509_get_serialNumber(certificate.get()), serial.data(), serial.size());
    X509_set_version(certificate.get(), X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), years_10);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* const name = X509_get_subject_name(certificate.get());
    const std::string common = (names.empty() ? "trunkline" : names.front()).substr(0, 64);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    if (!add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
        !add_extension(certificate.get(), NID_ext_key_usage, "serverAuth") ||
        !add_extension(certificate.get(), NID_subject_alt_name, alternative_names(names)) ||
        X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) {
        return std::nullopt;
    }
    std::vector<Certificate> chain;
    chain.push_back(std::move(certificate));
    return std::pair(pem_of(key.get()), pem_of(chain));
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Expected<Context> make_context(std::string_view key_pem, std::string_view certificate_pem,
                               std::string_view roots_pem) {
    Context context(SSL_CTX_new(TLS_server_method()), Free<SSL_CTX_free>{});
    const Key key = read_key(key_pem);
    const auto chain = read_certificates(certificate_pem);
    if (!context || !key || chain.empty()) {
        return std::unexpected(Error{"the private key or the certificate is no PEM: " + reason()});
    }
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    for (const auto& root : read_certificates(roots_pem)) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), root.get());
    }
    bool fits = SSL_CTX_use_certificate(context.get(), chain.front().get()) == 1 &&
                SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1 &&
                SSL_CTX_check_private_key(context.get()) == 1;
    for (std::size_t i = 1; fits && i < chain.size(); ++i) {
        fits = SSL_CTX_add1_chain_cert(context.get(), chain[i].get()) == 1;
    }
    if (!fits) {
        return std::unexpected(
            Error{"the certificate does not belong to the private key: " + reason()});
    }
    return context;
}

bool belong_together(std::string_view key_pem, std::string_view certificate_pem) {
    const Key key = read_key(key_pem);
    const auto chain = read_certificates(certificate_pem);
    const bool fits =
        key && !chain.empty() && X509_check_private_key(chain.front().get(), key.get()) == 1;
    ERR_clear_error();
    return fits;
}

}  // namespace

TlsIdentity::TlsIdentity(std::string folder, Texts texts, std::string next_key)
    : folder_(std::move(folder)), texts_(std::move(texts)), next_key_(std::move(next_key)) {}

std::string TlsIdentity::path(std::string_view name) const {
    return (std::filesystem::path(folder_) / name).string();
}

Expected<std::unique_ptr<TlsIdentity>> TlsIdentity::open(const std::string& folder,
                                                         const std::vector<std::string>& names) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    const std::filesystem::path base(folder);
    const std::string kept = read_file(base / identity_file);
    Texts texts{kept, kept, read_file(base / roots_file)};
    if (kept.empty()) {
        auto made = make_identity(names);
        if (!made) {
            return std::unexpected(
                Error{"cannot make a certificate for the management port: " + reason()});
        }
        std::tie(texts.key, texts.certificate) = std::move(*made);
        if (auto written = write_file(base / identity_file, texts.key + texts.certificate);
            !written) {
            return std::unexpected(written.error());
        }
    }
    auto context = make_context(texts.key, texts.certificate, texts.roots);
    if (!context) {
        return std::unexpected(
            Error{fmt::format("{} is of no use: {}; remove it, and a new one is made",
                              (base / identity_file).string(), context.error().message)});
    }
    texts.key = pem_of(read_key(texts.key).get());
    texts.certificate = pem_of(read_certificates(texts.certificate));
    auto identity = std::unique_ptr<TlsIdentity>(
        new TlsIdentity(folder, std::move(texts), read_file(base / next_key_file)));
    identity->context_ = std::move(*context);
    return identity;
}

std::shared_ptr<SSL_CTX> TlsIdentity::context() const {
    const std::lock_guard guard(lock_);
    return context_;
}

CertificateFacts TlsIdentity::facts() const {
    const std::lock_guard guard(lock_);
    const auto chain = read_certificates(texts_.certificate);
    X509* const own = chain.front().get();
    CertificateFacts facts;
    facts.subject = name_of(X509_get_subject_name(own));
    facts.issuer = name_of(X509_get_issuer_name(own));
    facts.not_before = time_of(X509_get0_notBefore(own));
    facts.not_after = time_of(X509_get0_notAfter(own));
    facts.is_self_signed = X509_self_signed(own, 0) == 1;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    X509_digest(own, EVP_sha256(), digest.data(), &size);
    for (unsigned i = 0; i < size; ++i) {
        facts.fingerprint += fmt::format("{}{:02X}", i == 0 ? "" : ":", digest[i]);
    }
    facts.waits_for_certificate = !next_key_.empty();
    return facts;
}

Expected<void> TlsIdentity::use(const Texts& texts) {
    auto context = make_context(texts.key, texts.certificate, texts.roots);
    if (!context) {
        return std::unexpected(context.error());
    }
    // Key and certificate stand in one file: a start finds both of before, or both of now.
    const bool is_same = texts.key == texts_.key && texts.certificate == texts_.certificate;
    auto written =
        is_same ? Expected<void>{} : write_file(path(identity_file), texts.key + texts.certificate);
    if (written && texts.roots != texts_.roots) {
        written = write_file(path(roots_file), texts.roots);
    }
    if (!written) {
        return written;
    }
    texts_ = texts;
    context_ = std::move(*context);
    return {};
}

Expected<void> TlsIdentity::set_private_key(std::string_view pem) {
    const std::lock_guard guard(lock_);
    const Key key = pem.size() > most_text ? nullptr : read_key(pem);
    if (!key) {
        return std::unexpected(
            Error{"that is no private key in PEM without a password: " + reason()});
    }
    const std::string text = pem_of(key.get());
    if (belong_together(text, texts_.certificate)) {
        Texts texts = texts_;
        texts.key = text;
        return use(texts);
    }
    if (auto written = write_file(path(next_key_file), text); !written) {
        return written;
    }
    next_key_ = text;
    return {};
}

Expected<void> TlsIdentity::set_certificate(std::string_view pem) {
    const std::lock_guard guard(lock_);
    if (pem.size() > most_text || read_certificates(pem).empty()) {
        return std::unexpected(Error{"that is no certificate in PEM"});
    }
    Texts texts = texts_;
    texts.certificate = pem_of(read_certificates(pem));
    const bool is_of_next = !next_key_.empty() && belong_together(next_key_, pem);
    if (is_of_next) {
        texts.key = next_key_;
    }
    auto used = use(texts);
    if (used && is_of_next) {
        next_key_.clear();
        std::error_code error;
        std::filesystem::remove(path(next_key_file), error);
    }
    return used;
}

Expected<void> TlsIdentity::set_trusted_roots(std::string_view pem) {
    const std::lock_guard guard(lock_);
    if (pem.size() > most_text || read_certificates(pem).empty()) {
        return std::unexpected(Error{"that is no certificate in PEM"});
    }
    Texts texts = texts_;
    texts.roots = pem;
    return use(texts);
}

}  // namespace trunkline::mgmt
