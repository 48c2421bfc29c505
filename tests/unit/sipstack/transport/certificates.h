// X.509 certificates for a test, made on the spot and written as PEM files into a folder that goes
// with the test.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct evp_pkey_st;
struct x509_st;

namespace trunkline::sipstack::testing {

struct CertificateOptions {
    std::string common_name = "test";
    /// As openssl-x509v3_config(5): "DNS:a.example", "URI:sip:a.example", "IP:192.0.2.1".
    std::vector<std::string> alternative_names = {};
    long valid_from = -3600;  ///< seconds from now
    long valid_to = 3600;
};

/// A certificate with its key, in memory and as files.
class Certificate {
public:
    /// `issuer` nullptr: signed by itself, and a certificate authority.
    Certificate(const std::filesystem::path& folder, const std::string& file_name,
                const CertificateOptions& options, const Certificate* issuer);

    std::string file() const { return certificate_file_; }
    std::string key_file() const { return key_file_; }
    const x509_st* x509() const { return certificate_.get(); }
    /// The key again, locked by a pass phrase.
    void write_locked_key(const std::string& file_name) const;

private:
    struct Deleter {
        void operator()(x509_st* certificate) const;
        void operator()(evp_pkey_st* key) const;
    };
    std::unique_ptr<x509_st, Deleter> certificate_;
    std::unique_ptr<evp_pkey_st, Deleter> key_;
    std::string certificate_file_, key_file_;
};

}  // namespace trunkline::sipstack::testing
