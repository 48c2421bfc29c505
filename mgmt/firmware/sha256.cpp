#include "mgmt/firmware/sha256.h"

#include "sipstack/digest/hash.h"

#include <array>
#include <cstdint>

namespace trunkline::mgmt {

Sha256::Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
}

void Sha256::add(std::span<const char> piece) {
    EVP_DigestUpdate(context_.get(), piece.data(), piece.size());
}

std::string Sha256::hex() {
    std::array<uint8_t, 32> bytes{};
    EVP_DigestFinal_ex(context_.get(), bytes.data(), nullptr);
    return sipstack::to_hex(bytes);
}

}  // namespace trunkline::mgmt
