// Firmware files as tools/image makes them, with a key of the test's own.
#pragma once

#include "mgmt/firmware/sha256.h"
#include "sipstack/digest/hash.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <memory>
#include <string>

namespace trunkline::mgmt {

class FirmwareMaker {
public:
    FirmwareMaker() : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free) {}

    std::string public_key() const {
        const std::unique_ptr<BIO, decltype(&BIO_free)> pem(BIO_new(BIO_s_mem()), BIO_free);
        PEM_write_bio_PUBKEY(pem.get(), key_.get());
        char* text = nullptr;
        const long length = BIO_get_mem_data(pem.get(), &text);
        return {text, static_cast<std::size_t>(length)};
    }
    static std::string manifest_of(const std::string& content) {
        Sha256 hash;
        hash.add(content);
        return fmt::format(R"({{"version": "2.0", "size": {}, "sha256": "{}"}})", content.size(),
                           hash.hex());
    }
    std::string file(const std::string& manifest, const std::string& content) const {
        const std::string text = "TRUNKLINE FIRMWARE 1\n" + manifest + "\n";
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                              EVP_MD_CTX_free);
        std::array<uint8_t, 64> signature{};
        std::size_t length = signature.size();
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get());
        EVP_DigestSign(context.get(), signature.data(), &length,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size());
        return text + sipstack::to_hex(signature) + "\n" + content;
    }
    std::string file(const std::string& content) const {
        return file(manifest_of(content), content);
    }

private:
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

}  // namespace trunkline::mgmt
