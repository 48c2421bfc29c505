#include "tests/unit/sipstack/transport/certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <cstdio>
#include <cstdlib>

namespace trunkline::sipstack::testing {

namespace {

void must(bool condition) {
    if (!condition) {
        std::fputs("certificates: OpenSSL cannot make what a test needs\n", stderr);
        std::abort();
    }
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

template <typename Write>
void write_file(const std::string& name, Write write) {
    FILE* file = std::fopen(name.c_str(), "w");
    must(file != nullptr && write(file) == 1 && std::fclose(file) == 0);
}

}  // namespace

void Certificate::Deleter::operator()(x509_st* certificate) const {
    X509_free(certificate);
}

void Certificate::Deleter::operator()(evp_pkey_st* key) const {
    EVP_PKEY_free(key);
}

Certificate::Certificate(const std::filesystem::path& folder, const std::string& file_name,
                         const CertificateOptions& options, const Certificate* issuer)
    : certificate_(X509_new()),
      key_(EVP_EC_gen("P-256")),
      certificate_file_(folder / (file_name + ".crt")),
      key_file_(folder / (file_name + ".key")) {
    static long serial = 0;
    X509* const self = certificate_.get();
    must(self != nullptr && key_ != nullptr);
    X509_set_version(self, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(self), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(self), options.valid_from);
    X509_gmtime_adj(X509_getm_notAfter(self), options.valid_to);
    X509_set_pubkey(self, key_.get());
    X509_NAME* const subject = X509_get_subject_name(self);
    must(X509_NAME_add_entry_by_txt(
             subject, "CN", MBSTRING_UTF8,
             reinterpret_cast<const unsigned char*>(options.common_name.c_str()), -1, -1, 0) == 1);
    X509* const signer = issuer != nullptr ? issuer->certificate_.get() : self;
    X509_set_issuer_name(self, X509_get_subject_name(signer));
    add_extension(self, signer, NID_basic_constraints,
                  issuer != nullptr ? "CA:FALSE" : "critical,CA:TRUE");
    std::string names;
    for (const std::string& name : options.alternative_names) {
        names += names.empty() ? "" : ",";
        names += name;
    }
    if (!names.empty()) {
        add_extension(self, signer, NID_subject_alt_name, names);
    }
    must(X509_sign(self, issuer != nullptr ? issuer->key_.get() : key_.get(), EVP_sha256()) > 0);
    write_file(certificate_file_, [&](FILE* file) { return PEM_write_X509(file, self); });
    write_file(key_file_, [&](FILE* file) {
        return PEM_write_PrivateKey(file, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

void Certificate::write_locked_key(const std::string& file_name) const {
    write_file(file_name, [&](FILE* file) {
        return PEM_write_PrivateKey(file, key_.get(), EVP_aes_128_cbc(),
                                    reinterpret_cast<const unsigned char*>("secret"), 6, nullptr,
                                    nullptr);
    });
}

}  // namespace trunkline::sipstack::testing
