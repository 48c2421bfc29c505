#include "sipstack/digest/milenage.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace trunkline::sipstack {

namespace {

void require(bool condition) {
    if (!condition) {
        std::fputs("digest: OpenSSL refused to encrypt with AES-128\n", stderr);
        std::abort();
    }
}

struct ContextDeleter {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

AkaBlock operator^(AkaBlock a, const AkaBlock& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        a[i] ^= b[i];
    }
    return a;
}

/// Rotation to the left by whole bytes: each rotation of TS 35.206 4.1 is one.
AkaBlock rotate(AkaBlock block, std::size_t bytes) {
    std::rotate(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(bytes), block.end());
    return block;
}

template <std::size_t size>
std::array<uint8_t, size> part(const AkaBlock& block, std::size_t from) {
    std::array<uint8_t, size> result{};
    std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(from), size, result.begin());
    return result;
}

/// The kernel of TS 35.206 4.1, for one key and one RAND.
class Milenage {
public:
    Milenage(const AkaKeys& keys, const AkaBlock& random)
        : operator_key_(keys.operator_key), context_(EVP_CIPHER_CTX_new()) {
        // Fetched once: a look-up by name costs as much as the cipher. Never freed.
        static EVP_CIPHER* const aes = EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr);
        require(aes != nullptr && context_ != nullptr &&
                EVP_EncryptInit_ex2(context_.get(), aes, keys.key.data(), nullptr, nullptr) == 1);
        EVP_CIPHER_CTX_set_padding(context_.get(), 0);
        temp_ = encrypt(random ^ operator_key_);
    }

    /// OUT1: of `in` = SQN, AMF, SQN, AMF.
    AkaBlock out1(const AkaBlock& in) const {
        return encrypt(temp_ ^ rotate(in ^ operator_key_, 8)) ^ operator_key_;
    }

    /// OUT2 to OUT5 by their rotation (in bytes) and constant.
    AkaBlock out(std::size_t rotation, uint8_t constant) const {
        AkaBlock block = rotate(temp_ ^ operator_key_, rotation);
        block.back() ^= constant;
        return encrypt(block) ^ operator_key_;
    }

private:
    AkaBlock encrypt(const AkaBlock& block) const {
        AkaBlock result{};
        int size = 0;
        require(EVP_EncryptUpdate(context_.get(), result.data(), &size, block.data(),
                                  static_cast<int>(block.size())) == 1 &&
                size == static_cast<int>(result.size()));
        return result;
    }

    AkaBlock operator_key_;
    std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter> context_;
    AkaBlock temp_{};
};

}  // namespace

MilenageVector milenage(const AkaKeys& keys, const AkaBlock& random) {
    const Milenage kernel(keys, random);
    const AkaBlock out2 = kernel.out(0, 1);
    return {
        .response = part<8>(out2, 8),
        .cipher_key = kernel.out(4, 2),
        .integrity_key = kernel.out(8, 4),
        .anonymity_key = part<6>(out2, 0),
        .resynchronisation = part<6>(kernel.out(12, 8), 0),
    };
}

MilenageMacs milenage_macs(const AkaKeys& keys, const AkaBlock& random,
                           const AkaSequenceNumber& sequence_number,
                           const AkaManagementField& management_field) {
    AkaBlock in{};
    auto end = in.begin();
    for (int half = 0; half < 2; ++half) {
        end = std::copy(sequence_number.begin(), sequence_number.end(), end);
        end = std::copy(management_field.begin(), management_field.end(), end);
    }
    const AkaBlock out1 = Milenage(keys, random).out1(in);
    return {.network = part<8>(out1, 0), .resynchronisation = part<8>(out1, 8)};
}

}  // namespace trunkline::sipstack
