#include "mgmt/alarms/certificate_end.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

namespace trunkline::mgmt {

std::optional<std::chrono::system_clock::time_point> certificate_end(const std::string& file) {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_file(file.c_str(), "r"),
                                                            BIO_free_all);
    const auto no_password = [](char*, int, int, void*) { return -1; };
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        bio ? PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr) : nullptr, X509_free);
    ERR_clear_error();
    std::tm parts{};
    if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &parts) != 1) {
        return std::nullopt;
    }
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

}  // namespace trunkline::mgmt
