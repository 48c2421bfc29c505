// SHA-256 (FIPS 180-4, by OpenSSL) of what comes in pieces.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <span>
#include <string>

namespace trunkline::mgmt {

class Sha256 {
public:
    Sha256();
    void add(std::span<const char> piece);
    /// Of all that was added, in lower-case digits. Once.
    std::string hex();

private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace trunkline::mgmt
