// The certificate and private key that the appliance shows on its management port: made at the
// first start, replaced by an operator while it runs.
#pragma once

#include "board/error.h"

#include <openssl/types.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

struct CertificateFacts {
    std::string subject, issuer;
    std::string not_before, not_after;  ///< "2027-01-02T03:04:05Z"
    std::string fingerprint;            ///< SHA-256, "AB:CD:..."
    bool is_self_signed = false;
    /// A private key was given whose certificate has not come yet.
    bool waits_for_certificate = false;
};

/// Connections keep what they began with. Any thread.
class TlsIdentity {
public:
    /// https.pem and https.roots.pem (mode 0600) in `folder`, which is made. Where there is no
    /// https.pem, a key (EC P-256) and a certificate signed by itself for 10 years are made, for
    /// `names` (DNS names and numeric addresses).
    static board::Expected<std::unique_ptr<TlsIdentity>> open(
        const std::string& folder, const std::vector<std::string>& names);

    std::shared_ptr<SSL_CTX> context() const;
    CertificateFacts facts() const;

    /// PEM texts. A key that the certificate in use does not belong to is kept aside until its
    /// certificate comes: until then nothing changes, also over a restart. The error says what is
    /// wrong with the text.
    board::Expected<void> set_private_key(std::string_view pem);
    /// The certificate, followed by those that lead to its root, if any. It belongs to the key that
    /// was kept aside, or to the one in use.
    board::Expected<void> set_certificate(std::string_view pem);
    /// More certificates that lead from the appliance's to its root.
    board::Expected<void> set_trusted_roots(std::string_view pem);

private:
    struct Texts {
        std::string key, certificate, roots;
    };
    TlsIdentity(std::string folder, Texts texts, std::string next_key);

    std::string path(std::string_view name) const;
    board::Expected<void> use(const Texts& texts);

    const std::string folder_;
    mutable std::mutex lock_;
    Texts texts_;
    std::string next_key_;
    std::shared_ptr<SSL_CTX> context_;
};

}  // namespace trunkline::mgmt
